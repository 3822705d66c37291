//! What the officers do with the app, each act a task in its process: asked for, done, and only then written down as kept.

mod answers;

pub use answers::{Truth, answer};

use crate::bank::KEY;
use crate::collection;
use crate::desk::Desk;
use crate::notebook::{EDITED, Left, Said, Word};
use crate::onboarding;
use crate::plan::Act;
use crate::screens::{AtServer, Book, delivered, open};
use crate::tablet::{Books, OFFICERS};
use satchel::collection::CollectionSecrets;
use satchel::onboarding::OnboardingSecrets;
use satchel::prospect::{About, Field, FieldChange, ProspectId, ProspectSecrets};
use satchel::{Concern, Error, Satchel};
use std::collections::BTreeMap;
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
    /// She does onboarding too.
    pub onboards: bool,
    /// She visits late payers too.
    pub collects: bool,
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

/// What collection takes of that officer.
fn hashed(officer: usize) -> CollectionSecrets {
    let (user, password, _) = OFFICERS[officer];
    CollectionSecrets { user: user.into(), password: password.into(), hash_key: "sandbox-hash-key".into() }
}

/// What onboarding takes in that session.
fn headers(session: &str) -> OnboardingSecrets {
    let one = || BTreeMap::from([("x-session".to_owned(), session.into())]);
    OnboardingSecrets { authenticated: one(), anonymous: one() }
}

/// What an error says about whether it was kept.
pub(crate) fn word(result: &Result<(), Error>) -> Word {
    match result {
        Ok(()) => Word::Yes,
        Err(
            Error::InvalidInput { .. } | Error::NotFound { .. } | Error::NotPossible { .. } | Error::DiskFull,
        ) => Word::No,
        Err(_) => Word::Perhaps,
    }
}

impl Actor {
    /// That officer, with her open book, in that world.
    #[must_use]
    pub fn new(
        (desk, notes, at_server): (&Arc<Desk>, &Book, &AtServer),
        satchel: Satchel,
        officer: usize,
        (onboards, collects): (bool, bool),
    ) -> Actor {
        let (desk, notes, at_server) = (desk.clone(), notes.clone(), at_server.clone());
        Actor { desk, notes, satchel, officer, at_server, onboards, collects }
    }

    pub(crate) fn now(&self) -> i64 {
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

    pub(crate) fn line(&self, what: std::fmt::Arguments<'_>) {
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
                if quiet.is_ok() && notes.resumed == before && !notes.second {
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
            Act::Onboarding(step) => onboarding::step(self, step, seed).await,
            Act::Collection(round) => collection::step(self, round, seed).await,
            _ => {}
        }
    }

    /// Signs in with this session.
    pub async fn sign_in(self, session: String) {
        // At the form once at a time, as she would be.
        if !open(&self.notes).signing.insert(self.officer) {
            return;
        }
        let mut result = self.satchel.sign_in(secrets(self.officer, &session), None).await;
        if result.is_ok() && self.onboards {
            result = self.satchel.sign_in_onboarding(headers(&session), None).await;
        }
        if result.is_ok() && self.collects {
            result = self.satchel.sign_in_collection(hashed(self.officer), None).await;
        }
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
                let now = self.now();
                let record = &mut notes.records[page];
                (record.taken_back, record.withdrawn) = (Word::Yes, record.withdrawn.or(Some(now)));
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
