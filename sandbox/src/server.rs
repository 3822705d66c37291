//! The state machine: a request and a time go in, a reaction comes out.

mod arrival;
mod desk;
mod remotes;
mod reply;
mod saved;

pub use arrival::Arrival;
pub use saved::Saved;

use crate::collection::{self, Collection};
use crate::exchange::{Exchange, Exchanges, shortened};
use crate::faults::{Board, Case, Kind, Plan, Stage};
use crate::ledger::{Fate, Ledger, Origin};
use crate::message::{Answer, Hangup, Reaction, Request, Response};
use crate::onboarding::{self, Onboarding};
use crate::prospect::Prospects;
use crate::remote::{Call, Knobs, Phrase, Refusal, Reply, Twist};
use crate::sessions::Sessions;
use crate::vbot::{self, Vbot};
use remotes::{Remotes, Which};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A call that will be executed when its time has come.
#[derive(Clone, Serialize, Deserialize)]
struct Pending {
    due_ms: i64,
    request: u64,
    call: Call,
    knobs: Knobs,
}

/// A call that will be executed some time after its client has left.
struct Waiting {
    after_ms: u64,
    call: Call,
    knobs: Knobs,
}

/// The remotes without sockets, clock and threads.
///
/// Every method that acts is handed the time in milliseconds since 1970; it may stand still but not run backwards.
/// The same seed and the same calls give the same reactions.
pub struct Server {
    rng: fastrand::Rng,
    faults: Board,
    sessions: Sessions,
    ledger: Ledger,
    exchanges: Exchanges,
    pending: Vec<Pending>,
    waiting: BTreeMap<u64, Waiting>,
    remotes: Remotes,
    requests: u64,
    lateness_ms: u64,
    meta_changed: bool,
}

impl Server {
    /// An empty server with all remotes. A late commit happens at most `lateness_ms` after its connection was closed.
    pub fn new(seed: u64, sessions: Sessions, prospects: Prospects, lateness_ms: u64) -> Server {
        Server {
            rng: fastrand::Rng::with_seed(seed),
            faults: Board::default(),
            sessions,
            ledger: Ledger::default(),
            exchanges: Exchanges::default(),
            pending: Vec::new(),
            waiting: BTreeMap::new(),
            remotes: Remotes {
                prospects,
                onboarding: Onboarding::default(),
                collection: Collection::default(),
                vbot: Vbot::default(),
            },
            requests: 0,
            lateness_ms,
            meta_changed: true,
        }
    }

    /// Takes one whole request. What it commits at once is committed on return.
    pub fn receive(&mut self, request: Request, now_ms: i64) -> Reaction {
        self.receive_after(request, &Arrival::default(), now_ms)
    }

    /// [`receive`](Server::receive) for a request that came in as its [`Arrival`] said.
    pub fn receive_after(&mut self, request: Request, arrival: &Arrival, now_ms: i64) -> Reaction {
        self.tick(now_ms);
        self.requests += 1;
        self.meta_changed = true;
        let id = self.requests;
        let Some((which, endpoint)) = self.remotes.route(&request.path) else {
            return self.no_such_place(id, &request, now_ms);
        };
        let remote = self.remotes.get(which);
        let opened = remote.open(endpoint, &request, &self.sessions, now_ms);
        let case = Case {
            accepted: opened.is_ok(),
            changes: opened.as_ref().is_ok_and(|call| call.changes),
            entries: opened.as_ref().map_or(0, |call| call.entries),
            ..Case::new(remote.name(), endpoint)
        };
        let asked = remote.peek(&request).unwrap_or_else(|| "(undecodable)".to_owned());
        let plan = self.faults.draw(&case, &mut self.rng);
        let officer = opened.as_ref().map_or(String::new(), |call| call.officer.clone());
        let done = self.act(id, which, endpoint, opened, &plan, now_ms);
        let (mut reaction, answered) = self.dress(id, which, done, &plan, now_ms);
        reaction.fired.splice(0..0, arrival.fired.iter().copied());
        self.exchanges.push(Exchange {
            id,
            at_ms: now_ms,
            endpoint: endpoint.to_owned(),
            officer,
            asked: shortened(&asked),
            answered,
            status: status(&reaction.answer),
            delivery: delivery(&reaction, reply::fate(&plan, self.remotes.get(which))).to_owned(),
            fired: reaction.fired.clone(),
            committed: reaction.committed.clone(),
        });
        reaction
    }

