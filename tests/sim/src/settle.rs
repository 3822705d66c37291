//! The end of a schedule: everything heals, everything must settle, and then everything is compared.

use crate::desk::{Desk, Due, Next};
use crate::notebook::{EDITED, Record, Said, View, Word};
use crate::schedule::Run;
use crate::screens::{self, open};
use crate::tablet::OFFICERS;
use satchel::Satchel;
use satchel::outbox::plan::Link;
use satchel::prospect::{Field, ProspectId, Query};
use satchel::standing::Place;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// True ms that everything may take to settle once nothing goes wrong any more.
const BOUND: i64 = 24 * 3_600_000;

impl Run {
    /// Heals, waits, compares.
    pub(crate) fn settle(&mut self) {
        self.heal();
        let start = self.desk.now();
        for officer in 0..OFFICERS.len() {
            let has = {
                let notes = open(&self.notes);
                notes.records.iter().any(|record| record.officer == officer)
                    || notes.onboarded.things.iter().any(|thing| thing.officer == officer)
                    || notes.rounds.visits.iter().any(|visit| visit.officer == officer)
            };
            if !has {
                continue;
            }
            self.officer = officer;
            if !self.settled(officer, start) {
                let now = self.desk.now();
                open(&self.notes).violated(
                    now,
                    "progress",
                    format!("officer {officer}'s book does not settle"),
                );
                self.say_what_waits(officer);
                continue;
            }
            self.final_audit(officer);
        }
    }

    fn heal(&mut self) {
        let now = self.desk.now();
        open(&self.notes).trace.line(now, format_args!("everything heals"));
        self.bank.heals();
        self.at_reply.clear();
        {
            let mut state = self.desk.state();
            state.calls.armed.clear();
            state.calls.armed_changes.clear();
            (state.calls.losses, state.calls.link) = (0, true);
        }
        self.files.no_fault();
        self.files.set_room(None);
        self.vault.secrets().away = false;
        self.desk.strike(|due| matches!(due, Due::RoomComes | Due::VaultComes | Due::LinkComes));
        let frozen = self.app.as_ref().map(|app| app.pid);
        frozen.into_iter().for_each(|pid| self.desk.thaw(pid));
        if self.app.is_none() {
            self.desk.strike(|due| *due == Due::Starts);
            self.desk.state().after(0, Due::Starts);
        }
    }

    /// Lets so many ms pass.
    pub(crate) fn wait(&mut self, ms: i64) {
        let end = self.desk.now() + ms;
        while self.desk.now() < end {
            let beyond = match self.desk.next() {
                Next::Sleep(at) | Next::Due(at, _) => at > end,
                Next::Nothing => true,
            };
            if beyond && !self.can_run() {
                let left = end - self.desk.now();
                self.desk.pass(left);
                break;
            }
            if !self.turn() {
                break;
            }
        }
    }

