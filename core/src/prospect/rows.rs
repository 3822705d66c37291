//! All SQL over the table `prospect` but the list's (`list`).
//!
//! What must not be split takes `&Transaction`: reading a row and writing it back happen in one call ([`update`]), so
//! an officer's edit cannot slip in between. The narrow setters (`set_…`) do not decode the row: an entry can be
//! settled even when its row's JSON is damaged. Touching the feed and the outbox is the caller's, in the same
//! transaction.

mod keys;
mod known;

use super::wire::Downloaded;
use super::{Conflict, Field, Fields, Intent, Life, Prospect, ProspectId, ServerFields, shows};
use crate::error::{Error, Problem, Result};
use jiff::ToSpan;
use jiff::civil::DateTime;
use keys::{Derived, with_code};
pub(super) use keys::{damage, list_key, parts, phone_key};
pub use known::*;
use rusqlite::{Connection, OptionalExtension, Transaction, named_params, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A prospect as it lies in the book.
#[derive(Clone, PartialEq, Eq)]
pub struct Row {
    /// Its number.
    pub id: ProspectId,
    /// The server's code.
    pub code: Option<String>,
    /// `CreateDateClient`, never changed: canonical for own rows, as first seen for downloaded ones.
    pub created_at: String,
    /// Created on this tablet: its natural key is ours.
    pub own: bool,
    /// The fields as the officer sees them.
    pub local: Fields,
    /// The fields as last agreed with the server; `None` until then.
    pub base: Option<Fields>,
    /// What waits for the officer's choice.
    pub conflict: Option<Conflict>,
    /// What only the server writes.
    pub server: ServerFields,
    /// Raised by each change of the officer.
    pub revision: i64,
    /// The revision that `base` holds.
    pub acked: i64,
    /// Where it stands.
    pub life: Life,
    /// What the officer wants of a create whose outcome is not known yet.
    pub intent: Option<Intent>,
    /// An entry of its lane is unsettled.
    pub unsent: bool,
}
shows!(Row { id, own, revision, acked, life, intent, unsent });

impl From<Row> for Prospect {
    fn from(row: Row) -> Self {
        let created_at = row.local.date_time(Field::CreatedAt);
        let Row { id, code, local: fields, conflict, server, revision, life, unsent, .. } = row;
        Prospect { id, code, fields, revision, life, conflict, unsent, server, created_at }
    }
}

const COLUMNS: &str =
    "id, code, created_at, own, local, base, theirs, server, revision, acked, life, intent, unsent";

/// Writes a new record of the officer's, made at `at`: live, revision 1, never agreed on, unsent (its entry is to be
/// written in the same transaction). Its natural key is the first second from `at` on that no own record has.
///
/// # Errors
/// `InvalidInput` when no such second is left in the calendar.
pub fn insert_own(tx: &Transaction<'_>, at: DateTime, fields: &Fields) -> Result<ProspectId> {
    let (created_at, mut local) = (free_second(tx, at)?, fields.clone());
    local.set(Field::CreatedAt, created_at.as_str());
    let row = Row {
        id: NEW,
        code: None,
        created_at,
        own: true,
        local,
        base: None,
        conflict: None,
        server: ServerFields::default(),
        revision: 1,
        acked: 0,
        life: Life::Live,
        intent: None,
        unsent: true,
    };
    write(tx, &row)
}

/// Writes a record first seen in a download: live, agreed on as it is, nothing to send.
///
/// # Errors
/// `InvalidInput` for a row without a code, `NotPossible` (`code_taken`) when another record has that code.
pub fn insert_downloaded(tx: &Transaction<'_>, row: &Downloaded) -> Result<ProspectId> {
    let new = Row {
        id: NEW,
        code: Some(row.code.clone()),
        created_at: row.created_at().to_owned(),
        own: false,
        local: row.fields.clone(),
        base: Some(row.fields.clone()),
        conflict: None,
        server: row.server.clone(),
        revision: 0,
        acked: 0,
        life: Life::Live,
        intent: None,
        unsent: false,
    };
    write(tx, &new)
}

/// Reads one record.
///
/// # Errors
/// `NotFound`; `StoreDamaged` in `row` when this one record cannot be decoded: it stays where it is, and the others are
/// not concerned.
pub fn get(conn: &Connection, id: ProspectId) -> Result<Row> {
    let mut statement = conn.prepare_cached(&format!("SELECT {COLUMNS} FROM prospect WHERE id = ?1"))?;
    let mut rows = statement.query([id])?;
    let row = rows.next()?.ok_or(Error::NotFound { what: "prospect" })?;
    decode(row)
}

/// The record of that code.
///
/// # Errors
/// Those of the store.
pub fn id_by_code(conn: &Connection, code: &str) -> Result<Option<ProspectId>> {
    let mut statement = conn.prepare_cached("SELECT id FROM prospect WHERE code = ?1")?;
    Ok(statement.query_row([code], |row| row.get(0)).optional()?)
}

/// The record of that code, whole.
///
/// # Errors
/// As [`get`], but `None` when there is none.
pub fn by_code(conn: &Connection, code: &str) -> Result<Option<Row>> {
    id_by_code(conn, code)?.map(|id| get(conn, id)).transpose()
}

/// Reads a record, lets `change` change it, and writes it back if it did. Number, key and ownership do not change.
///
/// # Errors
/// As [`get`]; what `change` returns, and then nothing is written; `NotPossible` (`code_taken`).
pub fn update<T>(
    tx: &Transaction<'_>,
    id: ProspectId,
    change: impl FnOnce(&mut Row) -> Result<T>,
) -> Result<T> {
    let before = get(tx, id)?;
    let mut after = before.clone();
    let given = change(&mut after)?;
    let Row { id, own, ref created_at, .. } = before;
    (after.id, after.own) = (id, own);
    after.created_at.clone_from(created_at);
    after.local.set(Field::CreatedAt, created_at.as_str());
    if after != before {
        write(tx, &after)?;
    }
    Ok(given)
}

/// Gives a record the server's code, whatever state its JSON is in. The same code again changes nothing.
///
/// # Errors
/// `NotFound`; `InvalidInput` for an empty code; `NotPossible` (`code_taken`) when another record has it.
pub fn set_code(tx: &Transaction<'_>, id: ProspectId, code: &str) -> Result<()> {
    code_is_free(tx, id, Some(code))?;
    let mut statement = tx.prepare_cached("SELECT search_key FROM prospect WHERE id = ?1")?;
    let key: Option<String> = statement.query_row([id], |row| row.get(0)).optional()?;
    let key = with_code(&key.ok_or(Error::NotFound { what: "prospect" })?, code);
    set(tx, "UPDATE prospect SET code = ?2, search_key = ?3 WHERE id = ?1", params![id, code, key])
}

/// Moves a record to another life.
///
/// # Errors
/// `NotFound`.
pub fn set_life(tx: &Transaction<'_>, id: ProspectId, life: Life) -> Result<()> {
    set(tx, "UPDATE prospect SET life = ?2 WHERE id = ?1", params![id, life])
}

/// Notes what the officer wants of a create whose outcome is not known, or that it is done with.
///
/// # Errors
/// `NotFound`.
pub fn set_intent(tx: &Transaction<'_>, id: ProspectId, intent: Option<Intent>) -> Result<()> {
    set(tx, "UPDATE prospect SET intent = ?2 WHERE id = ?1", params![id, intent])
}

/// Says whether an entry of its lane is unsettled.
///
/// # Errors
/// `NotFound`.
pub fn set_unsent(tx: &Transaction<'_>, id: ProspectId, unsent: bool) -> Result<()> {
    set(tx, "UPDATE prospect SET unsent = ?2 WHERE id = ?1", params![id, unsent])
}

fn set(tx: &Transaction<'_>, sql: &str, params: impl rusqlite::Params) -> Result<()> {
    match tx.prepare_cached(sql)?.execute(params)? {
        0 => Err(Error::NotFound { what: "prospect" }),
        _ => Ok(()),
    }
}

fn free_second(conn: &Connection, at: DateTime) -> Result<String> {
    let none =
        || Error::invalid(Field::CreatedAt.name(), Problem::Form { expected: "a second of years 1 to 9999" });
    let canonical = |at| super::model::canonical(at).ok_or_else(none);
    let (mut at, mut free) = (at, canonical(at)?);
    let sql = "SELECT created_at FROM prospect WHERE own = 1 AND created_at >= ?1 ORDER BY created_at";
    let mut statement = conn.prepare_cached(sql)?;
    let mut taken = statement.query([&free])?;
    // Both run upwards, so the first second that is not the next one taken is free.
    while let Some(row) = taken.next()? {
        match row.get_ref(0)?.as_str() {
            Ok(second) if second == free => {
                at = at.checked_add(1.second()).map_err(|_| none())?;
                free = canonical(at)?;
            }
            Ok(second) if *second < *free => {}
            _ => break,
        }
    }
    Ok(free)
}

/// Stands for the number that the book will give.
const NEW: ProspectId = ProspectId(0);

/// The one place that writes a whole record, and with it the columns that list, filter and search read.
fn write(tx: &Transaction<'_>, row: &Row) -> Result<ProspectId> {
    code_is_free(tx, row.id, row.code.as_deref())?;
    let derived = Derived::of(&row.local, row.code.as_deref().unwrap_or_default());
    let sql = "INSERT INTO prospect (id, code, created_at, own, local, base, theirs, server, revision, acked,
                                     life, intent, unsent, status, village, list_key, search_key, khmer_key, phone_key)
               VALUES (:id, :code, :created_at, :own, :local, :base, :theirs, :server, :revision, :acked,
                       :life, :intent, :unsent, :status, :village, :list_key, :search_key, :khmer_key, :phone_key)
               ON CONFLICT (id) DO UPDATE SET (code, local, base, theirs, server, revision, acked,
                                               life, intent, unsent, status, village, list_key, search_key,
                                               khmer_key, phone_key)
               = (excluded.code, excluded.local, excluded.base, excluded.theirs, excluded.server,
                  excluded.revision, excluded.acked, excluded.life, excluded.intent, excluded.unsent,
                  excluded.status, excluded.village, excluded.list_key, excluded.search_key,
                  excluded.khmer_key, excluded.phone_key)
               RETURNING id";
    let values = named_params! {
        ":id": (row.id != NEW).then_some(row.id),
        ":code": row.code,
        ":created_at": row.created_at,
        ":own": row.own,
        ":local": json(&row.local)?,
        ":base": row.base.as_ref().map(json).transpose()?,
        ":theirs": row.conflict.as_ref().filter(|c| !c.fields.is_empty()).map(json).transpose()?,
        ":server": (row.server != ServerFields::default()).then(|| json(&row.server)).transpose()?,
        ":revision": row.revision,
        ":acked": row.acked,
        ":life": row.life,
        ":intent": row.intent,
        ":unsent": row.unsent,
        ":status": row.local.get(Field::Status),
        ":village": row.local.get(Field::Village),
        ":list_key": derived.list_key,
        ":search_key": derived.search_key,
        ":khmer_key": derived.khmer_key,
        ":phone_key": derived.phone_key,
    };
    Ok(tx.prepare_cached(sql)?.query_row(values, |row| row.get(0))?)
}

