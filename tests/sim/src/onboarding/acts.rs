//! What the officers do in onboarding.

use super::notes::Kind;
use crate::acts::{Actor, Truth, word};
use crate::notebook::{Said, Word};
use crate::plan::Step;
use crate::screens::open;
use satchel::onboarding::actions::{self, Answer};
use satchel::onboarding::{ActionStage, Asking, Person, Query, Source};
use satchel::outbox::entry::{EntryId, State};
use satchel::record::{ActionId, Record};
use satchel::{Decision, Error, Question, Satchel};
use std::fmt::Write;

/// Does it, and writes down what came of it.
pub async fn step(actor: Actor, step: Step, seed: u64) {
    let mut r = fastrand::Rng::with_seed(seed);
    match step {
        Step::Apply | Step::Join => apply(&actor, &mut r, step == Step::Join).await,
        Step::List => {
            let taken = actor.satchel.download_actions().await;
            actor.line(format_args!("list {:?}", taken.map(|t| (t.rows, t.new, t.changed))));
        }
        Step::Attach => attach(&actor, &mut r).await,
        Step::Answer => answer_one(&actor, &mut r).await,
        Step::TakeBack => take_back(&actor, &mut r).await,
        Step::Unanswer => {
            let Some(asking) = pick(&actor, &mut r, |asking| asking.unsent).await else { return };
            let key = (actor.officer, asking.action.identifier.clone());
            // The app may die before it says so.
            let before = open(&actor.notes).onboarded.doubt_answers(&key);
            let done = actor.satchel.withdraw_answer(asking.id).await;
            if matches!(done, Err(Error::NotPossible { .. })) {
                let mut notes = open(&actor.notes);
                let said = notes.onboarded.answers.get_mut(&key).into_iter().flatten();
                said.zip(before).for_each(|(said, before)| said.word = before);
            }
            actor.line(format_args!("takes the answer to {} back: {done:?}", asking.action.identifier));
        }
        Step::Require => {
            let of = open(&actor.notes).onboarded.of(actor.officer, Kind::Applicant);
            let Some((page, Record::Application(id))) = of.get(r.usize(..of.len().max(1))).copied() else {
                return;
            };
            open(&actor.notes).onboarded.required.entry(actor.officer).or_default().0 += 1;
            let done = actor.satchel.ask_requirements(id).await;
            actor.line(format_args!("asks for more about a{page}: {done:?}"));
        }
        Step::WithdrawnElsewhere | Step::AnsweredElsewhere => {} // the bank's
    }
}

fn person(tag: &str, n: usize) -> Person {
    Person {
        first_name: tag.to_owned(),
        last_name: "Sok".to_owned(),
        date_of_birth: "1985-10-10".parse().ok(),
        mobile_country_code: "+855".to_owned(),
        mobile_number: format!("1{n:07}"),
        branch: "GB0010001".to_owned(),
        consent: true,
        ..Person::default()
    }
}

async fn apply(actor: &Actor, r: &mut fastrand::Rng, join: bool) {
    let kind = if join { Kind::CoApplicant } else { Kind::Applicant };
    let of = open(&actor.notes).onboarded.of(actor.officer, Kind::Applicant);
    let with = of.get(r.usize(..of.len().max(1))).copied().filter(|_| join);
    if join && with.is_none() {
        return;
    }
    let (page, person) = {
        let mut notes = open(&actor.notes);
        let page = notes.onboarded.page(kind, actor.officer, "");
        notes.onboarded.things[page].with = with.map(|(page, _)| page);
        let person = person(&notes.onboarded.things[page].tag, page);
        (page, person)
    };
    let done = match with {
        Some((_, Record::Application(to))) => {
            actor.satchel.add_co_applicant(to, person).await.map(Record::from)
        }
        _ => actor.satchel.start_application(person, None).await.map(Record::from),
    };
    kept(actor, page, done);
}

fn kept(actor: &Actor, page: usize, done: Result<Record, Error>) {
    let mut notes = open(&actor.notes);
    let now = actor.now();
    let thing = &mut notes.onboarded.things[page];
    thing.kept = (word(&done.as_ref().map(|_| ()).map_err(Clone::clone)), now);
    thing.id = done.as_ref().ok().copied();
    let line = format!("officer {} keeps {}: {done:?}", actor.officer, thing.tag);
    notes.trace.line(now, format_args!("{line}"));
}

/// One of the questions that fit.
async fn pick(actor: &Actor, r: &mut fastrand::Rng, fits: fn(&Asking) -> bool) -> Option<Asking> {
    let mut asked = actor.satchel.actions(Query::default()).await.ok()?;
    asked.retain(fits);
    (!asked.is_empty()).then(|| asked.swap_remove(r.usize(..asked.len())))
}

fn open_for_papers(asking: &Asking) -> bool {
    asking.action.kind == actions::Kind::DocumentUpload && asking.stage == ActionStage::Open
}

