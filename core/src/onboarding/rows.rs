//! Applicants and co-applicants as they lie in the book.

use super::Person;
use crate::error::{Error, Result};
use crate::outbox::entry::words;
use crate::record::{ApplicationId, CoApplicantId, ProspectId};
use jiff::civil::DateTime;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use serde::{Deserialize, Serialize};

words! {
    /// Where an applicant stands as a record, whatever her entries do.
    Stage {
        /// In work, or at the bank.
        Live = "live",
        /// Taken back or given up before the bank had her.
        Withdrawn = "withdrawn",
    }
}

/// An applicant's or co-applicant's row.
pub(super) struct Row {
    pub id: i64,
    /// `None`: she is the applicant herself.
    pub application: Option<ApplicationId>,
    pub prospect: Option<ProspectId>,
    pub person: Person,
    /// `YYYY-MM-DDThh:mm:ss`.
    pub made_at: String,
    pub revision: i64,
    /// The revision that the bank has; 0: none.
    pub acked: i64,
    pub stage: Stage,
    pub application_id: Option<String>,
    pub party_id: Option<String>,
}

const COLUMNS: &str =
    "id, application, prospect, person, made_at, revision, acked, life, application_id, party_id";

fn row(r: &rusqlite::Row<'_>) -> rusqlite::Result<(Row, String)> {
    let row = Row {
        id: r.get(0)?,
        application: r.get(1)?,
        prospect: r.get(2)?,
        person: Person::default(),
        made_at: r.get(4)?,
        revision: r.get(5)?,
        acked: r.get(6)?,
        stage: r.get(7)?,
        application_id: r.get(8)?,
        party_id: r.get(9)?,
    };
    Ok((row, r.get(3)?))
}

fn decoded((row, person): (Row, String)) -> Result<Row> {
    Ok(Row { person: serde_json::from_str(&person)?, ..row })
}

/// One of them.
///
/// # Errors
/// `NotFound`; `StoreDamaged` in `row`.
pub(super) fn get(conn: &Connection, id: i64) -> Result<Row> {
    let sql = format!("SELECT {COLUMNS} FROM applicant WHERE id = ?1");
    let found = conn.prepare_cached(&sql)?.query_row([id], row).optional()?;
    decoded(found.ok_or(Error::NotFound { what: "applicant" })?)
}

/// An application.
pub(super) fn application(conn: &Connection, id: ApplicationId) -> Result<Row> {
    let row = get(conn, id.0).map_err(|e| named(e, "application"))?;
    if row.application.is_none() { Ok(row) } else { Err(Error::NotFound { what: "application" }) }
}

/// A co-applicant.
pub(super) fn co_applicant(conn: &Connection, id: CoApplicantId) -> Result<Row> {
    let row = get(conn, id.0).map_err(|e| named(e, "co_applicant"))?;
    if row.application.is_some() { Ok(row) } else { Err(Error::NotFound { what: "co_applicant" }) }
}

fn named(error: Error, what: &'static str) -> Error {
    match error {
        Error::NotFound { .. } => Error::NotFound { what },
        other => other,
    }
}

/// The applications after that one, oldest first, at most `most`. One that cannot be read is left out: `get` says so.
pub(super) fn applications(conn: &Connection, after: ApplicationId, most: usize) -> Result<Vec<Row>> {
    let sql =
        format!("SELECT {COLUMNS} FROM applicant WHERE application IS NULL AND id > ?1 ORDER BY id LIMIT ?2");
    let mut rows = conn.prepare_cached(&sql)?;
    let found = rows.query_map((after, most as i64), row)?.collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(found.into_iter().filter_map(|found| decoded(found).ok()).collect())
}

/// Who applies with her, oldest first.
pub(super) fn co_applicants(conn: &Connection, of: ApplicationId) -> Result<Vec<Row>> {
    let sql = format!("SELECT {COLUMNS} FROM applicant WHERE application = ?1 ORDER BY id");
    let mut rows = conn.prepare_cached(&sql)?;
    let found = rows.query_map([of], row)?.collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(found.into_iter().filter_map(|found| decoded(found).ok()).collect())
}

