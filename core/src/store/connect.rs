//! One connection, set up the one way this store allows.

use super::key::StoreKey;
use crate::error::{Error, Result};
use crate::world::Disk;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::path::PathBuf;
use std::sync::Once;
use std::time::Duration;

/// Before 3.51.3 a WAL reset could lose a commit when two processes met.
const SQLITE_LEAST: i32 = 3_051_003;

/// How long a connection waits for another process's lock before `Internal` with SQLite's code 5.
pub(super) const BUSY: Duration = Duration::from_secs(5);

/// The page cache of each connection, in KiB; so the store holds at most 4 × 8 MiB, and far less while it is idle,
/// since connections are opened when they are wanted. The working set is the list's index, some 150 bytes a prospect:
/// a reader keeps that of 50,000 prospects, decrypted, and the writer all that one download's transaction touches.
const CACHE_KIB: i64 = 8 * 1024;

/// SQLite tells a second thread that it is ready while SQLCipher is still being set up by the first one, and a key that is
/// given meanwhile is refused. So whoever opens the first connection of a process is waited for.
pub(crate) fn ready() {
    static FIRST: Once = Once::new();
    FIRST.call_once(|| drop(Connection::open_in_memory()));
}

/// What a connection is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Role {
    /// The one that changes things.
    Writer,
    /// Reads only, by SQLite's own word.
    Reader,
}

/// Opens connections; holds the key as long as the store is open.
pub(super) struct Opener {
    path: PathBuf,
    vfs: Option<String>,
    key: StoreKey,
}

impl Opener {
    pub(super) fn new(path: PathBuf, disk: &dyn Disk, key: StoreKey) -> Self {
        Self { path, vfs: disk.vfs().map(str::to_owned), key }
    }

    /// A connection that has read the schema under the key.
    ///
    /// # Errors
    /// `StoreDamaged` when the file cannot be read with this key (SQLCipher cannot tell a wrong key from a damaged
    /// first page), `Internal` when the SQLite that is linked is not the one this store needs.
    pub(super) fn open(&self, role: Role) -> Result<Connection> {
        let db = self.connect(role)?;
        // Until the key is proven, closing again must leave the log where it is.
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        // A statement is planned once, not anew for every value bound to it: no table here is so uneven that it would pay.
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        let cipher = db.query_row("PRAGMA cipher_version", [], |r| r.get::<_, String>(0)).unwrap_or_default();
        fit(rusqlite::version_number(), &cipher)?;
        db.execute_batch(&self.key.pragma())?;
        db.execute_batch(&settings(role))?;
        db.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
        if role == Role::Writer {
            write_ahead(&db)?;
        }
        db.busy_timeout(BUSY)?;
        db.set_prepared_statement_cache_capacity(64);
        Ok(db)
    }

    fn connect(&self, role: Role) -> Result<Connection> {
        ready();
        let create = match role {
            Role::Writer => OpenFlags::SQLITE_OPEN_CREATE,
            Role::Reader => OpenFlags::empty(),
        };
        // A reader of a WAL writes too: its place in the log's index.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | create;
        Ok(match &self.vfs {
            None => Connection::open_with_flags(&self.path, flags)?,
            Some(vfs) => Connection::open_with_flags_and_vfs(&self.path, flags, vfs.as_str())?,
        })
    }
}

/// Another SQLite linked into the app would ignore the key and write plain text without a word.
pub(super) fn fit(version: i32, cipher: &str) -> Result<()> {
    if cipher.is_empty() {
        return Err(Error::internal("the SQLite that is linked does not encrypt"));
    }
    if version < SQLITE_LEAST {
        return Err(Error::Internal { place: "the SQLite that is linked is too old", id: version.into() });
    }
    Ok(())
}

/// The proof on the file itself.
///
/// # Errors
/// `Internal` when it begins as a plain database does.
pub(super) fn encrypted(head: &[u8]) -> Result<()> {
    match head.starts_with(b"SQLite format 3") {
        true => Err(Error::internal("the database is not encrypted")),
        false => Ok(()),
    }
}

/// Everything after the key. `cipher_log_level` first: SQLCipher reports to stderr else. No `cell_size_check`: a page
/// that was not written under the key fails its HMAC before any cell is looked at.
fn settings(role: Role) -> String {
    let mut sql = format!(
        "PRAGMA cipher_log_level = NONE;
         PRAGMA cache_size = -{CACHE_KIB};
         PRAGMA synchronous = FULL;
         PRAGMA temp_store = MEMORY;
         PRAGMA secure_delete = ON;
         PRAGMA trusted_schema = OFF;
         PRAGMA foreign_keys = ON;
         PRAGMA wal_autocheckpoint = 4000;"
    );
    if cfg!(target_vendor = "apple") {
        sql.push_str("PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON;");
    }
    if role == Role::Reader {
        sql.push_str("PRAGMA query_only = ON;");
    }
    sql
}

fn write_ahead(db: &Connection) -> Result<()> {
    // Stepped to its end: the word comes first, and the commit that makes it true may fail after it. In the mode before,
    // a power cut takes acknowledged saves back.
    let mut set = db.prepare("PRAGMA journal_mode = WAL")?;
    let words: Vec<String> = set.query_map([], |r| r.get(0))?.collect::<rusqlite::Result<_>>()?;
    match words == ["wal"] {
        true => Ok(()),
        false => Err(Error::internal("no write-ahead log")),
    }
}