async fn attach(actor: &Actor, r: &mut fastrand::Rng) {
    let Some(asking) = pick(actor, r, open_for_papers).await else { return };
    let (page, name) = {
        let mut notes = open(&actor.notes);
        let page = notes.onboarded.page(Kind::Paper, actor.officer, &asking.action.identifier);
        (page, notes.onboarded.things[page].tag.clone())
    };
    let bytes = pdf(&name, [10, 70_000, 140_000][r.usize(..3)]);
    open(&actor.notes).onboarded.things[page].bytes.clone_from(&bytes);
    let mut writer = actor.satchel.write_paper();
    let written = async {
        for piece in bytes.chunks(50_000) {
            writer.write(piece).await?;
        }
        writer.finish().await
    };
    let done = match written.await {
        Ok(written) => actor.satchel.attach(asking.id, Source::Written(written), &name, "").await,
        Err(e) => Err(e),
    };
    kept(actor, page, done.map(|attached| attached.document.id.into()));
}

/// A PDF of one page that says so, and is so many bytes longer.
fn pdf(says: &str, longer: usize) -> Vec<u8> {
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R>>",
    ];
    let (mut out, mut table) = (format!("%PDF-1.4\n%{says}{}\n", ".".repeat(longer)), String::new());
    for (number, object) in (1..).zip(objects) {
        let _ = writeln!(table, "{:010} 00000 n ", out.len());
        let _ = write!(out, "{number} 0 obj\n{object}\nendobj\n");
    }
    let start = out.len();
    let _ = write!(
        out,
        "xref\n0 4\n0000000000 65535 f \n{table}trailer\n<</Size 4/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n"
    );
    out.into_bytes()
}

async fn answer_one(actor: &Actor, r: &mut fastrand::Rng) {
    let open_here = |asking: &Asking| matches!(asking.stage, ActionStage::Open | ActionStage::Answered);
    let Some(asking) = pick(actor, r, open_here).await else { return };
    let key = (actor.officer, asking.action.identifier.clone());
    let answer = match asking.action.kind {
        actions::Kind::DocumentUpload if asking.documents.is_empty() => return,
        actions::Kind::DocumentUpload => Answer::Papers(asking.documents.clone()),
        actions::Kind::Choice => {
            let options = &asking.action.options;
            let Some(one) = options.get(r.usize(..options.len().max(1))) else { return };
            Answer::Choice(vec![one.value.clone()])
        }
        _ => {
            let times = open(&actor.notes).onboarded.answers.get(&key).map_or(0, Vec::len);
            Answer::Text(format!("w{}.{times}", r.u32(..)))
        }
    };
    let value = actions::response(&asking.action, &answer);
    {
        let mut notes = open(&actor.notes);
        let said = Said { value: value.clone(), word: Word::Perhaps, at: actor.now(), kept: i64::MAX };
        notes.onboarded.answers.entry(key.clone()).or_default().push(said);
        notes.onboarded.given_up.remove(&key);
        if asking.stage == ActionStage::Answered {
            notes.onboarded.goes_over(&key.1); // she was shown that there is an answer
        }
    }
    let done = actor.satchel.answer(asking.id, answer.clone()).await;
    if let (Ok(()), Answer::Papers(papers)) = (&done, &answer) {
        let mut notes = open(&actor.notes);
        let names = papers.iter().filter_map(|paper| notes.onboarded.find(actor.officer, (*paper).into()));
        let names = names.map(|page| notes.onboarded.things[page].tag.clone()).collect();
        notes.onboarded.spoken_of.insert(key.1.clone(), (names, actor.now()));
    }
    let mut notes = open(&actor.notes);
    let (kept, now) = (word(&done), actor.now());
    let said = notes.onboarded.answers.get_mut(&key).into_iter().flatten();
    // The newest of that value: a choice may be made twice.
    if let Some(said) = said.filter(|said| said.value == value).last() {
        (said.word, said.kept) = (kept, now);
    }
    notes.trace.line(now, format_args!("officer {} answers {} with {value}: {done:?}", key.0, key.1));
}

async fn take_back(actor: &Actor, r: &mut fastrand::Rng) {
    let kind = [Kind::Applicant, Kind::CoApplicant, Kind::Paper, Kind::Paper][r.usize(..4)];
    let of = open(&actor.notes).onboarded.of(actor.officer, kind);
    let Some((page, id)) = of.get(r.usize(..of.len().max(1))).copied() else { return };
    // With an application go all who apply with her. The app may die before it says so.
    let before: Vec<(usize, Word)> = {
        let things = &mut open(&actor.notes).onboarded.things;
        let all = things.iter_mut().enumerate();
        let all = all.filter(|(other, thing)| *other == page || thing.with == Some(page));
        all.map(|(page, thing)| (page, std::mem::replace(&mut thing.dropped, Word::Perhaps))).collect()
    };
    let done = match id {
        Record::Application(id) => actor.satchel.withdraw_application(id).await,
        Record::CoApplicant(id) => actor.satchel.withdraw_co_applicant(id).await,
        Record::Document(id) => actor.satchel.withdraw_document(id).await,
        _ => return,
    };
    let mut notes = open(&actor.notes);
    let now = actor.now();
    match word(&done) {
        Word::Yes => notes.onboarded.things[page].taken_back = Some(now),
        Word::No => {
            before.into_iter().for_each(|(page, before)| notes.onboarded.things[page].dropped = before);
        }
        Word::Perhaps => {}
    }
    let tag = notes.onboarded.things[page].tag.clone();
    notes.trace.line(now, format_args!("officer {} takes {tag} back: {done:?}", actor.officer));
}