    /// Executes what is due by now.
    pub fn tick(&mut self, now_ms: i64) {
        // By due time, and among equals in the order of arrival: a late first update lands before a later one.
        self.pending.sort_by_key(|late| (late.due_ms, late.request));
        let due = self.pending.partition_point(|late| late.due_ms <= now_ms);
        for late in self.pending.drain(..due).collect::<Vec<_>>() {
            let (_, seqs) = self.execute(late.request, &late.call, &late.knobs, Fate::Lost, true, now_ms);
            if let Some(exchange) = self.exchanges.get_mut(late.request) {
                exchange.committed.extend(seqs);
            }
        }
    }

    /// When [`tick`](Server::tick) has something to do next.
    pub fn next_due(&self) -> Option<i64> {
        self.pending.iter().map(|late| late.due_ms).min()
    }

    /// The client of that request has left without its answer.
    pub fn client_gone(&mut self, request: u64, now_ms: i64) {
        self.ledger.reply_lost(request);
        if let Some(exchange) = self.exchanges.get_mut(request) {
            exchange.delivery = "client left first".to_owned();
        }
        if let Some(waiting) = self.waiting.remove(&request) {
            let due_ms = later(now_ms, waiting.after_ms);
            self.pending.push(Pending { due_ms, request, call: waiting.call, knobs: waiting.knobs });
            self.meta_changed = true;
        }
    }

    /// Whether a path belongs to a remote system rather than to the sandbox itself.
    pub fn is_remote(path: &str) -> bool {
        ["/api/", onboarding::BASE, collection::BASE].iter().any(|base| path.starts_with(base))
    }

    /// The longest body, in bytes, of a request to this path; a longer one gets 413.
    pub fn longest(path: &str) -> usize {
        match path {
            path if path.starts_with(onboarding::BASE) => onboarding::LONGEST,
            path if path.starts_with(collection::BASE) => collection::LONGEST,
            path if path.starts_with(vbot::BASE) => vbot::LONGEST,
            _ => 64 * 1024 * 1024,
        }
    }

    fn act(
        &mut self,
        id: u64,
        which: Which,
        endpoint: &str,
        opened: Result<Call, Refusal>,
        plan: &Plan,
        now_ms: i64,
    ) -> Done {
        let knobs = knobs(plan, &mut self.rng);
        match (plan.at(Stage::Instead), opened) {
            (Some(Kind::LateCommit { after_ms }), Ok(call)) => {
                let due_ms = later(now_ms, (*after_ms).min(self.lateness_ms));
                self.spend(which, &call);
                self.pending.push(Pending { due_ms, request: id, call, knobs });
                Done { due_ms: Some(due_ms), ..Done::silent(Hangup::Close) }
            }
            (Some(Kind::ArriveAfterClose { after_ms }), Ok(call)) => {
                self.spend(which, &call);
                self.waiting.insert(id, Waiting { after_ms: *after_ms, call, knobs });
                Done::silent(Hangup::Hold)
            }
            (Some(instead), _) => self.not_executed(which, endpoint, instead),
            (None, Err(Refusal::Http(response))) => Done::http(response),
            (None, Err(Refusal::Phrase(phrase))) => {
                Done::words(self.remotes.get(which).say(endpoint, phrase))
            }
            (None, Ok(call)) => {
                self.spend(which, &call);
                let fate = reply::fate(plan, self.remotes.get(which));
                let (reply, committed) = self.execute(id, &call, &knobs, fate, false, now_ms);
                Done { committed, ..Done::words(reply) }
            }
        }
    }

    fn spend(&mut self, which: Which, call: &Call) {
        if self.remotes.get(which).in_session() {
            self.sessions.spend(&call.officer);
        }
    }

