//! Somebody else's SQLCipher reads the book with its key, and nothing reads it with anything else.
//!
//! The judge is PyPI's `sqlcipher3`, installed into a folder of its own below the user's cache. It needs `python3` with
//! `venv` (Debian: `python3-venv`) and, once, the package index.

use satchel::Satchel;
use satchel::prospect::{Field, FieldChange};
use satchel::store::Place;
use satchel::world::{KeyVault, MemoryVault};
use satchel_tests::tablet::{self, person, profile};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

/// The judge's version, so that every machine asks the same one.
const JUDGE: &str = "sqlcipher3==0.6.4";

/// Prints the number of prospects and their fields, or why the file does not open.
const ASK: &str = r#"
import sys
from sqlcipher3 import dbapi2
path, key = sys.argv[1], sys.argv[2]
db = dbapi2.connect("file:%s?mode=ro" % path, uri=True)
try:
    if key:
        db.execute("PRAGMA key = \"%s\"" % key)
    for (local,) in db.execute("SELECT local FROM prospect"):
        print(local)
    print("integrity", db.execute("PRAGMA integrity_check").fetchone()[0])
    print("hmac", len(db.execute("PRAGMA cipher_integrity_check").fetchall()))
except dbapi2.DatabaseError as error:
    print("closed:", error)
"#;

fn cache() -> PathBuf {
    let given = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || PathBuf::from(std::env::var_os("HOME").expect("a home")).join(".cache");
    given.unwrap_or_else(home).join("satchel").join(JUDGE.replace("==", "-"))
}

/// The judge's Python, made when it is not there.
fn python() -> PathBuf {
    let venv = cache();
    let python = venv.join("bin/python");
    let knows = |python: &Path| {
        Command::new(python).args(["-c", "import sqlcipher3"]).output().is_ok_and(|out| out.status.success())
    };
    if !knows(&python) {
        run(Command::new("python3").args(["-m", "venv"]).arg(&venv));
        run(Command::new(&python).args(["-m", "pip", "install", "--quiet", JUDGE]));
    }
    assert!(knows(&python), "the judge is installed");
    python
}

fn run(command: &mut Command) {
    let done = command.output().expect("python3 with venv is there (Debian: python3-venv)");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

fn ask(python: &Path, book: &Path, key: &str) -> String {
    let done = Command::new(python).args(["-c", ASK]).arg(book).arg(key).output().expect("python runs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).expect("text")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_raw_key_opens_the_book_and_nothing_else_does() {
    let folder = tempfile::tempdir().unwrap();
    let vault = Arc::new(MemoryVault::default());
    let profile = profile("http://127.0.0.1:9/api/");
    let world = tablet::world(&profile, vault.clone());
    let satchel = Satchel::open(world, folder.path(), "dara", profile).await.unwrap();
    let mut sok = person("Sok Dara", "012 345 678");
    sok.push(FieldChange::text(Field::NameKh, "សុខ ដារ៉ា"));
    satchel.add(sok, None).await.unwrap();
    satchel.shutdown().await.unwrap();

    let place = Place::of(folder.path(), "dara", "test").unwrap();
    let book = place.folder().join("book.db");
    let key = vault.load(&format!("satchel/{}/key", place.book)).unwrap().expect("the vault has it");
    let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex.len(), 96, "key and salt");

    let python = python();
    let told = ask(&python, &book, &format!("x'{hex}'"));
    assert!(told.contains("Sok Dara") && told.contains("សុខ ដារ៉ា"), "{told}");
    assert!(told.contains("integrity ok\nhmac 0"), "whole to the last page: {told}");

    let mut wrong = hex.clone();
    wrong.replace_range(0..1, if hex.starts_with('0') { "1" } else { "0" });
    for key in ["", &format!("x'{wrong}'"), &format!("x'{}'", "0".repeat(96)), "dara", &hex] {
        let told = ask(&python, &book, key);
        assert!(told.starts_with("closed:") && !told.contains("Sok"), "{told}");
    }
    assert!(!std::fs::read(&book).unwrap().starts_with(b"SQLite format 3"));
}
