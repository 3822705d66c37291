//! The list, its filters and its search: one narrow covering index read in order, pages by key and never by offset.
//!
//! Only the records of a page are fetched themselves. A record whose JSON cannot be decoded is left out of the page and
//! named beside it: it costs nobody else's page.

use super::rows::{damage, list_key, parts, phone_key};
use super::{Field, Fields, Life, ProspectId, shows};
use crate::error::{Error, Problem, Result};
use crate::text::search_key::{digits, normalise};
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use std::fmt;
use std::str::FromStr;

/// The most records of a page.
pub const MOST: usize = 500;

/// The longest search text, in characters.
pub const LONGEST_SEARCH: usize = 200;

/// What to list. Everything given must hold.
#[derive(Clone, PartialEq, Eq)]
pub struct Query {
    /// Part of a name, of a phone number or of a code, as the officer types it.
    pub text: Option<String>,
    /// The `ProspectStatusID`.
    pub status: Option<String>,
    /// How the village code begins: a branch is a prefix of it.
    pub village_prefix: Option<String>,
    /// Only what has (or has not) something unsettled with the server.
    pub unsent: Option<bool>,
    /// Only what has (or has not) a conflict waiting for the officer.
    pub conflict: Option<bool>,
    /// Rejected, withdrawn and gone ones too.
    pub include_closed: bool,
    /// Go on after that page.
    pub after: Option<Cursor>,
    /// The most records of the page: 1 to [`MOST`]; what is beyond is taken as the nearest of these.
    pub limit: usize,
}
shows!(Query { unsent, conflict, include_closed, after, limit });

impl Default for Query {
    fn default() -> Self {
        Query {
            text: None,
            status: None,
            village_prefix: None,
            unsent: None,
            conflict: None,
            include_closed: false,
            after: None,
            limit: 50,
        }
    }
}

/// Where a page ended: opaque, and without personal data. Records added or removed meanwhile neither repeat nor hide
/// another; only renaming the very record a page ended with moves the place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cursor(ProspectId);

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "after-{}", self.0.0)
    }
}

impl FromStr for Cursor {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        let id = text.strip_prefix("after-").and_then(|id| id.parse().ok());
        let bad = Error::invalid("after", Problem::Form { expected: "the cursor of a page" });
        id.map(|id| Cursor(ProspectId(id))).ok_or(bad)
    }
}

/// A page of the list.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Page {
    /// In the order of their names.
    pub items: Vec<Listed>,
    /// Where the next page begins; `None` after the last.
    pub next: Option<Cursor>,
    /// Records that belong here and cannot be decoded. They are still in the book.
    pub damaged: Vec<ProspectId>,
}

/// A prospect in the list.
#[derive(Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its number.
    pub id: ProspectId,
    /// The server's code.
    pub code: Option<String>,
    /// Name in Latin letters.
    pub name_en: String,
    /// Name in Khmer.
    pub name_kh: String,
    /// Phone number, as typed.
    pub phone: String,
    /// `ProspectStatusID`.
    pub status: String,
    /// `VillageID`.
    pub village: String,
    /// Something of it has not been settled with the server.
    pub unsent: bool,
    /// A conflict waits for the officer.
    pub conflict: bool,
    /// Where it stands.
    pub life: Life,
}
shows!(Listed { id, unsent, conflict, life });

/// A page of what `query` asks for.
///
/// # Errors
/// `InvalidInput` for a search text that is too long, `NotFound` for a cursor of another book.
pub fn list(conn: &Connection, query: &Query) -> Result<Page> {
    let limit = query.limit.clamp(1, MOST);
    let (sql, values) = statement(conn, query)?;
    let mut found = conn.prepare_cached(&sql)?;
    let ids = found.query_map(params_from_iter(values), |row| row.get(0))?;
    let mut ids = ids.take(limit + 1).collect::<rusqlite::Result<Vec<ProspectId>>>()?;
    let more = ids.len() > limit;
    ids.truncate(limit);

    let mut page = Page { next: ids.last().filter(|_| more).map(|id| Cursor(*id)), ..Page::default() };
    for id in ids {
        match one(conn, id) {
            Ok(item) => page.items.extend(item),
            Err(Error::StoreDamaged { place: "row", .. }) => page.damaged.push(id),
            Err(e) => return Err(e),
        }
    }
    Ok(page)
}

const CONFLICTS: &str = "SELECT id FROM prospect INDEXED BY prospect_conflict WHERE theirs IS NOT NULL";

/// The numbers of what is asked for, in order, from the index alone.
fn statement(conn: &Connection, query: &Query) -> Result<(String, Vec<Value>)> {
    // What is unsent is few, and has its own index in the same order.
    let index = if query.unsent == Some(true) { "prospect_unsent" } else { "prospect_list" };
    let (mut sql, mut values) = (format!("SELECT id FROM prospect INDEXED BY {index} WHERE 1"), Vec::new());
    let mut also = |clause: &str, given: Vec<Value>| {
        sql.push_str(" AND ");
        sql.push_str(clause);
        values.extend(given);
    };
    if let Some(Cursor(id)) = query.after {
        known(conn, id)?;
        let key = "(SELECT list_key FROM prospect WHERE id = ?)";
        also(&format!("(list_key, id) > ({key}, ?)"), vec![id.0.into(), id.0.into()]);
    }
    match query.unsent {
        Some(true) => also("unsent = 1", vec![]),
        Some(false) => also("unsent = 0", vec![]),
        None => {}
    }
    if !query.include_closed {
        also("life = 'live'", vec![]);
    }
    if let Some(status) = &query.status {
        also("status = ?", vec![status.clone().into()]);
    }
    if let Some(prefix) = query.village_prefix.as_ref().filter(|prefix| !prefix.is_empty()) {
        also("substr(village, 1, length(?)) = ?", vec![prefix.clone().into(), prefix.clone().into()]);
    }
    match query.conflict {
        Some(true) => also(&format!("id IN ({CONFLICTS})"), vec![]),
        Some(false) => also(&format!("id NOT IN ({CONFLICTS})"), vec![]),
        None => {}
    }
    match &needles(query.text.as_deref().unwrap_or_default())?[..] {
        [] => {}
        [one] => also("instr(search_key, ?) > 0", vec![one.clone().into()]),
        many => {
            let any = vec!["instr(search_key, ?) > 0"; many.len()].join(" OR ");
            also(&format!("({any})"), many.iter().cloned().map(Value::from).collect());
        }
    }
    sql.push_str(" ORDER BY list_key, id");
    Ok((sql, values))
}

