//! The state file: plain SQLite, so that a developer can open it with anything.

use crate::server::Saved;
use rusqlite::{Connection, params};
use std::io;
use std::path::Path;

pub(crate) struct StateFile(Connection);

const SCHEMA: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    CREATE TABLE IF NOT EXISTS meta (id INTEGER PRIMARY KEY CHECK (id = 1), json TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS record (
        remote TEXT NOT NULL, key TEXT NOT NULL, json TEXT NOT NULL, PRIMARY KEY (remote, key)
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS ledger (seq INTEGER PRIMARY KEY, json TEXT NOT NULL);";

impl StateFile {
    /// Opens or makes the file; what an earlier run left, if it left anything.
    pub fn open(path: &Path) -> io::Result<(StateFile, Option<Saved>)> {
        let connection = Connection::open(path).map_err(io::Error::other)?;
        connection.execute_batch(SCHEMA).map_err(io::Error::other)?;
        let saved = read(&connection).map_err(io::Error::other)?;
        Ok((StateFile(connection), saved))
    }

    /// Writes what changed, all or nothing.
    pub fn save(&mut self, saved: &Saved) -> rusqlite::Result<()> {
        let tx = self.0.transaction()?;
        tx.execute("INSERT OR REPLACE INTO meta VALUES (1, ?1)", [&saved.meta])?;
        for (remote, key, json) in &saved.records {
            let mut put = tx.prepare_cached("INSERT OR REPLACE INTO record VALUES (?1, ?2, ?3)")?;
            put.execute([remote, key, json])?;
        }
        for entry in &saved.ledger {
            let json = serde_json::to_string(entry).unwrap_or_default();
            let mut put = tx.prepare_cached("INSERT OR REPLACE INTO ledger VALUES (?1, ?2)")?;
            put.execute(params![entry.seq as i64, json])?;
        }
        tx.commit()
    }
}

fn read(connection: &Connection) -> Result<Option<Saved>, Box<dyn std::error::Error + Send + Sync>> {
    let mut metas = connection.prepare("SELECT json FROM meta")?;
    let Some(meta) = metas.query_map([], |row| row.get(0))?.next().transpose()? else { return Ok(None) };
    let mut records = connection.prepare("SELECT remote, key, json FROM record")?;
    let records = records.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let mut ledger = connection.prepare("SELECT json FROM ledger ORDER BY seq")?;
    let entries = ledger.query_map([], |row| row.get::<_, String>(0))?;
    let entries: Result<Vec<_>, Box<dyn std::error::Error + Send + Sync>> =
        entries.map(|json| Ok(serde_json::from_str(&json?)?)).collect();
    Ok(Some(Saved { meta, records: records.collect::<Result<_, _>>()?, ledger: entries? }))
}
