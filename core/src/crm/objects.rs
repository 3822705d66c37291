//! Records of the CRMs as they lie in the book.

use crate::error::{Error, Result};
use crate::outbox::entry::words;
use crate::record::CrmObjectId;
use crate::store::hex;
use crate::world::Rng;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use serde::{Deserialize, Serialize};

words! {
    /// Where a CRM's record stands as a record, whatever its entries do.
    Life {
        /// There, or to be there.
        Live = "live",
        /// Deleted there by this officer, proven.
        Deleted = "deleted",
        /// Given up before the CRM had it.
        Withdrawn = "withdrawn",
    }
}

/// A row. Its fields are its remote's to read.
pub(crate) struct Object {
    pub id: CrmObjectId,
    pub remote: String,
    pub kind: String,
    pub code: String,
    /// The code is a random one of this book's: nobody else can have it.
    pub drawn: bool,
    pub fields: String,
    pub revision: i64,
    /// The revision that the CRM has; 0: none.
    pub acked: i64,
    pub life: Life,
}

const COLUMNS: &str = "id, remote, kind, code, drawn, fields, revision, acked, life";

fn object(r: &Row<'_>) -> rusqlite::Result<Object> {
    Ok(Object {
        id: r.get(0)?,
        remote: r.get(1)?,
        kind: r.get(2)?,
        code: r.get(3)?,
        drawn: r.get(4)?,
        fields: r.get(5)?,
        revision: r.get(6)?,
        acked: r.get(7)?,
        life: r.get(8)?,
    })
}

/// One of them.
///
/// # Errors
/// `NotFound`.
pub(crate) fn get(conn: &Connection, id: CrmObjectId) -> Result<Object> {
    let sql = format!("SELECT {COLUMNS} FROM crm_object WHERE id = ?1");
    let found = conn.prepare_cached(&sql)?.query_row([id], object).optional()?;
    found.ok_or(Error::NotFound { what: "crm_object" })
}

/// Those of a remote and kind after that one, oldest first, at most `most`.
pub(crate) fn some(
    conn: &Connection,
    remote: &str,
    kind: &str,
    after: CrmObjectId,
    most: usize,
) -> Result<Vec<Object>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM crm_object WHERE remote = ?1 AND kind = ?2 AND id > ?3 ORDER BY id LIMIT ?4"
    );
    let mut rows = conn.prepare_cached(&sql)?;
    let found = rows.query_map(params![remote, kind, after, most as i64], object)?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

/// The one of that code.
pub(crate) fn of_code(
    conn: &Connection,
    remote: &str,
    kind: &str,
    code: &str,
) -> Result<Option<CrmObjectId>> {
    let sql = "SELECT id FROM crm_object WHERE remote = ?1 AND kind = ?2 AND code = ?3";
    Ok(conn.prepare_cached(sql)?.query_row([remote, kind, code], |r| r.get(0)).optional()?)
}

/// A new one. `acked`: the CRM has it already.
pub(crate) fn insert(
    tx: &Transaction<'_>,
    (remote, kind): (&str, &str),
    (code, drawn): (&str, bool),
    fields: &str,
    acked: bool,
) -> Result<CrmObjectId> {
    tx.prepare_cached(
        "INSERT INTO crm_object (remote, kind, code, drawn, fields, revision, acked, life)
         VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6, 'live')",
    )?
    .execute(params![remote, kind, code, drawn, fields, i64::from(acked)])?;
    Ok(CrmObjectId(tx.last_insert_rowid()))
}

/// What it should be there from now on.
pub(crate) fn set_fields(tx: &Transaction<'_>, id: CrmObjectId, fields: &str) -> Result<()> {
    let sql = "UPDATE crm_object SET fields = ?2, revision = revision + 1 WHERE id = ?1";
    tx.prepare_cached(sql)?.execute(params![id, fields])?;
    Ok(())
}

/// The CRM has that revision.
pub(crate) fn set_acked(tx: &Transaction<'_>, id: CrmObjectId, revision: i64) -> Result<()> {
    let sql = "UPDATE crm_object SET acked = max(acked, ?2) WHERE id = ?1";
    tx.prepare_cached(sql)?.execute(params![id, revision])?;
    Ok(())
}

/// The CRM knows it by this code now, which somebody has chosen.
pub(crate) fn set_code(tx: &Transaction<'_>, id: CrmObjectId, code: &str) -> Result<()> {
    let sql = "UPDATE crm_object SET code = ?2, drawn = 0 WHERE id = ?1";
    tx.prepare_cached(sql)?.execute(params![id, code])?;
    Ok(())
}

/// See [`Life`].
pub(crate) fn set_life(tx: &Transaction<'_>, id: CrmObjectId, life: Life) -> Result<()> {
    tx.prepare_cached("UPDATE crm_object SET life = ?2 WHERE id = ?1")?.execute(params![id, life])?;
    Ok(())
}

/// A code of 128 random bits: two tablets and a reinstall share row numbers, and never this.
pub(crate) fn draw(rng: &dyn Rng) -> String {
    let mut bits = [0; 16];
    rng.fill(&mut bits);
    hex(&bits)
}