/// What is looked for in a search key: the text as normalised, and, when it is written like a phone number, its digits.
fn needles(text: &str) -> Result<Vec<String>> {
    if text.chars().nth(LONGEST_SEARCH).is_some() {
        return Err(Error::invalid("text", Problem::TooLong { max: LONGEST_SEARCH }));
    }
    let (normal, digits) = (normalise(text), digits(text));
    let like_a_phone = normal.chars().all(|c| c.is_ascii_digit() || "+-()./".contains(c));
    let mut needles = vec![normal];
    if like_a_phone && digits != needles[0] {
        needles.push(digits);
    }
    needles.retain(|needle| !needle.is_empty());
    Ok(needles)
}

fn known(conn: &Connection, id: ProspectId) -> Result<()> {
    let there = conn.prepare_cached("SELECT 1 FROM prospect WHERE id = ?1")?.exists([id])?;
    there.then_some(()).ok_or(Error::NotFound { what: "cursor" })
}

/// One record of the page; `None` when it is gone by now.
fn one(conn: &Connection, id: ProspectId) -> Result<Option<Listed>> {
    let sql =
        "SELECT code, local, status, village, unsent, theirs IS NOT NULL, life FROM prospect WHERE id = ?1";
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query([id])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let local: String = row.get(1).map_err(damage)?;
    let fields: Fields = serde_json::from_str(&local)?;
    let text = |f| fields.get(f).to_owned();
    Ok(Some(Listed {
        id,
        code: row.get(0).map_err(damage)?,
        name_en: text(Field::NameEn),
        name_kh: text(Field::NameKh),
        phone: text(Field::Phone),
        status: row.get(2).map_err(damage)?,
        village: row.get(3).map_err(damage)?,
        unsent: row.get(4).map_err(damage)?,
        conflict: row.get(5).map_err(damage)?,
        life: row.get(6).map_err(damage)?,
    }))
}

/// Why a record may be the same person.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Why {
    /// The same phone number, with or without the country's code.
    Phone,
    /// The same name.
    Name,
}

/// The most records that are named as similar.
pub const MOST_SIMILAR: usize = 20;

/// Look-ups, none of which grows with the book; the first two read an index alone or a number that few share.
const SIMILAR: [&str; 3] = [
    "SELECT id, search_key FROM prospect WHERE phone_key = ?1 AND phone_key <> '' AND life <> 'withdrawn'
     ORDER BY id LIMIT 100",
    "SELECT id, search_key FROM prospect INDEXED BY prospect_list WHERE list_key = ?1 AND list_key <> ''
     AND life <> 'withdrawn' ORDER BY id LIMIT 20",
    "SELECT id, search_key FROM prospect WHERE khmer_key = ?1 AND khmer_key <> '' AND life <> 'withdrawn'
     ORDER BY id LIMIT 20",
];

/// Records that may be the same person as one about to be added: a hint before saving, never a refusal. Closed ones
/// count too, withdrawn ones do not. An empty phone or name is like no other.
///
/// # Errors
/// Those of the store.
pub fn similar(conn: &Connection, phone: &str, names: [&str; 2]) -> Result<Vec<(ProspectId, Why)>> {
    // Khmer-sized limits are the check's business; here a giant text is simply like nothing.
    let short = |text: &str| text.len() <= 16 << 10;
    let names = names.map(|name| if short(name) { normalise(name) } else { String::new() });
    let phone = if short(phone) { digits(phone) } else { String::new() };
    let [by_phone, by_list, by_khmer] = SIMILAR;
    let mut found = vec![(by_phone, phone_key(&phone).to_owned())];
    for name in names.iter().filter(|name| !name.is_empty()) {
        found.extend([(by_list, list_key(name)), (by_khmer, name.clone())]);
    }
    let mut similar: Vec<(ProspectId, Why)> = Vec::new();
    for (sql, key) in found {
        let mut statement = conn.prepare_cached(sql)?;
        let mut rows = statement.query([key])?;
        while let Some(row) = rows.next()? {
            let held = parts(row.get_ref(1)?.as_str().unwrap_or_default());
            let same_name =
                || held.names.iter().any(|held| names.iter().any(|name| name == held && !name.is_empty()));
            let why = if same_phone(&phone, held.phone) {
                Some(Why::Phone)
            } else {
                same_name().then_some(Why::Name)
            };
            let id = row.get(0)?;
            if similar.iter().all(|(known, _)| *known != id) {
                similar.extend(why.map(|why| (id, why)));
            }
        }
    }
    similar.truncate(MOST_SIMILAR);
    Ok(similar)
}

/// `0968523147`, `968523147` and `855968523147` are one number: the longer ends with the shorter's national part.
fn same_phone(a: &str, b: &str) -> bool {
    let [a, b] = [a, b].map(|digits| digits.trim_start_matches('0'));
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    short.len() >= 6 && long.ends_with(short)
}

#[cfg(test)]
mod tests;
