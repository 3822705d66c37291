//! The one plain answer about a record: where is it, why, what happens next, what can I do.
//!
//! Codes with typed arguments; the sentences are the app's.

use crate::outbox::entry::{Entry, State};
use crate::outbox::plan::{SessionState, Step};
use crate::outbox::policy::code;
use crate::outbox::remote::Rules;
use crate::prospect::Intent;
use crate::world::Steady;
use serde::Serialize;

/// Where a record is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
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
    /// Cannot be read by this version; kept, and seen in `history`.
    SetAside,
}

/// What happens next, by itself or by somebody.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case", tag = "next")]
pub enum Next {
    /// Nothing: it is settled.
    Nothing,
    /// It is sent as soon as its turn comes.
    SentSoon,
    /// It is sent (or read back) when there is a link.
    SentWithLink,
    /// It is sent (or read back) when the app is open or woken again.
    SentWhenOpen,
    /// It is sent after this many more seconds.
    SentIn {
        /// Seconds.
        seconds: u64,
    },
    /// Another process of this app sends or reads it back.
    SentByOther,
    /// The remote is paused.
    WaitsForResume,
    /// The officer signs in first.
    WaitsForSignIn,
    /// The bank is read back after this many more seconds.
    ReadBackIn {
        /// Seconds.
        seconds: u64,
    },
    /// The officer decides.
    YouDecide,
    /// It waits for an older change of the same record.
    WaitsForOlder,
}

/// What the officer can do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Can {
    /// Edit it.
    Edit,
    /// Reject it at the bank.
    Reject,
    /// Take it back: at once when it never left, as an intention when it may have.
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

/// The answer. Its `Debug` is without the server's words.
#[derive(Clone, PartialEq, Serialize)]
pub struct Standing {
    /// Where.
    pub place: Place,
    /// Why, as a stable code: `offline`, `no_answer`, `absent`, `conflict`, `refused` …
    pub why: Option<String>,
    /// The server's own words, for the officer's eyes only; never logged.
    #[serde(skip)]
    pub words: Option<String>,
    /// What happens next.
    #[serde(flatten)]
    pub next: Next,
    /// What can be done.
    pub can: Vec<Can>,
    /// What the officer wants of it once its outcome is known.
    pub intent: Option<Intent>,
    /// Since when, unix ms.
    pub since_wall: Option<i64>,
    /// A newer edit is kept and goes out after what is under way.
    pub newer_edit: bool,
}

crate::prospect::shows!(Standing { place, why, next, can, intent, since_wall, newer_edit });

/// What is true of the remote as a whole.
#[derive(Clone, Debug)]
pub struct Around<'a> {
    /// The moment.
    pub now: Steady,
    /// Why its loop rests, if it does.
    pub step: Option<&'a Step>,
    /// Sending goes on by itself.
    pub automatic: bool,
    /// The officer's session.
    pub session: SessionState,
    /// The remote is paused.
    pub paused: bool,
    /// The remote's numbers.
    pub rules: &'a Rules,
}

/// How a record lies in the book, whatever its entries do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seen {
    /// The bank has it, perhaps in an older state.
    pub at_bank: bool,
    /// The bank's values and the officer's wait for her choice.
    pub conflict: bool,
    /// The bank's list lacks it.
    pub gone: bool,
    /// Where it is when nothing of it is open.
    pub settled: Place,
    /// What can be done then.
    pub settled_can: Vec<Can>,
    /// The newest state of what the officer wrote.
    pub revision: i64,
    /// What she wants of it once its outcome is known.
    pub intent: Option<Intent>,
    /// What can be done while something of it is open, besides answering: edit, reject, withdraw.
    pub can: Vec<Can>,
}

