//! The life of the app's processes: they start, open books, are looked after, die and are buried.

use super::{LONG, Run, TEND};
use crate::acts::Actor;
use crate::desk::{Desk, Due, Pid};
use crate::screens::{self, open};
use crate::tablet::{App, OFFICERS, profile};
use satchel::outbox::plan::Link;
use satchel::{Error, Satchel};
use sim_files::Fault;
use std::sync::PoisonError;

impl Run {
    /// The app looks after its officer: a session that is gone is asked for again; a book that could not be opened too.
    pub(super) fn tend(&mut self) {
        self.desk.state().after(TEND, Due::Tends);
        if self.how.naive {
            return;
        }
        if let Some(app) = &self.app
            && app.book(self.officer).is_none()
        {
            self.open_book(self.officer);
        }
        if let (Some(actor), Some(app)) = (self.actor(self.officer), &self.app) {
            self.spawn(actor.look_after(app.books.clone()));
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
        let also = (self.plan.profile.onboards, self.plan.profile.collects);
        Some(Actor::new((&self.desk, &self.notes, &self.at_server), satchel, officer, also))
    }

    pub(super) fn crash(&mut self, fault: Fault, write: u64, rest: i64, seed: u64) {
        (self.rest, self.cut_seed) = (rest, seed);
        match (write, fault) {
            (0, Fault::Kill) => self.kill(),
            (0, _) => self.power_cut(),
            _ => self.files.fail_at(write, fault),
        }
    }

    pub(super) fn kill(&mut self) {
        self.app.iter().for_each(|app| app.process.kill());
        self.bury_the_dead();
    }

    /// Processes that died are taken away, and the app is started again later.
    pub(super) fn bury_the_dead(&mut self) {
        match self.files.fired() {
            Some(Fault::PowerCut) => return self.power_cut(),
            Some(Fault::Eio | Fault::Full) => open(&self.notes).befalls("file_error"),
            Some(Fault::Kill) | None => {}
        }
        if self.second.as_ref().is_some_and(|second| second.process.dead()) {
            self.second.take().into_iter().for_each(|second| self.bury(&second));
            let mut notes = open(&self.notes);
            notes.second = false;
            notes.outage.clear();
        }
        if self.app.as_ref().is_some_and(|app| app.process.dead()) {
            self.app.take().into_iter().for_each(|app| self.bury(&app));
            self.crashed("killed");
        }
    }

    /// Of a long time in which nothing runs on the tablet all but a moment passes at once; what is left of it.
    pub(super) fn long(&mut self, ms: i64) -> i64 {
        if ms < LONG {
            return ms;
        }
        self.at_once(ms - 1_000, Desk::pass);
        1_000
    }

    /// So much time passes for the tablet at once. What is on its way to the bank, or in it, is no later for that.
    pub(crate) fn at_once(&mut self, ms: i64, pass: fn(&Desk, i64)) {
        let end = self.desk.now() + ms;
        while let Some((at, due)) = self.desk.beyond(end) {
            pass(&self.desk, (at - self.desk.now()).max(0));
            self.due(due);
        }
        pass(&self.desk, (end - self.desk.now()).max(0));
    }

    pub(super) fn bury(&self, app: &App) {
        app.books.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.desk.bury(app.pid);
    }

    pub(super) fn crashed(&mut self, how: &'static str) {
        self.crashes += 1;
        {
            let mut notes = open(&self.notes);
            notes.died();
            notes.second = self.second.is_some(); // it lives on where only the app was killed
            notes.befalls(how);
            notes.trace.line(self.desk.now(), format_args!("{how}"));
        }
        self.bank.died(self.desk.now());
        self.clients_gone();
        self.desk.strike(|due| matches!(due, Due::Starts | Due::Plan));
        let rest = self.long(if self.over { 100 } else { self.rest });
        let mut state = self.desk.state();
        state.after(rest, Due::Starts);
        state.after(rest, Due::Plan); // nobody can do anything meanwhile
    }

    pub(super) fn power_cut(&mut self) {
        for app in self.app.take().into_iter().chain(self.second.take()) {
            app.process.kill();
            self.bury(&app);
        }
        self.files.power_cut(self.cut_seed);
        self.desk.boot();
        self.crashed("power_cut");
    }

    pub(super) fn restore(&mut self) {
        let Some(backup) = self.backup.clone() else { return };
        for app in self.app.take().into_iter().chain(self.second.take()) {
            app.process.kill();
            self.bury(&app);
        }
        self.files.restore(&backup.files);
        {
            let mut notes = open(&self.notes);
            (notes.views, notes.cursors) = (backup.views, backup.cursors);
            let now = self.desk.now();
            (0..OFFICERS.len()).for_each(|officer| notes.rolled_back(officer, backup.taken, now));
        }
        self.rest = 1_000;
        self.crashed("restored");
    }

    /// The app starts and opens the book of who holds the tablet.
    pub(super) fn start(&mut self) {
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
        let also = (self.plan.profile.onboards, self.plan.profile.collects);
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
                if let Some(session) = session {
                    let world = (&desk, &notes, &at_server);
                    Actor::new(world, book.clone(), officer, also).sign_in(session).await;
                }
                if automatic {
                    book.resume();
                }
                books.lock().unwrap_or_else(PoisonError::into_inner).insert(officer, book.clone());
                if open(&notes).screens {
                    desk.spawn(
                        pid,
                        Box::pin(screens::follow(
                            desk.clone(),
                            notes.clone(),
                            book.clone(),
                            officer,
                            at_server.clone(),
                        )),
                    );
                }
                let _ = screens::compare(&desk, &notes, &book, officer, &at_server).await;
            }),
        );
    }
}
