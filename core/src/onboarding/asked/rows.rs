//! What the bank asks, as it lies in the book.

use crate::error::{Error, Result};
use crate::onboarding::actions::{Action, Answer};
use crate::onboarding::effect::ANSWER;
use crate::outbox::entry::{EntryId, State, words};
use crate::outbox::rows::{self as outbox, Now};
use crate::record::ActionId;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use serde::{Deserialize, Serialize};

words! {
    /// Where something that the bank asks for stands, whatever its entry does.
    ActionStage {
        /// Nothing has been answered, as far as the bank knows.
        Open = "open",
        /// The bank has this officer's answer.
        Answered = "answered",
        /// The bank has an answer, and not from here. The officer's own, if she gave one, is kept.
        AnsweredElsewhere = "answered_elsewhere",
        /// The bank no longer asks. The officer's answer, if she gave one, is kept.
        Gone = "gone",
    }
}

/// A row.
pub(crate) struct Row {
    pub id: ActionId,
    pub asked: Action,
    pub answer: Option<Answer>,
    pub revision: i64,
    pub acked: i64,
    pub stage: ActionStage,
}

type Raw = (ActionId, String, Option<String>, i64, i64, ActionStage, String);

const COLUMNS: &str = "id, asked, answer, revision, acked, life, raw";

fn raw(r: &rusqlite::Row<'_>) -> rusqlite::Result<Raw> {
    Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?, r.get(5)?, r.get(6)?))
}

fn decoded((id, asked, answer, revision, acked, stage, raw): Raw) -> Result<Row> {
    let answer = answer.map(|answer| serde_json::from_str(&answer)).transpose()?;
    let asked = Action { raw, ..serde_json::from_str(&asked)? };
    Ok(Row { id, asked, answer, revision, acked, stage })
}

/// One of them.
///
/// # Errors
/// `NotFound`; `StoreDamaged` in `row`.
pub(crate) fn get(conn: &Connection, id: ActionId) -> Result<Row> {
    let sql = format!("SELECT {COLUMNS} FROM action WHERE id = ?1");
    let found = conn.prepare_cached(&sql)?.query_row([id], raw).optional()?;
    decoded(found.ok_or(Error::NotFound { what: "action" })?)
}

/// All of them in the order of the bank's list; the numbers of those that cannot be read beside them.
pub(crate) fn all(conn: &Connection) -> Result<(Vec<Row>, Vec<ActionId>)> {
    let sql = format!("SELECT {COLUMNS} FROM action ORDER BY place, id");
    let (mut rows, mut damaged) = (vec![], vec![]);
    let mut found = conn.prepare_cached(&sql)?;
    for row in found.query_map([], raw)? {
        let row = row?;
        let id = row.0;
        match decoded(row) {
            Ok(row) => rows.push(row),
            Err(_) => damaged.push(id),
        }
    }
    Ok((rows, damaged))
}

/// The number of the one that the bank calls so.
pub(super) fn id_of(conn: &Connection, identifier: &str) -> Result<Option<ActionId>> {
    let sql = "SELECT id FROM action WHERE identifier = ?1";
    Ok(conn.prepare_cached(sql)?.query_row([identifier], |r| r.get(0)).optional()?)
}

/// One that was not known.
pub(super) fn insert(
    tx: &Transaction<'_>,
    action: &Action,
    place: i64,
    stage: ActionStage,
) -> Result<ActionId> {
    tx.prepare_cached(
        "INSERT INTO action (identifier, place, asked, raw, revision, acked, life)
         VALUES (?1, ?2, ?3, ?4, 0, 0, ?5)",
    )?
    .execute(params![action.identifier, place, json(action)?, action.raw, stage])?;
    Ok(ActionId(tx.last_insert_rowid()))
}

fn json(action: &Action) -> Result<String> {
    serde_json::to_string(action).map_err(|_| Error::internal("action"))
}

/// One that is known, as the bank lists it now.
pub(super) fn set_asked(tx: &Transaction<'_>, id: ActionId, action: &Action) -> Result<()> {
    tx.prepare_cached("UPDATE action SET asked = ?2, raw = ?3 WHERE id = ?1")?.execute(params![
        id,
        json(action)?,
        action.raw
    ])?;
    Ok(())
}

