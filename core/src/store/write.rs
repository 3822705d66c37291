//! The one writer, and the readers.

use super::pool::Rank;
use super::{Store, migrate, side};
use crate::error::{Error, Result};
use rusqlite::{Connection, Transaction, TransactionBehavior, ffi};

impl Store {
    /// Changes the book: one transaction, on disk when this returns. What fails inside is rolled back whole, and a
    /// panic too; the store goes on.
    ///
    /// - Saves go one after another, and before `write_bulk` when both wait.
    /// - When the disk is full the reserve is given up and `f` runs *again*, on the state before: so it is `FnMut`, and
    ///   leaves nothing behind but what it wrote and returns.
    /// - `f` must not swallow an SQLite error (SQLite may have rolled back already), nor end the transaction, nor call
    ///   `write` or `write_bulk` again (`Internal`); `read` inside shows the state before.
    ///
    /// # Errors
    /// `f`'s; `Locked`; `SchemaTooNew`; `DiskFull` when the reserve did not help: nothing was changed. Any other error of
    /// SQLite may come from the COMMIT, and then it is *unknown* whether the change is on disk: whoever tries again
    /// does so by id, so that a second time changes nothing.
    pub fn write<T>(&self, mut f: impl FnMut(&Transaction<'_>) -> Result<T>) -> Result<T> {
        match self.transact(Rank::Save, &mut f) {
            Err(e) if (full(&e) || sqlite(&e, ffi::SQLITE_IOERR_WRITE)) && self.reserve.release() => {
                self.transact(Rank::Save, &mut f)
            }
            done => done,
        }
        .map_err(|e| self.explain(e))
    }

    /// As `write`, for downloads and housekeeping: lets every waiting save go first, so its transactions are to be
    /// short, and does not touch the reserve.
    ///
    /// # Errors
    /// As `write`; `DiskFull` at once while the reserve is missing: the last room is for what the officer types.
    pub fn write_bulk<T>(&self, mut f: impl FnMut(&Transaction<'_>) -> Result<T>) -> Result<T> {
        self.writable()?;
        if self.disk_tight() {
            return Err(Error::DiskFull);
        }
        self.transact(Rank::Bulk, &mut f).map_err(|e| self.explain(e))
    }

    /// Looks at the book: one snapshot for all of `f`, never waiting for the writer and never holding it up. (At most
    /// three at once; a fourth waits. A snapshot held long keeps the log from shrinking.)
    ///
    /// # Errors
    /// `f`'s; `Locked`; SQLite's when `f` tries to write; `Internal` when `f` calls `read` again.
    pub fn read<T>(&self, f: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let look = || {
            let mut db = self.readers.take(Rank::Save)?;
            let seen = db.transaction().map_err(Error::from).and_then(|snapshot| f(&snapshot));
            db.keep_unless_damaged(seen)
        };
        look().map_err(|e| self.explain(e))
    }

    /// Whether the book may be changed.
    pub(super) fn writable(&self) -> Result<()> {
        if self.writer.barred() {
            return Err(Error::Locked);
        }
        match self.schema > migrate::KNOWN {
            true => Err(Error::SchemaTooNew { found: self.schema, known: migrate::KNOWN }),
            false => Ok(()),
        }
    }

    fn transact<T>(&self, rank: Rank, f: &mut impl FnMut(&Transaction<'_>) -> Result<T>) -> Result<T> {
        self.writable()?;
        let mut db = self.writer.take(rank)?;
        let mut change = |db: &mut Connection| {
            let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let value = f(&tx)?;
            let first = self.side.now().unsent == 0 && side::any_unsent(&tx)?;
            tx.commit()?;
            Ok((value, first))
        };
        let changed = change(&mut db);
        if changed.as_ref().is_err_and(failed_io) {
            cover(&mut db);
        }
        let (value, first) = db.keep_unless_damaged(changed)?;
        if first {
            // The save stands whatever becomes of the side file; the next save or idle moment tries again.
            let _ = self.tell(&db);
        }
        Ok(value)
    }

    /// Writes the side file.
    pub(super) fn tell(&self, db: &Connection) -> Result<()> {
        self.side.refresh(db, &*self.disk, &self.place, self.clock.wall())
    }

    /// The same error with what is known here: how much is at stake, and whether it was only the lock.
    pub(super) fn explain(&self, e: Error) -> Error {
        match e {
            Error::StoreDamaged { place, .. } => side::damaged(place, Some(&self.side.now())),
            e if full(&e) => Error::DiskFull,
            Error::Internal { place: "sqlite", id }
                if id == i64::from(ffi::SQLITE_INTERRUPT) && self.writer.barred() =>
            {
                Error::Locked
            }
            e => e,
        }
    }
}

/// After a failed sync the log may hold a whole transaction that only looks as if it were on disk: a process that opened
/// the book now would take it for committed and go on behind it, and a power cut would take all of that with it. The
/// next commit is written over it, so there is one at once. Should it fail as well, nothing is worse than it was.
pub(super) fn cover(db: &mut Connection) {
    let mut rewrite = || {
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Read here: a newer version of the app may have moved the schema on since this store was opened.
        let schema = migrate::version(&tx)?;
        // Writes its page even though it says what is there; an UPDATE would not.
        tx.pragma_update(None, "user_version", schema)?;
        Ok::<_, Error>(tx.commit()?)
    };
    let _ = rewrite();
}

/// Whether files failed under it.
pub(super) fn failed_io(e: &Error) -> bool {
    full(e)
        || matches!(e, Error::Internal { place: "sqlite", id } if id & 0xFF == i64::from(ffi::SQLITE_IOERR))
}

/// Whether it says that the disk is full: SQLite has a word of its own for when only the log's index found no room.
/// In both cases nothing was written that counts, so the transaction may run again.
pub(super) fn full(e: &Error) -> bool {
    *e == Error::DiskFull || sqlite(e, ffi::SQLITE_IOERR_SHMSIZE)
}

/// Whether it is that error of SQLite's. (A write cut short by a quota has no word of its own: giving the reserve up is
/// worth one try.)
fn sqlite(e: &Error, code: i32) -> bool {
    matches!(e, Error::Internal { place: "sqlite", id } if *id == i64::from(code))
}
