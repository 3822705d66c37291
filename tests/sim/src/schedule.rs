//! One schedule: the plan is carried out on a fresh world, then everything heals and must settle.

mod happenings;
mod life;

use crate::bank::{Bank, whose};
use crate::call::CallId;
use crate::desk::{Desk, Due, Next};
use crate::naive;
use crate::notebook::{Notebook, View};
use crate::plan::{Act, Item, Plan, Weather};
use crate::screens::{AtServer, Book, open};
use crate::tablet::{App, Vault};
use crate::template;
use crate::trace::Trace;
use sim_files::{Files, Image};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

/// How a schedule is to be run.
#[derive(Clone, Default)]
pub struct How {
    /// Items of the plan that are left out.
    pub without: BTreeSet<usize>,
    /// Keep the lines of the trace.
    pub keep: bool,
    /// A naive client in place of Satchel.
    pub naive: bool,
}

/// What a schedule came to.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Which.
    pub seed: u64,
    /// Jobs, sleeps and events.
    pub steps: u64,
    /// Prospects added.
    pub prospects: u64,
    /// Crashes that happened.
    pub crashes: u64,
    /// Faults that happened.
    pub faults: u64,
    /// Creates that reached the bank twice though they must not.
    pub doubled: u64,
    /// … and where the contract leaves a way to it.
    pub admitted: u64,
    /// Records that asked.
    pub asked: u64,
    /// In ordinary weather.
    pub fair: bool,
    /// What must never happen, and did.
    pub violations: Vec<(&'static str, String)>,
    /// The sum of the trace.
    pub sum: u64,
    /// The trace, if it was kept.
    pub trace: Vec<String>,
    /// Moves of entries, with what had befallen last.
    pub moves: BTreeMap<(&'static str, &'static str, &'static str), u64>,
    /// What befell it.
    pub fired: BTreeMap<&'static str, u64>,
}

/// The tablet's files, the app's own among them: what its screens showed, and where they stood in the feed.
#[derive(Clone)]
struct Backup {
    files: Image,
    taken: i64,
    views: BTreeMap<(usize, i64), View>,
    cursors: BTreeMap<usize, i64>,
}

/// A schedule under way.
pub(crate) struct Run {
    pub(crate) desk: Arc<Desk>,
    pub(crate) files: Files,
    pub(crate) vault: Vault,
    pub(crate) bank: Bank,
    pub(crate) notes: Book,
    pub(crate) at_server: AtServer,
    pub(crate) plan: Plan,
    how: How,
    chance: fastrand::Rng,
    seed: u64,
    at: usize,
    pub(crate) app: Option<App>,
    second: Option<App>,
    pids: u32,
    /// Who holds the tablet.
    pub(crate) officer: usize,
    automatic: bool,
    rest: i64,
    /// The plan waits so long: nobody can use a frozen app.
    held: i64,
    cut_seed: u64,
    backup: Option<Backup>,
    crashes: u64,
    naive: naive::Queue,
    pub(crate) over: bool,
    /// What happens when the tablet hears the answer to a reading.
    pub(crate) at_reply: Vec<Item>,
}

/// Tasks and jobs at one moment: more than that is a loop without end.
const CROWD: usize = 300;
/// Nothing is shown second by second that lasts longer, ms.
const LONG: i64 = 10_000;
/// The naive client has this long after the plan's end to go on, with what has not gone wrong yet, ms.
const NAIVE: i64 = 120_000;
/// How often the app looks after its officer, ms.
const TEND: i64 = 4_000;
/// Tasks and jobs run without time moving on.
const SPIN: u32 = 50_000;

/// Runs the schedule of a seed.
#[must_use]
pub fn run(seed: u64, how: &How) -> Report {
    let mut run = Run::new(seed, how.clone());
    run.begin();
    run.carry_out();
    run.over = true;
    match run.how.naive {
        true => run.wait(NAIVE),
        false => run.settle(),
    }
    run.report()
}

impl Run {
    fn new(seed: u64, how: How) -> Run {
        let plan = Plan::of(seed);
        let desk = Desk::new();
        let (files, vault) = template::tablet(plan.birth || how.naive);
        let at_server = AtServer::default();
        let n = &plan.profile;
        let bank = Bank::new(seed, n, at_server.clone());
        {
            let mut state = desk.state();
            state.calls.seed(seed ^ 0xca11);
            (state.calls.link, state.calls.losses) = (true, plan.losses);
            state.calls.transit = u32::try_from(plan.profile.transit).unwrap_or(u32::MAX);
        }
        let mut notes = Notebook::new(Trace::new(how.keep));
        notes.screens = seed.is_multiple_of(3);
        let notes = Arc::new(Mutex::new(notes));
        let chance = fastrand::Rng::with_seed(seed ^ 0xc4a9ce);
        Run {
            desk,
            files,
            vault,
            bank,
            notes,
            at_server,
            plan,
            how,
            chance,
            seed,
            at: 0,
            app: None,
            second: None,
            pids: 0,
            officer: 0,
            automatic: true,
            rest: 1000,
            held: 0,
            cut_seed: 0,
            backup: None,
            crashes: 0,
            naive: naive::Queue::default(),
            over: false,
            at_reply: vec![],
        }
    }

    fn begin(&mut self) {
        self.start();
        self.desk.state().after(TEND, Due::Tends);
        self.schedule_next();
    }

    fn schedule_next(&mut self) {
        while self.how.without.contains(&self.at) {
            self.at += 1;
        }
        if let Some(item) = self.plan.items.get(self.at) {
            self.desk.strike(|due| *due == Due::Plan);
            let held = std::mem::take(&mut self.held);
            self.desk.state().after(item.gap + held, Due::Plan);
        }
    }

    fn carry_out(&mut self) {
        while self.at < self.plan.items.len() {
            if !self.turn() {
                break;
            }
        }
    }

    /// Runs what can run, then lets the next thing happen. `false`: nothing ever will.
    pub(crate) fn turn(&mut self) -> bool {
        self.run_all();
        let next = self.desk.next();
        self.desk.advance(next);
        match next {
            Next::Nothing => return false,
            Next::Sleep(_) => {}
            Next::Due(_, due) => self.due(due),
        }
        true
    }

    /// Runs what can run now.
    pub(crate) fn run_all(&mut self) {
        let mut spins = 0;
        while let Some((_, job)) = self.desk.run_one(&mut self.chance) {
            if job {
                let ms = self.chance.i64(0..2);
                self.desk.pass(ms);
                self.bury_the_dead();
            }
            spins += 1;
            if spins > SPIN || self.desk.crowd() > CROWD {
                let crowd = self.desk.crowd();
                self.violated("bounded", format!("{spins} turns without a rest, {crowd} tasks and jobs"));
                self.kill();
                return;
            }
        }
    }

    fn violated(&mut self, what: &'static str, how: String) {
        open(&self.notes).violated(self.desk.now(), what, how);
    }

    fn due(&mut self, due: Due) {
        let now = self.desk.now();
        open(&self.notes).nothing_decided_is_asked(now);
        match due {
            Due::Plan => {
                let Some(item) = self.plan.items.get(self.at).cloned() else { return };
                self.at += 1;
                self.item(item);
                self.schedule_next();
            }
            Due::Arrives(id) => {
                let arrived = self.desk.state().calls.arrives(id);
                let Some((request, begun)) = arrived else { return };
                let reaction = self.bank.receive(id, begun, request, now, &mut open(&self.notes));
                self.desk.state().reacted(id, reaction);
                self.server_later();
            }
            Due::Ends(id) => self.ends(id, now),
            Due::Thaws(pid) => self.desk.thaw(pid),
            Due::Starts => self.start(),
            Due::LinkComes => self.link(true),
            Due::Server => {
                self.bank.tick(now, &mut open(&self.notes));
                self.server_later();
            }
            Due::RoomComes => self.files.set_room(None),
            Due::VaultComes => self.vault.secrets().away = false,
            Due::SecondEnds(pid) => {
                if self.second.as_ref().is_some_and(|second| second.pid == pid) {
                    self.second.iter().for_each(|second| second.process.kill());
                    self.bury_the_dead();
                }
            }
            Due::Tends => self.tend(),
        }
        self.clients_gone();
        let fired = std::mem::take(&mut self.desk.state().calls.fired);
        fired.into_iter().for_each(|what| open(&self.notes).befalls(what));
    }

    /// What became of a call reaches the tablet.
    fn ends(&mut self, id: CallId, now: i64) {
        let (ended, change, aside) = {
            let mut state = self.desk.state();
            let under = state.calls.get(id);
            let change = under.filter(|under| under.change).map(|under| whose(&under.session));
            let aside = under.is_some_and(|under| under.aside);
            (state.calls.ends(id, now), change, aside)
        };
        let Some((waker, said)) = ended else { return };
        let answered = said.starts_with(|c: char| c.is_ascii_digit());
        {
            let mut notes = open(&self.notes);
            notes.trace.line(now, format_args!("call ends: {said}"));
            if answered {
                self.bank.heard(id, now, &mut notes);
                notes.silent.clear();
            } else if !aside {
                let unknown = change.flatten().filter(|_| said.starts_with("Unknown"));
                notes.silence(now, unknown, self.plan.profile.most);
            }
        }
        waker.wake();
        if answered && change.is_none() {
            std::mem::take(&mut self.at_reply).into_iter().for_each(|item| self.item(item));
        }
    }

    fn clients_gone(&mut self) {
        let left = std::mem::take(&mut self.desk.state().calls.left);
        for request in left {
            self.bank.server.client_gone(request, crate::desk::START + self.desk.now());
            self.server_later();
        }
    }

    /// Looks at the server again when it has something to do.
    fn server_later(&mut self) {
        if let Some(due) = self.bank.server.next_due() {
            let now = crate::desk::START + self.desk.now();
            self.desk.strike(|due| *due == Due::Server);
            self.desk.state().after(due - now, Due::Server);
        }
    }

    fn report(mut self) -> Report {
        let steps = self.desk.state().steps;
        for app in self.app.take().into_iter().chain(self.second.take()) {
            app.process.kill();
            self.bury(&app);
        }
        let mut notes = open(&self.notes);
        let notes = std::mem::replace(&mut *notes, Notebook::new(Trace::new(false)));
        let fault = |act: &Act| act.fault();
        let faults = self.plan.items.iter().filter(|item| fault(&item.act)).count() as u64;
        let prospects = if self.how.naive { self.naive.told() } else { notes.records.len() as u64 };
        Report {
            seed: self.seed,
            steps,
            prospects,
            crashes: self.crashes,
            faults,
            doubled: self.bank.doubled,
            admitted: self.bank.admitted,
            asked: notes.records.iter().filter(|record| record.asked).count() as u64,
            fair: self.plan.weather == Weather::Fair,
            violations: if self.how.naive { vec![] } else { notes.violations },
            sum: notes.trace.sum(),
            trace: notes.trace.into_lines(),
            moves: notes.moves,
            fired: notes.fired,
        }
    }
}
