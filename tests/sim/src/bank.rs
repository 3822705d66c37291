//! The bank: the sandbox's state machine, and an auditor who reads its ledger as it grows.

mod audit;

use crate::call::CallId;
use crate::desk::START;
use crate::notebook::{EDITED, Notebook, Reading};
use crate::plan::Numbers;
use crate::screens::AtServer;
use crate::tablet::OFFICERS;
use satchel::prospect::Field;
use satchel_sandbox::prospect::{Envelope, Prospects};
use satchel_sandbox::{Fault, Kind, Officer, Reaction, Request, Server, Sessions};
use std::collections::BTreeMap;

/// The envelope's key and IV.
pub const KEY: ([u8; 32], [u8; 16]) = ([7; 32], [9; 16]);

/// Does it only read?
pub fn is_read(request: &Request) -> bool {
    ["ProspectGetV2", "getUserActions", "collection/tasks"].iter().any(|read| request.path.ends_with(read))
}

/// The session that a request is made in. (Collection knows none: there the officer's first stands for her.)
pub fn session(request: &Request) -> String {
    if collects(&request.path) {
        let user = request.basic().map(|(user, _)| user);
        let officer = OFFICERS.iter().find(|(name, ..)| user.as_deref() == Some(name));
        return officer.map_or(String::new(), |(.., first)| (*first).to_owned());
    }
    request.param("p").or_else(|| request.header("x-session").map(str::to_owned)).unwrap_or_default()
}

/// Is it another service's than the prospects'?
pub fn aside(path: &str) -> bool {
    path.starts_with(satchel_sandbox::onboarding::BASE) || collects(path)
}

fn collects(path: &str) -> bool {
    path.starts_with(satchel_sandbox::collection::BASE)
}

/// A row as the ledger says it is: whose value stands in each field, and since when.
#[derive(Default)]
struct Row {
    tag: String,
    /// Each with when it was written, and where in the ledger.
    values: BTreeMap<Field, (String, i64, u64)>,
    made: i64,
    gone: bool,
}

/// A request that the server has: when its call began, and which read it was.
struct Came {
    begun: i64,
    served: i64,
    /// How far the ledger went then.
    up_to: u64,
    read: Option<(usize, String)>,
    whole: bool,
    /// It may have been whole: what was cut off may have been nothing.
    usable: bool,
    session: String,
    expired: bool,
    aside: bool,
}

/// What another device changes that writes the form anew.
const REWRITTEN: [Field; 5] =
    [Field::NameEn, Field::NameKh, Field::Phone, Field::OfficerComment, Field::ReferName];

/// So long, in milliseconds, hearing something and writing it down take at most.
const JUST: i64 = 1_000;

/// The bank and its auditor.
pub struct Bank {
    /// The server.
    pub server: Server,
    envelope: Envelope,
    seen: u64,
    rows: BTreeMap<String, Row>,
    requests: BTreeMap<u64, Came>,
    calls: BTreeMap<CallId, u64>,
    creates: BTreeMap<String, Vec<String>>,
    latest: BTreeMap<(String, Field), usize>,
    at_server: AtServer,
    cuts_keys: bool,
    /// How long a call may take: an update leaves no later than that after its reading.
    round_trip: i64,
    /// How long after a create's own row a repeat may still be made because the row is gone; `None`: never.
    window: Option<i64>,
    /// Natural keys as they were sent, and for whose record.
    keys: BTreeMap<(String, String), String>,
    /// Sessions that were refused, when that was heard first, and how often they were used since.
    refused: BTreeMap<String, (i64, u32)>,
    /// Doubles that the contract leaves a way to.
    pub admitted: u64,
    /// Doubles that it does not.
    pub doubled: u64,
}

impl Bank {
    /// An empty bank.
    ///
    /// # Panics
    /// Never: the envelope's key has a good length.
    #[must_use]
    pub fn new(seed: u64, numbers: &Numbers, at_server: AtServer) -> Bank {
        let round_trip = 2 * numbers.total as i64;
        let window = (numbers.window + numbers.lateness + numbers.transit + 8 * numbers.total) as i64;
        let officers = OFFICERS.map(|(user, password, session)| Officer::new(user, password, session));
        let envelope = Envelope::new(&KEY.0, KEY.1).expect("32 bytes are a key");
        let prospects = Prospects::new(envelope.clone());
        let mut bank = Bank {
            server: Server::new(seed, Sessions::new(officers), prospects, numbers.lateness),
            cuts_keys: numbers.cuts_keys,
            envelope,
            seen: 0,
            rows: BTreeMap::new(),
            requests: BTreeMap::new(),
            calls: BTreeMap::new(),
            creates: BTreeMap::new(),
            latest: BTreeMap::new(),
            at_server,
            round_trip,
            window: (!numbers.absence_asks).then_some(window),
            keys: BTreeMap::new(),
            refused: BTreeMap::new(),
            admitted: 0,
            doubled: 0,
        };
        bank.heals();
        bank
    }

