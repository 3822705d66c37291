//! Half-typed forms: kept as the app gave them, unchecked, never an entry. Saving the record removes its draft, in the
//! same transaction.

use super::{ProspectId, shows};
use crate::error::{Error, Problem, Result};
use rusqlite::{Connection, OptionalExtension, Transaction, params};

/// The largest form, in bytes: some ten times what a whole record can hold by default.
pub const LARGEST_FORM: usize = 256 << 10;

/// What a draft is about: there is at most one draft for each.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum About {
    /// A new record, by the app's own name of the form: letters, digits, `-` and `_`, at most 64.
    New(String),
    /// Changes to a prospect of this book.
    Prospect(ProspectId),
}

impl About {
    fn text(&self) -> Result<String> {
        match self {
            About::New(form) => {
                let plain = form.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
                if !plain || form.is_empty() || form.len() > 64 {
                    let expected = "a name of letters, digits, - and _, at most 64";
                    return Err(Error::invalid("about", Problem::Form { expected }));
                }
                Ok(format!("new:{form}"))
            }
            About::Prospect(id) => Ok(id.lane()),
        }
    }

    fn of_text(text: &str) -> Option<Self> {
        match text.strip_prefix("new:") {
            Some(form) => Some(About::New(form.to_owned())),
            None => ProspectId::of_lane(text).map(About::Prospect),
        }
    }
}

/// A draft.
#[derive(Clone, PartialEq, Eq)]
pub struct Draft {
    /// Its number: its subject in the feed is `draft:<id>`.
    pub id: i64,
    /// What it is about.
    pub about: About,
    /// As the app gave it.
    pub form: String,
    /// Unix ms of the last save.
    pub wall: i64,
}
shows!(Draft { id, about, wall });

/// A draft without its form.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DraftInfo {
    /// Its number.
    pub id: i64,
    /// What it is about.
    pub about: About,
    /// Unix ms of the last save.
    pub wall: i64,
}

/// Saves a draft over the one about the same thing; returns its number, which stays the same.
///
/// # Errors
/// `InvalidInput` for a form that is too large (nothing is changed) or a name that is none.
pub fn save(tx: &Transaction<'_>, about: &About, form: &str, wall: i64) -> Result<i64> {
    if form.len() > LARGEST_FORM {
        return Err(Error::invalid("form", Problem::Form { expected: "at most 256 KiB" }));
    }
    let sql = "INSERT INTO draft (about, form, wall) VALUES (?1, ?2, ?3)
               ON CONFLICT (about) DO UPDATE SET form = excluded.form, wall = excluded.wall RETURNING id";
    let mut statement = tx.prepare_cached(sql)?;
    Ok(statement.query_row(params![about.text()?, form, wall], |row| row.get(0))?)
}

/// The draft about that.
///
/// # Errors
/// `InvalidInput` for a name that is none.
pub fn load(conn: &Connection, about: &About) -> Result<Option<Draft>> {
    let mut statement = conn.prepare_cached("SELECT id, form, wall FROM draft WHERE about = ?1")?;
    let draft = statement.query_row([about.text()?], |row| {
        Ok(Draft { id: row.get(0)?, about: about.clone(), form: row.get(1)?, wall: row.get(2)? })
    });
    Ok(draft.optional()?)
}

/// The newest drafts, newest first, without their forms; at most `limit`.
///
/// # Errors
/// Those of the store.
pub fn list(conn: &Connection, limit: u32) -> Result<Vec<DraftInfo>> {
    let sql = "SELECT id, about, wall FROM draft ORDER BY wall DESC, id DESC LIMIT ?1";
    let mut statement = conn.prepare_cached(sql)?;
    let rows =
        statement.query_map([limit], |row| Ok((row.get(0)?, row.get::<_, String>(1)?, row.get(2)?)))?;
    let mut drafts = Vec::new();
    for row in rows {
        let (id, about, wall) = row?;
        // What a later version's drafts are about is not known here; they are kept and not shown.
        drafts.extend(About::of_text(&about).map(|about| DraftInfo { id, about, wall }));
    }
    Ok(drafts)
}

/// Removes the draft about that; returns its number if there was one.
///
/// # Errors
/// `InvalidInput` for a name that is none.
pub fn remove(tx: &Transaction<'_>, about: &About) -> Result<Option<i64>> {
    let mut statement = tx.prepare_cached("DELETE FROM draft WHERE about = ?1 RETURNING id")?;
    Ok(statement.query_row([about.text()?], |row| row.get(0)).optional()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book() -> Connection {
        crate::store::ready();
        let conn = Connection::open_in_memory().expect("a database");
        conn.execute_batch(include_str!("../../migrations/0001_init.sql")).expect("the schema");
        conn
    }

    fn save_now(conn: &mut Connection, about: &About, form: &str, wall: i64) -> Result<i64> {
        let tx = conn.transaction().expect("a transaction");
        let id = save(&tx, about, form, wall)?;
        tx.commit().expect("a commit");
        Ok(id)
    }

    #[test]
    fn one_draft_for_each_thing_kept_as_given() {
        let mut conn = book();
        let (new, edit) = (About::New("visit-2".into()), About::Prospect(ProspectId(42)));
        let text = "{\"name\":\" មី\0 '; DROP TABLE draft;--\u{202E}👩\"";
        let first = save_now(&mut conn, &new, "{}", 1).expect("saved");
        let other = save_now(&mut conn, &edit, "{}", 2).expect("saved");
        assert_eq!(save_now(&mut conn, &new, text, 3), Ok(first));
        let kept = load(&conn, &new).expect("read").expect("there");
        assert_eq!((kept.form.as_str(), kept.wall, kept.id), (text, 3, first));

        let listed: Vec<_> =
            list(&conn, 10).expect("listed").into_iter().map(|d| (d.id, d.about, d.wall)).collect();
        assert_eq!(listed, [(first, new.clone(), 3), (other, edit.clone(), 2)]);
        assert_eq!(list(&conn, 1).expect("listed").len(), 1);

        let tx = conn.transaction().expect("a transaction");
        assert_eq!((remove(&tx, &new), remove(&tx, &new)), (Ok(Some(first)), Ok(None)));
        tx.commit().expect("a commit");
        assert_eq!((load(&conn, &new), load(&conn, &edit).expect("read").is_some()), (Ok(None), true));
    }

    #[test]
    fn a_form_too_large_changes_nothing() {
        let mut conn = book();
        let about = About::New("a".into());
        save_now(&mut conn, &about, &"x".repeat(LARGEST_FORM), 1).expect("just fits");
        for size in [LARGEST_FORM + 1, 10 << 20] {
            let refused = save_now(&mut conn, &about, &"y".repeat(size), 2);
            assert!(matches!(refused, Err(Error::InvalidInput { field: "form", .. })));
        }
        assert_eq!(load(&conn, &about).expect("read").map(|d| d.wall), Some(1));
    }

    #[test]
    fn a_name_is_a_name() {
        let mut conn = book();
        for name in ["", "a b", "a:b", "ឈ្មោះ", &"x".repeat(65), "a\0"] {
            let about = About::New(name.to_owned());
            assert!(matches!(
                save_now(&mut conn, &about, "{}", 1),
                Err(Error::InvalidInput { field: "about", .. })
            ));
            assert!(load(&conn, &about).is_err());
        }
    }

    #[test]
    fn debug_shows_no_form() {
        let mut conn = book();
        let about = About::Prospect(ProspectId(1));
        save_now(&mut conn, &about, "CANARY", 1).expect("saved");
        assert!(!format!("{:?}", load(&conn, &about)).contains("CANARY"));
    }
}