fn code_is_free(conn: &Connection, id: ProspectId, code: Option<&str>) -> Result<()> {
    let Some(code) = code else { return Ok(()) };
    if code.is_empty() {
        return Err(Error::invalid("code", Problem::Missing));
    }
    match id_by_code(conn, code)? {
        Some(other) if other != id => Err(Error::NotPossible { why: "code_taken" }),
        _ => Ok(()),
    }
}

fn json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|_| Error::internal("row"))
}

fn decode(row: &rusqlite::Row<'_>) -> Result<Row> {
    fn parsed<T: DeserializeOwned>(row: &rusqlite::Row<'_>, column: &str) -> Result<Option<T>> {
        let text: Option<String> = row.get(column).map_err(damage)?;
        Ok(text.map(|text| serde_json::from_str(&text)).transpose()?)
    }
    Ok(Row {
        id: row.get("id").map_err(damage)?,
        code: row.get("code").map_err(damage)?,
        created_at: row.get("created_at").map_err(damage)?,
        own: row.get("own").map_err(damage)?,
        local: parsed(row, "local")?.unwrap_or_default(),
        base: parsed(row, "base")?,
        conflict: parsed(row, "theirs")?,
        server: parsed(row, "server")?.unwrap_or_default(),
        revision: row.get("revision").map_err(damage)?,
        acked: row.get("acked").map_err(damage)?,
        life: row.get("life").map_err(damage)?,
        intent: row.get("intent").map_err(damage)?,
        unsent: row.get("unsent").map_err(damage)?,
    })
}
