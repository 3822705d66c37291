//! What an outcome or a reading means for an entry: pure tables.
//!
//! ```text
//! a call ended      judge   accepted → done      refused → refused     not executed → ready
//!                           anything not known → doubtful, or asks where nothing could ever prove it
//! a reading ended   settle  proved → done        near → asks           absent → ready or asks
//! a run died        abandon sending → doubtful
//! ```
//! No way leads from *not known* back to `ready` but through a reading that was asked for late enough.

use super::entry::{Effect, Head, Payload, Reason, State};
use crate::profile::Absence;
use crate::world::Steady;
use std::time::Duration;

/// So many doubts ask: the entry would only go round for ever.
pub const THREE_DOUBTS: i64 = 3;

/// A doubt without a verdict is read again after a quarter of its age, but no sooner than this.
const READ_AGAIN: Duration = Duration::from_secs(60);

/// The codes that stand in a [`Reason`], beside the causes of a call that failed: apps translate them.
pub mod code {
    /// The bank and the officer changed the same field; she decides.
    pub const CONFLICT: &str = "conflict";
    /// Given up by the officer's word.
    pub const DROPPED: &str = "dropped";
    /// The reply, or what lies in the book, cannot be read.
    pub const UNDECODABLE: &str = "undecodable";
    /// The server said no.
    pub const REFUSED: &str = "refused";
    /// The server said yes with something that cannot be (a code that another record has).
    pub const IMPLAUSIBLE: &str = "implausible";
    /// In a batch, without an answer of its own.
    pub const UNANSWERED: &str = "unanswered";
    /// The whole batch was refused; which entry is meant is not known.
    pub const BATCH_REFUSED: &str = "batch_refused";
    /// The app or the tablet stopped during the call.
    pub const INTERRUPTED: &str = "interrupted";
    /// The store came back from a backup: it may have been sent since.
    pub const RESTORED: &str = "restored";
    /// For days no reading gave a verdict. Reading goes on.
    pub const NO_VERDICT: &str = "no_verdict";
    /// The server holds something like it.
    pub const NEAR: &str = "near";
    /// A complete reading lacks it, and nothing speaks against sending it (again).
    pub const ABSENT: &str = "absent";
    /// A complete reading lacks it, and the profile says to ask.
    pub const ABSENT_ASK: &str = "absent_ask";
    /// A complete reading lacks it, but the profile states no lateness: it may still arrive.
    pub const ABSENT_LATENESS: &str = "absent_lateness";
    /// A complete reading lacks it, but whether the server keeps the natural key is not verified.
    pub const ABSENT_KEY: &str = "absent_key";
    /// A complete reading lacks it, but it was sent too long ago: someone may have removed it since.
    pub const ABSENT_WINDOW: &str = "absent_window";
    /// A complete reading lacks it, and nothing that the server holds could prove it.
    pub const ABSENT_ONCE: &str = "absent_once";
    /// In doubt three times.
    pub const THREE_DOUBTS: &str = "three_doubts";
    /// The server holds something else under this code: the update did not land.
    pub const DIFFERS: &str = "differs";
    /// What was to be changed is no longer there.
    pub const GONE: &str = "gone";
    /// Handed over to another officer, never having left: this book sends it no more. There, of one that was taken over
    /// and may have left: shall it be sent?
    pub const HANDED_OVER: &str = "handed_over";
    /// Handed over to another officer while its outcome was not known: this book sends it no more.
    pub const HANDED_OVER_OPEN: &str = "handed_over_open";
    /// It may have arrived, and the officer had it sent again.
    pub const SEND_AGAIN: &str = "send_again";
    /// It never arrived, and the officer has meanwhile taken it back.
    pub const TAKEN_BACK: &str = "taken_back";
}

/// What became of one entry in a call, as its remote judged the reply.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// The documented yes for this very entry; what proves it.
    Accepted(Payload),
    /// A documented error for this very entry.
    Refused(Reason),
    /// Proven never to have run; why.
    NotExecuted(&'static str),
    /// Left or perhaps left, and no answer that says what became of it; why.
    Unknown(&'static str),
    /// The call was answered, this entry of its batch was not.
    Unanswered,
    /// The documented word that the session is invalid, which proves that nothing ran.
    SignIn,
    /// A documented error for the whole call.
    BatchError(Reason),
}

/// Where an entry goes. Whoever writes it empties `due` and sets `since`, unless the move says otherwise.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Move {
    /// The server has it.
    Done(Payload),
    /// The server said no; an edit makes it ready again.
    Refused(Reason),
    /// In doubt from when the socket was closed; counts one doubt.
    Doubtful {
        /// Why.
        reason: Reason,
        /// Mark it: from now on it is sent by itself. A mark once set stays.
        alone: bool,
    },
    /// To be sent (again).
    Ready {
        /// Not before.
        due: Option<Steady>,
        /// Why it is here again; nothing where nothing is said about the entry (a session that ran out).
        reason: Option<Reason>,
    },
    /// The officer is asked.
    Asks {
        /// What about.
        reason: Reason,
        /// What the server holds, to be shown with the question.
        rows: Option<Payload>,
    },
    /// Ended without being sent.
    Closed(Reason),
    /// Stays where it is, with everything it has (`since` too); read again at `due`.
    Later {
        /// When.
        due: Steady,
    },
}

