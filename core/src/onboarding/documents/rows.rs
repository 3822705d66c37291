//! Papers as they lie in the book.

use super::model::Paper;
use crate::error::{Error, Result};
use crate::outbox::entry::words;
use crate::outbox::rows::Now;
use crate::record::{ActionId, DocumentId};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

words! {
    /// Where a paper stands as a record, whatever its entry does.
    PaperStage {
        /// Waits to be sent, or may have been.
        Live = "live",
        /// The bank has it.
        Delivered = "delivered",
        /// Taken back or given up.
        Withdrawn = "withdrawn",
    }
}

/// A paper without its bytes.
pub(crate) struct Row {
    pub id: DocumentId,
    pub action: ActionId,
    pub client_id: i64,
    pub name: String,
    pub info: String,
    pub mime: String,
    pub bytes: i64,
    pub sha256: String,
    pub paper: Paper,
    pub stage: PaperStage,
    pub document_id: Option<String>,
    pub pruned: bool,
    pub made_wall: i64,
}

const COLUMNS: &str =
    "id, action, client_id, name, info, mime, bytes, sha256, paper, life, document_id, pruned, made_wall";

fn row(r: &rusqlite::Row<'_>) -> rusqlite::Result<(Row, String)> {
    let row = Row {
        id: r.get(0)?,
        action: r.get(1)?,
        client_id: r.get(2)?,
        name: r.get(3)?,
        info: r.get(4)?,
        mime: r.get(5)?,
        bytes: r.get(6)?,
        sha256: r.get(7)?,
        paper: Paper::default(),
        stage: r.get(9)?,
        document_id: r.get(10)?,
        pruned: r.get(11)?,
        made_wall: r.get(12)?,
    };
    Ok((row, r.get(8)?))
}

fn decoded((row, paper): (Row, String)) -> Result<Row> {
    Ok(Row { paper: serde_json::from_str(&paper)?, ..row })
}

/// One paper.
///
/// # Errors
/// `NotFound`; `StoreDamaged` in `row`.
pub(crate) fn get(conn: &Connection, id: DocumentId) -> Result<Row> {
    let sql = format!("SELECT {COLUMNS} FROM document WHERE id = ?1");
    let found = conn.prepare_cached(&sql)?.query_row([id], row).optional()?;
    decoded(found.ok_or(Error::NotFound { what: "document" })?)
}

/// The papers of an action, oldest first; one that cannot be read is left out: `get` says so.
pub(crate) fn of_action(conn: &Connection, action: ActionId) -> Result<Vec<Row>> {
    let sql = format!("SELECT {COLUMNS} FROM document WHERE action = ?1 ORDER BY id");
    let mut rows = conn.prepare_cached(&sql)?;
    let found = rows.query_map([action], row)?.collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(found.into_iter().filter_map(|found| decoded(found).ok()).collect())
}

/// The papers that were not taken back, by their action.
pub(crate) fn by_action(conn: &Connection) -> Result<BTreeMap<ActionId, Vec<DocumentId>>> {
    let sql = "SELECT action, id FROM document WHERE life <> 'withdrawn' ORDER BY action, id";
    let mut rows = conn.prepare_cached(sql)?;
    let mut papers = BTreeMap::<_, Vec<_>>::new();
    for row in rows.query_map([], |r| Ok((r.get(0)?, r.get(1)?)))? {
        let (action, id) = row?;
        papers.entry(action).or_default().push(id);
    }
    Ok(papers)
}

/// What a paper is for.
pub(crate) fn action_of(conn: &Connection, id: DocumentId) -> Result<ActionId> {
    let sql = "SELECT action FROM document WHERE id = ?1";
    let found = conn.prepare_cached(sql)?.query_row([id], |r| r.get(0)).optional()?;
    found.ok_or(Error::NotFound { what: "document" })
}

/// Papers with these very bytes, or made from them, that were not taken back.
pub(crate) fn same(conn: &Connection, sha256: &str, source: &str) -> Result<Vec<DocumentId>> {
    let sql = "SELECT id FROM document WHERE life <> 'withdrawn'
               AND (sha256 IN (?1, ?2) OR paper ->> '$.source_sha256' = ?2) ORDER BY id LIMIT 20";
    let mut rows = conn.prepare_cached(sql)?;
    Ok(rows.query_map([sha256, source], |r| r.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// A paper as it is published.
pub(super) struct New<'a> {
    pub id: DocumentId,
    pub action: ActionId,
    pub name: &'a str,
    pub info: &'a str,
    pub mime: &'a str,
    pub bytes: i64,
    pub sha256: &'a str,
    pub paper: &'a Paper,
    pub thumbnail: Option<&'a [u8]>,
}

/// Publishes a paper whose chunks are all there.
pub(super) fn insert(tx: &Transaction<'_>, new: &New<'_>, now: Now) -> Result<()> {
    let paper = serde_json::to_string(new.paper).map_err(|_| Error::internal("paper"))?;
    tx.execute(
        "INSERT INTO document (id, action, client_id, name, info, mime, bytes, sha256, paper, thumbnail, life, made_wall)
         VALUES (?1, ?2, max(?3, 1 + coalesce((SELECT max(client_id) FROM document), 0)), ?4, ?5, ?6, ?7, ?8, ?9, ?10,
                 'live', ?3)",
        params![
            new.id, new.action, now.wall, new.name, new.info, new.mime, new.bytes, new.sha256, paper, new.thumbnail
        ],
    )?;
    Ok(())
}

/// The small picture for lists; `None` where there is none.
pub(crate) fn thumbnail(conn: &Connection, id: DocumentId) -> Result<Option<Vec<u8>>> {
    let sql = "SELECT thumbnail FROM document WHERE id = ?1";
    let found = conn.prepare_cached(sql)?.query_row([id], |r| r.get(0)).optional()?;
    found.ok_or(Error::NotFound { what: "document" })
}

/// See [`PaperStage`].
pub(crate) fn set_stage(tx: &Transaction<'_>, id: DocumentId, stage: PaperStage) -> Result<()> {
    tx.execute("UPDATE document SET life = ?2 WHERE id = ?1", params![id, stage])?;
    Ok(())
}

/// The bank's own number of it, where it gave one.
pub(crate) fn set_document_id(tx: &Transaction<'_>, id: DocumentId, code: &str) -> Result<()> {
    let sql = "UPDATE document SET document_id = ?2 WHERE id = ?1 AND ?2 <> ''";
    tx.execute(sql, params![id, code])?;
    Ok(())
}

/// A paper that was delivered before that moment (unix ms) and still has its bytes.
pub(super) fn prunable(conn: &Connection, before: i64) -> Result<Option<DocumentId>> {
    let sql = "SELECT d.id FROM document AS d WHERE d.pruned = 0 AND d.life = 'delivered'
               AND (SELECT max(since_wall) FROM outbox WHERE lane = 'document:' || d.id) < ?1
               AND NOT EXISTS (SELECT 1 FROM outbox WHERE lane = 'document:' || d.id AND state NOT IN ('done', 'closed'))
               ORDER BY d.id LIMIT 1";
    Ok(conn.prepare_cached(sql)?.query_row([before], |r| r.get(0)).optional()?)
}

/// Its bytes are gone.
pub(super) fn set_pruned(tx: &Transaction<'_>, id: DocumentId) -> Result<()> {
    tx.execute("UPDATE document SET pruned = 1 WHERE id = ?1", [id])?;
    Ok(())
}
