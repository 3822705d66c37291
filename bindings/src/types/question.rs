//! What only the officer can say, and her answers; work of another officer's book.

use super::{BookRecord, instant, map};
use satchel::prospect::{self as core, Choice, Field};
use satchel::{Question as CoreQuestion, Stamp};
use std::collections::HashMap;
use std::time::SystemTime;

/// Something as it was shown. Take it from what you display and pass it back unchanged; do not compute it, do not log it.
/// An answer to a question that has changed meanwhile is refused (`asked_anew`): fetch it again and show it.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Record)]
pub struct Question {
    /// The entry.
    pub entry: i64,
    /// What was shown of it.
    pub asked: i64,
}

impl From<CoreQuestion> for Question {
    fn from(q: CoreQuestion) -> Self {
        Question { entry: q.entry.0, asked: q.asked.0 }
    }
}

impl From<Question> for CoreQuestion {
    fn from(q: Question) -> Self {
        CoreQuestion { entry: satchel::outbox::entry::EntryId(q.entry), asked: Stamp(q.asked) }
    }
}

/// One question, about one record or about many that can be answered together.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Ask {
    /// What the question is, as a stable code: `near`, `absent_key`, `absent_window`, `three_doubts`, `no_verdict` …
    pub code: String,
    /// The records.
    pub about: Vec<AskedAbout>,
}

/// One record that is asked about.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct AskedAbout {
    /// The question as it is shown here: handed back with the answer.
    pub question: Question,
    /// What it is about.
    pub record: BookRecord,
    /// Since when.
    pub since: SystemTime,
    /// When it was sent last.
    pub sent: Option<SystemTime>,
    /// What the bank holds that is like it.
    pub rows: Vec<NearRow>,
}

/// A row at the bank that may be the record in question. Personal data.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct NearRow {
    /// Its code.
    pub code: String,
    /// Its values that are not empty.
    pub fields: HashMap<Field, String>,
}

impl From<satchel::Ask> for Ask {
    fn from(ask: satchel::Ask) -> Self {
        let row = |row: core::NearRow| NearRow { fields: map(&row.fields), code: row.code };
        let one = |a: satchel::AskedAbout| AskedAbout {
            question: a.question.into(),
            record: a.record.into(),
            since: instant(a.since_wall),
            sent: a.sent_wall.map(instant),
            rows: a.rows.into_iter().map(row).collect(),
        };
        Ask { code: ask.code, about: ask.about.into_iter().map(one).collect() }
    }
}

/// The officer's answer.
#[derive(Clone, PartialEq, uniffi::Enum)]
pub enum Decision {
    /// It did not arrive (or was refused for a reason that is mended): send it again.
    SendAgain,
    /// It arrived, under this code.
    Arrived {
        /// The bank's code.
        code: String,
    },
    /// Give it up. It is kept, and seen in the history; an update goes back to what the bank holds.
    Drop,
}

impl From<Decision> for satchel::Decision {
    fn from(decision: Decision) -> Self {
        match decision {
            Decision::SendAgain => satchel::Decision::SendAgain,
            Decision::Arrived { code } => satchel::Decision::Arrived { code },
            Decision::Drop => satchel::Decision::Drop,
        }
    }
}

/// Whose value the officer takes.
#[uniffi::remote(Enum)]
pub enum Choice {
    /// The officer's own, as it stands now.
    Mine,
    /// The bank's, as it was shown.
    Theirs,
}

/// What taking over did.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct TakenOver {
    /// Entries of the other book that are in this one now: what to tell `handedOver`.
    pub taken: Vec<i64>,
    /// How many of them ask the officer.
    pub asks: i64,
    /// Entries that were not taken, and why. They stay where they are.
    pub left: Vec<LeftOver>,
}

/// An entry that was not taken over.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct LeftOver {
    /// Its number in the other book.
    pub entry: i64,
    /// A stable code: `unreadable`, `unknown`, `unsent_here` (try again when it is settled), `not_live`.
    pub why: String,
}

impl From<core::TakenOver> for TakenOver {
    fn from(t: core::TakenOver) -> Self {
        let left = |l: core::LeftOver| LeftOver { entry: l.entry.0, why: l.why.to_owned() };
        TakenOver {
            taken: t.taken.into_iter().map(|id| id.0).collect(),
            asks: super::count(t.asks),
            left: t.left.into_iter().map(left).collect(),
        }
    }
}

/// Where a prospect was taken over from.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Origin {
    /// The officer who wrote it.
    pub officer: String,
    /// The number of her book.
    pub book: String,
    /// Her entry's number.
    pub entry: i64,
    /// When it was taken over.
    pub taken: SystemTime,
}

impl From<core::Origin> for Origin {
    fn from(o: core::Origin) -> Self {
        Origin { officer: o.officer, book: o.book, entry: o.entry.0, taken: instant(o.wall) }
    }
}
