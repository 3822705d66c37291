//! The change feed: what changed last, in revisions without a gap.
//!
//! Every change touches its subject in its own transaction; a subject has one row, so the feed never outgrows the
//! book and a slow reader simply sees the last state of more subjects at once. A reader holds a cursor and takes
//! nothing away: a cancelled collector loses nothing.

use crate::error::Result;
use rusqlite::{Connection, Transaction};

/// Where a reader of the feed stands. 0 is the beginning. It belongs to what the screens show: an app that keeps it beyond
/// its own life keeps it in the book's backup or begins at 0, for a book that was put back and has caught up since cannot
/// tell an old cursor from its own.
pub type Revision = i64;

/// What changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Subject {
    /// One prospect, or its standing.
    Prospect(i64),
    /// Many prospects that a download brought, by local id, both ends included.
    Prospects(i64, i64),
    /// An application, or its standing.
    Application(i64),
    /// A co-applicant, or her standing.
    CoApplicant(i64),
    /// Something that the bank asks for, its answer, its papers, or its standing.
    Action(i64),
    /// A paper, or its standing.
    Document(i64),
    /// A late payer, or what was recorded of her.
    Task(i64),
    /// Something that was recorded of a late payer, or its standing.
    CollectionResult(i64),
    /// A CRM's record, or its standing.
    CrmObject(i64),
    /// A draft.
    Draft(i64),
    /// The officer's session at a remote: ask `health` whether she needs to sign in.
    Session(String),
    /// A remote's own state: paused, settings wrong, natural key.
    Remote(String),
    /// Something of a later version of this library.
    Other(String),
}

impl Subject {
    /// As it is kept.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Subject::Prospect(id) => format!("prospect:{id}"),
            Subject::Prospects(from, to) => format!("prospects:{from}-{to}"),
            Subject::Application(id) => format!("application:{id}"),
            Subject::CoApplicant(id) => format!("co_applicant:{id}"),
            Subject::Action(id) => format!("action:{id}"),
            Subject::Document(id) => format!("document:{id}"),
            Subject::Task(id) => format!("task:{id}"),
            Subject::CollectionResult(id) => format!("collection_result:{id}"),
            Subject::CrmObject(id) => format!("crm_object:{id}"),
            Subject::Draft(id) => format!("draft:{id}"),
            Subject::Session(remote) => format!("session:{remote}"),
            Subject::Remote(remote) => format!("remote:{remote}"),
            Subject::Other(text) => text.clone(),
        }
    }

    fn parse(text: &str) -> Subject {
        let other = || Subject::Other(text.to_owned());
        let Some((kind, rest)) = text.split_once(':') else { return other() };
        let number = || rest.parse::<i64>().ok();
        match kind {
            "prospect" => number().map_or_else(other, Subject::Prospect),
            "application" => number().map_or_else(other, Subject::Application),
            "co_applicant" => number().map_or_else(other, Subject::CoApplicant),
            "action" => number().map_or_else(other, Subject::Action),
            "document" => number().map_or_else(other, Subject::Document),
            "task" => number().map_or_else(other, Subject::Task),
            "collection_result" => number().map_or_else(other, Subject::CollectionResult),
            "crm_object" => number().map_or_else(other, Subject::CrmObject),
            "draft" => number().map_or_else(other, Subject::Draft),
            "prospects" => {
                let ends = rest.split_once('-').and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
                ends.map_or_else(other, |(a, b)| Subject::Prospects(a, b))
            }
            "session" => Subject::Session(rest.to_owned()),
            "remote" => Subject::Remote(rest.to_owned()),
            _ => other(),
        }
    }
}

/// One item of the feed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FeedItem {
    /// When, in revisions.
    pub revision: Revision,
    /// What.
    pub subject: Subject,
}

/// What a reader gets.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FeedBatch {
    /// The changes after the cursor, oldest first.
    pub items: Vec<FeedItem>,
    /// The cursor to ask with next.
    pub revision: Revision,
    /// The cursor was the beginning or not of this book: forget what you know, these items begin the whole state.
    pub snapshot: bool,
}

/// Notes that `subject` changed, in the transaction that changes it.
pub(crate) fn touch(tx: &Transaction<'_>, subject: &str) -> Result<Revision> {
    tx.prepare_cached("REPLACE INTO feed (subject) VALUES (?1)")?.execute([subject])?;
    Ok(tx.last_insert_rowid())
}

/// The newest revision.
pub(crate) fn newest(conn: &Connection) -> Result<Revision> {
    Ok(conn.prepare_cached("SELECT coalesce(max(revision), 0) FROM feed")?.query_row([], |r| r.get(0))?)
}

/// When `subject` changed last; 0 when it never did.
pub(crate) fn last(conn: &Connection, subject: &str) -> Result<Revision> {
    Ok(conn
        .prepare_cached("SELECT coalesce(max(revision), 0) FROM feed WHERE subject = ?1")?
        .query_row([subject], |r| r.get(0))?)
}

/// At most `max` changes after `after`.
pub(crate) fn read(conn: &Connection, after: Revision, max: usize) -> Result<FeedBatch> {
    let snapshot = after <= 0 || after > newest(conn)?;
    let after = if snapshot { 0 } else { after };
    let mut rows = conn.prepare_cached(
        "SELECT revision, subject FROM feed WHERE revision > ?1 ORDER BY revision LIMIT ?2",
    )?;
    let items = rows
        .query_map((after, max as i64), |r| {
            Ok(FeedItem { revision: r.get(0)?, subject: Subject::parse(r.get_ref(1)?.as_str()?) })
        })?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let revision = items.last().map_or(after, |i| i.revision);
    Ok(FeedBatch { items, revision, snapshot })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_that_is_not_of_this_book_begins_anew() {
        crate::store::ready();
        let mut conn = Connection::open_in_memory().expect("a database");
        conn.execute_batch(include_str!("../migrations/0001_init.sql")).expect("the schema");
        let tx = conn.transaction().expect("a transaction");
        for subject in ["prospect:1", "prospect:2", "prospect:1"] {
            touch(&tx, subject).expect("room");
        }
        let subjects = |after, max| {
            let batch = read(&tx, after, max).expect("a batch");
            let ids = batch.items.into_iter().map(|item| item.subject).collect::<Vec<_>>();
            (ids, batch.revision, batch.snapshot)
        };
        let (one, two) = (Subject::Prospect(1), Subject::Prospect(2));
        assert_eq!(subjects(0, 9), (vec![two.clone(), one.clone()], 3, true));
        assert_eq!(subjects(0, 1), (vec![two.clone()], 2, true));
        assert_eq!(subjects(2, 9), (vec![one.clone()], 3, false));
        assert_eq!(subjects(3, 9), (vec![], 3, false));
        assert_eq!(subjects(4, 9), (vec![two, one], 3, true), "a backup was put back");
    }
}