/// Where it stands in the bank's list.
pub(super) fn set_place(tx: &Transaction<'_>, id: ActionId, place: i64) -> Result<()> {
    tx.prepare_cached("UPDATE action SET place = ?2 WHERE id = ?1 AND place <> ?2")?
        .execute(params![id, place])?;
    Ok(())
}

/// What a whole list says something about by lacking it: what was open, and what an answer is on its way to.
pub(super) fn expected(conn: &Connection) -> Result<Vec<ActionId>> {
    let sql = "SELECT id FROM action WHERE life = 'open' OR EXISTS (SELECT 1 FROM outbox
                      WHERE lane = 'action:' || action.id AND state NOT IN ('done', 'closed')) ORDER BY id";
    Ok(conn.prepare_cached(sql)?.query_map([], |r| r.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// Is there a requirement that was not known when that one was the newest?
pub(super) fn requirement_after(conn: &Connection, newest: ActionId) -> Result<bool> {
    let sql = "SELECT 1 FROM action WHERE id > ?1 AND asked ->> '$.prerequirement' = 1";
    Ok(conn.prepare_cached(sql)?.exists([newest])?)
}

/// See [`ActionStage`].
pub(crate) fn set_stage(tx: &Transaction<'_>, id: ActionId, stage: ActionStage) -> Result<()> {
    tx.prepare_cached("UPDATE action SET life = ?2 WHERE id = ?1")?.execute(params![id, stage])?;
    Ok(())
}

/// The officer's answer.
pub(crate) fn set_answer(tx: &Transaction<'_>, id: ActionId, answer: Option<&Answer>) -> Result<()> {
    let answer = answer.map(serde_json::to_string).transpose().map_err(|_| Error::internal("answer"))?;
    tx.execute("UPDATE action SET answer = ?2, revision = revision + 1 WHERE id = ?1", params![id, answer])?;
    Ok(())
}

/// The bank has that revision of the answer.
pub(crate) fn set_acked(tx: &Transaction<'_>, id: ActionId, revision: i64) -> Result<()> {
    tx.execute(
        "UPDATE action SET acked = max(acked, ?2), life = 'answered' WHERE id = ?1",
        params![id, revision],
    )?;
    Ok(())
}

/// The question that came last; 0 where there is none.
pub(crate) fn newest(conn: &Connection) -> Result<ActionId> {
    Ok(conn.prepare_cached("SELECT coalesce(max(id), 0) FROM action")?.query_row([], |r| r.get(0))?)
}

/// The newest revision of the officer's answer.
pub(crate) fn revision(conn: &Connection, id: ActionId) -> Result<i64> {
    let sql = "SELECT revision FROM action WHERE id = ?1";
    Ok(conn.prepare_cached(sql)?.query_row([id], |r| r.get(0))?)
}

/// May papers still be added?
///
/// # Errors
/// `NotFound`; `NotPossible`: `gone`, `answered`.
pub(crate) fn takes_papers(conn: &Connection, id: ActionId) -> Result<()> {
    match get(conn, id)?.stage {
        ActionStage::Open => Ok(()),
        ActionStage::Gone => Err(Error::NotPossible { why: "gone" }),
        ActionStage::Answered | ActionStage::AnsweredElsewhere => Err(Error::NotPossible { why: "answered" }),
    }
}

/// An answer that has not left waits for the oldest paper of its action that is not settled, or for none.
pub(crate) fn answer_after_papers(tx: &Transaction<'_>, id: ActionId, now: Now) -> Result<()> {
    let sql = "SELECT min(o.id) FROM outbox AS o JOIN document AS d ON o.lane = 'document:' || d.id
               WHERE d.action = ?1 AND o.state NOT IN ('done', 'closed')";
    let paper: Option<i64> = tx.prepare_cached(sql)?.query_row([id], |r| r.get(0))?;
    for entry in outbox::open_of_lane(tx, &id.lane())? {
        let waits = matches!(entry.head.state, State::Ready | State::Blocked);
        if entry.head.verb == ANSWER && waits {
            outbox::wait_for(tx, entry.head.id, paper.map(EntryId), now)?;
        }
    }
    Ok(())
}
