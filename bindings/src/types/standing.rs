//! Where things are: one record, the whole book, what waits and why.

use super::{Question, instant};
use satchel::outbox::entry::State;
use satchel::prospect::Intent;
use satchel::standing::{self as core, Can, Place};
use std::collections::HashMap;
use std::time::{Duration, SystemTime};

/// Where a record is.
#[uniffi::remote(Enum)]
pub enum Place {
    /// The bank asks for it, and nothing is answered yet.
    Open,
    /// The bank has it as it is shown here.
    AtBank,
    /// Only on this tablet, waiting to be sent.
    OnTablet,
    /// The bank has an older state; the change waits on this tablet.
    ChangeOnTablet,
    /// On its way right now.
    OnTheWay,
    /// Sent or perhaps sent; being found out.
    InDoubt,
    /// Waits for the officer's answer.
    AsksYou,
    /// The bank and the officer changed the same field; she decides.
    Conflict,
    /// The bank said no.
    Refused,
    /// Missing from the bank's list: rejected or moved by someone else.
    GoneElsewhere,
    /// Rejected by the officer, and the bank has confirmed it.
    Rejected,
    /// Withdrawn before it left.
    Withdrawn,
    /// Cannot be read by this version; kept, and seen in the history.
    SetAside,
}

/// What happens next, by itself or by somebody.
#[derive(Clone, Copy, PartialEq, Eq, Debug, uniffi::Enum)]
pub enum Next {
    /// Nothing: it is settled.
    Nothing,
    /// It is sent as soon as its turn comes.
    SentSoon,
    /// It is sent (or read back) when there is a link.
    SentWithLink,
    /// It is sent (or read back) when the app is open or woken again.
    SentWhenOpen,
    /// It is sent after this time.
    SentIn {
        /// How long.
        after: Duration,
    },
    /// Another process of this app sends or reads it back.
    SentByOther,
    /// The remote is paused.
    WaitsForResume,
    /// The officer signs in first.
    WaitsForSignIn,
    /// The bank is read back after this time.
    ReadBackIn {
        /// How long.
        after: Duration,
    },
    /// The officer decides.
    YouDecide,
    /// It waits for an older change of the same record.
    WaitsForOlder,
}

impl From<core::Next> for Next {
    fn from(next: core::Next) -> Self {
        match next {
            core::Next::Nothing => Next::Nothing,
            core::Next::SentSoon => Next::SentSoon,
            core::Next::SentWithLink => Next::SentWithLink,
            core::Next::SentWhenOpen => Next::SentWhenOpen,
            core::Next::SentIn { seconds } => Next::SentIn { after: Duration::from_secs(seconds) },
            core::Next::SentByOther => Next::SentByOther,
            core::Next::WaitsForResume => Next::WaitsForResume,
            core::Next::WaitsForSignIn => Next::WaitsForSignIn,
            core::Next::ReadBackIn { seconds } => Next::ReadBackIn { after: Duration::from_secs(seconds) },
            core::Next::YouDecide => Next::YouDecide,
            core::Next::WaitsForOlder => Next::WaitsForOlder,
        }
    }
}

/// What the officer can do.
#[uniffi::remote(Enum)]
pub enum Can {
    /// Edit it.
    Edit,
    /// Reject it at the bank.
    Reject,
    /// Take it back: at once when it never left, as a wish when it may have.
    Withdraw,
    /// Say that it did not arrive: send again.
    SendAgain,
    /// Say which row at the bank it is.
    ItIsThatOne,
    /// Give it up.
    Drop,
    /// Decide a conflict.
    Resolve,
    /// Sign in.
    SignIn,
    /// Let the remote go on.
    ResumeRemote,
}

/// The one plain answer about a record: where is it, why, what happens next, what can I do. Codes with typed arguments;
/// the sentences are the app's.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Standing {
    /// Where.
    pub place: Place,
    /// Why, as a stable code: `offline`, `no_answer`, `absent`, `conflict`, `refused` …
    pub why: Option<String>,
    /// The server's own words, for the officer's eyes only; never log them.
    pub words: Option<String>,
    /// What happens next.
    pub next: Next,
    /// What can be done.
    pub can: Vec<Can>,
    /// What the officer wants of it once its outcome is known.
    pub intent: Option<Intent>,
    /// Since when.
    pub since: Option<SystemTime>,
    /// A newer edit is kept and goes out after what is under way.
    pub newer_edit: bool,
}

