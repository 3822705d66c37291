//! Calls under way: the way from the tablet to the server and back, with everything that befalls a call on it.
//!
//! The door is [`Wire`], the core's `Http`. What the real transports prove (a body cut before its last byte was handed
//! over has not arrived; everything after that may have) is kept to here, and proven of them elsewhere, on sockets.

mod wire;

pub use wire::Wire;

use crate::bank::{aside, is_read, session};
use crate::desk::{Due, State};
use satchel::world::{Cause, Class, Limits, TrustProblem};
use satchel_sandbox::{Answer, Pace, Part, Payload, Reaction, Request, Response};
use std::collections::{BTreeMap, VecDeque};
use std::task::Waker;

/// A call's number.
pub type CallId = u64;

/// The bytes of a reply's head, as far as a cut counts them.
const HEAD: u64 = 150;

/// What befalls a call on the way.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Mishap {
    /// Nobody listens.
    Refused,
    /// The connection never comes about.
    NoConnection,
    /// Somebody else's certificate.
    Untrusted,
    /// The connection breaks before the body's last byte was handed over.
    CutBody,
    /// All was handed over and nothing arrives.
    LostOnTheWay,
    /// It arrives so many ms after the tablet has given up.
    Late(i64),
    /// The reply gets lost.
    LostReply,
}

impl Mishap {
    /// Its name in counts.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Mishap::Refused => "wire_refused",
            Mishap::NoConnection => "wire_no_connection",
            Mishap::Untrusted => "wire_untrusted",
            Mishap::CutBody => "wire_cut_body",
            Mishap::LostOnTheWay => "wire_lost_request",
            Mishap::Late(_) => "wire_late_request",
            Mishap::LostReply => "wire_lost_reply",
        }
    }
}

/// A reply as it came over the wire.
pub struct Came {
    response: Response,
    /// The bytes of the body that came, if not all.
    cut: Option<u64>,
}

enum End {
    Reply(Came),
    Failed(Class, Cause),
}

/// A call that has not come back.
pub struct Under {
    /// Whether it changes anything.
    pub change: bool,
    /// In which session.
    pub session: String,
    /// It is another service's than the prospects'.
    pub aside: bool,
    limits: Limits,
    /// When it began.
    pub begun: i64,
    waker: Option<Waker>,
    mishap: Option<Mishap>,
    /// The server's number of it, once it arrived.
    pub server: Option<u64>,
    planned: Option<End>,
    ended: Option<End>,
}

/// All of them.
#[derive(Default)]
pub struct Calls {
    under: BTreeMap<CallId, Under>,
    /// Handed over and not there yet; arrives whether or not the tablet still waits.
    travelling: BTreeMap<CallId, (Request, i64)>,
    /// The link.
    pub link: bool,
    /// What befalls the next calls.
    pub armed: VecDeque<Mishap>,
    /// What befalls the next that change something.
    pub armed_changes: VecDeque<Mishap>,
    /// How long what a closed connection has taken may still travel, ms.
    pub transit: u32,
    /// How many calls of a thousand lose their reply without being armed.
    pub losses: u32,
    /// Requests whose client has left.
    pub left: Vec<u64>,
    chance: Option<fastrand::Rng>,
    /// How many calls there were.
    pub begun: u64,
    /// What befell calls since this was looked at.
    pub fired: Vec<&'static str>,
}

impl Calls {
    /// Draws from this seed.
    pub fn seed(&mut self, seed: u64) {
        self.chance = Some(fastrand::Rng::with_seed(seed));
    }

    fn below(&mut self, n: u32) -> i64 {
        self.chance.as_mut().map_or(0, |chance| i64::from(chance.u32(..n.max(1))))
    }

    fn mishap(&mut self, change: bool) -> Option<Mishap> {
        let meant = if change { self.armed_changes.pop_front() } else { None };
        if let Some(armed) = meant.or_else(|| self.armed.pop_front()) {
            return Some(armed);
        }
        let (losses, lot) = (i64::from(self.losses), self.below(1000));
        (lot < losses).then_some(if lot % 2 == 0 { Mishap::LostReply } else { Mishap::Refused })
    }

    /// The call, while somebody waits for it.
    #[must_use]
    pub fn get(&self, id: CallId) -> Option<&Under> {
        self.under.get(&id)
    }

    /// Is anything on its way that changes what the bank holds? A list that is asked for at every look changes nothing.
    #[must_use]
    pub fn change_travels(&self) -> bool {
        self.travelling.values().any(|(request, _)| !is_read(request))
    }

    /// The request that arrives now, and when its call began; `None` when it got lost.
    pub fn arrives(&mut self, id: CallId) -> Option<(Request, i64)> {
        self.travelling.remove(&id)
    }

    /// The link is gone: what travels may be lost, and what comes back as well.
    pub fn cut_link(&mut self) {
        self.link = false;
        let ids: Vec<_> = self.under.keys().copied().collect();
        for id in ids {
            let (lost, reply) = (self.below(2) == 0, self.below(10) < 7);
            if lost {
                self.travelling.remove(&id);
            }
            if let Some(under) = self.under.get_mut(&id).filter(|_| reply) {
                under.mishap = under.mishap.or(Some(Mishap::LostReply));
                under.planned = under.planned.take().filter(|end| matches!(end, End::Failed(..)));
            }
        }
    }

