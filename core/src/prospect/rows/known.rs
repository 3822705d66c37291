//! Narrow questions to the table, for downloads and decisions: no row is decoded whole.

use super::{Downloaded, ServerFields, json};
use crate::error::Result;
use crate::outbox::entry::State;
use crate::prospect::{Field, Fields, Intent, Life, ProspectId};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension};

/// What a downloaded row is compared with.
pub struct Known {
    /// Its number.
    pub id: ProspectId,
    /// Made on this tablet.
    pub own: bool,
    /// Its natural key.
    pub created_at: String,
    /// Live and with nothing unsent.
    pub settled: bool,
    base: Option<String>,
    server: Option<String>,
}

/// What the book holds under a code.
pub fn known(conn: &Connection, code: &str) -> Result<Option<Known>> {
    let sql = "SELECT id, own, created_at, base, server, unsent = 0 AND life = 'live' FROM prospect WHERE code = ?1";
    // Bytes that are no text agree with nothing: a closer look at the record then says what is wrong with it.
    let text = |row: &rusqlite::Row<'_>, column| match row.get_ref(column)? {
        ValueRef::Text(bytes) => Ok(Some(String::from_utf8_lossy(bytes).into_owned())),
        _ => row.get::<_, Option<String>>(column),
    };
    let known = |row: &rusqlite::Row<'_>| {
        Ok(Known {
            id: row.get(0)?,
            own: row.get(1)?,
            created_at: text(row, 2)?.unwrap_or_default(),
            base: text(row, 3)?,
            server: text(row, 4)?,
            settled: row.get(5)?,
        })
    };
    Ok(conn.prepare_cached(sql)?.query_row([code], known).optional()?)
}

impl Known {
    /// Is the downloaded row what both agreed on already? `fields` is its JSON.
    pub fn agrees(&self, row: &Downloaded, fields: &str, v100: bool) -> Result<bool> {
        if !self.settled || !self.same_server(&row.server)? {
            return Ok(false);
        }
        let Some(base) = &self.base else { return Ok(false) };
        // Nearly always the very same text; only finer dates of our own or an older server need a closer look.
        if base == fields {
            return Ok(true);
        }
        let Ok(base) = serde_json::from_str::<Fields>(base) else { return Ok(false) };
        // When it was made is its identity: `merge` leaves it as it is here, so it is no difference.
        Ok(base.differing(&row.over(&base, v100)).all(|f| f == Field::CreatedAt))
    }

    fn same_server(&self, server: &ServerFields) -> Result<bool> {
        Ok(match &self.server {
            None => *server == ServerFields::default(),
            Some(kept) => *kept == json(server)?,
        })
    }
}

/// The code of the newest record that has one; `to_prove`: of an own one whose key is not on the full minute.
pub fn newest_code(conn: &Connection, to_prove: bool) -> Result<Option<String>> {
    let sql = if to_prove {
        "SELECT code FROM prospect WHERE own = 1 AND code IS NOT NULL AND life = 'live' \
         AND created_at NOT LIKE '%:00.000' ORDER BY created_at DESC LIMIT 1"
    } else {
        "SELECT code FROM prospect WHERE code IS NOT NULL AND life = 'live' ORDER BY id DESC LIMIT 1"
    };
    Ok(conn.prepare_cached(sql)?.query_row([], |r| r.get(0)).optional()?)
}

/// The code of a record, whatever state its JSON is in.
pub fn code_of(conn: &Connection, id: ProspectId) -> Result<Option<String>> {
    let sql = "SELECT code FROM prospect WHERE id = ?1";
    Ok(conn.prepare_cached(sql)?.query_row([id], |r| r.get(0)).optional()?.flatten())
}

/// Calls `each` with the number of every record that a whole list should hold: live, or gone with something unsent.
/// Reads one narrow index and no record. (Those without a code are among them.)
pub fn each_expected(conn: &Connection, mut each: impl FnMut(ProspectId)) -> Result<()> {
    let sql = "SELECT id FROM prospect INDEXED BY prospect_list WHERE life = 'live' OR (life = 'gone' AND unsent = 1)";
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        each(row.get(0)?);
    }
    Ok(())
}

/// Where a record stands.
pub fn life(conn: &Connection, id: ProspectId) -> Result<Option<Life>> {
    let sql = "SELECT life FROM prospect WHERE id = ?1";
    Ok(conn.prepare_cached(sql)?.query_row([id], |r| r.get(0)).optional()?)
}