impl From<core::Standing> for Standing {
    fn from(s: core::Standing) -> Self {
        Standing {
            place: s.place,
            why: s.why,
            words: s.words,
            next: s.next.into(),
            can: s.can,
            intent: s.intent,
            since: s.since_wall.map(instant),
            newer_edit: s.newer_edit,
        }
    }
}

/// Where an entry of the outbox is.
#[uniffi::remote(Enum)]
pub enum State {
    /// Waits to be sent (again); nothing of it is on its way.
    Ready,
    /// The intent is durable and the call may be under way.
    Sending,
    /// Sent or perhaps sent; the outcome is not known. It is read back, never blindly sent again.
    Doubtful,
    /// Only the officer can say.
    Asks,
    /// The server has it, proven.
    Done,
    /// The server said no to this entry; an edit makes it ready again.
    Refused,
    /// What it comes after is refused, asks or closed.
    Blocked,
    /// Ended by the officer's word or by another way; kept, and seen in the history.
    Closed,
    /// Cannot be decoded; kept, and seen in the waiting list and the history.
    SetAside,
}

/// The whole book in numbers.
#[derive(Clone, PartialEq, Debug, uniffi::Record)]
pub struct Summary {
    /// Records by where they are; a place without records is not in it.
    pub by_place: HashMap<Place, i64>,
    /// Entries not settled.
    pub unsent: i64,
    /// When the oldest of them was made.
    pub oldest_unsent: Option<SystemTime>,
    /// Entries by state, by the state's code (`ready`, `doubtful` …).
    pub by_state: HashMap<String, i64>,
    /// Sends that were repeated because a read-back did not find them.
    pub resent_on_absence: i64,
}

impl From<satchel::Summary> for Summary {
    fn from(s: satchel::Summary) -> Self {
        Summary {
            by_place: s.by_place.into_iter().collect(),
            unsent: s.unsent,
            oldest_unsent: s.oldest_unsent_wall.map(instant),
            by_state: s.by_state.into_iter().map(|(state, n)| (state.to_owned(), n)).collect(),
            resent_on_absence: s.resent_on_absence,
        }
    }
}

/// An entry of the outbox as the officer or support sees it.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Waiting {
    /// Its number.
    pub entry: i64,
    /// Handed back with an answer (`decide`). Nothing where there is nothing to answer here: it is settled, or under way, or
    /// it asks, and then `asks` has the question with the rows that belong to it (a conflict is its record's).
    pub question: Option<Question>,
    /// Its remote.
    pub remote: String,
    /// Its lane: `prospect:42`.
    pub lane: String,
    /// The remote's own word: `create`, `update`, `reject`.
    pub verb: String,
    /// Where it is.
    pub state: State,
    /// Why, as a stable code.
    pub why: Option<String>,
    /// The server's words, for the officer's eyes only; never log them.
    pub words: Option<String>,
    /// How often it was begun.
    pub attempt: i64,
    /// How often it was in doubt.
    pub doubts: i64,
    /// When it was made.
    pub made: SystemTime,
    /// When it was sent last.
    pub sent: Option<SystemTime>,
    /// When it came where it is.
    pub since: SystemTime,
}

impl From<satchel::Waiting> for Waiting {
    fn from(w: satchel::Waiting) -> Self {
        Waiting {
            entry: w.entry,
            question: w.question.map(Question::from),
            remote: w.remote,
            lane: w.lane,
            verb: w.verb,
            state: w.state,
            why: w.why,
            words: w.words.map(|words| words.0),
            attempt: w.attempt,
            doubts: w.doubts,
            made: instant(w.made_wall),
            sent: w.sent_wall.map(instant),
            since: instant(w.since_wall),
        }
    }
}