    /// Nothing goes wrong at the server any more but what it is: one that keeps keys, or one that does not.
    pub fn heals(&mut self) {
        self.server.set_faults(if self.cuts_keys { vec![Fault::new(Kind::RoundMinutes)] } else { vec![] });
    }

    /// Takes a request in.
    pub fn receive(
        &mut self,
        call: CallId,
        begun: i64,
        request: Request,
        now: i64,
        notes: &mut Notebook,
    ) -> Reaction {
        let is_read = is_read(&request);
        let read = is_read.then(|| self.reads(&request));
        let path = request.path.clone();
        let session = session(&request);
        let aside = aside(&path);
        let creates = path.ends_with("ProspectAddV2") && self.creates_something(&request);
        if !aside {
            self.refused_is_not_used(&session, now, notes); // a session is each remote's own
        }
        rules_of_sending(&session, begun, creates, is_read, now, notes);
        let good = collects(&path) || self.server.sessions().whose(&session, START + now).is_some();
        let reaction = self.server.receive(request, START + now);
        reaction.fired.iter().for_each(|fault| notes.befalls(fault));
        let expired = !good || reaction.fired.contains(&"expired_session");
        let harmless = ["delay", "clock_skew", "drip", "content_type", "swap_replies", "round_minutes"];
        let whole = reaction.fired.iter().all(|fault| harmless.contains(fault));
        let usable = reaction
            .fired
            .iter()
            .all(|fault| harmless.contains(fault) || ["cut", "lying_length"].contains(fault));
        self.calls.insert(call, reaction.request);
        self.requests.insert(
            reaction.request,
            Came {
                begun,
                served: now,
                up_to: 0,
                read: read.flatten().filter(|_| good),
                whole,
                usable,
                session,
                expired,
                aside,
            },
        );
        let path = path.trim_start_matches("/api/").to_owned();
        notes.trace.line(
            now,
            format_args!(
                "server #{} {path} {:?} committed {:?}",
                reaction.request, reaction.fired, reaction.committed
            ),
        );
        self.audit(now, notes);
        if let Some(came) = self.requests.get_mut(&reaction.request) {
            came.up_to = self.seen;
        }
        reaction
    }

    /// Whose list, and which code of it.
    fn reads(&self, request: &Request) -> Option<(usize, String)> {
        let user = whose(&request.param("p")?)?;
        let text = self.envelope.open(&request.body)?;
        let asked: serde_json::Value = serde_json::from_str(&text).ok()?;
        Some((user, asked.get("Code").and_then(|code| code.as_str()).unwrap_or_default().to_owned()))
    }

    /// A call came back to the tablet with a reply.
    pub fn heard(&mut self, call: CallId, now: i64, notes: &mut Notebook) {
        let Some(came) = self.calls.get(&call).and_then(|request| self.requests.get(request)) else { return };
        if came.expired {
            notes.expired.insert(came.session.clone());
        }
        if came.aside {
            return;
        }
        if came.expired && came.whole {
            self.refused.entry(came.session.clone()).or_insert((now, 0));
        }
        if let Some((officer, code)) = came.read.clone().filter(|_| came.whole && !came.expired) {
            let (served, up_to) = (came.served, came.up_to);
            notes.reads.push(Reading { officer, code, served, up_to, heard: now });
        }
        if came.usable && !came.expired {
            whose(&came.session).iter().for_each(|officer| {
                notes.outage.remove(officer);
            });
        }
    }

    /// When the call of that request began.
    pub(crate) fn begun(&self, request: u64, now: i64) -> i64 {
        self.requests.get(&request).map_or(now, |came| came.begun)
    }

    /// How long a call may take: an update leaves no later than that after its reading.
    pub(crate) fn round_trip(&self) -> i64 {
        self.round_trip
    }

    /// The process died: what it had only just heard it may not have written down.
    pub fn died(&mut self, now: i64) {
        self.refused.retain(|_, (heard, _)| now - *heard > JUST);
    }

    /// The officer has handed this session in again.
    pub fn signed_in(&mut self, session: &str) {
        self.refused.remove(session);
    }

    fn creates_something(&self, request: &Request) -> bool {
        let text = self.envelope.open(&request.body).unwrap_or_default();
        let list: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        let entries = list.get("ProspectDataList").and_then(|list| list.as_array());
        let code = |entry: &serde_json::Value| {
            entry.get("Code").and_then(|code| code.as_str()).unwrap_or_default().is_empty()
        };
        entries.is_some_and(|entries| entries.iter().any(code))
    }

