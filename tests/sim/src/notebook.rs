//! The officers' own notebook: what they did, and what the tablet said it had kept. The tablet is held to it.

use crate::collection::Rounds;
use crate::onboarding::Onboarded;
use crate::trace::Trace;
use satchel::Waiting;
use satchel::prospect::{Field, ProspectId};
use std::collections::{BTreeMap, BTreeSet};

mod pages;

pub use pages::{EDITED, Form, Left, Reading, Record, Said, View, Word};

/// Everything that is known outside the tablet and the server.
pub struct Notebook {
    /// All prospects added.
    pub records: Vec<Record>,
    by_id: BTreeMap<(usize, ProspectId), usize>,
    /// What happened.
    pub trace: Trace,
    /// What must never happen, and did.
    pub violations: Vec<(&'static str, String)>,
    /// What screens showed, by officer.
    pub views: BTreeMap<(usize, i64), View>,
    /// Where the screens' reader of the feed stands, by officer.
    pub cursors: BTreeMap<usize, i64>,
    /// Whether somebody looks at screens: in one schedule of three, since looking is most of the work.
    pub screens: bool,
    /// Each entry's state when it was seen last.
    pub states: BTreeMap<(usize, i64), &'static str>,
    /// How often each entry was seen to come into doubt, and how many doubts it counted last.
    doubts: BTreeMap<(usize, i64), (i64, i64)>,
    /// How often each move was seen after each thing that had befallen the schedule.
    pub moves: BTreeMap<(&'static str, &'static str, &'static str), u64>,
    /// Everything that befell it.
    pub fired: BTreeMap<&'static str, u64>,
    /// Reads that came whole.
    pub reads: Vec<Reading>,
    /// Whose book went back to a backup: of when that was, and when it came back. What it read in between it does not know
    /// afterwards.
    pub rolled: Vec<(usize, i64, i64)>,
    /// Codes removed at the server by others.
    pub removed: BTreeMap<String, i64>,
    /// The session that each officer handed in last, as long as nothing said that it is refused.
    pub handed: BTreeMap<usize, String>,
    /// Who is signing in just now.
    pub signing: BTreeSet<usize>,
    /// Sessions that the bank once said were over.
    pub expired: BTreeSet<String>,
    /// The app was paused: whose book, and when. Nothing may begin until it is resumed.
    pub paused: Option<(usize, i64)>,
    /// A second process of the app is there, which nobody paused.
    pub second: bool,
    /// How often sending was asked for.
    pub resumed: u64,
    /// A change of an officer's ended without an answer, and nothing good was heard since.
    pub outage: BTreeMap<usize, i64>,
    /// Calls without any reply in a row: when each ended.
    pub silent: Vec<i64>,
    /// What the bank held in a conflict that the officer has decided, whose, and when: no screen asks about it again.
    pub decided: Vec<(usize, ProspectId, String, i64)>,
    /// Half-typed forms, by officer and form, oldest first.
    pub drafts: BTreeMap<(usize, String), Form>,
    /// Books that came back from a backup.
    pub restored: BTreeSet<usize>,
    /// People who apply, papers and answers.
    pub onboarded: Onboarded,
    /// Late payers.
    pub rounds: Rounds,
    values: u64,
}

impl Notebook {
    /// An empty one.
    #[must_use]
    pub fn new(trace: Trace) -> Notebook {
        Notebook {
            records: vec![],
            by_id: BTreeMap::new(),
            trace,
            violations: vec![],
            views: BTreeMap::new(),
            cursors: BTreeMap::new(),
            screens: false,
            states: BTreeMap::new(),
            doubts: BTreeMap::new(),
            moves: BTreeMap::new(),
            fired: BTreeMap::new(),
            reads: vec![],
            rolled: vec![],
            removed: BTreeMap::new(),
            handed: BTreeMap::new(),
            signing: BTreeSet::new(),
            expired: BTreeSet::new(),
            paused: None,
            second: false,
            resumed: 0,
            outage: BTreeMap::new(),
            silent: vec![],
            decided: vec![],
            drafts: BTreeMap::new(),
            restored: BTreeSet::new(),
            onboarded: Onboarded::default(),
            rounds: Rounds::default(),
            values: 0,
        }
    }

    /// Notes that something must never happen and did.
    pub fn violated(&mut self, at: i64, what: &'static str, how: String) {
        self.trace.line(at, format_args!("VIOLATION {what}: {how}"));
        self.violations.push((what, how));
    }

    /// Notes that something befell the schedule.
    pub fn befalls(&mut self, what: &'static str) {
        *self.fired.entry(what).or_default() += 1;
    }

    /// Sending is asked for.
    pub fn resumes(&mut self) {
        self.resumed += 1;
        self.paused = None;
    }

    /// A call ended without a reply; `unknown`: whose change may have been carried out; `longest`: the longest wait of the
    /// profile, in milliseconds.
    pub fn silence(&mut self, now: i64, unknown: Option<usize>, longest: u64) {
        if let Some(officer) = unknown {
            self.outage.insert(officer, now);
        }
        self.silent.push(now);
        let recent = self.silent.iter().filter(|at| **at > now - 60_000).count();
        // A wait is half the longest one on average: twice as many calls as that makes, and one a second at least.
        if recent > usize::try_from(240_000 / longest.max(1)).unwrap_or(usize::MAX).max(60) {
            self.violated(
                now,
                "bounded",
                format!("{recent} calls in a minute to a bank that does not answer"),
            );
        }
    }

    /// A value for that field that nobody has used; `other`: from another device.
    pub fn value(&mut self, field: Field, other: bool) -> String {
        self.values += 1;
        match (field, other) {
            (Field::Phone, false) => format!("012{:06}", self.values),
            (Field::Phone, true) => format!("099{:06}", self.values),
            (_, false) => format!("e{}", self.values),
            (_, true) => format!("x{}", self.values),
        }
    }

    /// Whether such a value came from another device.
    #[must_use]
    pub fn foreign(value: &str) -> bool {
        value.starts_with('x') || value.starts_with("099")
    }

    /// Looks at an entry: is it where it may be, and where does it come from?
    pub fn looks_at(&mut self, officer: usize, entry: Waiting, now: i64) {
        let (state, attempt, doubts, id) = (entry.state.word(), entry.attempt, entry.doubts, entry.entry);
        if attempt > 200 {
            self.violated(now, "attempts", format!("entry {id} was begun {attempt} times"));
        }
        let doubtful = matches!(state, "doubtful" | "asks") && entry.verb == "create" && attempt == 0;
        if doubts > 3 || (doubtful && !self.restored.contains(&officer)) {
            let how = format!("entry {id} is {state} after {attempt} attempts and {doubts} doubts");
            self.violated(now, "asks", how);
        }
        let before = self.states.insert((officer, id), state).unwrap_or("new");
        let (mut seen, last) = self.doubts.get(&(officer, id)).copied().unwrap_or_default();
        if doubts < last {
            seen = doubts; // she has said: send it again, and they count anew
        }
        if (before, state) == ("sending", "doubtful") {
            seen += 1;
            if seen > doubts && !self.restored.contains(&officer) {
                let how = format!("entry {id} counts {doubts} doubts, and the screen showed {seen}");
                self.violated(now, "asks", how);
            }
        }
        self.doubts.insert((officer, id), (seen, doubts));
        if before != state {
            self.moved(before, state);
            let why = entry.why.unwrap_or_default();
            self.trace
                .line(now, format_args!("entry {officer}/{id} {} {before} -> {state} {why}", entry.verb));
        }
    }

    /// A moment after an officer has decided, her screen asks about it no more.
    pub fn nothing_decided_is_asked(&mut self, now: i64) {
        let old = |(.., at): &(usize, ProspectId, String, i64)| now - at > 100;
        let (old, young) = std::mem::take(&mut self.decided).into_iter().partition::<Vec<_>, _>(old);
        self.decided = young;
        for (officer, id, value, _) in old {
            if self.views.get(&(officer, id.0)).is_some_and(|view| view.conflict.contains(&value)) {
                self.violated(now, "feed", format!("the screen of {} asks what was decided", id.0));
            }
        }
    }

    /// Notes that an entry has moved.
    pub fn moved(&mut self, from: &'static str, to: &'static str) {
        for fault in self.fired.keys().copied().chain(["anything"]) {
            *self.moves.entry((from, to, fault)).or_default() += 1;
        }
    }

    /// A new page for a prospect; its number in the notebook.
    pub fn page(&mut self, officer: usize) -> usize {
        let tag = format!("t{}", self.records.len());
        let no = Word::No;
        self.records.push(Record {
            tag,
            officer,
            id: None,
            added: Word::Perhaps,
            said: BTreeMap::new(),
            left: BTreeMap::new(),
            mine: BTreeMap::new(),
            taken_back: no,
            withdrawn: None,
            dropped: no,
            again: 0,
            busy: true,
            asked: false,
        });
        self.records.len() - 1
    }

    /// The tablet gave it this number.
    pub fn named(&mut self, page: usize, id: ProspectId) {
        let record = &mut self.records[page];
        record.id = Some(id);
        self.by_id.insert((record.officer, id), page);
    }

    /// The page of a record that says whose it is: the app may have died before it told her its number.
    pub fn recognise(&mut self, officer: usize, id: ProspectId, tag: &str) -> Option<usize> {
        let page = self.tagged(tag).filter(|page| self.records[*page].officer == officer)?;
        if self.records[page].id.is_none() {
            self.named(page, id);
        }
        Some(page)
    }

    /// The page of that record.
    #[must_use]
    pub fn find(&self, officer: usize, id: ProspectId) -> Option<usize> {
        self.by_id.get(&(officer, id)).copied()
    }

    /// The page of that tag.
    #[must_use]
    pub fn tagged(&self, tag: &str) -> Option<usize> {
        let page: usize = tag.strip_prefix('t')?.parse().ok()?;
        (page < self.records.len()).then_some(page)
    }

    /// The process is gone: what was under way may or may not have been kept.
    pub fn died(&mut self) {
        self.records.iter_mut().for_each(|record| record.busy = false);
        self.signing.clear();
        self.decided.clear();
        self.paused = None;
        self.outage.clear();
        self.silent.clear();
    }

    /// A backup of that officer's book was put back: nothing that was said since is sure any more.
    pub fn rolled_back(&mut self, officer: usize, taken: i64, now: i64) {
        self.restored.insert(officer);
        self.onboarded.rolled_back(officer, taken);
        self.rounds.rolled_back(officer, taken);
        self.handed.remove(&officer); // what the app handed in since is not in it
        self.rolled.push((officer, taken, now));
        self.states.retain(|(whose, _), _| *whose != officer);
        self.drafts.retain(|(whose, _), _| *whose != officer);
        self.by_id.retain(|(whose, _), _| *whose != officer);
        for (page, record) in self.records.iter_mut().enumerate().filter(|(_, r)| r.officer == officer) {
            let sure = record.said.values().flatten().any(|said| said.kept < taken && said.word == Word::Yes);
            record.added = record.added.min(if sure { Word::Yes } else { Word::Perhaps });
            record.taken_back = record.taken_back.min(Word::Perhaps);
            record.withdrawn = None;
            record.dropped = record.dropped.min(Word::Perhaps);
            for said in record.said.values_mut().flatten().filter(|said| said.kept >= taken) {
                said.word = said.word.min(Word::Perhaps);
            }
            match record.id.filter(|_| sure) {
                Some(id) => {
                    self.by_id.insert((officer, id), page);
                }
                None => record.id = None,
            }
        }
    }
}
