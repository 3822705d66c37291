//! Every book on the tablet, seen from outside; and setting one aside.

use super::{Place, escrow, side::Side};
use crate::error::{Error, Result};
use crate::profile::Profile;
use crate::world::{Clock, Disk};
use std::fmt;
use std::path::{Path, PathBuf};

/// A book as its side file shows it, without opening it. After a power cut that file may be behind the book, or gone:
/// there are *at least* `unsent` entries, as of `as_of`.
#[derive(Clone, PartialEq, Eq)]
pub struct Book {
    /// The officer; `None` when there is no readable side file.
    pub officer: Option<String>,
    /// The profile's name; `None` as above.
    pub profile: Option<String>,
    /// Outbox entries neither done nor closed: those refused, asking, blocked or set aside count too.
    pub unsent: i64,
    /// When the oldest of them was made, unix ms.
    pub oldest_unsent_wall: Option<i64>,
    /// When the numbers were taken, unix ms; 0 when there is no readable side file.
    pub as_of: i64,
    /// The database's schema; 0 as above.
    pub schema: i64,
    /// The key's fingerprint, 16 hex digits: tells one key from another. Empty as above.
    pub key: String,
    /// Its folder.
    pub folder: PathBuf,
    /// Whether its key is sealed to an organisation's key: then `satchel-rescue` reads it without this tablet.
    pub escrowed: bool,
    /// Whether it was set aside: no `open` finds it.
    pub set_aside: bool,
}

impl fmt::Debug for Book {
    /// Without the officer.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Book")
            .field("unsent", &self.unsent)
            .field("as_of", &self.as_of)
            .field("schema", &self.schema)
            .field("set_aside", &self.set_aside)
            .finish_non_exhaustive()
    }
}

/// Every book under `root`, those set aside too, by folder name. Opens no database and needs no key; a folder without
/// a database is no book.
///
/// # Errors
/// The system's.
pub fn books(disk: &dyn Disk, root: &Path) -> Result<Vec<Book>> {
    let names = disk.list(root)?.into_iter();
    Ok(names.filter_map(|name| seen(disk, Place::of_folder(&root.join(name))?)).collect())
}

fn seen(disk: &dyn Disk, place: Place) -> Option<Book> {
    let set_aside = place.is_aside();
    let side = Side::read(disk, &place);
    if side.is_none() && !there(disk, &place) {
        return None;
    }
    let known = side.is_some();
    let side = side.unwrap_or_default();
    Some(Book {
        officer: known.then_some(side.officer),
        profile: known.then_some(side.profile),
        unsent: side.unsent,
        oldest_unsent_wall: side.oldest_unsent_wall,
        as_of: side.as_of,
        schema: side.schema,
        key: side.key,
        escrowed: escrow::is_kept(disk, &place),
        folder: place.folder(),
        set_aside,
    })
}

/// Whether there is a database: SQLite makes the file before it writes to it, so an empty one is none.
pub(super) fn there(disk: &dyn Disk, place: &Place) -> bool {
    disk.size(&place.db()) > 0 || disk.size(&place.wal()) > 0
}

/// Moves a book's folder aside, whole, so that the next `open` makes a fresh one; returns where it is now. Nothing is
/// ever deleted: `books` goes on listing it, and its key stays in the vault. Durable when it returns; a crash leaves
/// it at one place or the other. No store of it may be open.
///
/// # Errors
/// `NotFound` when there is no such book; `NotPossible` (`sending`) while a store of it holds the lease; the system's.
pub fn set_aside(
    disk: &dyn Disk,
    clock: &dyn Clock,
    root: &Path,
    officer: &str,
    profile: &Profile,
) -> Result<PathBuf> {
    let place = Place::of(root, officer, &profile.name)?;
    let names = disk.list(root)?;
    if !names.contains(&place.book) {
        return Err(Error::NotFound { what: "book" });
    }
    let Some(_lease) = disk.try_lock(&place.lease())? else {
        return Err(Error::NotPossible { why: "sending" });
    };
    let aside = (clock.wall().max(0)..).map(|ms| format!("{}{ms}-{}", Place::ASIDE, place.book));
    let free = aside.into_iter().find(|name| !names.contains(name)).ok_or(Error::internal("set_aside"))?;
    let to = root.join(free);
    disk.rename(&place.folder(), &to)?;
    Ok(to)
}