/// The standing of a record, from how it lies in the book and its unsettled entries, oldest first.
#[must_use]
pub fn of(seen: &Seen, open: &[Entry], around: &Around<'_>) -> Standing {
    let Some(head) = open.first() else { return settled(seen) };
    let place = place(head.head.state, seen.at_bank, seen.conflict, seen.gone);
    let why = match (place, &head.head.reason) {
        (Place::Conflict, _) => Some(code::CONFLICT.to_owned()),
        (_, reason) => reason.as_ref().map(|r| r.code.clone()),
    };
    Standing {
        place,
        why,
        words: head.head.reason.as_ref().and_then(|r| r.words.clone()),
        next: next(head, around),
        can: can(seen, head, around),
        intent: seen.intent,
        since_wall: Some(head.since_wall),
        newer_edit: head.sent_rev.is_some_and(|sent| sent < seen.revision)
            && matches!(head.head.state, State::Sending | State::Doubtful | State::Asks),
    }
}

fn settled(seen: &Seen) -> Standing {
    Standing {
        place: seen.settled,
        why: None,
        words: None,
        next: Next::Nothing,
        can: seen.settled_can.clone(),
        intent: None,
        since_wall: None,
        newer_edit: false,
    }
}

/// Where a record with an open entry is.
#[must_use]
pub fn place(head: State, has_code: bool, conflict: bool, gone: bool) -> Place {
    match head {
        State::Ready | State::Blocked if has_code => Place::ChangeOnTablet,
        State::Ready | State::Blocked => Place::OnTablet,
        State::Sending => Place::OnTheWay,
        State::Doubtful => Place::InDoubt,
        State::Asks if conflict => Place::Conflict,
        State::Asks => Place::AsksYou,
        State::Refused if gone => Place::GoneElsewhere,
        State::Refused => Place::Refused,
        State::SetAside => Place::SetAside,
        State::Done | State::Closed => Place::AtBank,
    }
}

fn next(head: &Entry, around: &Around<'_>) -> Next {
    match head.head.state {
        State::Asks | State::Refused | State::SetAside => return Next::YouDecide,
        State::Blocked => return Next::WaitsForOlder,
        State::Done | State::Closed => return Next::Nothing,
        State::Ready | State::Sending | State::Doubtful => {}
    }
    if around.session != SessionState::Open {
        return Next::WaitsForSignIn;
    }
    if around.paused {
        return Next::WaitsForResume;
    }
    match around.step {
        _ if !around.automatic => Next::SentWhenOpen,
        Some(Step::WaitForLink) => Next::SentWithLink,
        Some(Step::WaitForLease) => Next::SentByOther,
        _ if head.head.state == State::Doubtful => Next::ReadBackIn { seconds: read_back_in(head, around) },
        Some(Step::Wait(until)) => Next::SentIn { seconds: around.now.until(*until).as_secs() },
        _ => Next::SentSoon,
    }
}

/// Until the quiet period is over and the next reading is due; steady time may have begun anew since.
fn read_back_in(head: &Entry, around: &Around<'_>) -> u64 {
    let quiet = around.rules.quiet.saturating_sub(around.now.since(head.head.since)).as_secs();
    let due = head.head.due.map_or(0, |due| around.now.until(due).as_secs());
    quiet.max(due.min(around.rules.backoff.most_ms / 1000))
}

fn can(seen: &Seen, head: &Entry, around: &Around<'_>) -> Vec<Can> {
    let mut can = match head.head.state {
        State::Asks if seen.conflict => vec![Can::Resolve, Can::Edit],
        State::Asks => vec![Can::Edit, Can::SendAgain, Can::ItIsThatOne, Can::Drop],
        State::Refused => vec![Can::Edit, Can::SendAgain, Can::Drop],
        State::SetAside => vec![Can::Drop],
        _ => vec![Can::Edit],
    };
    can.retain(|can| *can != Can::Edit || seen.can.contains(can));
    can.extend(seen.can.iter().filter(|can| **can != Can::Edit));
    if around.session != SessionState::Open {
        can.push(Can::SignIn);
    }
    if around.paused {
        can.push(Can::ResumeRemote);
    }
    can
}
