//! What several jobs use: sealed replies of so many rows, and books that hold them. Each is made once a run.

use crate::world::{IV, KEY, Setup, wait};
use crate::{Done, sample};
use satchel::net::envelope::Envelope;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

pub struct Shelf {
    /// On a real disk.
    disk: TempDir,
    books: BTreeMap<u64, PathBuf>,
}

impl Shelf {
    pub fn new() -> Done<Shelf> {
        let disk = TempDir::new_in(env!("CARGO_TARGET_TMPDIR"))?;
        Ok(Shelf { disk, books: BTreeMap::new() })
    }

    /// What stays there for the whole run.
    pub fn disk(&self) -> &Path {
        self.disk.path()
    }

    /// A fresh folder on the disk.
    pub fn folder(&self) -> Done<TempDir> {
        Ok(TempDir::new_in(self.disk.path())?)
    }

    /// A fresh folder in memory where the machine has one, else on the disk.
    pub fn ram() -> Done<TempDir> {
        let memory = Path::new("/dev/shm");
        Ok(if memory.is_dir() { TempDir::new_in(memory)? } else { TempDir::new()? })
    }

    /// The sealed reply to a full download of so many rows, as a file.
    pub fn reply(&self, rows: u64) -> Done<PathBuf> {
        let path = self.disk.path().join(format!("reply-{rows}"));
        if !path.exists() {
            let list: Vec<_> = (1..=rows).map(|n| sample::row(n, rows).to_string()).collect();
            let list = list.join(",");
            let reply = format!(r#"[{{"ERR":"Succeed","SMS":"","ERRCode":"","DataList":[{list}]}}]"#);
            fs::write(&path, Envelope::new(&KEY, &IV)?.seal(reply.as_bytes()))?;
        }
        Ok(path)
    }

    /// A book of so many rows, as a download left it. Not to be changed.
    pub fn book(&mut self, rows: u64) -> Done<Setup> {
        let reply = self.reply(rows)?;
        if let Some(root) = self.books.get(&rows) {
            return Setup::canned(root, &reply);
        }
        let setup = Setup::canned(&self.disk.path().join(format!("book-{rows}")), &reply)?;
        let satchel = setup.signed_in()?;
        let taken = wait(satchel.download(None))?;
        wait(satchel.lock())?;
        if taken.new != rows {
            return Err(format!("a download of {rows} rows brought {}", taken.new).into());
        }
        self.keep(rows, &setup.root);
        Ok(setup)
    }

    /// Such a book was made elsewhere.
    pub fn keep(&mut self, rows: u64, root: &Path) {
        self.books.insert(rows, root.to_owned());
    }

    /// A place on the disk that lasts as long as the run.
    pub fn place(&self, name: &str) -> PathBuf {
        self.disk.path().join(name)
    }
}
