//! The plain file beside the store: what can be said about a book without its key.

use super::Place;
use crate::error::{Error, Result};
use crate::world::Disk;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// More than any side file of ours: it is not read further.
const MOST: u64 = 64 * 1024;

/// While nothing changes the file is written again only this often, in ms: flash wears out.
const STALE: i64 = 10 * 60_000;

/// What the side file holds, as JSON. No personal data but the staff id under which the app opened the book.
///
/// It is replaced whole and never synced, so after a power cut it may be older than the book: *at least* `unsent`,
/// as of `as_of`. Newer versions may add to it; what is unknown is passed over, what is missing is empty.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Side {
    pub(super) officer: String,
    pub(super) profile: String,
    /// The book's own number; see the table `book`.
    pub(super) uid: String,
    /// The schema of the database.
    pub(super) schema: i64,
    /// The key's fingerprint, 16 hex digits.
    pub(super) key: String,
    /// The salt of the key, 32 hex digits: the database's first 16 bytes, should they be damaged.
    pub(super) salt: String,
    /// Outbox entries neither done nor closed: those refused, asking, blocked or set aside count too.
    pub(super) unsent: i64,
    /// When the oldest of them was made, unix ms.
    pub(super) oldest_unsent_wall: Option<i64>,
    /// When this was written, unix ms.
    pub(super) as_of: i64,
}

impl Side {
    /// The side file in a folder; `None` when it is missing or cannot be understood.
    pub(super) fn read(disk: &dyn Disk, place: &Place) -> Option<Self> {
        let bytes = disk.read(&place.side(), MOST).ok()??;
        serde_json::from_slice(&bytes).ok()
    }
}

/// A book's number, officer and profile, by its side file.
pub(crate) fn whose(disk: &dyn Disk, place: &Place) -> Option<[String; 3]> {
    let Side { uid, officer, profile, .. } = Side::read(disk, place)?;
    Some([uid, officer, profile])
}

/// What a book whose key is lost still owes.
pub(crate) fn lost(disk: &dyn Disk, place: &Place) -> Error {
    key_lost(Side::read(disk, place).as_ref())
}

/// What a locked or lost book would still owe, as the error says it.
pub(super) fn key_lost(side: Option<&Side>) -> Error {
    let (unsent, as_of) = side.map_or((0, 0), |s| (s.unsent, s.as_of));
    Error::KeyLost { unsent, as_of }
}

/// As `key_lost`, for damage.
pub(super) fn damaged(place: &'static str, side: Option<&Side>) -> Error {
    let (unsent, as_of) = side.map_or((0, 0), |s| (s.unsent, s.as_of));
    Error::StoreDamaged { place, unsent, as_of }
}

/// Whether anything is unsent: one step in the index of open entries.
///
/// # Errors
/// SQLite's.
pub(super) fn any_unsent(db: &Connection) -> Result<bool> {
    Ok(db.prepare_cached("SELECT 1 FROM outbox WHERE state NOT IN ('done', 'closed') LIMIT 1")?.exists([])?)
}

fn unsent(db: &Connection) -> Result<(i64, Option<i64>)> {
    let mut count = db.prepare_cached(
        "SELECT count(*), min(made_wall) FROM outbox WHERE state NOT IN ('done', 'closed')",
    )?;
    Ok(count.query_row([], |r| Ok((r.get(0)?, r.get(1)?)))?)
}

/// The side file of an open book.
pub(super) struct SideFile(Mutex<Side>);

impl SideFile {
    pub(super) fn new(now: Side) -> Self {
        Self(Mutex::new(now))
    }

    /// What the file says.
    pub(super) fn now(&self) -> MutexGuard<'_, Side> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts and writes, unless the file says so already and is not stale.
    ///
    /// # Errors
    /// SQLite's or the system's; then the file says what it said before, and the next call tries again.
    pub(super) fn refresh(&self, db: &Connection, disk: &dyn Disk, place: &Place, wall: i64) -> Result<()> {
        let (unsent, oldest_unsent_wall) = unsent(db)?;
        let mut now = self.now();
        let next = Side { unsent, oldest_unsent_wall, as_of: wall, ..now.clone() };
        let same = Side { as_of: now.as_of, ..next.clone() } == *now;
        if same && (now.as_of..now.as_of.saturating_add(STALE)).contains(&wall) {
            return Ok(());
        }
        disk.replace(&place.side(), &serde_json::to_vec(&next)?)?;
        *now = next;
        Ok(())
    }
}
