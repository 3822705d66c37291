//! What the officer does about late payers.

use super::{Visit, named, remark};
use crate::acts::{Actor, Truth, word};
use crate::notebook::Word;
use crate::plan::Round;
use crate::screens::open;
use satchel::collection::{CollectionResultId, ResultFields, TaskQuery};
use satchel::outbox::entry::{EntryId, State};
use satchel::record::Record;
use satchel::{Decision, Question};

/// Does it, and writes down what came of it.
pub async fn step(actor: Actor, round: Round, seed: u64) {
    let mut r = fastrand::Rng::with_seed(seed);
    match round {
        Round::List => {
            let taken = actor.satchel.download_tasks().await;
            actor.line(format_args!("late payers {:?}", taken.map(|t| (t.rows, t.new, t.gone))));
        }
        Round::Visit => visit(&actor, &mut r).await,
        Round::Correct => correct(&actor, &mut r).await,
        Round::TakeBack => take_back(&actor, &mut r).await,
        Round::PaidElsewhere => {} // the bank's
    }
}

fn fields(page: usize, version: usize) -> ResultFields {
    ResultFields {
        result: "NA".to_owned(),
        action: "VISIT".to_owned(),
        remark: remark(page, version),
        ..ResultFields::default()
    }
}

async fn visit(actor: &Actor, r: &mut fastrand::Rng) {
    let all = TaskQuery { include_gone: true, ..TaskQuery::default() };
    let Ok(tasks) = actor.satchel.tasks(all).await else { return };
    let Some(task) = tasks.items.get(r.usize(..tasks.items.len().max(1))) else { return };
    let page = {
        let visits = &mut open(&actor.notes).rounds.visits;
        visits.push(Visit {
            officer: actor.officer,
            id: None,
            kept: (Word::Perhaps, i64::MAX),
            said: vec![Word::Perhaps],
            taken_back: None,
            dropped: Word::No,
            arrived: vec![],
        });
        visits.len() - 1
    };
    let done = actor.satchel.record_result(task.id, fields(page, 0)).await;
    let mut notes = open(&actor.notes);
    let (now, kept) = (actor.now(), word(&done.as_ref().map(|_| ()).map_err(Clone::clone)));
    let visit = &mut notes.rounds.visits[page];
    (visit.kept, visit.id, visit.said[0]) = ((kept, now), done.as_ref().ok().copied(), kept);
    notes.trace.line(now, format_args!("officer {} records v{page}: {done:?}", actor.officer));
}

/// One of hers that has a number.
fn pick(actor: &Actor, r: &mut fastrand::Rng) -> Option<(usize, CollectionResultId)> {
    let notes = open(&actor.notes);
    let hers = notes.rounds.visits.iter().enumerate().filter(|(_, visit)| visit.officer == actor.officer);
    let hers: Vec<_> = hers.filter_map(|(page, visit)| Some((page, visit.id?))).collect();
    hers.get(r.usize(..hers.len().max(1))).copied()
}

async fn correct(actor: &Actor, r: &mut fastrand::Rng) {
    let Some((page, id)) = pick(actor, r) else { return };
    let version = {
        let said = &mut open(&actor.notes).rounds.visits[page].said;
        said.push(Word::Perhaps);
        said.len() - 1
    };
    let done = actor.satchel.edit_result(id, fields(page, version)).await;
    open(&actor.notes).rounds.visits[page].said[version] = word(&done);
    actor.line(format_args!("officer {} corrects v{page}: {done:?}", actor.officer));
}

async fn take_back(actor: &Actor, r: &mut fastrand::Rng) {
    let Some((page, id)) = pick(actor, r) else { return };
    // The app may die before it says so.
    let before = std::mem::replace(&mut open(&actor.notes).rounds.visits[page].dropped, Word::Perhaps);
    let done = actor.satchel.withdraw_result(id).await;
    {
        let now = actor.now();
        let visit = &mut open(&actor.notes).rounds.visits[page];
        match word(&done) {
            Word::Yes => visit.taken_back = Some(now),
            Word::No => visit.dropped = before,
            Word::Perhaps => {}
        }
    }
    actor.line(format_args!("officer {} takes v{page} back: {done:?}", actor.officer));
}

/// The page of a result: the app may have died before it told her its number.
async fn page_of(actor: &Actor, id: CollectionResultId) -> Option<usize> {
    let result = actor.satchel.collection_result(id).await.ok()?;
    let (page, _) = named(&result.fields.remark)?;
    open(&actor.notes).rounds.visits.get_mut(page)?.id = Some(id);
    Some(page)
}

/// Answers what is asked about a visit, as somebody would who has rung the bank up.
pub async fn answer(actor: &Actor, id: CollectionResultId, asked: Question, why: &str, truth: &Truth) {
    let Some(page) = page_of(actor, id).await else { return };
    let decision = match truth.visited.get(page) {
        Some(true) => Decision::Arrived { code: String::new() },
        _ if truth.open => return,
        _ => Decision::SendAgain,
    };
    decide(actor, page, asked, why, decision).await;
}

async fn decide(actor: &Actor, page: usize, asked: Question, why: &str, decision: Decision) {
    if decision == Decision::Drop {
        let visit = &mut open(&actor.notes).rounds.visits[page];
        visit.dropped = visit.dropped.max(Word::Perhaps);
    }
    let done = actor.satchel.decide(vec![asked], decision.clone()).await;
    actor
        .line(format_args!("officer {} answers {why} of v{page} with {decision:?}: {done:?}", actor.officer));
}

/// What the bank refused is sent again, or given up.
pub async fn mend(actor: &Actor, r: &mut fastrand::Rng) {
    for entry in actor.satchel.waiting(EntryId(0), 500).await.unwrap_or_default() {
        let stuck = matches!(entry.state, State::Refused | State::SetAside);
        let (Some(Record::CollectionResult(id)), Some(question)) =
            (Record::of_lane(&entry.lane).filter(|_| stuck), entry.question)
        else {
            continue;
        };
        let Some(page) = page_of(actor, id).await else { continue };
        let drop = entry.state == State::SetAside || r.u32(..4) == 0;
        let decision = if drop { Decision::Drop } else { Decision::SendAgain };
        decide(actor, page, question, entry.why.as_deref().unwrap_or("?"), decision).await;
    }
}
