//! What is unsent in a book whose tablet, key or database is lost, with the organisation's key: the command
//! `satchel-rescue`, to be called with its arguments.
//!
//! It only reads: no file in the book's folder is ever changed, and nothing is written but the one file that is named.
//! No SQLite and no vault are needed; damaged pages cost what lies on them ([`satchel::store::salvage`]).

mod failed;
mod key;
mod list;
mod source;
mod write;

use clap::{Args, Parser, Subcommand};
use failed::Failed;
use satchel::store::Place;
use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;

/// Done, but something of the book is damaged: see what was printed.
const DAMAGED: u8 = 3;
/// Not done.
const FAILED: u8 = 1;

const EXIT: &str = "Exit codes: 0 done; 1 it could not be done, and why is said; 2 the command line is wrong; \
                    3 done, but the book is damaged and some of it is missing.";

#[derive(Parser)]
#[command(name = "satchel-rescue", version, about, after_help = EXIT, disable_help_subcommand = true)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Which books lie in a folder, whose they are and how much was unsent. Needs no key
    List {
        /// The folder that holds the books (each is a folder with a file book.json)
        folder: PathBuf,
    },
    /// What is unsent in one book, or in an export of a tablet: counts, states and ages
    Open {
        #[command(flatten)]
        input: Input,
        /// Show names, phones and codes too: personal data on this screen
        #[arg(long)]
        show: bool,
    },
    /// Writes what is unsent into a file
    #[command(group = clap::ArgGroup::new("to").required(true).args(["output", "plain"]))]
    Export {
        #[command(flatten)]
        input: Input,
        /// A new file, sealed to the same organisation key: `age --decrypt` opens it
        #[arg(short, long, value_name = "OUT.AGE")]
        output: Option<PathBuf>,
        /// A new file in plain JSON: everybody who has it can read personal data
        #[arg(long, value_name = "OUT.JSON")]
        plain: Option<PathBuf>,
    },
    /// How much of a book can be read, table by table, and how much is known to be lost
    Salvage {
        #[command(flatten)]
        input: Input,
    },
}

/// What to read, and with what.
#[derive(Args)]
struct Input {
    /// The book's folder (with book.db in it), or an export that a tablet sealed
    book: PathBuf,
    /// The organisation's private key, as a file of age-keygen (AGE-SECRET-KEY-1…)
    #[arg(short, long, value_name = "KEY FILE")]
    identity: PathBuf,
}

/// Carries a command line out, what it says going to `out` and why it could not to `err`; the exit code.
pub fn run(
    line: impl IntoIterator<Item = impl Into<OsString> + Clone>,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> u8 {
    let line = match Line::try_parse_from(line) {
        Ok(line) => line,
        // Help is asked for, and no error.
        Err(wrong) => {
            let _ = if wrong.use_stderr() { write!(err, "{wrong}") } else { write!(out, "{wrong}") };
            return u8::try_from(wrong.exit_code()).unwrap_or(FAILED);
        }
    };
    let done = carry_out(line.command).and_then(|(text, whole)| {
        out.write_all(text.as_bytes()).map_err(failed::file("standard output".as_ref()))?;
        Ok(whole)
    });
    match done {
        Ok(true) => 0,
        Ok(false) => DAMAGED,
        Err(failed) => {
            let _ = writeln!(err, "satchel-rescue: {failed}");
            FAILED
        }
    }
}

/// What to say, and whether nothing is missing.
fn carry_out(command: Command) -> Result<(String, bool), Failed> {
    match command {
        Command::List { folder } => Ok((list::books(&folder)?, true)),
        Command::Open { input, show } => {
            let export = source::read(&input)?;
            Ok((list::unsent(&export, show), export.damaged_pages == 0))
        }
        Command::Export { input, output, plain } => {
            // Before the long work: an existing file is never overwritten.
            let file = write::fresh(plain.as_deref().or(output.as_deref()))?;
            let export = source::read(&input)?;
            let identities = key::identities(&input.identity)?;
            write::export(file, &export, plain.is_none().then_some(&identities))?;
            Ok((list::counts(&export), export.damaged_pages == 0))
        }
        Command::Salvage { input } => {
            let export = source::read(&input)?;
            Ok((list::salvage(&export), export.damaged_pages == 0))
        }
    }
}

/// The place of a folder, whatever it is called: support may have copied it.
fn place(folder: &std::path::Path) -> Option<Place> {
    let name = folder.file_name()?.to_str()?.to_owned();
    Some(Place { root: folder.parent()?.to_owned(), book: name })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Line::command().debug_assert();
    }

    #[test]
    fn an_export_says_where_it_goes_and_only_one_way() {
        let line = |more: &[&str]| {
            let all = [&["satchel-rescue", "export", "book", "--identity", "key"], more].concat();
            Line::try_parse_from(all).is_ok()
        };
        assert!(line(&["-o", "a.age"]) && line(&["--plain", "a.json"]));
        assert!(!line(&[]) && !line(&["-o", "a.age", "--plain", "a.json"]));
    }
}
