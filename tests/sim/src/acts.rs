//! What the officers do with the app, each act a task in its process: asked for, done, and only then written down as kept.

use crate::bank::{Bank, KEY};
use crate::desk::Desk;
use crate::notebook::{EDITED, Left, Notebook, Said, Word};
use crate::plan::Act;
use crate::screens::{AtServer, Book, delivered, open};
use crate::tablet::{Books, OFFICERS};
use satchel::Decision;
use satchel::outbox::entry::{EntryId, State};
use satchel::prospect::{About, Choice, Field, FieldChange, ProspectId, ProspectSecrets, TakenBack};
use satchel::{Concern, Error, Question, Satchel};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

/// Whoever acts, where.
#[derive(Clone)]
pub struct Actor {
    /// Time and tasks.
    pub desk: Arc<Desk>,
    /// The officer's own notes.
    pub notes: Book,
    /// Her open book.
    pub satchel: Satchel,
    /// Which officer.
    pub officer: usize,
    /// What the bank ever held.
    pub at_server: AtServer,
}

/// The secrets of an officer, in that session.
#[must_use]
pub fn secrets(officer: usize, session: &str) -> ProspectSecrets {
    let (user, password, _) = OFFICERS[officer];
    ProspectSecrets {
        user: user.into(),
        password: password.into(),
        session: session.into(),
        key: KEY.0.to_vec().into(),
        iv: KEY.1.to_vec().into(),
    }
}

/// What an error says about whether it was kept.
fn word(result: &Result<(), Error>) -> Word {
    match result {
        Ok(()) => Word::Yes,
        Err(
            Error::InvalidInput { .. } | Error::NotFound { .. } | Error::NotPossible { .. } | Error::DiskFull,
        ) => Word::No,
        Err(_) => Word::Perhaps,
    }
}

impl Actor {
    fn now(&self) -> i64 {
        self.desk.now()
    }

    /// One of her records that can be spoken about now; often what she has just typed.
    fn pick(&self, r: &mut fastrand::Rng) -> Option<(usize, ProspectId)> {
        let notes = open(&self.notes);
        let free = notes
            .records
            .iter()
            .enumerate()
            .filter(|(_, record)| record.officer == self.officer && !record.busy);
        let free: Vec<_> = free.filter_map(|(page, record)| Some((page, record.id?))).collect();
        if r.bool() { free.last().copied() } else { free.get(r.usize(..free.len().max(1))).copied() }
    }

    /// The page of a record, and whether it has a code.
    async fn page(&self, id: ProspectId) -> Option<(usize, bool)> {
        let prospect = self.satchel.get(id).await.ok()?;
        let page = open(&self.notes).recognise(self.officer, id, prospect.fields.get(Field::Comment))?;
        Some((page, prospect.code.is_some()))
    }