/// The page of a record: the app may have died before it told her its number.
async fn page_of(actor: &Actor, record: Record) -> Option<usize> {
    let tag = match record {
        Record::Application(id) => actor.satchel.application(id).await.ok()?.person.first_name,
        Record::Document(id) => actor.satchel.document(id).await.ok()?.name,
        Record::CoApplicant(id) => co_applicant(&actor.satchel, id).await?,
        _ => return None,
    };
    let mut notes = open(&actor.notes);
    let page = notes.onboarded.tagged(&tag)?;
    notes.onboarded.things[page].id = Some(record);
    Some(page)
}

async fn co_applicant(satchel: &Satchel, id: satchel::onboarding::CoApplicantId) -> Option<String> {
    let all = satchel.applications(satchel::onboarding::ApplicationId(0), 500).await.ok()?;
    let found = all.into_iter().flat_map(|one| one.co_applicants).find(|one| one.id == id)?;
    Some(found.person.first_name)
}

/// Answers what is asked about a record of onboarding, as somebody would who has looked at the bank's own list.
pub async fn answer(actor: &Actor, record: Record, asked: Question, why: &str, truth: &Truth) {
    if let Record::Action(_) = record {
        return decide(actor, None, asked, why, Decision::SendAgain).await; // what it says is hers, and may be said again
    }
    let Some(page) = page_of(actor, record).await else { return };
    let arrived = truth.onboarded.get(page).cloned().flatten();
    let requires = match record {
        Record::Application(id) => {
            actor.satchel.application(id).await.is_ok_and(|one| one.application_id.is_some())
        }
        _ => false,
    };
    let decision = match arrived {
        // It is the application's other entry that asks: whether the bank was asked for more.
        _ if requires && truth.open => return,
        _ if requires && missing(actor).await => Decision::SendAgain,
        _ if requires => Decision::Arrived { code: String::new() },
        Some(code) => Decision::Arrived { code },
        None if truth.open => return,
        None => Decision::SendAgain,
    };
    decide(actor, Some(page), asked, why, decision).await;
}

/// Was the bank asked for more less often than she wanted, even once all has left that still will?
async fn missing(actor: &Actor) -> bool {
    let waiting = actor.satchel.waiting(EntryId(0), 500).await.unwrap_or_default();
    let will =
        waiting.iter().filter(|entry| entry.verb == "requirements" && entry.state != State::Asks).count();
    let (wanted, done) =
        open(&actor.notes).onboarded.required.get(&actor.officer).copied().unwrap_or_default();
    done + (will as u64) < wanted
}

async fn decide(actor: &Actor, page: Option<usize>, asked: Question, why: &str, decision: Decision) {
    if let Some(page) = page.filter(|_| decision == Decision::Drop) {
        let thing = &mut open(&actor.notes).onboarded.things[page];
        thing.dropped = thing.dropped.max(Word::Perhaps);
    }
    let done = actor.satchel.decide(vec![asked], decision.clone()).await;
    let page = page.map_or(-1, |page| page as i64);
    actor
        .line(format_args!("officer {} answers {why} of #{page} with {decision:?}: {done:?}", actor.officer));
}

impl Actor {
    /// What the bank refused, or what nothing can become of any more: it is sent again, or given up.
    pub(crate) async fn mend(&self, r: &mut fastrand::Rng) {
        for entry in self.satchel.waiting(EntryId(0), 500).await.unwrap_or_default() {
            let stuck = matches!(entry.state, State::Refused | State::Blocked | State::SetAside);
            let (true, Some(question)) = (stuck && entry.remote == "onboarding", entry.question) else {
                continue;
            };
            let gone = entry.why.as_deref().is_some_and(|why| why.ends_with("_elsewhere") || why == "gone");
            let page = match Record::of_lane(&entry.lane) {
                Some(record) => page_of(self, record).await,
                None => None,
            };
            let drop = gone || entry.state != State::Refused || r.u32(..4) == 0;
            let decision = if drop { Decision::Drop } else { Decision::SendAgain };
            if let Some(Record::Action(id)) = Record::of_lane(&entry.lane) {
                self.chooses(id, drop).await;
            }
            decide(self, page, question, entry.why.as_deref().unwrap_or("?"), decision).await;
        }
    }

    /// What becomes of an answer that goes nowhere is her word: it is given up, or goes over what is there.
    async fn chooses(&self, id: ActionId, gives_up: bool) {
        let Ok(asking) = self.satchel.action(id).await else { return };
        let key = (self.officer, asking.action.identifier);
        let onboarded = &mut open(&self.notes).onboarded;
        match gives_up {
            true => drop(onboarded.given_up.insert(key)),
            false => onboarded.goes_over(&key.1),
        }
    }
}
