//! What a loop does next: one pure function over what is known now.
//!
//! ```text
//! heads of the lanes ─┐
//! link, session, lease├─ next ─→ Settle (read back) │ Send │ Probe │ Wait … │ Idle
//! clock, back-off ────┘
//! ```
//! Only the head of each lane is looked at, so a stuck entry holds its own lane and no other.

use super::entry::{Effect, EntryId, Head, NetClass, State};
use super::policy::{THREE_DOUBTS, still_read};
use crate::world::Steady;
use std::time::Duration;

/// What the host says about the connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Link {
    /// There is none.
    None,
    /// One that costs.
    Metered,
    /// One that does not.
    Unmetered,
    /// The host has not said: taken for a link that may cost.
    #[default]
    Unknown,
}

/// The session of the officer whose book is open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SessionState {
    /// There is one, and the server has not refused it.
    Open,
    /// The app has handed in none.
    Missing,
    /// The server said that it is invalid or has expired.
    Refused,
}

/// Everything that one decision needs, for one remote and class. (No `Debug`: it names the officer.)
#[derive(Clone)]
pub struct Situation<'a> {
    /// The moment of the decision.
    pub now: Steady,
    /// What the host says about the connection.
    pub link: Link,
    /// The class that this loop carries.
    pub class: NetClass,
    /// Bulk entries leave over an unmetered link only. Reading back is small and goes over any.
    pub bulk_needs_unmetered: bool,
    /// Sending was paused by hand or by the profile.
    pub paused: bool,
    /// This handle holds the sending lease.
    pub lease: bool,
    /// Whose session is open: only this officer's entries are sent and settled.
    pub officer: &'a str,
    /// That session.
    pub session: SessionState,
    /// The remote's last reply was usable.
    pub proven: bool,
    /// The remote has a cheap read to prove it by. Where it has none, the first entry to leave is the proof.
    pub probe: bool,
    /// The remote's back-off: no call before.
    pub not_before: Option<Steady>,
    /// The longest wait that anything writes into a `due` or `not_before`. What lies further ahead was written
    /// before a reboot, on a clock that has since begun anew, and has come.
    pub longest: Duration,
    /// How many entries one call may carry now; 0 counts as 1.
    pub batch: usize,
    /// How long after a lost answer nothing can be concluded; whole milliseconds.
    pub quiet: Duration,
    /// A drain's end and a call's total timeout: no call starts that might outlast the end.
    pub deadline: Option<(Steady, Duration)>,
    /// The oldest unsettled entry of each lane, one for each, in the order of their ids.
    pub heads: &'a [Head],
    /// Verbs that never share a call.
    pub lone_verbs: &'a [&'a str],
}

/// What to do next. Whatever changes the situation (an edit, a link, a sign-in, a reply) asks anew.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Step {
    /// Send these in one call, in this order. Never empty; one entry of a lane at most; all of one verb.
    Send(Vec<EntryId>),
    /// Read back what the server holds: one reading for all of these. Never empty.
    Settle(Vec<EntryId>),
    /// Do the remote's cheapest read: a create waits until the remote is known to answer.
    Probe,
    /// Nothing can be done before this moment, which is later than now. May lie after a drain's deadline.
    Wait(Steady),
    /// There is something to do, and no link (or none that bulk may use).
    WaitForLink,
    /// There is something to do, and no session that the server takes.
    WaitForSignIn,
    /// Somebody else sends, or nobody yet: try to take the lease.
    WaitForLease,
    /// There is something to do, and sending is paused.
    Paused,
    /// There is something to do now, and no time left for the call.
    OutOfTime,
    /// There is nothing that this loop could do.
    Idle,
}

/// Decides the next step. Total: every situation has an answer.
///
/// What nobody can help without the officer (asking, refused, blocked, set aside) is nothing to do; an entry that
/// asks only because nothing could be read is still read. Gates are named in the order paused, link, sign-in,
/// lease, and only when there is something behind them.
#[must_use]
pub fn next(s: &Situation<'_>) -> Step {
    let work = Work::of(s);
    let Some(first) = work.first() else {
        return match work.held {
            true if s.paused => Step::Paused,
            true => Step::WaitForLink,
            false => nothing(s),
        };
    };
    if let Some(shut) = gate(s) {
        return shut;
    }
    let first = first.max(s.not_before.map_or(s.now, |due| come(s, due)));
    if first > s.now {
        return Step::Wait(first);
    }
    if s.deadline.is_some_and(|(end, total)| s.now.plus(total) > end) {
        return Step::OutOfTime;
    }
    let doubts = due(s, &work.reads);
    if doubts.is_empty() { send(s, &due(s, &work.sends)) } else { Step::Settle(ids(&doubts)) }
}

