//! Rows of a download under way, as texts: provisional until the whole reply is good.

use crate::error::Result;
use rusqlite::{Connection, Transaction};

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
