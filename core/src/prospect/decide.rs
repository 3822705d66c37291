//! What only the officer can say: questions, her answers, conflicts. Every answer is kept as a row.

use super::download::Staged;
use super::effect::{CREATE, Receipt, prospect_of};
use super::merge::{self, Choice, Resolved};
use super::{Field, Fields, PROSPECT, ProspectId, check, rows, shows};
use crate::book::Book;
use crate::error::{Error, Result};
use crate::feed;
use crate::outbox::entry::{Entry, Payload, Reason, State};
use crate::outbox::policy::{
    Move,
    code::{CONFLICT, DROPPED},
};
use crate::outbox::{calls, rows as outbox};
use crate::satchel::Satchel;
use crate::stamp::{Question, Stamp};
use crate::text::civil::same_minute;
use rusqlite::Transaction;
use serde::Serialize;
use std::collections::BTreeMap;

/// A row at the bank that may be the record in question.
#[derive(Clone, PartialEq, Eq)]
pub struct NearRow {
    /// Its code.
    pub code: String,
    /// Its fields.
    pub fields: Fields,
}
shows!(NearRow {});

/// One record that is asked about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AskedAbout {
    /// The question as it is shown here: handed back with the answer.
    pub question: Question,
    /// The prospect.
    pub prospect: ProspectId,
    /// Since when, unix ms.
    pub since_wall: i64,
    /// When it was sent last, unix ms.
    pub sent_wall: Option<i64>,
    /// What the bank holds that is like it.
    pub rows: Vec<NearRow>,
}

/// One question, about one record or about many that can be answered together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ask {
    /// What the question is, as a stable code: `near`, `absent_key`, `absent_window`, `three_doubts`, `no_verdict` …
    pub code: String,
    /// The records.
    pub about: Vec<AskedAbout>,
}

/// The officer's answer.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "answer")]
pub enum Decision {
    /// It did not arrive (or was refused for a reason that is mended): send it again.
    SendAgain,
    /// It arrived, under this code.
    Arrived {
        /// The bank's code.
        code: String,
    },
    /// Give it up. It is kept, and seen in `history`; an update goes back to what the bank holds.
    Drop,
}

impl std::fmt::Debug for Decision {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Decision::SendAgain => "SendAgain",
            Decision::Arrived { .. } => "Arrived(…)",
            Decision::Drop => "Drop",
        })
    }
}

impl Satchel {
    /// The open questions: records with the same question and nothing to show are asked about together.
    ///
    /// # Errors
    /// The store's.
    pub async fn asks(&self) -> Result<Vec<Ask>> {
        self.book
            .read(|_, conn| {
                let mut together: BTreeMap<String, Vec<AskedAbout>> = BTreeMap::new();
                let mut asks = vec![];
                for entry in outbox::asking(conn, 1000)? {
                    let code = entry.head.reason.as_ref().map_or("unknown", |r| &r.code).to_owned();
                    if code == CONFLICT {
                        continue; // shown with its record, decided by `resolve`
                    }
                    let about = asked(&entry)?;
                    if about.rows.is_empty() {
                        together.entry(code).or_default().push(about);
                    } else {
                        asks.push(Ask { code, about: vec![about] });
                    }
                }
                asks.extend(together.into_iter().map(|(code, about)| Ask { code, about }));
                Ok(asks)
            })
            .await
    }

    /// Answers some questions as they were shown (by `asks`; by `waiting` or `history` of what does not ask), all in one
    /// transaction, each kept with what was shown. An answer is taken for its own question only: where a reading or
    /// another answer has put another one meanwhile, that is to be shown first.
    ///
    /// # Errors
    /// After each of them nothing is changed.
    /// - `InvalidInput` for a code that is none; `NotFound` for an entry that is not there.
    /// - `NotPossible`: `settled_meanwhile`; `under_way` (sent or in doubt: it is read back); `asked_anew` (another question
    ///   than the one shown); `conflict` (use `resolve`).
    /// - Of `SendAgain`: `set_aside` (it cannot be decoded, or is handed over).
    /// - Of `Arrived`: `one_code_one_record` (more than one question, or none); `not_asked` (it never left); `not_a_create`;
    ///   `unknown_code` (neither shown nor downloaded); `code_taken` (by another record with work of its own); and
    ///   `StoreDamaged` in `row` for a record that cannot be read.
    /// - The store's.
    pub async fn decide(&self, questions: Vec<Question>, decision: Decision) -> Result<()> {
        if let Decision::Arrived { code } = &decision {
            check::code(code)?;
            if questions.len() != 1 {
                return Err(Error::NotPossible { why: "one_code_one_record" });
            }
        }
        self.book
            .write(move |book, tx| questions.iter().try_for_each(|asked| decide(book, tx, *asked, &decision)))
            .await
    }