    fn refused_is_not_used(&mut self, session: &str, now: i64, notes: &mut Notebook) {
        if let Some((_, uses)) = self.refused.get_mut(session) {
            *uses += 1;
            if *uses > 4 {
                notes.violated(now, "bounded", format!("a refused session was used {uses} times more"));
            }
        }
    }

    /// Carries out what is due.
    pub fn tick(&mut self, now: i64, notes: &mut Notebook) {
        self.server.tick(START + now);
        self.audit(now, notes);
    }

    /// Whose rows there are that others could change.
    fn live(&self) -> Vec<(String, String)> {
        let rows = self.server.prospects().rows().filter(|row| !row.rejected);
        rows.map(|row| (row.code.clone(), row.officer.clone())).collect()
    }

    /// Another device changes a field of a record, or all of its form.
    pub fn edit(&mut self, r: &mut fastrand::Rng, all: bool, now: i64, notes: &mut Notebook) {
        let live = self.live();
        let Some((code, _)) = live.get(r.usize(..live.len().max(1))) else { return };
        let mut edits = vec![];
        let fields = match all {
            // The name too only at a bank whose keys were never trusted: cut once and kept later, no bank does that.
            true if self.cuts_keys => &REWRITTEN[..],
            true => &EDITED[..],
            false => &EDITED[r.usize(..EDITED.len())..][..1],
        };
        for field in fields {
            let value = notes.value(*field, true);
            notes.trace.line(now, format_args!("elsewhere: {code} {} = {value}", field.wire()));
            edits.push((field.wire().to_owned(), value));
        }
        self.server.elsewhere(START + now, |prospects| prospects.edit(code, &edits, START + now));
        self.audit(now, notes);
    }

    /// Another device rejects a record.
    pub fn reject(&mut self, r: &mut fastrand::Rng, now: i64, notes: &mut Notebook) {
        let live = self.live();
        // Mostly what has just come: there the tablet may still be in doubt.
        let from = if r.u32(..3) > 0 { live.len().saturating_sub(2) } else { 0 };
        let Some((code, _)) = live.get(r.usize(from..live.len().max(from + 1))) else { return };
        notes.trace.line(now, format_args!("elsewhere: {code} rejected"));
        notes.removed.insert(code.clone(), now);
        self.server.elsewhere(START + now, |prospects| prospects.remove(code, START + now));
        self.audit(now, notes);
    }

    /// Another device adds a record.
    pub fn add(&mut self, officer: usize, now: i64, notes: &mut Notebook) {
        let name = notes.value(Field::NameKh, true);
        notes.trace.line(now, format_args!("elsewhere: {name} added"));
        let given = [("NameEn".to_owned(), name), ("CustComment".to_owned(), "theirs".to_owned())];
        self.server
            .elsewhere(START + now, |prospects| prospects.insert(OFFICERS[officer].0, &given, START + now));
        self.audit(now, notes);
    }

    /// Sets one more fault.
    pub fn breaks(&mut self, fault: Fault) {
        self.server.add_fault(fault);
    }

    /// How often a record was created, and how many of these rows are there still.
    #[must_use]
    pub fn copies(&self, tag: &str) -> (usize, Vec<String>) {
        let codes = self.creates.get(tag).map(Vec::as_slice).unwrap_or_default();
        let live = codes.iter().filter(|code| self.rows.get(*code).is_some_and(|row| !row.gone));
        (codes.len(), live.cloned().collect())
    }

    /// The value that the bank holds in a field of a row.
    #[must_use]
    pub fn holds(&self, code: &str, field: Field) -> Option<&str> {
        self.rows.get(code)?.values.get(&field).map(|(value, ..)| value.as_str())
    }
}

/// Whose session it is.
#[must_use]
pub fn whose(session: &str) -> Option<usize> {
    OFFICERS.iter().position(|(.., first)| session.split('.').next() == Some(first))
}

/// What may leave a tablet at all.
fn rules_of_sending(session: &str, begun: i64, creates: bool, reads: bool, now: i64, notes: &mut Notebook) {
    let whose = whose(session);
    if !reads && notes.paused.is_some_and(|(officer, at)| Some(officer) == whose && begun > at) {
        notes.violated(now, "paused", "a change began after the app was paused".to_owned());
    }
    if creates && whose.and_then(|officer| notes.outage.get(&officer)).is_some_and(|at| begun > *at) {
        notes.violated(now, "outage", "a create left before the bank was known to answer again".to_owned());
    }
}
