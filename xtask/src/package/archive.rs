//! The static archive, linked into a C program that brings another SQLite along: whichever of the two the linker takes,
//! the book is encrypted or refused, never plain.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{bindings, needs, run, steps::Outcome, tally::Tally};

/// What `bindings/c/smoke.c` saves: it must be nowhere in plain sight.
const SECRET: &[u8] = b"PLAIN-7f31";
/// How a plain database begins.
const PLAIN: &[u8] = b"SQLite format 3\0";

/// An order of linking; `ARCHIVE` stands for ours.
struct Order {
    name: &'static str,
    words: &'static [&'static str],
    /// What else than an encrypted book may come of it; where it must come, nothing else will do.
    allowed: &'static [End],
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// The book is there, and encrypted.
    Encrypted,
    /// The linker took neither.
    NotLinked,
    /// The library would not open a book over that SQLite.
    Refused,
}

const ORDERS: [Order; 6] = [
    Order { name: "alone", words: &["ARCHIVE"], allowed: &[End::Encrypted] },
    Order {
        name: "before a shared SQLite",
        words: &["-DBESIDE_SQLITE", "ARCHIVE", "-lsqlite3"],
        allowed: &[End::Encrypted, End::Refused],
    },
    Order {
        name: "behind a shared SQLite",
        words: &["-DBESIDE_SQLITE", "-lsqlite3", "ARCHIVE"],
        allowed: &[End::Encrypted, End::Refused],
    },
    Order {
        name: "before a static SQLite",
        words: &["-DBESIDE_SQLITE", "ARCHIVE", "-l:libsqlite3.a", "-lz"],
        allowed: &[End::Encrypted, End::NotLinked, End::Refused],
    },
    Order {
        name: "behind a static SQLite",
        words: &["-DBESIDE_SQLITE", "-l:libsqlite3.a", "ARCHIVE", "-lz"],
        allowed: &[End::Encrypted, End::NotLinked, End::Refused],
    },
    // The one in which the other SQLite is sure to take the place of ours.
    Order {
        name: "behind one that wins",
        words: &["-DBESIDE_SQLITE", "-Wl,--allow-multiple-definition", "-l:libsqlite3.a", "ARCHIVE", "-lz"],
        allowed: &[End::Refused],
    },
];

pub fn test() -> Outcome {
    let mut tally = Tally::default();
    let ended = needs::provide(needs::ARCHIVE).and_then(|()| bindings::build()).and_then(|built| {
        let header = built.folder.join("c-generated");
        bindings::swift_into(&header, &built.facade())?;
        for order in &ORDERS {
            let folder = built.folder.join("archive").join(order.name.replace(' ', "-"));
            let end = linked(&header, &built.folder.join("libsatchel_ffi.a"), &folder, order.words)?;
            println!("{}: {end:?}", order.name);
            if !order.allowed.contains(&end) {
                return Err(format!("{}: {end:?}", order.name));
            }
            tally += Tally { passed: 1, ..Tally::default() };
        }
        Ok(())
    });
    crate::test::judge(ended, tally)
}

/// Links the program with the archive in a folder of its own, runs it, and looks at what it left.
pub fn linked(header: &Path, archive: &Path, folder: &Path, words: &[&str]) -> Result<End, String> {
    let (program, books) = (folder.join("smoke"), folder.join("books"));
    bindings::clear(folder)?;
    bindings::clear(&books)?;
    // Clang's words in the header are nothing to GCC.
    let mut cc = run::command("cc", &["-Wall", "-Wextra", "-Werror", "-D_Nonnull=", "-D_Nullable="]);
    cc.arg("-I").arg(header).arg("bindings/c/smoke.c").arg("-o").arg(&program);
    cc.args(words.iter().map(|word| if *word == "ARCHIVE" { archive.as_os_str() } else { word.as_ref() }));
    let output = cc.args(["-lm"]).output().map_err(|error| format!("cc: {error}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return if said.contains("multiple definition") {
            Ok(End::NotLinked)
        } else {
            Err(said.into_owned())
        };
    }
    let end = ran(&program, &books)?;
    match plain(&books)? {
        Some(file) => Err(format!("{} is not encrypted", file.display())),
        None => Ok(end),
    }
}

/// Opens a book in `books` and saves in it.
fn ran(program: &Path, books: &Path) -> Result<End, String> {
    let status = run::command(program, &[]).arg(books).status().map_err(|error| error.to_string())?;
    match status.code() {
        Some(0) => Ok(End::Encrypted),
        Some(3) => Ok(End::Refused),
        _ => Err(format!("{}: {status}", program.display())),
    }
}

/// A file below the folder that shows what was saved, or is a database that anybody can read.
fn plain(folder: &Path) -> Result<Option<PathBuf>, String> {
    let told = |error: std::io::Error| format!("{}: {error}", folder.display());
    for entry in fs::read_dir(folder).map_err(told)? {
        let path = entry.map_err(told)?.path();
        let shown = if path.is_dir() {
            plain(&path)?
        } else {
            let bytes = fs::read(&path).map_err(told)?;
            let within = |what: &[u8]| bytes.windows(what.len()).any(|part| part == what);
            (within(SECRET) || within(PLAIN)).then_some(path)
        };
        if shown.is_some() {
            return Ok(shown);
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_found_at_any_depth() {
        let folder = tempfile::tempdir().expect("a folder");
        let below = folder.path().join("a/b");
        fs::create_dir_all(&below).expect("folders");
        fs::write(below.join("x"), "sealed").expect("writes");
        assert_eq!(plain(folder.path()), Ok(None));
        for what in [SECRET, PLAIN] {
            fs::write(below.join("y"), [b"before ", what].concat()).expect("writes");
            assert_eq!(plain(folder.path()), Ok(Some(below.join("y"))));
        }
    }
}