    /// What an app does now and then: a session that the bank refused is asked for anew, a book that was locked is opened
    /// again.
    pub async fn look_after(self, books: Books) {
        let before = open(&self.notes).handed.get(&self.officer).cloned();
        match self.satchel.health().await {
            Ok(health) if health.concerns.iter().any(|c| matches!(c, Concern::NeedsSignIn { .. })) => {
                let mut notes = open(&self.notes);
                let session = notes.handed.remove(&self.officer).filter(|now| Some(now) == before.as_ref());
                if let Some(session) = session.filter(|session| !notes.expired.contains(session)) {
                    let how = format!("{session} was handed in and never refused, and she is asked again");
                    notes.violated(self.now(), "session", how);
                }
            }
            Err(Error::Locked) => {
                books.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.officer);
            }
            _ => {}
        }
    }

    fn line(&self, what: std::fmt::Arguments<'_>) {
        open(&self.notes).trace.line(self.now(), what);
    }

    /// Does it, and writes down what came of it.
    pub async fn act(self, act: Act, seed: u64) {
        let mut r = fastrand::Rng::with_seed(seed);
        match act {
            Act::Add { twin, bare } => self.add(&mut r, twin, bare).await,
            Act::Edit => self.edit(&mut r).await,
            Act::Reject | Act::Withdraw => self.take_back(&mut r, act == Act::Reject).await,
            Act::Draft => self.draft(&mut r).await,
            Act::Download => {
                let taken = self.satchel.download(None).await;
                self.line(format_args!(
                    "download {:?}",
                    taken.map(|t| (t.rows, t.new, t.changed, t.skipped, t.settled))
                ));
            }
            Act::DownloadOne => {
                let Some((_, id)) = self.pick(&mut r) else { return };
                let Ok(prospect) = self.satchel.get(id).await else { return };
                if let Some(code) = prospect.code {
                    let taken = self.satchel.download(Some(&code)).await;
                    self.line(format_args!("download of one {:?}", taken.map(|t| (t.rows, t.changed))));
                }
            }
            Act::Drain(ms) => {
                let report = self.satchel.drain(Duration::from_millis(ms as u64)).await;
                self.line(format_args!("drained {report:?}"));
            }
            Act::Pause => {
                let before = open(&self.notes).resumed;
                let quiet = self.satchel.pause(Duration::from_secs(2)).await;
                let mut notes = open(&self.notes);
                if quiet == Ok(true) && notes.resumed == before && !notes.second {
                    notes.paused = Some((self.officer, self.now()));
                }
                drop(notes);
                self.line(format_args!("paused {quiet:?}"));
            }
            Act::SignOut => {
                open(&self.notes).handed.remove(&self.officer);
                let _ = self.satchel.sign_out().await;
            }
            Act::PauseRemote => {
                let _ = match r.bool() {
                    true => self.satchel.pause_remote("prospect", "support").await,
                    false => self.satchel.resume_remote("prospect").await,
                };
            }
            _ => {}
        }
    }

    /// Signs in with this session.
    pub async fn sign_in(self, session: String) {
        // At the form once at a time, as she would be.
        if !open(&self.notes).signing.insert(self.officer) {
            return;
        }
        let result = self.satchel.sign_in(secrets(self.officer, &session), None).await;
        {
            let mut notes = open(&self.notes);
            notes.signing.remove(&self.officer);
            if result.is_ok() {
                notes.handed.insert(self.officer, session);
            }
        }
        self.line(format_args!("officer {} signs in: {result:?}", self.officer));
    }

    async fn add(self, r: &mut fastrand::Rng, twin: bool, bare: bool) {
        let (page, changes) = {
            let mut notes = open(&self.notes);
            let like = notes.records.iter().filter(|other| other.officer == self.officer && twin);
            let like: Vec<_> = like.map(|other| other.tag.clone()).collect();
            let page = notes.page(self.officer);
            let name = like
                .get(r.usize(..like.len().max(1)))
                .cloned()
                .unwrap_or_else(|| notes.records[page].tag.clone());
            let mut changes = vec![
                FieldChange::text(Field::NameEn, format!("Name {name}")),
                FieldChange::text(Field::Comment, notes.records[page].tag.clone()),
            ];
            for field in EDITED {
                let value = match (twin, field) {
                    (_, Field::Phone) if bare => String::new(),
                    (true, Field::Phone) => "012000000".to_owned(),
                    (true, Field::NameKh) => "same".to_owned(),
                    _ => notes.value(field, false),
                };
                changes.push(FieldChange::text(field, value.clone()));
                let said = Said { value, word: Word::Perhaps, at: self.now(), kept: i64::MAX };
                notes.records[page].said.insert(field, vec![said]);
            }
            (page, changes)
        };
        // Every second comes from a form that was left half typed, if there is one: it goes in the same moment.
        let form = {
            let mut notes = open(&self.notes);
            let mut mine =
                notes.drafts.iter_mut().filter(|((officer, _), _)| *officer == self.officer && r.bool());
            mine.next().map(|((_, form), said)| {
                said.push((Left::Became(page), Word::Perhaps));
                form.clone()
            })
        };
        let result = self.satchel.add(changes, form.clone().map(About::New)).await;
        let mut notes = open(&self.notes);
        if let Some(said) = form.and_then(|form| notes.drafts.get_mut(&(self.officer, form))) {
            let done = result.as_ref().map(|_| ()).map_err(Clone::clone);
            if let Some(last) = said.iter_mut().find(|(left, _)| *left == Left::Became(page)) {
                last.1 = word(&done);
            }
        }
        let done = result.as_ref().map(|_| ()).map_err(Clone::clone);
        let record = &mut notes.records[page];
        record.busy = false;
        record.added = word(&done);
        let (word, now) = (record.added, self.now());
        record.said.values_mut().flatten().for_each(|said| (said.word, said.kept) = (word, now));
        if let Ok(added) = &result {
            notes.named(page, added.id);
        }
        let id = result.map(|added| added.id.0);
        notes.trace.line(self.now(), format_args!("officer {} adds t{page}: {id:?}", self.officer));
    }

    async fn edit(self, r: &mut fastrand::Rng) {
        let Some((page, id)) = self.pick(r) else { return };
        let field = EDITED[r.usize(..EDITED.len())];
        let value = {
            let mut notes = open(&self.notes);
            let value = notes.value(field, false);
            let record = &mut notes.records[page];
            record.busy = true;
            record.said.entry(field).or_default().push(Said {
                value: value.clone(),
                word: Word::Perhaps,
                at: self.now(),
                kept: i64::MAX,
            });
            value
        };
        let result = self.satchel.edit(id, vec![FieldChange::text(field, value.clone())]).await;
        let mut notes = open(&self.notes);
        let gone = matches!(result, Err(Error::NotPossible { why: "gone" }));
        if gone && !delivered(&self.at_server, &notes.records[page].tag) {
            notes.violated(
                self.now(),
                "standing",
                format!("t{page} counts as gone and never was at the bank"),
            );
        }
        let record = &mut notes.records[page];
        record.busy = false;
        let now = word(&result);
        if let Some(said) =
            record.said.get_mut(&field).and_then(|said| said.iter_mut().find(|s| s.value == value))
        {
            (said.word, said.kept) = (now, self.desk.now());
        }
        if now == Word::Yes {
            record.left.remove(&field); // she has written it anew
        }
        notes.trace.line(
            self.now(),
            format_args!("officer {} edits t{page} {} = {value}: {result:?}", self.officer, field.wire()),
        );
    }

    async fn take_back(self, r: &mut fastrand::Rng, reject: bool) {
        let Some((page, id)) = self.pick(r) else { return };
        {
            let mut notes = open(&self.notes);
            notes.records[page].busy = true;
            notes.records[page].taken_back = notes.records[page].taken_back.max(Word::Perhaps);
        }
        let before = open(&self.notes).records[page].taken_back;
        let result = match reject {
            true => self.satchel.reject(id).await,
            false => self.satchel.withdraw(id).await,
        };
        let mut notes = open(&self.notes);
        notes.records[page].busy = false;
        match word(&result.as_ref().map(|_| ()).map_err(Clone::clone)) {
            Word::Yes => {
                notes.records[page].taken_back = Word::Yes;
                if result == Ok(TakenBack::Now) {
                    notes.records[page].withdrawn = Some(self.now());
                }
            }
            Word::No if before == Word::Perhaps => {}
            _ => {}
        }
        let what = if reject { "rejects" } else { "withdraws" };
        notes.trace.line(self.now(), format_args!("officer {} {what} t{page}: {result:?}", self.officer));
    }

    /// Saves a half-typed form. At most one word about a form is under way at a time.
    async fn draft(self, r: &mut fastrand::Rng) {
        let form = format!("form-{}", r.u32(..3));
        let text = format!("{{\"typed\":{}}}", r.u32(..));
        let key = (self.officer, form.clone());
        let left = Left::Typed(text.clone());
        open(&self.notes).drafts.entry(key.clone()).or_default().push((left.clone(), Word::Perhaps));
        let result = self.satchel.save_draft(About::New(form), text).await.map(|_| ());
        let mut notes = open(&self.notes);
        if let Some(said) =
            notes.drafts.get_mut(&key).and_then(|said| said.iter_mut().find(|(other, _)| *other == left))
        {
            said.1 = word(&result);
        }
    }
}

