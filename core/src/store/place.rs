//! Where a book lies and what its files are called.

use super::hex;
use crate::error::{Error, Problem, Result};
use aws_lc_rs::digest::{Context, SHA256};
use std::path::{Path, PathBuf};

/// The longest officer id or profile name, in characters: both stand in the side file, which stays small.
const NAME_MOST: usize = 200;

/// One book's folder, `<root>/<book>`.
///
/// In it: `book.db` with SQLite's `-wal` and `-shm`, `book.json` (the side file), `lease`, `birth`, `reserve`, and,
/// should a log ever be damaged, its copies `book.db-wal.damaged-<unix ms>`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// The folder that holds every book of this app.
    pub root: PathBuf,
    /// The folder's name in it: 16 hex digits, the same for the same officer and profile on every tablet and version.
    pub book: String,
}

impl Place {
    /// The place of an officer's book under a profile. Both names count to the letter: `A1` and `a1` are two officers.
    ///
    /// # Errors
    /// `InvalidInput` when a name is blank, longer than 200 characters or holds a control character.
    pub fn of(root: &Path, officer: &str, profile: &str) -> Result<Self> {
        check("officer", officer)?;
        check("profile", profile)?;
        let mut sum = Context::new(&SHA256);
        // With its length in front no officer can run over into a profile's name.
        sum.update(format!("{}:{officer}{profile}", officer.len()).as_bytes());
        Ok(Self { root: root.to_owned(), book: hex(&sum.finish().as_ref()[..8]) })
    }

    /// The place of a book by its folder, set aside or not; `None` when the name is not one of ours.
    #[must_use]
    pub fn of_folder(folder: &Path) -> Option<Self> {
        let place =
            Self { root: folder.parent()?.to_owned(), book: folder.file_name()?.to_str()?.to_owned() };
        let name = place.name();
        (name.len() == 16 && name.bytes().all(|b| b.is_ascii_hexdigit())).then_some(place)
    }

    /// Whether it was set aside: no `open` finds it.
    #[must_use]
    pub fn is_aside(&self) -> bool {
        self.book.starts_with(Self::ASIDE)
    }

    /// The folder's name as it is, or was before it was set aside: the vault knows the book by it.
    pub(super) fn name(&self) -> &str {
        let aside = self.book.strip_prefix(Self::ASIDE).and_then(|rest| rest.split_once('-'));
        aside.map_or(&self.book, |(_, name)| name)
    }

    /// What a book's folder is called when it was set aside: this, the unix ms, `-` and its name.
    pub(super) const ASIDE: &'static str = "aside-";

    /// The book's folder.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.root.join(&self.book)
    }

    pub(super) fn db(&self) -> PathBuf {
        self.folder().join("book.db")
    }

    pub(super) fn wal(&self) -> PathBuf {
        self.folder().join("book.db-wal")
    }

    /// The name of a copy of a damaged log.
    pub(super) const DAMAGED: &'static str = "book.db-wal.damaged-";

    pub(super) fn side(&self) -> PathBuf {
        self.folder().join("book.json")
    }

    pub(super) fn lease(&self) -> PathBuf {
        self.folder().join("lease")
    }

    pub(super) fn birth(&self) -> PathBuf {
        self.folder().join("birth")
    }

    pub(super) fn reserve(&self) -> PathBuf {
        self.folder().join("reserve")
    }
}

fn check(field: &'static str, name: &str) -> Result<()> {
    let problem = if name.trim().is_empty() {
        Problem::Missing
    } else if name.chars().count() > NAME_MOST {
        Problem::TooLong { max: NAME_MOST }
    } else if name.chars().any(char::is_control) {
        Problem::ControlCharacter
    } else {
        return Ok(());
    };
    Err(Error::invalid(field, problem))
}