/// What a reading found about an entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// The server has it; the row.
    Proved(Payload),
    /// Something like it, or several; the rows to show.
    Near(Payload),
    /// Nothing near it in what was read.
    Absent,
    /// An update's row, still without the update. (Where nothing can be read: sent once more.)
    Differs,
    /// The reading failed or says nothing about this entry.
    NoVerdict,
}

/// An entry that a reading speaks about.
#[derive(Clone, Copy, Debug)]
pub struct Doubt<'a> {
    /// The entry; it need not be the head of its lane.
    pub head: &'a Head,
    /// At most how long ago it was last sent; not known: `None`.
    pub sent_age: Option<Duration>,
    /// A create that the officer has meanwhile rejected or withdrawn.
    pub intent: bool,
}

/// How much a reading is worth.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Evidence {
    /// The moment of the judgement.
    pub now: Steady,
    /// The reading holds everything that could be the entry, up to its last byte.
    pub complete: bool,
    /// The request left when the entry's quiet period was over ([`super::plan::quiet_over`]).
    pub asked_after_quiet: bool,
    /// The server is known to keep the natural key.
    pub key_verified: bool,
    /// A second one does no harm, as the profile says.
    pub harmless: bool,
    /// The profile states how late the server may carry out a request.
    pub lateness_stated: bool,
    /// What the profile makes of absence.
    pub absence: Absence,
    /// Absence counts only so long after the send.
    pub window: Duration,
    /// So long without a verdict asks.
    pub settle_by: Duration,
    /// The longest wait before the next reading.
    pub longest: Duration,
}

impl Evidence {
    /// Does lacking a create prove that it never arrived, and never will? (Not while it may still come for all that is
    /// known, or could have come under another key.)
    fn lacking_proves(&self) -> bool {
        self.lateness_stated && self.key_verified
    }
}

/// What a call's outcome means for an entry that went in it.
///
/// Every outcome has a move, and none that is not known leads to `Ready`.
#[must_use]
pub fn judge(effect: Effect, batch_len: usize, outcome: Outcome) -> Move {
    match outcome {
        Outcome::Accepted(receipt) => Move::Done(receipt),
        Outcome::Refused(reason) => Move::Refused(reason),
        Outcome::NotExecuted(why) => Move::Ready { due: None, reason: Some(Reason::code(why)) },
        Outcome::SignIn => Move::Ready { due: None, reason: None },
        Outcome::Unknown(why) => in_doubt(effect, Reason::code(why), false),
        Outcome::Unanswered => in_doubt(effect, Reason::code(code::UNANSWERED), true),
        Outcome::BatchError(reason) if batch_len <= 1 => Move::Refused(reason),
        Outcome::BatchError(Reason { words, .. }) => {
            in_doubt(effect, Reason { code: code::BATCH_REFUSED.to_owned(), words }, true)
        }
    }
}

/// The move of an entry found in `sending` by whoever takes the lease: the run that sent it is gone.
#[must_use]
pub fn abandon(effect: Effect) -> Move {
    in_doubt(effect, Reason::code(code::INTERRUPTED), false)
}

/// The move of an entry in a store that came back from a backup: it may have been sent since the backup was taken. `None`
/// for what can be repeated, and where nothing changes.
#[must_use]
pub fn restored(head: &Head) -> Option<Move> {
    let reason = Reason::code(code::RESTORED);
    match (head.state, head.effect) {
        (State::Ready | State::Refused | State::Blocked, Effect::Replace) => None,
        // A refused one may have been mended and accepted since.
        (State::Ready | State::Refused | State::Blocked, effect) => Some(in_doubt(effect, reason, false)),
        // Found absent since, it may have left again: its quiet period begins anew.
        (State::Doubtful, _) => Some(Move::Doubtful { reason, alone: head.alone }),
        _ => None,
    }
}

/// In doubt means ask, where nothing could ever prove it.
fn in_doubt(effect: Effect, reason: Reason, alone: bool) -> Move {
    match effect {
        Effect::Once => Move::Asks { reason, rows: None },
        Effect::Create | Effect::Replace => Move::Doubtful { reason, alone },
    }
}