    /// What a task in the app gives back. `None`: it did not end.
    pub(crate) fn ask<T: Send + 'static>(
        &mut self,
        task: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        let slot = Arc::new(Mutex::new(None));
        let answer = slot.clone();
        self.spawn(async move {
            let value = task.await;
            *answer.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
        });
        for _ in 0..1_000 {
            self.run_all(); // what needs no time takes none
            if let Some(value) = slot.lock().unwrap_or_else(PoisonError::into_inner).take() {
                return Some(value);
            }
            if !self.turn() {
                break;
            }
        }
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        slot.take()
    }

    /// Waits until nothing of the officer's is unsent, answering what asks as she would.
    fn settled(&mut self, officer: usize, start: i64) -> bool {
        let mut seed = 0;
        while self.desk.now() - start < BOUND {
            if seed > 50 {
                self.at_once(1_800_000, Desk::suspend); // what only time can settle: the tablet sleeps
            }
            self.wait(if seed < 10 { 4_000 } else { 15_000 });
            let Some(book) = self.app.as_ref().and_then(|app| app.book(officer)) else {
                self.open_book(officer);
                continue;
            };
            if seed == 0 {
                self.resume();
            }
            if !self.signed_in(officer) {
                self.sign_in();
            }
            book.link_changed(Link::Unmetered);
            if let (Some(actor), Some(books)) =
                (self.actor(officer), self.app.as_ref().map(|app| app.books.clone()))
            {
                self.ask(actor.look_after(books));
            }
            let look = book.clone();
            let left = self.ask(async move {
                let _ = look.resume_remote("prospect").await;
                let _ = look.download_actions().await;
                look.summary().await.map(|summary| summary.unsent)
            });
            if let Some(Ok(0)) = left {
                // What others did meanwhile is only seen in the bank's list, and may ask.
                let look = book.clone();
                let whole = self.ask(async move {
                    let taken = look.download(None).await.is_ok_and(|taken| taken.conflicts == 0);
                    taken && look.summary().await.is_ok_and(|summary| summary.unsent == 0)
                });
                if whole == Some(true) {
                    self.wait(1_000); // the screens catch up
                    return true;
                }
            }
            seed += 1;
            self.answer(officer, seed);
        }
        false
    }

    fn say_what_waits(&mut self, officer: usize) {
        let Some(book) = self.app.as_ref().and_then(|app| app.book(officer)) else { return };
        let look = book.clone();
        let health = self.ask(async move { look.health().await.map(|health| format!("{health:?}")) });
        open(&self.notes).trace.line(self.desk.now(), format_args!("{health:?}"));
        let waiting = self.ask(async move { book.waiting(satchel::outbox::entry::EntryId(0), 20).await });
        let now = self.desk.now();
        for entry in waiting.and_then(Result::ok).unwrap_or_default() {
            let line = format!(
                "{} {} {} {:?} attempt {} doubts {}",
                entry.lane,
                entry.verb,
                entry.state.word(),
                entry.why,
                entry.attempt,
                entry.doubts
            );
            open(&self.notes).trace.line(now, format_args!("waits: {line}"));
        }
    }

    /// Every record of the officer's: what she was told is kept, what the bank has, what the screens showed.
    fn final_audit(&mut self, officer: usize) {
        let Some(book) = self.app.as_ref().and_then(|app| app.book(officer)) else { return };
        let restored = open(&self.notes).restored.contains(&officer);
        let pages = open(&self.notes).records.len();
        for page in 0..pages {
            let record = open(&self.notes).records[page].clone();
            if record.officer != officer {
                continue;
            }
            let look = book.clone();
            let found = record
                .id
                .and_then(|id| self.ask(async move { (look.get(id).await, look.standing(id).await) }));
            let now = self.desk.now();
            let Some((Ok(found), Ok(standing))) = found else {
                if record.added == Word::Yes && !restored {
                    open(&self.notes).violated(
                        now,
                        "lost",
                        format!("{} was kept and is not there", record.tag),
                    );
                }
                continue;
            };
            let view = View::of(&found, standing.place);
            open(&self.notes).trace.line(
                now,
                format_args!(
                    "row {} {:?} {:?} {}",
                    record.tag,
                    view.place,
                    found.code,
                    view.fields.join(" ")
                ),
            );
            let (copies, live) = self.bank.copies(&record.tag);
            let mut wrong = self.untrue(&record, &found, standing.place, copies, &live, restored);
            if record.added == Word::Yes {
                wrong.extend(
                    screens::differences(&record, &found, &self.at_server)
                        .into_iter()
                        .map(|how| ("lost", how)),
                );
            }
            let mut notes = open(&self.notes);
            let shown = notes.views.get(&(officer, found.id.0));
            if notes.screens && shown != Some(&view) {
                wrong.push(("feed", format!("{}: the screen shows {shown:?}, kept is {view:?}", record.tag)));
            }
            wrong.into_iter().for_each(|(what, how)| notes.violated(now, what, how));
        }
        self.compare_screens(officer, &book);
        self.compare_onboarding(officer, &book);
        self.compare_visits(officer, &book);
    }

    fn untrue(
        &self,
        record: &Record,
        found: &satchel::prospect::Prospect,
        place: Place,
        copies: usize,
        live: &[String],
        restored: bool,
    ) -> Vec<(&'static str, String)> {
        let tag = &record.tag;
        let mut untrue = vec![];
        let mut say = |what, how: String| untrue.push((what, how));
        match place {
            Place::AtBank => {
                let code = found.code.clone().unwrap_or_default();
                if record.taken_back == Word::Yes && record.dropped == Word::No && !restored {
                    say("wish", format!("{tag} was taken back and is at the bank"));
                }
                if live != [code.clone()] {
                    say(
                        "standing",
                        format!("{tag} is said to be at the bank as {code}; there it is {live:?}"),
                    );
                }
                for field in EDITED {
                    let (here, there) =
                        (found.fields.get(field), self.bank.holds(&code, field).unwrap_or_default());
                    if here != there {
                        say("lost", format!("{tag} {}: {here} here, {there} at the bank", field.wire()));
                    }
                }
            }
            Place::Withdrawn | Place::Rejected => {
                let by_word = record.taken_back > Word::No || record.dropped > Word::No || restored;
                if !live.is_empty() && record.dropped == Word::No && !restored {
                    say("standing", format!("{tag} is said to be {place:?}; at the bank it is {live:?}"));
                }
                if !by_word {
                    say("lost", format!("{tag} is {place:?} and nobody said so"));
                }
            }
            Place::GoneElsewhere => {
                if !live.is_empty() && !restored {
                    say("standing", format!("{tag} is said to be gone; at the bank it is {live:?}"));
                }
                if copies == 0 {
                    say("standing", format!("{tag} is said to be gone; it never was there"));
                }
                let asked = record.dropped > Word::No || record.taken_back > Word::No || restored;
                if let Some(unsent) = self.never_sent(record).filter(|_| !asked) {
                    say("lost", format!("{tag}: {unsent} was kept, never left, and she was not told"));
                }
            }
            other => say("progress", format!("{tag} is {other:?} though nothing is unsent")),
        }
        untrue
    }

    /// A value that was kept and that the bank never had, nor any newer one of that field.
    fn never_sent(&self, record: &Record) -> Option<String> {
        let at_server = self.at_server.lock().unwrap_or_else(PoisonError::into_inner);
        let left = |field: &Field| record.left.contains_key(field);
        record.said.iter().filter(|(field, _)| !left(field)).find_map(|(_, said)| {
            let sure = said.iter().rposition(|said| said.word == Word::Yes)?;
            let sent = |said: &Said| at_server.contains(&(record.tag.clone(), said.value.clone()));
            (!said[sure..].iter().any(sent)).then(|| said[sure].value.clone())
        })
    }

    /// The same of all that is in the book or on the screen: what other devices made is in no notebook.
    fn compare_screens(&mut self, officer: usize, book: &Satchel) {
        if !open(&self.notes).screens {
            return;
        }
        let look = book.clone();
        let list =
            self.ask(async move { look.list(Query { include_closed: true, ..Query::default() }).await });
        let listed = list.and_then(Result::ok).into_iter().flat_map(|page| page.items);
        let shown: BTreeMap<i64, Option<View>> = {
            let notes = open(&self.notes);
            let mine = notes.views.iter().filter(|((whose, _), _)| *whose == officer);
            let mine = mine.map(|((_, id), view)| (*id, Some(view.clone())));
            listed.map(|item| (item.id.0, None)).chain(mine).collect()
        };
        for (id, shown) in shown {
            let look = book.clone();
            let kept = self.ask(async move { screens::view(&look, ProspectId(id)).await });
            if let Some(Ok(kept)) = kept
                && kept != shown
            {
                let now = self.desk.now();
                open(&self.notes).violated(
                    now,
                    "feed",
                    format!("record {id}: the screen shows {shown:?}, kept is {kept:?}"),
                );
            }
        }
    }

    fn can_run(&self) -> bool {
        self.desk.can_run()
    }
}