/// What an officer would answer who has looked at the bank's own list.
#[derive(Clone, Debug)]
pub struct Truth {
    /// By page: the live rows at the bank.
    pub rows: Vec<Vec<String>>,
    /// By page: it was there once.
    pub ever: Vec<bool>,
    /// A change is still on its way to the bank, or in it.
    pub open: bool,
}

impl Truth {
    /// As the bank's list says now.
    #[must_use]
    pub fn of(bank: &Bank, notes: &Notebook, travels: bool) -> Truth {
        let rows = notes.records.iter().map(|record| bank.copies(&record.tag).1).collect();
        let ever = notes.records.iter().map(|record| bank.copies(&record.tag).0 > 0).collect();
        Truth { rows, ever, open: travels || bank.server.in_flight() > 0 }
    }
}

/// Answers everything that can be answered truthfully now.
pub async fn answer(actor: Actor, truth: Truth, seed: u64) {
    let mut r = fastrand::Rng::with_seed(seed);
    let asks = actor.satchel.asks().await.unwrap_or_default();
    if !asks.is_empty() {
        let _ = actor.satchel.download(None).await; // she looks at the bank's list, and the app with her
    }
    for ask in asks {
        for about in ask.about {
            let Some(id) = about.record.prospect() else { continue };
            let Some((page, coded)) = actor.page(id).await else { continue };
            open(&actor.notes).records[page].asked = true;
            let row = truth.rows.get(page).and_then(|rows| rows.first());
            let shown: Vec<_> = about.rows.iter().map(|row| row.code.as_str()).collect();
            actor.line(format_args!(
                "t{page} asks {} and shows {shown:?}; at the bank it is {row:?}",
                ask.code
            ));
            let decision = match (row, coded) {
                (Some(code), false) => Decision::Arrived { code: code.clone() },
                (None, _) if truth.open => continue,
                (None, false) if truth.ever.get(page) == Some(&true) => Decision::Drop,
                (Some(_), true) | (None, false) => Decision::SendAgain,
                (None, true) => Decision::Drop,
            };
            decide(&actor, page, about.question, &ask.code, decision).await;
        }
    }
    for entry in actor.satchel.waiting(EntryId(0), 500).await.unwrap_or_default() {
        let id = entry.lane.strip_prefix("prospect:").and_then(|id| id.parse().ok()).map(ProspectId);
        match (entry.state, id) {
            (State::Asks, Some(id)) if entry.why.as_deref() == Some("conflict") => {
                resolve(&actor, id, &mut r).await
            }
            // What the bank refused is sent again, or given up.
            (State::Refused, Some(id)) => {
                let Some((page, _)) = actor.page(id).await else { continue };
                let drop = r.u32(..3) == 0 || entry.why.as_deref() == Some("gone");
                let decision = if drop { Decision::Drop } else { Decision::SendAgain };
                let Some(question) = entry.question else { continue };
                decide(&actor, page, question, "refused", decision).await;
            }
            _ => {}
        }
    }
}