    /// Decides a conflict as it was shown (`asked`: its [`Conflict::asked`](super::Conflict::asked)), field by field;
    /// fields not named stay open, as a conflict to be shown anew. When none is left the record goes on its way.
    ///
    /// # Errors
    /// `NotFound`; `NotPossible`: `no_conflict`, `asked_anew` (the values are no longer those that were shown);
    /// `InvalidInput` for a field that is not in conflict. Then nothing is changed.
    pub async fn resolve(&self, id: ProspectId, asked: Stamp, choices: Vec<(Field, Choice)>) -> Result<()> {
        self.book.write(move |book, tx| resolve(book, tx, id, asked, &choices)).await
    }
}

fn asked(entry: &Entry) -> Result<AskedAbout> {
    Ok(AskedAbout {
        question: question(entry),
        prospect: prospect_of(entry)?,
        since_wall: entry.since_wall,
        sent_wall: entry.sent_wall,
        rows: shown(entry),
    })
}

/// The rows that the bank holds, as they lie in the book. Only what asks shows any.
fn rows_shown(entry: &Entry) -> Option<&Payload> {
    entry.receipt.as_ref().filter(|_| entry.head.state == State::Asks)
}

/// The rows that the bank holds, as they are shown with the question.
fn shown(entry: &Entry) -> Vec<NearRow> {
    let rows: Vec<Staged> =
        rows_shown(entry).map(Payload::decode).transpose().unwrap_or_default().unwrap_or_default();
    rows.into_iter().map(|row| NearRow { code: row.code, fields: row.fields }).collect()
}

/// Names what is shown of an entry. The attempt is part of it: what is asked after another sending is asked anew,
/// were it in the same words. The order of the bank's list is not.
pub(crate) fn question(entry: &Entry) -> Question {
    let head = &entry.head;
    let (id, attempt) = (head.id.0.to_string(), head.attempt.to_string());
    let reason = head.reason.as_ref().map_or(("", ""), |r| (&r.code, r.words.as_deref().unwrap_or_default()));
    let mut rows: Vec<_> = shown(entry).into_iter().map(texts).collect();
    rows.sort_unstable();
    let why = [&id, head.state.word(), &attempt, reason.0, reason.1];
    let asked = Stamp::of(why.into_iter().chain(rows.iter().flatten().map(String::as_str)));
    Question { entry: head.id, asked }
}

/// The code, and the fields in their order.
fn texts(row: NearRow) -> Vec<String> {
    let fields = Field::ALL.into_iter().map(|field| row.fields.get(field).to_owned());
    std::iter::once(row.code).chain(fields).collect()
}

fn decide(book: &Book, tx: &Transaction<'_>, asked: Question, decision: &Decision) -> Result<()> {
    let id = asked.entry;
    let entry = outbox::get(tx, id)?.ok_or(Error::NotFound { what: "entry" })?;
    let not = |why| Err(Error::NotPossible { why });
    match entry.head.state {
        State::Done | State::Closed => return not("settled_meanwhile"),
        State::Sending | State::Doubtful => return not("under_way"),
        _ if question(&entry) != asked => return not("asked_anew"),
        State::Asks if entry.head.reason.as_ref().is_some_and(|r| r.code == CONFLICT) => {
            return not("conflict");
        }
        State::Asks | State::Refused | State::Ready | State::Blocked | State::SetAside => {}
    }
    let to = match decision {
        Decision::SendAgain if entry.head.state == State::SetAside => return not("set_aside"),
        Decision::SendAgain => Move::Ready { due: None, reason: None },
        Decision::Drop => Move::Closed(Reason::code(DROPPED)),
        Decision::Arrived { .. } if !asked_about(&entry) => return not("not_asked"),
        Decision::Arrived { code } => {
            arrived(tx, &entry, code)?;
            Move::Done(Receipt::payload(code, "officer")?)
        }
    };
    let shown = rows_shown(&entry).cloned().map_or_else(|| Payload::encode(&entry.head.reason), Ok)?;
    outbox::decided(tx, &entry, &book.officer, &shown, &Payload::encode(decision)?, book.now())?;
    calls::apply(&*book.remote(PROSPECT)?, tx, &entry, to, book.now())?;
    outbox::forget_doubts(tx, id)
}

