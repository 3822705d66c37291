//! What only the officer can say: questions and her answers. Every answer is kept as a row.

use crate::book::Book;
use crate::error::{Error, Result};
use crate::outbox::entry::{Entry, Payload, Reason, State};
use crate::outbox::policy::{
    Move,
    code::{CONFLICT, DROPPED, SEND_AGAIN},
};
use crate::outbox::{calls, rows as outbox};
use crate::prospect::NearRow;
use crate::prospect::decide::{rows_shown, shown, texts};
use crate::record::Record;
use crate::satchel::Satchel;
use crate::stamp::{Question, Stamp};
use rusqlite::Transaction;
use serde::Serialize;
use std::collections::BTreeMap;

/// One record that is asked about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AskedAbout {
    /// The question as it is shown here: handed back with the answer.
    pub question: Question,
    /// What it is about.
    pub record: Record,
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
        if matches!(&decision, Decision::Arrived { .. }) && questions.len() != 1 {
            return Err(Error::NotPossible { why: "one_code_one_record" });
        }
        self.book
            .write(move |book, tx| questions.iter().try_for_each(|asked| decide(book, tx, *asked, &decision)))
            .await
    }
}

fn asked(entry: &Entry) -> Result<AskedAbout> {
    Ok(AskedAbout {
        question: question(entry),
        record: Record::of_lane(&entry.lane).ok_or(Error::internal("lane"))?,
        since_wall: entry.since_wall,
        sent_wall: entry.sent_wall,
        rows: shown(entry),
    })
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
    let remote = book.remote(&entry.remote)?;
    let to = match decision {
        Decision::SendAgain if entry.head.state == State::SetAside => return not("set_aside"),
        Decision::SendAgain => {
            let asked = entry.head.state == State::Asks;
            Move::Ready { due: None, reason: asked.then(|| Reason::code(SEND_AGAIN)) }
        }
        Decision::Drop => Move::Closed(Reason::code(DROPPED)),
        Decision::Arrived { .. } if !asked_about(&entry) => return not("not_asked"),
        Decision::Arrived { code } => Move::Done(remote.arrived(tx, &entry, code)?),
    };
    let shown = rows_shown(&entry).cloned().map_or_else(|| Payload::encode(&entry.head.reason), Ok)?;
    outbox::decided(tx, &entry, &book.officer, &shown, &Payload::encode(decision)?, book.now())?;
    calls::apply(&*remote, tx, &entry, to, book.now())?;
    outbox::forget_doubts(tx, id)
}

/// Is its outcome the question? (What asks may have left: a book put back from a backup does not know of it.)
fn asked_about(entry: &Entry) -> bool {
    let sent = entry.head.attempt > 0 || entry.sent.is_some();
    entry.head.state == State::Asks || entry.head.state == State::Refused && sent
}