/// Its key is not ours any more, so it proves nothing about what the server keeps.
pub fn disown(tx: &rusqlite::Transaction<'_>, id: ProspectId) -> Result<()> {
    tx.execute("UPDATE prospect SET own = 0 WHERE id = ?1", [id])?;
    Ok(())
}

/// What the officer wants of a create whose outcome is not known.
pub fn intent(conn: &Connection, id: ProspectId) -> Result<Option<Intent>> {
    let sql = "SELECT intent FROM prospect WHERE id = ?1";
    Ok(conn.prepare_cached(sql)?.query_row([id], |r| r.get(0)).optional()?.flatten())
}

/// Is there an own record of this key that has no code yet and is not withdrawn?
pub fn own_open(conn: &Connection, created_at: &str) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM prospect WHERE own = 1 AND created_at = ?1 AND code IS NULL AND life = 'live')";
    Ok(conn.prepare_cached(sql)?.query_row([created_at], |r| r.get(0))?)
}

/// How many records there are: life, unsent, has a code.
pub fn tally(conn: &Connection) -> Result<Vec<(Life, bool, bool, i64)>> {
    let sql =
        "SELECT life, unsent, code IS NOT NULL, count(*) FROM prospect GROUP BY 1, 2, 3 ORDER BY 1, 2, 3";
    let mut rows = conn.prepare_cached(sql)?;
    let found = rows.query_map([], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?)))?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

/// Unsent records that stand alike.
pub struct OpenTally {
    /// The oldest open entry's state.
    pub head: State,
    /// The bank has given them a code.
    pub has_code: bool,
    /// A conflict waits for the officer.
    pub conflict: bool,
    /// Missing from the bank's list.
    pub gone: bool,
    /// How many.
    pub count: i64,
}

/// How many unsent records there are, by how they stand.
pub fn tally_open(conn: &Connection) -> Result<Vec<OpenTally>> {
    let sql = "SELECT (SELECT state FROM outbox WHERE lane = 'prospect:' || p.id AND state NOT IN ('done', 'closed')
                       ORDER BY id LIMIT 1) AS head,
                      code IS NOT NULL, theirs IS NOT NULL, life = 'gone', count(*)
               FROM prospect AS p WHERE unsent = 1 GROUP BY 1, 2, 3, 4 HAVING head IS NOT NULL ORDER BY 1, 2, 3, 4";
    let tally = |r: &rusqlite::Row<'_>| {
        Ok(OpenTally {
            head: r.get(0)?,
            has_code: r.get(1)?,
            conflict: r.get(2)?,
            gone: r.get(3)?,
            count: r.get(4)?,
        })
    };
    let mut rows = conn.prepare_cached(sql)?;
    Ok(rows.query_map([], tally)?.collect::<rusqlite::Result<_>>()?)
}

/// Calls `each` with code and agreed fields (JSON) of every live record that has a code and nothing unsent.
pub fn each_agreed(conn: &Connection, mut each: impl FnMut(&str, &str) -> Result<()>) -> Result<()> {
    let sql = "SELECT code, base FROM prospect WHERE code IS NOT NULL AND base IS NOT NULL AND life = 'live' AND unsent = 0";
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        each(row.get_ref(0)?.as_str().unwrap_or_default(), row.get_ref(1)?.as_str().unwrap_or_default())?;
    }
    Ok(())
}

/// Is this record only what a download brought, with nothing of the officer's in it?
pub fn is_mere_copy(conn: &Connection, id: ProspectId) -> Result<bool> {
    let sql =
        "SELECT EXISTS (SELECT 1 FROM prospect AS p WHERE id = ?1 AND own = 0 AND unsent = 0 AND revision = 0
               AND NOT EXISTS (SELECT 1 FROM outbox WHERE lane = 'prospect:' || p.id))";
    Ok(conn.prepare_cached(sql)?.query_row([id], |r| r.get(0))?)
}

/// Removes a mere copy ([`is_mere_copy`]) of a record that is in the book under its own number.
pub fn remove_copy(tx: &rusqlite::Transaction<'_>, id: ProspectId) -> Result<()> {
    tx.execute("DELETE FROM prospect WHERE id = ?1 AND own = 0 AND unsent = 0 AND revision = 0", [id])?;
    Ok(())
}