/// Whether the quiet period that began at `since` is over: from then on a reading may be asked for that counts.
/// Whoever judges a reading asks this about the moment the request left.
#[must_use]
pub fn quiet_over(now: Steady, since: Steady, quiet: Duration) -> bool {
    now.since(since).as_millis() >= quiet.as_millis()
}

/// What there is to do for the officer in session, each with the moment from which it can be done.
struct Work<'a> {
    reads: Vec<(&'a Head, Steady)>,
    sends: Vec<(&'a Head, Steady)>,
    /// There are sends that wait for an unmetered link; they are not among `sends`.
    held: bool,
}

impl<'a> Work<'a> {
    fn of(s: &Situation<'a>) -> Self {
        let hold = s.class == NetClass::Bulk && s.bulk_needs_unmetered && s.link != Link::Unmetered;
        let mut work = Work { reads: Vec::new(), sends: Vec::new(), held: false };
        for head in s.heads.iter().filter(|head| head.author == s.officer) {
            let due = head.due.map_or(s.now, |due| come(s, due));
            match head.state {
                State::Ready if hold => work.held = true,
                State::Ready => work.sends.push((head, due)),
                State::Doubtful => work.reads.push((head, due.max(quiet_end(s, head.since)))),
                State::Asks if still_read(head) => work.reads.push((head, due.max(quiet_end(s, head.since)))),
                State::Sending
                | State::Asks
                | State::Done
                | State::Refused
                | State::Blocked
                | State::Closed
                | State::SetAside => {}
            }
        }
        work
    }

    fn first(&self) -> Option<Steady> {
        self.reads.iter().chain(&self.sends).map(|(_, at)| *at).min()
    }
}

/// What keeps every call from leaving.
fn gate(s: &Situation<'_>) -> Option<Step> {
    if s.paused {
        Some(Step::Paused)
    } else if s.link == Link::None {
        Some(Step::WaitForLink)
    } else if s.session != SessionState::Open {
        Some(Step::WaitForSignIn)
    } else if !s.lease {
        Some(Step::WaitForLease)
    } else {
        None
    }
}

/// Nothing to send or read. An entry left in `sending` by a run that died still needs someone to take the lease,
/// who turns it doubtful; under our own lease it is our own call.
fn nothing(s: &Situation<'_>) -> Step {
    let left = s.heads.iter().any(|head| head.state == State::Sending);
    if left && !s.lease { Step::WaitForLease } else { Step::Idle }
}

/// When `due` comes: never later than the longest wait from now.
fn come(s: &Situation<'_>, due: Steady) -> Steady {
    if due > s.now.plus(s.longest) { s.now } else { due }
}

/// When the quiet period is over; the past counts as now. After a reboot the clock may run past `since` before
/// the period is over, and is then counted from there again: longer than needed, never shorter.
fn quiet_end(s: &Situation<'_>, since: Steady) -> Steady {
    let from_boot = Steady(0).plus(s.quiet);
    if quiet_over(s.now, since, s.quiet) {
        s.now
    } else if s.now < since && from_boot < since {
        from_boot
    } else {
        since.plus(s.quiet)
    }
}

fn due<'a>(s: &Situation<'a>, work: &[(&'a Head, Steady)]) -> Vec<&'a Head> {
    work.iter().filter(|(_, at)| *at <= s.now).map(|(head, _)| *head).collect()
}

fn ids(heads: &[&Head]) -> Vec<EntryId> {
    heads.iter().map(|head| head.id).collect()
}

/// The oldest entry and what may share its call. Until the remote is proven an entry goes by itself: to
/// try a remote that may be down costs one doubt at most.
fn send(s: &Situation<'_>, due: &[&Head]) -> Step {
    let Some((oldest, rest)) = due.split_first() else { return Step::Idle };
    if !s.proven && s.probe && oldest.effect != Effect::Replace {
        return Step::Probe;
    }
    let room = if s.proven && !by_itself(s, oldest) { s.batch.max(1) } else { 1 };
    let along = rest.iter().filter(|head| head.verb == oldest.verb && !by_itself(s, head));
    Step::Send(std::iter::once(oldest).chain(along).take(room).map(|head| head.id).collect())
}

/// Shares no call: what is marked so; what cannot be proven afterwards; and what would ask after one more doubt,
/// lest it asks for its neighbour's fault.
fn by_itself(s: &Situation<'_>, head: &Head) -> bool {
    head.alone
        || head.effect == Effect::Once
        || head.doubts.saturating_add(1) >= THREE_DOUBTS
        || s.lone_verbs.contains(&head.verb.as_str())
}
