//! Rows of a download under way, as texts: provisional until the whole reply is good.

use crate::error::{Error, Result};
use crate::store::Store;
use rusqlite::{Connection, Transaction};
use serde::{Serialize, de::DeserializeOwned};

/// Puts rows in, numbered from `first` on.
pub(crate) fn put(tx: &Transaction<'_>, download: i64, first: u64, rows: &[String]) -> Result<()> {
    let mut insert = tx.prepare_cached("INSERT INTO staged (download, seq, row) VALUES (?1, ?2, ?3)")?;
    (first..)
        .zip(rows)
        .try_for_each(|(seq, row)| Ok(insert.execute((download, seq as i64, row)).map(drop)?))
}

/// The rows `from..to`; they leave the table.
pub(crate) fn take(tx: &Transaction<'_>, download: i64, from: i64, to: i64) -> Result<Vec<String>> {
    let sql = "SELECT row FROM staged WHERE download = ?1 AND seq >= ?2 AND seq < ?3 ORDER BY seq";
    let mut rows = tx.prepare_cached(sql)?;
    let texts = rows.query_map((download, from, to), |r| r.get(0))?.collect::<rusqlite::Result<_>>()?;
    tx.prepare_cached("DELETE FROM staged WHERE download = ?1 AND seq >= ?2 AND seq < ?3")?
        .execute((download, from, to))?;
    Ok(texts)
}

/// Is there any, of whatever download?
pub(crate) fn any(conn: &Connection) -> Result<bool> {
    Ok(conn.prepare("SELECT 1 FROM staged LIMIT 1")?.exists([])?)
}

/// Throws away at most `most` rows of that download, or of any; how many it were.
pub(crate) fn discard(tx: &Transaction<'_>, download: Option<i64>, most: usize) -> Result<usize> {
    let sql = "DELETE FROM staged WHERE (download, seq) IN
               (SELECT download, seq FROM staged WHERE ?1 IS NULL OR download = ?1 LIMIT ?2)";
    Ok(tx.prepare_cached(sql)?.execute((download, most as i64))?)
}

/// Rows staged or merged in one short transaction.
const CHUNK: usize = 250;

/// The rows of a list on its way in, in their order: provisional until all of it is good.
pub(crate) struct Rows<T> {
    download: i64,
    staged: u64,
    /// Those that come after the staged ones.
    held: Vec<T>,
    bytes: usize,
    most: usize,
}

impl<T: Serialize + DeserializeOwned> Rows<T> {
    /// At most so many bytes of it, as the remote spells them, are held in memory; what is more waits in the store.
    pub(crate) fn new(download: i64, most: usize) -> Self {
        Self { download, staged: 0, held: vec![], bytes: 0, most }
    }

    /// One more, of so many bytes.
    pub(crate) fn push(&mut self, store: &Store, row: T, bytes: usize) -> Result<()> {
        self.held.push(row);
        self.bytes += bytes;
        if self.bytes <= self.most {
            return Ok(());
        }
        self.bytes = 0;
        let text = |row: T| serde_json::to_string(&row).map_err(|_| Error::internal("staged"));
        let rows = self.held.drain(..).map(text).collect::<Result<Vec<_>>>()?;
        for chunk in rows.chunks(CHUNK) {
            store.write(|tx| put(tx, self.download, self.staged, chunk))?;
            self.staged += chunk.len() as u64;
        }
        Ok(())
    }

    /// Hands all of them on, some hundred in each transaction, with the place of the first of them; `done` gets what each
    /// transaction gave once it is committed. They leave the table.
    pub(crate) fn merge<R>(
        self,
        store: &Store,
        mut some: impl FnMut(&Transaction<'_>, i64, &[T]) -> Result<R>,
        mut done: impl FnMut(R),
    ) -> Result<()> {
        let staged = self.staged as i64;
        for from in (0..staged).step_by(CHUNK) {
            done(store.write(|tx| {
                let rows = take(tx, self.download, from, from + CHUNK as i64)?;
                let rows =
                    rows.iter().map(|row| Ok(serde_json::from_str(row)?)).collect::<Result<Vec<T>>>()?;
                some(tx, from, &rows)
            })?);
        }
        for (chunk, from) in self.held.chunks(CHUNK).zip((staged..).step_by(CHUNK)) {
            done(store.write(|tx| some(tx, from, chunk))?);
        }
        Ok(())
    }
}

/// Throws away what a download that came to nothing has left, in short transactions.
pub(crate) fn discard_all(store: &Store, download: i64) -> Result<()> {
    while store.write(|tx| discard(tx, Some(download), CHUNK))? > 0 {}
    Ok(())
}