async fn decide(actor: &Actor, page: usize, asked: Question, why: &str, decision: Decision) {
    {
        let mut notes = open(&actor.notes);
        let record = &mut notes.records[page];
        record.again += u32::from(decision == Decision::SendAgain);
        if decision != Decision::SendAgain {
            record.dropped = record.dropped.max(Word::Perhaps);
        }
    }
    let result = actor.satchel.decide(vec![asked], decision.clone()).await;
    actor.line(format_args!(
        "officer {} answers {why} of t{page} with {decision:?}: {result:?}",
        actor.officer
    ));
}

async fn resolve(actor: &Actor, id: ProspectId, r: &mut fastrand::Rng) {
    let Ok(prospect) = actor.satchel.get(id).await else { return };
    let Some(conflict) = prospect.conflict else { return };
    let mut choices = vec![];
    {
        let mut notes = open(&actor.notes);
        let page = notes.find(actor.officer, id);
        for field in conflict.fields.iter().map(|c| c.field) {
            let mine = r.bool();
            choices.push((field, if mine { Choice::Mine } else { Choice::Theirs }));
            if let Some(page) = page {
                let record = &mut notes.records[page];
                let word = if mine { &mut record.mine } else { &mut record.left };
                word.insert(field, actor.now());
            }
        }
    }
    let result = actor.satchel.resolve(id, conflict.asked, choices.clone()).await;
    actor.line(format_args!("officer {} resolves {} {choices:?}: {result:?}", actor.officer, id.0));
}
