//! Real files below SQLite, their syncs counted: a thin layer over the platform's own VFS.
//!
//! Every call is passed on unchanged; a sync is counted first, by what kind of file it is for. A test may [`watch`] the
//! calls that change a file and let one fail, or end the process before it.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! let vfs = counting_vfs::register()?;
//! let flags = rusqlite::OpenFlags::default();
//! let db = rusqlite::Connection::open_with_flags_and_vfs(folder.path().join("a.db"), flags, vfs)?;
//! db.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (a)")?;
//! let before = counting_vfs::syncs();
//! db.execute_batch("INSERT INTO t VALUES (1)")?;
//! assert_eq!(counting_vfs::syncs().wal - before.wal, 1);
//! # Ok(()) }
//! ```

mod shim;
mod watch;

pub use watch::{Call, Fault, Watcher, watch};

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

static WAL: AtomicU64 = AtomicU64::new(0);
static DATABASE: AtomicU64 = AtomicU64::new(0);
static OTHER: AtomicU64 = AtomicU64::new(0);

/// Syncs since the process began, of all files opened through this VFS.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Syncs {
    /// Of write-ahead logs.
    pub wal: u64,
    /// Of databases.
    pub database: u64,
    /// Of journals and the like.
    pub other: u64,
}

/// What was counted until now.
#[must_use]
pub fn syncs() -> Syncs {
    Syncs { wal: WAL.load(Relaxed), database: DATABASE.load(Relaxed), other: OTHER.load(Relaxed) }
}

/// Makes the VFS known to SQLite, once for the process and for good, and returns its name. It is never the default.
///
/// # Errors
/// What SQLite says when it takes no VFS.
pub fn register() -> rusqlite::Result<&'static str> {
    shim::register()
}