    fn not_executed(&self, which: Which, endpoint: &str, instead: &Kind) -> Done {
        let say = |phrase| Done::words(self.remotes.get(which).say(endpoint, phrase));
        match instead {
            Kind::RefuseBatch => say(Phrase::Invalid),
            Kind::ExpiredSession => say(Phrase::SessionExpired),
            Kind::Opstatus { code } => say(Phrase::Failure(*code)),
            other => Done::http(reply::instead(other)),
        }
    }

    fn execute(
        &mut self,
        request: u64,
        call: &Call,
        knobs: &Knobs,
        reply: Fate,
        late: bool,
        at_ms: i64,
    ) -> (Reply, Vec<u64>) {
        // Endpoints are never taken out of service: what was accepted under one is executed under it.
        let Some(which) = self.remotes.having(&call.endpoint) else { return (Reply::ok(""), Vec::new()) };
        let outcome = self.remotes.get_mut(which).execute(call, knobs, at_ms);
        let remote = self.remotes.get(which).name();
        let from =
            Origin { remote, endpoint: &call.endpoint, officer: &call.officer, request, late, reply, at_ms };
        let seqs = outcome.effects.into_iter().map(|effect| self.ledger.append(from, effect)).collect();
        self.meta_changed = true;
        (outcome.reply, seqs)
    }

    fn no_such_place(&mut self, id: u64, request: &Request, now_ms: i64) -> Reaction {
        let done = Done::http(reply::not_found());
        let (reaction, answered) = self.dress(id, Which::Prospects, done, &Plan::default(), now_ms);
        self.exchanges.push(Exchange {
            id,
            at_ms: now_ms,
            endpoint: shortened(&request.path),
            officer: String::new(),
            asked: String::new(),
            answered,
            status: status(&reaction.answer),
            delivery: "sent".to_owned(),
            fired: Vec::new(),
            committed: Vec::new(),
        });
        reaction
    }
}

/// What became of a request before its reply is dressed for the wire.
struct Done {
    answer: Said,
    committed: Vec<u64>,
    due_ms: Option<i64>,
}

enum Said {
    /// The service's own words, to be sealed.
    Words(Reply),
    Http(Response),
    Nothing(Hangup),
}

impl Done {
    fn new(answer: Said) -> Done {
        Done { answer, committed: Vec::new(), due_ms: None }
    }
    fn words(reply: Reply) -> Done {
        Done::new(Said::Words(reply))
    }
    fn http(response: Response) -> Done {
        Done::new(Said::Http(response))
    }
    fn silent(hangup: Hangup) -> Done {
        Done::new(Said::Nothing(hangup))
    }
}

fn knobs(plan: &Plan, rng: &mut fastrand::Rng) -> Knobs {
    let twist = plan.at(Stage::Entries).and_then(|kind| match kind {
        Kind::SwapReplies => Some(Twist::Swap),
        Kind::DuplicateReply { contradict } => Some(Twist::Duplicate { contradict: *contradict }),
        Kind::WrongReference => Some(Twist::WrongReference),
        Kind::MissingReply => Some(Twist::Missing),
        _ => None,
    });
    let reply_code = plan.at(Stage::Code).and_then(|kind| match kind {
        Kind::ReplyCode { code } => Some(*code),
        _ => None,
    });
    Knobs { round_minutes: plan.at(Stage::Store).is_some(), twist, reply_code, pick: rng.u32(..) }
}

fn later(now_ms: i64, by_ms: u64) -> i64 {
    now_ms.saturating_add(i64::try_from(by_ms).unwrap_or(i64::MAX))
}

fn status(answer: &Answer) -> Option<u16> {
    match answer {
        Answer::Reply(response, _) => Some(response.status),
        Answer::Silence(_) => None,
    }
}

fn delivery(reaction: &Reaction, fate: Fate) -> &'static str {
    match (&reaction.answer, fate) {
        (Answer::Silence(Hangup::Hold), _) => "held, no reply",
        (Answer::Silence(Hangup::Reset), _) => "reset, no reply",
        (Answer::Silence(Hangup::Close), _) => "closed, no reply",
        (Answer::Reply(..), Fate::Sent | Fate::Elsewhere) => "sent",
        (Answer::Reply(..), Fate::Damaged) => "sent damaged",
        (Answer::Reply(..), Fate::Lost) => "cut off",
    }
}