    /// What the tablet hears at last, and the waker of who waits. `None`: nobody waits, or it has ended.
    pub fn ends(&mut self, id: CallId, now: i64) -> Option<(Waker, String)> {
        let under = self.under.get_mut(&id).filter(|under| under.ended.is_none())?;
        let over = now >= under.begun + patience(under);
        let end = match under.planned.take() {
            Some(end) => end,
            None if over => End::Failed(Class::Unknown, Cause::Timeout),
            None => return None,
        };
        if let (End::Failed(..), Some(request)) = (&end, under.server) {
            self.left.push(request);
        }
        let said = match &end {
            End::Reply(came) => {
                format!("{}{}", came.response.status, if came.cut.is_some() { " cut" } else { "" })
            }
            End::Failed(class, cause) => format!("{class:?} {}", cause.code()),
        };
        under.ended = Some(end);
        under.waker.take().map(|waker| (waker, said))
    }
}

fn patience(under: &Under) -> i64 {
    let most =
        if under.change { under.limits.total } else { under.limits.idle.unwrap_or(under.limits.total) };
    most.min(under.limits.total).as_millis() as i64
}

impl State {
    /// A call begins: where will it fail, and when does it arrive?
    fn begin(&mut self, change: bool, limits: Limits, request: Request) -> CallId {
        let id = self.number();
        let (connect, total) = (limits.connect.as_millis() as i64, limits.total.as_millis() as i64);
        self.calls.begun += 1;
        let mishap = if self.calls.link { self.calls.mishap(change) } else { None };
        self.calls.fired.extend(mishap.map(Mishap::name));
        let session = session(&request);
        let aside = aside(&request.path);
        let mut under = Under {
            change,
            session,
            aside,
            limits,
            begun: self.now,
            waker: None,
            mishap,
            server: None,
            planned: None,
            ended: None,
        };
        let patience = patience(&under);
        let fail = |cause| Some(End::Failed(Class::NotExecuted, cause));
        let way = 20 + self.calls.below(300);
        let (planned, ends, arrives) = match mishap {
            _ if !self.calls.link => (fail(Cause::Offline), 3, None),
            Some(Mishap::Refused) => (fail(Cause::Offline), way, None),
            Some(Mishap::NoConnection) => (fail(Cause::Timeout), connect.min(total), None),
            Some(Mishap::Untrusted) => (fail(Cause::Untrusted(TrustProblem::UnknownAuthority)), way, None),
            Some(Mishap::CutBody) => (fail(Cause::Closed), way, None),
            Some(Mishap::LostOnTheWay) => (None, patience, None),
            Some(Mishap::Late(ms)) => (None, patience, Some(patience + ms)),
            Some(Mishap::LostReply) | None => (None, patience, Some(way.min(patience))),
        };
        under.planned = planned;
        self.after(ends, Due::Ends(id));
        if let Some(ms) = arrives {
            self.calls.travelling.insert(id, (request, self.now));
            self.after(ms, Due::Arrives(id));
        }
        self.calls.under.insert(id, under);
        id
    }

    /// The server has reacted: what of it reaches the tablet, and when?
    pub fn reacted(&mut self, id: CallId, reaction: Reaction) {
        let way = 20 + self.calls.below(300);
        let Some(under) = self.calls.under.get_mut(&id).filter(|under| under.ended.is_none()) else {
            self.calls.left.push(reaction.request);
            return;
        };
        under.server = Some(reaction.request);
        let closed = || End::Failed(Class::Unknown, Cause::Closed);
        let (end, wait) = match reaction.answer {
            _ if under.mishap == Some(Mishap::LostReply) => (Some(closed()), 0),
            Answer::Silence(satchel_sandbox::Hangup::Hold) => return,
            Answer::Silence(_) => (Some(closed()), 0),
            Answer::Reply(response, pace) => {
                let (cut, wait) = paced(&response, pace);
                (Some(End::Reply(Came { response, cut })), wait)
            }
        };
        under.planned = end;
        let wait =
            wait.saturating_add(i64::try_from(reaction.wait_ms).unwrap_or(i64::MAX)).saturating_add(way);
        if self.now + wait > under.begun + patience(under) {
            under.planned = None; // the tablet gives up first
        } else {
            self.after(wait, Due::Ends(id));
        }
    }

    /// Whoever waited has left.
    fn left(&mut self, id: CallId) {
        let lost = self.calls.below(2) == 0;
        let Some(under) = self.calls.under.remove(&id) else { return };
        // Its socket is closed now: what was handed over may travel on, but no longer than that.
        match self.calls.travelling.contains_key(&id) {
            true if lost => {
                self.calls.travelling.remove(&id);
            }
            true => {
                let most = self.calls.below(self.calls.transit);
                let due = self.agenda.iter().find(|(_, due)| **due == Due::Arrives(id)).map(|(key, _)| *key);
                if let Some(key) = due.filter(|key| key.0 > self.now + most) {
                    self.agenda.remove(&key);
                    self.after(most, Due::Arrives(id));
                }
            }
            false => {}
        }
        if under.ended.is_none() {
            self.calls.left.extend(under.server);
        }
    }
}

/// How much of the body comes, if not all, and how long it takes.
fn paced(response: &Response, pace: Pace) -> (Option<u64>, i64) {
    let len = match &response.body {
        Payload::Bytes(bytes) => bytes.len() as u64,
        Payload::Giant(bytes) => *bytes,
    };
    let lies = response.claimed_length.filter(|claimed| *claimed != len);
    match pace {
        Pace::Cut { part: Part::Body, after } if after < len => (Some(after), 0),
        Pace::Cut { part: Part::Head, after } if after < HEAD + len => (Some(after.saturating_sub(HEAD)), 0),
        Pace::Drip { bytes, every_ms, .. } => {
            let drops = len / bytes.max(1) + 1;
            (None, i64::try_from(drops.saturating_mul(every_ms)).unwrap_or(i64::MAX))
        }
        _ => (lies, 0),
    }
}
