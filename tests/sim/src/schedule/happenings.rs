//! What happens: each item of the plan.

use super::{Backup, Run};
use crate::acts::{self, Truth};
use crate::desk::{Desk, Due, Pid};
use crate::plan::{Act, Item, Round, Step};
use crate::screens::open;
use crate::tablet::{App, OFFICERS, profile};
use satchel::Satchel;
use satchel::outbox::plan::Link;
use sim_files::Fault;
use std::sync::PoisonError;
use std::time::Duration;

impl Run {
    pub(super) fn item(&mut self, item: Item) {
        open(&self.notes).trace.line(self.desk.now(), format_args!("[{}] {}", self.at - 1, item.act));
        if let Some(name) = name(&item.act) {
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
            Act::Elsewhere | Act::RewriteElsewhere | Act::RejectElsewhere | Act::AddElsewhere => {
                self.elsewhere(&item);
            }
            Act::Onboarding(Step::WithdrawnElsewhere | Step::AnsweredElsewhere)
            | Act::Collection(Round::PaidElsewhere) => self.elsewhere(&item),
            Act::Expire(calls) => {
                self.bank.server.sessions_mut().expire_after(OFFICERS[item.officer].0, calls);
            }
            Act::NoLink(ms) => {
                self.link(false);
                self.desk.state().after(ms, Due::LinkComes);
            }
            Act::Server(fault) => self.bank.breaks(*fault),
            Act::Wire(mishap) => self.desk.state().calls.armed.push_back(mishap),
            Act::WireOfChange(mishap) => self.desk.state().calls.armed_changes.push_back(mishap),
            Act::AtReply(act) => self.at_reply.push(Item { act: *act, ..item }),
            Act::Kill { write, rest } => self.crash(Fault::Kill, write, rest, item.seed),
            Act::PowerCut { write, rest } => self.crash(Fault::PowerCut, write, rest, item.seed),
            Act::Freeze(ms) => self.freeze(ms),
            Act::Suspend(ms) => self.at_once(ms, Desk::suspend),
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
            Act::Backup => self.back_up(),
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

    fn freeze(&mut self, ms: i64) {
        open(&self.notes).decided.clear(); // the screens too are frozen
        let ms = self.long(ms);
        let pid = self.app.as_ref().map(|app| app.pid);
        pid.into_iter().for_each(|pid| self.desk.freeze(pid, ms));
        self.held = ms;
    }

    fn back_up(&mut self) {
        let (files, taken, notes) = (self.files.image(), self.desk.now(), open(&self.notes));
        self.backup =
            Some(Backup { files, taken, views: notes.views.clone(), cursors: notes.cursors.clone() });
    }

    pub(super) fn elsewhere(&mut self, item: &Item) {
        let (mut r, now) = (fastrand::Rng::with_seed(item.seed), self.desk.now());
        let mut notes = open(&self.notes);
        match item.act {
            Act::Elsewhere => self.bank.edit(&mut r, false, now, &mut notes),
            Act::RewriteElsewhere => self.bank.edit(&mut r, true, now, &mut notes),
            Act::Onboarding(step) => self.bank.asks_otherwise(step, &mut r, now, &mut notes),
            Act::Collection(_) => self.bank.pays(&mut r, now, &mut notes),
            Act::RejectElsewhere => self.bank.reject(&mut r, now, &mut notes),
            _ => self.bank.add(item.officer, now, &mut notes),
        }
    }

    pub(crate) fn answer(&mut self, officer: usize, seed: u64) {
        let truth = Truth::of(&self.bank, &open(&self.notes), self.desk.state().calls.change_travels());
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
    pub(super) fn switch(&mut self) {
        let before = self.officer;
        {
            let mut notes = open(&self.notes);
            notes.resumes();
            notes.decided.clear(); // her screens are closed
        }
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

    pub(super) fn second(&mut self, officer: usize, ms: i64) {
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
        open(&self.notes).second = true;
    }
}

/// What befalls the tablet at once; other faults are noted when they come true.
fn name(act: &Act) -> Option<&'static str> {
    Some(match act {
        Act::Expire(_) => "session_ends",
        Act::NoLink(_) => "no_link",
        Act::Freeze(_) => "frozen",
        Act::Suspend(_) => "suspended",
        Act::Clock(_) => "clock_jump",
        Act::FullDisk(_) => "full_disk",
        Act::VaultAway(_) => "vault_away",
        _ => return None,
    })
}