/// The application that a prospect became; the newest that was not taken back.
pub(super) fn of_prospect(conn: &Connection, prospect: ProspectId) -> Result<Option<ApplicationId>> {
    let sql = "SELECT id FROM applicant WHERE prospect = ?1 AND life = 'live' ORDER BY id DESC LIMIT 1";
    Ok(conn.prepare_cached(sql)?.query_row([prospect], |r| r.get(0)).optional()?)
}

/// The application of that Application_id.
pub(super) fn of_application_id(conn: &Connection, code: &str) -> Result<Option<ApplicationId>> {
    let sql = "SELECT id FROM applicant WHERE application_id = ?1";
    Ok(conn.prepare_cached(sql)?.query_row([code], |r| r.get(0)).optional()?)
}

/// A new one. `made` is moved to the next second that no other of the same application has.
pub(super) fn insert(
    tx: &Transaction<'_>,
    application: Option<ApplicationId>,
    prospect: Option<ProspectId>,
    person: &Person,
    made: DateTime,
) -> Result<i64> {
    let taken = "SELECT 1 FROM applicant WHERE application IS ?1 AND made_at = ?2";
    let mut made_at = index(made);
    for second in 1.. {
        if !tx.prepare_cached(taken)?.exists(params![application, made_at])? {
            break;
        }
        made_at = index(made.saturating_add(jiff::SignedDuration::from_secs(second)));
    }
    let json = serde_json::to_string(person).map_err(|_| Error::internal("person"))?;
    tx.execute(
        "INSERT INTO applicant (application, prospect, person, made_at, revision, acked, life)
         VALUES (?1, ?2, ?3, ?4, 1, 0, 'live')",
        params![application, prospect, json, made_at],
    )?;
    Ok(tx.last_insert_rowid())
}

/// As `Index` has it.
fn index(at: DateTime) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

/// What the officer has changed.
pub(super) fn set_person(tx: &Transaction<'_>, id: i64, person: &Person) -> Result<()> {
    let json = serde_json::to_string(person).map_err(|_| Error::internal("person"))?;
    tx.execute("UPDATE applicant SET person = ?2, revision = revision + 1 WHERE id = ?1", params![id, json])?;
    Ok(())
}

/// The bank has that revision of her.
pub(super) fn set_acked(tx: &Transaction<'_>, id: i64, revision: i64) -> Result<()> {
    tx.execute("UPDATE applicant SET acked = max(acked, ?2) WHERE id = ?1", [id, revision])?;
    Ok(())
}

/// The bank's numbers of an application. What is known already stays.
pub(super) fn set_codes(tx: &Transaction<'_>, id: i64, application: &str, party: Option<&str>) -> Result<()> {
    let sql = "UPDATE applicant SET application_id = ?2, party_id = coalesce(?3, party_id) WHERE id = ?1";
    tx.execute(sql, params![id, application, party])?;
    Ok(())
}

/// The newest revision of what the officer wrote.
pub(super) fn revision(conn: &Connection, id: i64) -> Result<i64> {
    let sql = "SELECT revision FROM applicant WHERE id = ?1";
    Ok(conn.prepare_cached(sql)?.query_row([id], |r| r.get(0))?)
}

/// See [`Stage`]; one that the bank has stays.
pub(super) fn set_stage_unless_acked(tx: &Transaction<'_>, id: i64, stage: Stage) -> Result<()> {
    tx.execute("UPDATE applicant SET life = ?2 WHERE id = ?1 AND acked = 0", params![id, stage])?;
    Ok(())
}

/// See [`Stage`].
pub(super) fn set_stage(tx: &Transaction<'_>, id: i64, stage: Stage) -> Result<()> {
    tx.execute("UPDATE applicant SET life = ?2 WHERE id = ?1", params![id, stage])?;
    Ok(())
}

/// A prospect gives its place in the book to another one, which is the same person.
pub(crate) fn prospect_moved(tx: &Transaction<'_>, from: ProspectId, to: ProspectId) -> Result<()> {
    tx.execute("UPDATE applicant SET prospect = ?2 WHERE prospect = ?1", [from, to])?;
    Ok(())
}
