//! One schedule: the plan is carried out on a fresh world, then everything heals and must settle.

use crate::acts::{self, Actor, Truth};
use crate::bank::{Bank, whose};
use crate::desk::{Desk, Due, Next, Pid};
use crate::naive;
use crate::notebook::Notebook;
use crate::plan::{Act, Item, Plan, Weather};
use crate::screens::{self, AtServer, Book, open};
use crate::tablet::{App, OFFICERS, Vault, profile};
use crate::template;
use crate::trace::Trace;
use satchel::outbox::plan::Link;
use satchel::{Error, Satchel};
use sim_files::{Fault, Files, Image};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

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
    backup: Option<(Image, i64)>,
    crashes: u64,
    naive: naive::Queue,
    pub(crate) over: bool,
}

/// Tasks and jobs at one moment: more than that is a loop without end.
const CROWD: usize = 300;
/// Nothing is shown second by second that lasts longer, ms.
const LONG: i64 = 10_000;
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
    if !run.how.naive {
        run.settle();
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
        }
        let mut notes = Notebook::new(Trace::new(how.keep));
        notes.sees_entries = seed.is_multiple_of(4);
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

    fn run_all(&mut self) {
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
            Due::Ends(id) => {
                let (ended, change) = {
                    let mut state = self.desk.state();
                    let change = state
                        .calls
                        .get(id)
                        .filter(|under| under.change)
                        .and_then(|under| whose(&under.session));
                    (state.calls.ends(id, now), change)
                };
                let Some((waker, said)) = ended else { return };
                {
                    let mut notes = open(&self.notes);
                    notes.trace.line(now, format_args!("call ends: {said}"));
                    if said.starts_with(|c: char| c.is_ascii_digit()) {
                        self.bank.heard(id, now, &mut notes);
                        notes.silent.clear();
                    } else {
                        notes.silence(now, change.filter(|_| said.starts_with("Unknown")));
                    }
                }
                waker.wake();
            }
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

    /// The app looks after its officer: a session that is gone is asked for again; a book that could not be opened too.
    fn tend(&mut self) {
        self.desk.state().after(TEND, Due::Tends);
        if self.how.naive {
            return;
        }
        if let Some(app) = &self.app
            && app.book(self.officer).is_none()
        {
            self.open_book(self.officer);
        }
        if !self.signed_in(self.officer) && self.chance.u32(..3) == 0 {
            self.sign_in();
        }
    }

    /// Whether the session that the officer handed in last is good.
    pub(crate) fn signed_in(&self, officer: usize) -> bool {
        let now = crate::desk::START + self.desk.now();
        let seats = self.bank.server.sessions().view(now);
        let handed = open(&self.notes).handed.get(&officer).cloned();
        seats.iter().any(|seat| {
            seat.user == OFFICERS[officer].0 && seat.valid && Some(&seat.session) == handed.as_ref()
        })
    }

    pub(crate) fn sign_in(&mut self) {
        let (user, officer) = (OFFICERS[self.officer].0, self.officer);
        let session = self.bank.server.sessions_mut().renew(user).unwrap_or_default();
        self.bank.signed_in(&session);
        if let Some(actor) = self.actor(officer) {
            self.spawn(actor.sign_in(session));
        }
    }

    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        if let Some(app) = &self.app {
            self.desk.spawn(app.pid, Box::pin(task));
        }
    }

    pub(crate) fn actor(&self, officer: usize) -> Option<Actor> {
        let satchel = self.app.as_ref()?.book(officer)?;
        Some(Actor { desk: self.desk.clone(), notes: self.notes.clone(), satchel, officer })
    }

    fn item(&mut self, item: Item) {
        open(&self.notes).trace.line(self.desk.now(), format_args!("[{}] {}", self.at - 1, item.act));
        if item.act.fault() {
            let name = name(&item.act);
            open(&self.notes).befalls(name);
        }
        if self.how.naive && matches!(item.act, Act::Add { .. }) {
            self.naive.add();
            return;
        }
        match item.act {
            Act::Answer => self.answer(item.officer, item.seed),
            Act::SignIn => self.sign_in(),
            Act::Resume => self.resume(),
            Act::Switch => self.switch(),
            Act::Second(ms) => self.second(item.officer, ms),
            Act::Elsewhere | Act::RejectElsewhere | Act::AddElsewhere => self.elsewhere(&item),
            Act::Expire(calls) => {
                self.bank.server.sessions_mut().expire_after(OFFICERS[item.officer].0, calls);
            }
            Act::NoLink(ms) => {
                self.link(false);
                self.desk.state().after(ms, Due::LinkComes);
            }
            Act::Server(fault) => self.bank.breaks(*fault),
            Act::Wire(mishap) => self.desk.state().calls.armed.push_back(mishap),
            Act::Kill { write, rest } => self.crash(Fault::Kill, write, rest, item.seed),
            Act::PowerCut { write, rest } => self.crash(Fault::PowerCut, write, rest, item.seed),
            Act::Freeze(ms) => {
                let ms = self.long(ms);
                let pid = self.app.as_ref().map(|app| app.pid);
                pid.into_iter().for_each(|pid| self.desk.freeze(pid, ms));
                self.held = ms;
            }
            Act::Suspend(ms) => self.desk.suspend(ms),
            Act::Clock(ms) => self.desk.state().wall_off += ms,
            Act::Eio(write) => self.files.fail_at(write, Fault::Eio),
            Act::FullDisk(ms) => {
                self.files.set_room(Some(self.chance.u64(..20_000)));
                self.desk.state().after(ms, Due::RoomComes);
            }
            Act::VaultAway(ms) => {
                self.vault.secrets().away = true;
                self.desk.state().after(ms, Due::VaultComes);
            }
            Act::Backup => self.backup = Some((self.files.image(), self.desk.now())),
            Act::Restore => self.restore(),
            act => {
                match act {
                    Act::Pause => self.automatic = false,
                    Act::Drain(_) => open(&self.notes).resumes(),
                    _ => {}
                }
                if let Some(actor) = self.actor(self.officer) {
                    self.spawn(actor.act(act, item.seed));
                }
            }
        }
    }

    fn elsewhere(&mut self, item: &Item) {
        let (mut r, now) = (fastrand::Rng::with_seed(item.seed), self.desk.now());
        let mut notes = open(&self.notes);
        match item.act {
            Act::Elsewhere => self.bank.edit(&mut r, now, &mut notes),
            Act::RejectElsewhere => self.bank.reject(&mut r, now, &mut notes),
            _ => self.bank.add(item.officer, now, &mut notes),
        }
    }

    pub(crate) fn answer(&mut self, officer: usize, seed: u64) {
        let truth = Truth::of(&self.bank, &open(&self.notes), self.desk.state().calls.travelling());
        if let Some(actor) = self.actor(officer) {
            self.spawn(acts::answer(actor, truth, seed));
        }
    }

    pub(crate) fn resume(&mut self) {
        self.automatic = true;
        open(&self.notes).resumes();
        for officer in 0..OFFICERS.len() {
            self.actor(officer).into_iter().for_each(|actor| actor.satchel.resume());
        }
    }

    pub(crate) fn link(&mut self, there: bool) {
        {
            let mut state = self.desk.state();
            if there { state.calls.link = true } else { state.calls.cut_link() }
        }
        let told = self.chance.u32(..5) > 0 || there;
        for officer in 0..OFFICERS.len() {
            let link = if there { Link::Unmetered } else { Link::None };
            self.actor(officer)
                .filter(|_| told)
                .into_iter()
                .for_each(|actor| actor.satchel.link_changed(link));
        }
    }

    /// The other officer takes the tablet: the first one's book is locked.
    fn switch(&mut self) {
        let before = self.officer;
        open(&self.notes).resumes();
        self.officer = 1 - before;
        if let Some(app) = &self.app {
            let book = app.books.lock().unwrap_or_else(PoisonError::into_inner).remove(&before);
            book.into_iter().for_each(|book| {
                self.spawn(async move {
                    let _ = book.lock().await;
                });
            });
        }
        self.open_book(self.officer);
    }

    fn second(&mut self, officer: usize, ms: i64) {
        if self.second.is_some() || self.how.naive {
            return;
        }
        open(&self.notes).resumes();
        self.pids += 1;
        let app = App::start(&self.desk, &self.files, &self.vault, Pid(self.pids), self.seed);
        let (world, root, profile) = (app.world.clone(), app.root.clone(), profile(&self.plan.profile));
        self.desk.spawn(
            app.pid,
            Box::pin(async move {
                if let Ok(book) = Satchel::open(world, &root, OFFICERS[officer].0, profile).await {
                    book.link_changed(Link::Unmetered);
                    let _ = book.drain(Duration::from_millis(ms as u64)).await;
                    let _ = book.shutdown().await;
                }
            }),
        );
        self.desk.state().after(ms + 10_000, Due::SecondEnds(app.pid));
        self.second = Some(app);
    }

    fn crash(&mut self, fault: Fault, write: u64, rest: i64, seed: u64) {
        (self.rest, self.cut_seed) = (rest, seed);
        match (write, fault) {
            (0, Fault::Kill) => self.kill(),
            (0, _) => self.power_cut(),
            _ => self.files.fail_at(write, fault),
        }
    }

    fn kill(&mut self) {
        self.app.iter().for_each(|app| app.process.kill());
        self.bury_the_dead();
    }

    /// Processes that died are taken away, and the app is started again later.
    fn bury_the_dead(&mut self) {
        match self.files.fired() {
            Some(Fault::PowerCut) => return self.power_cut(),
            Some(Fault::Eio | Fault::Full) => open(&self.notes).befalls("file_error"),
            Some(Fault::Kill) | None => {}
        }
        if self.second.as_ref().is_some_and(|second| second.process.dead()) {
            self.second.take().into_iter().for_each(|second| self.bury(&second));
        }
        if self.app.as_ref().is_some_and(|app| app.process.dead()) {
            self.app.take().into_iter().for_each(|app| self.bury(&app));
            self.crashed("killed");
        }
    }

    /// Of a long time in which nothing runs on the tablet all but a moment passes at once; what is left of it.
    fn long(&self, ms: i64) -> i64 {
        if ms < LONG {
            return ms;
        }
        self.desk.pass(ms - 1_000);
        1_000
    }

    fn bury(&self, app: &App) {
        app.books.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.desk.bury(app.pid);
    }

    fn crashed(&mut self, how: &'static str) {
        self.crashes += 1;
        {
            let mut notes = open(&self.notes);
            notes.died();
            notes.befalls(how);
            notes.trace.line(self.desk.now(), format_args!("{how}"));
        }
        self.clients_gone();
        self.desk.strike(|due| matches!(due, Due::Starts | Due::Plan));
        let rest = self.long(if self.over { 100 } else { self.rest });
        let mut state = self.desk.state();
        state.after(rest, Due::Starts);
        state.after(rest, Due::Plan); // nobody can do anything meanwhile
    }

    fn power_cut(&mut self) {
        for app in self.app.take().into_iter().chain(self.second.take()) {
            app.process.kill();
            self.bury(&app);
        }
        self.files.power_cut(self.cut_seed);
        self.desk.boot();
        self.crashed("power_cut");
    }

    fn restore(&mut self) {
        let Some((image, taken)) = self.backup.clone() else { return };
        for app in self.app.take().into_iter().chain(self.second.take()) {
            app.process.kill();
            self.bury(&app);
        }
        self.files.restore(&image);
        (0..OFFICERS.len()).for_each(|officer| open(&self.notes).rolled_back(officer, taken));
        self.rest = 1_000;
        self.crashed("restored");
    }

    /// The app starts and opens the book of who holds the tablet.
    fn start(&mut self) {
        if self.app.is_some() {
            return;
        }
        self.pids += 1;
        let app = App::start(&self.desk, &self.files, &self.vault, Pid(self.pids), self.seed);
        if self.how.naive {
            self.desk.spawn(app.pid, Box::pin(self.naive.clone().send(app.world.clone())));
        }
        self.app = Some(app);
        if !self.how.naive {
            self.open_book(self.officer);
        }
    }

    /// Opens an officer's book in the app; signs in the first time.
    pub(crate) fn open_book(&mut self, officer: usize) {
        let Some(app) = &self.app else { return };
        let (world, root, books) = (app.world.clone(), app.root.clone(), app.books.clone());
        let profile = profile(&self.plan.profile);
        let user = OFFICERS[officer].0;
        let now = crate::desk::START + self.desk.now();
        let seat = self.bank.server.sessions().view(now).into_iter().find(|seat| seat.user == user);
        let session = seat.filter(|seat| seat.valid).map(|seat| seat.session);
        session.iter().for_each(|session| self.bank.signed_in(session));
        let (desk, notes, at_server) = (self.desk.clone(), self.notes.clone(), self.at_server.clone());
        let (automatic, link) = (self.automatic, self.desk.state().calls.link);
        let pid = app.pid;
        self.desk.spawn(
            pid,
            Box::pin(async move {
                let opened = Satchel::open(world, &root, user, profile).await;
                let book = match opened {
                    Ok(book) => book,
                    Err(e) => {
                        let mut notes = open(&notes);
                        notes
                            .trace
                            .line(desk.now(), format_args!("officer {officer}'s book does not open: {e:?}"));
                        if matches!(
                            e,
                            Error::StoreDamaged { .. } | Error::KeyLost { .. } | Error::SchemaTooNew { .. }
                        ) {
                            notes.violated(desk.now(), "lost", format!("the book does not open: {e:?}"));
                        }
                        return;
                    }
                };
                open(&notes).trace.line(desk.now(), format_args!("officer {officer}'s book is open"));
                book.link_changed(if link { Link::Unmetered } else { Link::None });
                if let Some(session) = session
                    && book.sign_in(acts::secrets(officer, &session), None).await.is_ok()
                {
                    open(&notes).handed.insert(officer, session);
                }
                if automatic {
                    book.resume();
                }
                books.lock().unwrap_or_else(PoisonError::into_inner).insert(officer, book.clone());
                let screens =
                    screens::follow(desk.clone(), notes.clone(), book.clone(), officer, at_server.clone());
                desk.spawn(
                    pid,
                    Box::pin(async move {
                        screens.await;
                        // Locked meanwhile: the app opens it anew.
                        books.lock().unwrap_or_else(PoisonError::into_inner).remove(&officer);
                    }),
                );
                let _ = screens::compare(&desk, &notes, &book, officer, &at_server).await;
            }),
        );
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
        let prospects = if self.how.naive { self.naive.len() } else { notes.records.len() as u64 };
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
            violations: notes.violations,
            sum: notes.trace.sum(),
            trace: notes.trace.into_lines(),
            moves: notes.moves,
            fired: notes.fired,
        }
    }
}

fn name(act: &Act) -> &'static str {
    match act {
        Act::Expire(_) => "session_ends",
        Act::NoLink(_) => "no_link",
        Act::Freeze(_) => "frozen",
        Act::Suspend(_) => "suspended",
        Act::Clock(_) => "clock_jump",
        Act::FullDisk(_) => "full_disk",
        Act::VaultAway(_) => "vault_away",
        _ => "planned",
    }
}