/// What a reading means for an entry. `None`: nothing changes.
///
/// Proof settles an entry wherever it waits. Everything else speaks only about `doubtful` and `asks`, and only
/// when the reading was asked for after the quiet period; nothing but the officer leads from `asks` to `ready`.
/// An entry that `plan` has read never gets `None` from that reading, so that its `due` moves on.
#[must_use]
pub fn settle(doubt: &Doubt<'_>, evidence: &Evidence, verdict: Verdict) -> Option<Move> {
    let head = doubt.head;
    match verdict {
        Verdict::Proved(receipt) => provable(head, evidence).then_some(Move::Done(receipt)),
        _ if !matches!(head.state, State::Doubtful | State::Asks) => None,
        Verdict::NoVerdict => unread(doubt, evidence),
        _ if !evidence.asked_after_quiet => None,
        Verdict::Near(rows) => Some(Move::Asks { reason: Reason::code(code::NEAR), rows: Some(rows) }),
        Verdict::Absent if !evidence.complete => unread(doubt, evidence),
        Verdict::Absent if doubt.intent && head.effect == Effect::Create => match evidence.lacking_proves() {
            true => Some(Move::Closed(Reason::code(code::TAKEN_BACK))),
            // Closed now, it would stay at the bank should it arrive after all.
            false => unread(doubt, evidence),
        },
        Verdict::Absent => lacking(head, code::ABSENT, absent(doubt, evidence)),
        Verdict::Differs if head.effect == Effect::Replace => lacking(head, code::DIFFERS, often(head)),
        // "Something else" says nothing about a create: a domain that sees rows calls them near.
        Verdict::Differs => unread(doubt, evidence),
    }
}

/// A proof counts for whatever may have left and is still open. An update's counts only after the quiet period:
/// until then an older one on its way could still land over it.
fn provable(head: &Head, evidence: &Evidence) -> bool {
    let open = match head.state {
        State::Sending | State::Doubtful | State::Asks => true,
        State::Ready => head.attempt >= 1 || sent_again(head),
        State::Done | State::Refused | State::Blocked | State::Closed | State::SetAside => false,
    };
    open && (head.effect != Effect::Replace || evidence.asked_after_quiet)
}

/// No verdict: read again later, and ask when that has gone on for too long.
fn unread(doubt: &Doubt<'_>, evidence: &Evidence) -> Option<Move> {
    let head = doubt.head;
    // Steady time begins anew at a reboot; what is known of the send may know better how long it has been.
    let age = evidence.now.since(head.since).max(doubt.sent_age.unwrap_or_default());
    if head.state == State::Doubtful && age >= evidence.settle_by {
        return Some(Move::Asks { reason: Reason::code(code::NO_VERDICT), rows: None });
    }
    let due = evidence.now.plus((age / 4).max(READ_AGAIN).min(evidence.longest));
    (head.state == State::Doubtful || still_read(head)).then_some(Move::Later { due })
}

/// The server lacks it: sent again, unless there is a reason to ask. What asks already goes on asking; where no
/// reading had said anything before, the question now says what this one said.
fn lacking(head: &Head, plain: &'static str, why: Option<&'static str>) -> Option<Move> {
    let ask = |code| Move::Asks { reason: Reason::code(code), rows: None };
    match (head.state, why) {
        (State::Doubtful, None) => Some(Move::Ready { due: None, reason: Some(Reason::code(plain)) }),
        (State::Doubtful, Some(why)) => Some(ask(why)),
        _ => still_read(head).then(|| ask(why.unwrap_or(plain))),
    }
}

/// It asks only because no reading gave a verdict, and is read all the same.
pub(crate) fn still_read(head: &Head) -> bool {
    head.state == State::Asks && head.reason.as_ref().is_some_and(|reason| reason.code == code::NO_VERDICT)
}

/// It waits because the officer was asked and had it sent again: it may have arrived, by a sending that a book put back
/// from a backup does not know of.
pub(crate) fn sent_again(head: &Head) -> bool {
    head.state == State::Ready && head.reason.as_ref().is_some_and(|reason| reason.code == code::SEND_AGAIN)
}

/// Why an absent entry is not simply sent again.
fn absent(doubt: &Doubt<'_>, evidence: &Evidence) -> Option<&'static str> {
    match doubt.head.effect {
        Effect::Once => Some(code::ABSENT_ONCE),
        Effect::Replace => Some(code::GONE),
        Effect::Create if evidence.harmless => often(doubt.head),
        Effect::Create if evidence.absence == Absence::Ask => Some(code::ABSENT_ASK),
        Effect::Create if !evidence.lateness_stated => Some(code::ABSENT_LATENESS),
        Effect::Create if !evidence.key_verified => Some(code::ABSENT_KEY),
        Effect::Create if doubt.sent_age.is_none_or(|age| age > evidence.window) => Some(code::ABSENT_WINDOW),
        Effect::Create => often(doubt.head),
    }
}

fn often(head: &Head) -> Option<&'static str> {
    (head.doubts >= THREE_DOUBTS).then_some(code::THREE_DOUBTS)
}
