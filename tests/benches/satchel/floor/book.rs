//! A book by hand: the same file format, key form, pragmas, tables and indexes.

use crate::Done;
use crate::world::BOOK_KEY;
use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior, params_from_iter};
use std::path::Path;

const SCHEMA: &str = include_str!("../../../../core/migrations/0001_init.sql");

/// Key, salt and every pragma as the store sets them.
fn settings() -> String {
    let key: String = BOOK_KEY.iter().map(|byte| format!("{byte:02x}")).collect();
    format!(
        "PRAGMA key = \"x'{key}'\";
         PRAGMA cipher_log_level = NONE;
         PRAGMA cache_size = -8192;
         PRAGMA synchronous = FULL;
         PRAGMA temp_store = MEMORY;
         PRAGMA secure_delete = ON;
         PRAGMA trusted_schema = OFF;
         PRAGMA foreign_keys = ON;
         PRAGMA wal_autocheckpoint = 4000;"
    )
}

/// Opens a database that may be there.
pub fn open(path: &Path, vfs: Option<&str>) -> Done<Connection> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_CREATE;
    let db = match vfs {
        Some(vfs) => Connection::open_with_flags_and_vfs(path, flags, vfs)?,
        None => Connection::open_with_flags(path, flags)?,
    };
    db.execute_batch(&settings())?;
    db.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    db.busy_timeout(std::time::Duration::from_secs(5))?;
    db.set_prepared_statement_cache_capacity(64);
    Ok(db)
}

/// A new one with the schema.
pub fn create(path: &Path, vfs: Option<&str>) -> Done<Connection> {
    let mut db = open(path, vfs)?;
    let tx = db.transaction()?;
    tx.execute_batch(SCHEMA)?;
    tx.commit()?;
    Ok(db)
}

/// A transaction that writes.
pub fn begin(db: &mut Connection) -> rusqlite::Result<Transaction<'_>> {
    db.transaction_with_behavior(TransactionBehavior::Immediate)
}

/// The tables one save writes to, and what tells a row's age.
const SAVED: [(&str, &str); 3] = [("prospect", "id"), ("outbox", "id"), ("feed", "revision")];

/// The rows of one save, to the last column.
pub struct Saved([Vec<Value>; 3]);

/// How a save's rows are written: one statement a table.
pub struct Saving([String; 3]);

impl Saving {
    pub fn new(db: &Connection) -> Done<Saving> {
        let insert = |(table, _): (&str, &str)| -> Done<String> {
            let columns = db.prepare(&format!("SELECT * FROM {table}"))?.column_count();
            let marks: Vec<_> = (1..=columns).map(|n| format!("?{n}")).collect();
            // What changed last has one row for each subject, as the schema says.
            let verb = if table == "feed" { "REPLACE" } else { "INSERT" };
            Ok(format!("{verb} INTO {table} VALUES ({})", marks.join(", ")))
        };
        let [a, b, c] = SAVED;
        Ok(Saving([insert(a)?, insert(b)?, insert(c)?]))
    }

    /// One save: everything in one transaction, on disk on return.
    pub fn save(&self, db: &mut Connection, saved: &Saved) -> Done<()> {
        let tx = begin(db)?;
        for (sql, row) in self.0.iter().zip(&saved.0) {
            tx.prepare_cached(sql)?.execute(params_from_iter(row))?;
        }
        Ok(tx.commit()?)
    }
}

/// A product's newest `n` saves, oldest first: what the floor then writes as well.
pub fn newest_saves(product: &Connection, n: u64) -> Done<Vec<Saved>> {
    let rows = |(table, order): (&str, &str)| -> Done<Vec<Vec<Value>>> {
        let of_saves = match table {
            "prospect" => "own = 1",
            "feed" => "subject LIKE 'prospect:%'",
            _ => "1",
        };
        let sql = format!("SELECT * FROM {table} WHERE {of_saves} ORDER BY {order} DESC LIMIT {n}");
        let mut select = product.prepare(&sql)?;
        let columns = select.column_count();
        let rows = select.query_map([], |row| (0..columns).map(|n| row.get(n)).collect())?;
        let mut rows = rows.collect::<rusqlite::Result<Vec<Vec<Value>>>>()?;
        rows.reverse();
        Ok(rows)
    };
    let [a, b, c] = SAVED;
    let (a, b, c) = (rows(a)?, rows(b)?, rows(c)?);
    if a.len() != b.len() || b.len() != c.len() {
        return Err(format!("saves of {}, {} and {} rows", a.len(), b.len(), c.len()).into());
    }
    Ok(a.into_iter().zip(b).zip(c).map(|((a, b), c)| Saved([a, b, c])).collect())
}