/// Was it sent at least once, and is its outcome the question?
fn asked_about(entry: &Entry) -> bool {
    matches!(entry.head.state, State::Asks | State::Refused)
        && (entry.head.attempt > 0 || entry.sent.is_some())
}

/// A create is said to be the bank's record of that code: one that was shown, or one that a download brought. Then what
/// was sent is what both had agreed on: what others have changed since is taken over, what she has changed goes out as
/// an update, and where both did she decides.
fn arrived(tx: &Transaction<'_>, entry: &Entry, code: &str) -> Result<()> {
    if entry.head.verb != CREATE {
        return Err(Error::NotPossible { why: "not_a_create" });
    }
    let id = prospect_of(entry)?;
    let shown = shown(entry).into_iter().find(|row| row.code == code).map(|row| row.fields);
    let theirs = match rows::id_by_code(tx, code)? {
        Some(copy) if copy != id => {
            if !rows::is_mere_copy(tx, copy)? {
                return Err(Error::NotPossible { why: "code_taken" });
            }
            // The same record: it gives its place, for nothing in it is the officer's.
            let row = rows::get(tx, copy)?;
            rows::remove_copy(tx, copy)?;
            feed::touch(tx, &copy.lane())?;
            row.base.or(shown)
        }
        _ => shown,
    };
    let theirs = theirs.ok_or(Error::NotPossible { why: "unknown_code" })?;
    let (made, held) = (rows::get(tx, id)?.created_at, theirs.get(Field::CreatedAt).to_owned());
    let sent: Option<Fields> = entry.sent.as_ref().and_then(|sent| sent.decode().ok());
    rows::update(tx, id, |row| {
        let merged = merge::merge(sent.as_ref().unwrap_or(&theirs), &row.local, &theirs);
        (row.local, row.base) = (merged.fields, Some(merged.base));
        Ok(())
    })?;
    // Cut to the minute it is the server's doing, and stays to show it; any other key is that of another record.
    match same_minute(&made, &held) {
        true => Ok(()),
        false => rows::disown(tx, id),
    }
}

fn resolve(
    book: &Book,
    tx: &Transaction<'_>,
    id: ProspectId,
    asked: Stamp,
    choices: &[(Field, Choice)],
) -> Result<()> {
    let row = rows::get(tx, id)?;
    let Some(conflict) = &row.conflict else { return Err(Error::NotPossible { why: "no_conflict" }) };
    if conflict.asked != asked {
        return Err(Error::NotPossible { why: "asked_anew" });
    }
    let base = row.base.clone().unwrap_or_else(|| row.local.clone());
    let resolved = merge::resolve(&base, &row.local, conflict, choices)?;
    let chosen: BTreeMap<_, _> =
        choices.iter().map(|(f, c)| (f.wire(), if *c == Choice::Mine { "mine" } else { "theirs" })).collect();
    for entry in in_conflict(tx, id)? {
        let (shown, chosen) = (Payload::encode(conflict)?, Payload::encode(&chosen)?);
        outbox::decided(tx, &entry, &book.officer, &shown, &chosen, book.now())?;
    }
    keep_resolved(book, tx, id, resolved)?;
    feed::touch(tx, &id.lane()).map(drop)
}

/// Writes a change of the officer's to a record in conflict. When no conflict is left the record goes on its way: to the
/// bank, or nowhere if that holds the same.
pub(super) fn keep_resolved(
    book: &Book,
    tx: &Transaction<'_>,
    id: ProspectId,
    resolved: Resolved,
) -> Result<()> {
    let same = resolved.fields.differing(&resolved.base).next().is_none();
    let (left, code) = rows::update(tx, id, |row| {
        (row.local, row.base, row.conflict) = (resolved.fields, Some(resolved.base), resolved.left);
        row.revision += 1;
        if same {
            row.acked = row.revision;
        }
        Ok((row.conflict.is_some(), row.code.clone().unwrap_or_default()))
    })?;
    if left {
        return Ok(());
    }
    for entry in in_conflict(tx, id)? {
        let to = match same {
            true => Move::Done(Receipt::payload(&code, "already")?),
            false => Move::Ready { due: None, reason: None },
        };
        calls::apply(&*book.remote(PROSPECT)?, tx, &entry, to, book.now())?;
    }
    Ok(())
}

/// The entries that wait for the conflict to be decided.
fn in_conflict(tx: &Transaction<'_>, id: ProspectId) -> Result<Vec<Entry>> {
    let mut open = outbox::open_of_lane(tx, &id.lane())?;
    open.retain(|entry| entry.head.reason.as_ref().is_some_and(|r| r.code == CONFLICT));
    Ok(open)
}
