//! `cargo xtask size [--record]`: how large the library is that apps get, what it is made of, and what it exports.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use crate::{needs, package::library, run};

/// More than this is too much for a tablet in a village.
const MOST: u64 = 7_000_000;
/// What is written in C, by the archive that cargo's build scripts leave.
const IN_C: [(&str, &str); 2] = [("SQLCipher", "libsqlcipher.a"), ("AWS-LC", "_crypto.a")];
/// So many crates have a line of their own.
const SHOWN: usize = 14;
/// The sizes that were recorded, one line each.
const RECORD: &str = "bindings/size.csv";

#[derive(clap::Args)]
pub struct Args {
    /// Add a line to the record
    #[arg(long)]
    record: bool,
}

pub fn run(args: &Args) -> ExitCode {
    match measured(args.record) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn measured(record: bool) -> Result<(), String> {
    needs::provide(needs::BINUTILS)?;
    let built = library::build()?;
    let parts = library::split(&built, &run::target()?.join("dist/size"))?;
    let size = fs::metadata(&parts.stripped).map_err(|error| error.to_string())?.len();
    let symbols = run::output(run::command("nm", &NM).arg("--demangle").arg(&built))?;
    let in_c = IN_C.map(|(name, archive)| Ok((name, names(&found(&built, archive)?)?)));
    let in_c = in_c.into_iter().collect::<Result<Vec<_>, String>>()?;
    print!("{}", table(size, &shares(&symbols, &in_c)));
    let exported = library::exports(&parts.stripped)?;
    println!("\n{} names exported, all of them the facade's", exported.len());
    if record {
        let commit = run::output(&mut run::command("git", &["log", "-1", "--format=%cs,%h"]))?;
        let path = run::root().join(RECORD);
        let before = fs::read_to_string(&path).unwrap_or_else(|_| "date,commit,bytes\n".to_owned());
        fs::write(&path, format!("{before}{},{size}\n", commit.trim())).map_err(|error| error.to_string())?;
    }
    if size > MOST { Err(format!("{size} bytes: more than {MOST}")) } else { Ok(()) }
}

const NM: [&str; 2] = ["--format=posix", "--print-size"];

/// The newest archive of that name that a build script left.
fn found(library: &Path, archive: &str) -> Result<PathBuf, String> {
    let build = library.with_file_name("build");
    let below = |path: PathBuf| fs::read_dir(path.join("out")).into_iter().flatten().flatten();
    let all = fs::read_dir(&build).into_iter().flatten().flatten().flat_map(|entry| below(entry.path()));
    let ours = all.filter(|file| file.file_name().to_string_lossy().ends_with(archive));
    let newest = ours.max_by_key(|file| file.metadata().and_then(|data| data.modified()).ok());
    newest.map(|file| file.path()).ok_or_else(|| format!("{}: no {archive}", build.display()))
}

/// Every name in an archive, what is local to a file too.
fn names(archive: &Path) -> Result<BTreeSet<String>, String> {
    let symbols = run::output(run::command("nm", &NM).arg("--defined-only").arg(archive))?;
    Ok(symbols.lines().filter_map(|line| line.split_once(' ')).map(|(name, _)| name.to_owned()).collect())
}

/// Bytes by what they belong to, the largest first.
fn shares(symbols: &str, in_c: &[(&str, BTreeSet<String>)]) -> Vec<(String, u64)> {
    let mut shares = BTreeMap::<String, u64>::new();
    for (name, bytes) in symbols.lines().filter_map(symbol) {
        let whose = in_c.iter().find(|(_, names)| names.contains(name)).map(|(whose, _)| (*whose).to_owned());
        *shares.entry(whose.unwrap_or_else(|| krate(name))).or_default() += bytes;
    }
    let mut shares: Vec<_> = shares.into_iter().collect();
    shares.sort_by_key(|(name, bytes)| (std::cmp::Reverse(*bytes), name.clone()));
    shares
}

/// `name kind address size`, where a demangled name may hold blanks; what is only zeros takes no room in the file.
fn symbol(line: &str) -> Option<(&str, u64)> {
    let mut words = line.rsplitn(4, ' ');
    let bytes = u64::from_str_radix(words.next()?, 16).ok()?;
    let (_, kind, name) = (words.next()?, words.next()?, words.next()?);
    (!kind.eq_ignore_ascii_case("b")).then_some((name, bytes))
}

/// The crate at the beginning of a path: `<alloc::vec::Vec<u8> as core::fmt::Debug>::fmt` is of `alloc`.
fn krate(name: &str) -> String {
    let start = name.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '_');
    match start.split_once("::") {
        Some((first, _)) if first.chars().all(|c| c.is_alphanumeric() || c == '_') => first.to_owned(),
        _ => "other".to_owned(),
    }
}

fn table(size: u64, shares: &[(String, u64)]) -> String {
    let known: u64 = shares.iter().map(|(_, bytes)| bytes).sum();
    let few: u64 = shares.iter().skip(SHOWN).map(|(_, bytes)| bytes).sum();
    let row = |name: &str, bytes: u64| {
        let percent = bytes as f64 * 100.0 / size.max(1) as f64;
        format!("{name:<40} {bytes:>10} {percent:>5.1} %\n")
    };
    let mut text = row("the library, stripped", size);
    shares.iter().take(SHOWN).for_each(|(name, bytes)| text += &row(name, *bytes));
    text += &row("smaller ones", few);
    text + &row("unwinding, relocations, unnamed data", size.saturating_sub(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SYMBOLS: &str = "sqlite3_open T 1000 10
pagerStress t 1010 20
<alloc::vec::Vec<u8> as core::fmt::Debug>::fmt t 2000 8
tokio::runtime::spawn t 2008 40
__zeros b 3000 ff
.Lanon r 4000 4";

    #[test]
    fn each_byte_is_somebodys() {
        let c = BTreeSet::from(["sqlite3_open".to_owned(), "pagerStress".to_owned()]);
        let shares = shares(SYMBOLS, &[("SQLCipher", c)]);
        let owned = |name: &str, bytes| (name.to_owned(), bytes);
        assert_eq!(
            shares,
            [owned("tokio", 64), owned("SQLCipher", 48), owned("alloc", 8), owned("other", 4)]
        );
        let text = table(200, &shares);
        assert!(text.starts_with("the library, stripped"), "{text}");
        assert!(text.ends_with("        76  38.0 %\n"), "{text}");
    }
}
