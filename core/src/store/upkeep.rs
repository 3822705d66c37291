//! What is done when nobody waits, and the end.

use super::Store;
use super::connect::BUSY;
use crate::error::Result;
use rusqlite::Connection;
use std::time::Duration;

/// A log of so many frames is worth a checkpoint: fewer would sync more often than saves do.
const FRAMES: i64 = 250;

/// How long `pause` waits for readers before it leaves the log as long as it is.
const PATIENCE: Duration = Duration::from_millis(250);

/// How much room the book takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Usage {
    /// The database.
    pub database_bytes: u64,
    /// Its log.
    pub wal_bytes: u64,
    /// What is free for this app on that disk; `None` when the system does not say.
    pub free_bytes: Option<u64>,
}

impl Store {
    /// For the moments when nothing is to be done: checks the log in once it is worth it, refreshes the side file,
    /// takes the reserve again when there is room. Does nothing while the writer is busy.
    ///
    /// # Errors
    /// `Locked`; SQLite's and the system's: worth showing, nothing is lost by it, and the next call tries again.
    pub fn idle(&self) -> Result<()> {
        if self.read_only() {
            return Ok(());
        }
        let tended = self.tend();
        self.reserve.fill();
        tended.map_err(|e| self.explain(e))
    }

    fn tend(&self) -> Result<()> {
        let Some(db) = self.writer.take_now()? else { return Ok(()) };
        // NOOP only counts: frames in the log, and how many of them the database has already.
        let (_, logged, done) = checkpoint(&db, "NOOP")?;
        if logged - done >= FRAMES {
            checkpoint(&db, "PASSIVE")?;
        }
        self.tell(&db)
    }

    /// Before the app is put to sleep: the whole log into the database and off the disk (unless a reader still needs
    /// it after a quarter of a second), and a fresh side file. Waits for the writer.
    ///
    /// # Errors
    /// As `idle`.
    pub fn pause(&self) -> Result<()> {
        if self.read_only() {
            return Ok(());
        }
        let rest = || {
            let db = self.writer.take(super::pool::Rank::Bulk)?;
            empty_log(&db)?;
            self.tell(&db)
        };
        rest().map_err(|e| self.explain(e))
    }

    /// Ends the store: nobody new is served, calls under way have `grace` to end, then the statement each is in is
    /// broken off (rolled back, `Locked`); the side file is refreshed, every connection closed, the key wiped. Returns
    /// within `grace` and the time it takes to close. A call that is between two statements at that moment ends as it
    /// would have, then closes its own connection.
    pub fn lock(&self, grace: Duration) {
        let start = self.clock.steady();
        self.readers.bar();
        let writer = self.writer.close(grace);
        if let (Some(db), false) = (writer.first(), self.read_only()) {
            // Best effort: the file says "at least".
            let _ = self.tell(db);
        }
        let left = grace.saturating_sub(self.clock.steady().since(start));
        drop(self.readers.close(left));
        drop(writer);
    }

    /// How much room the book takes now.
    pub fn usage(&self) -> Usage {
        Usage {
            database_bytes: self.disk.size(&self.place.db()),
            wal_bytes: self.disk.size(&self.place.wal()),
            free_bytes: self.disk.free_bytes(&self.place.folder()),
        }
    }
}

/// Checks the whole log in and cuts it to nothing, if no reader needs it.
pub(super) fn empty_log(db: &Connection) -> Result<()> {
    db.busy_timeout(PATIENCE)?;
    let done = checkpoint(db, "TRUNCATE");
    db.busy_timeout(BUSY)?;
    done.map(drop)
}

/// Busy or not, frames in the log, frames of it that are in the database.
fn checkpoint(db: &Connection, how: &str) -> Result<(i64, i64, i64)> {
    let sql = format!("PRAGMA wal_checkpoint({how})");
    Ok(db.query_row(&sql, [], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?)
}
