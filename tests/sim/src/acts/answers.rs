//! What an officer answers who has looked at the bank's own list.

use super::Actor;
use crate::bank::Bank;
use crate::collection;
use crate::notebook::{Notebook, Word};
use crate::onboarding;
use crate::screens::open;
use satchel::outbox::entry::{EntryId, State};
use satchel::prospect::{Choice, ProspectId};
use satchel::record::Record;
use satchel::{Decision, Question};

/// What an officer would answer who has looked at the bank's own list.
#[derive(Clone, Debug)]
pub struct Truth {
    /// By page: the live rows at the bank.
    pub rows: Vec<Vec<String>>,
    /// By page: it was there once.
    pub ever: Vec<bool>,
    /// A change is still on its way to the bank, or in it.
    pub open: bool,
    /// By page of onboarding: its code.
    pub onboarded: Vec<Option<String>>,
    /// By page of a visit: it is at the bank.
    pub visited: Vec<bool>,
}

impl Truth {
    /// As the bank's list says now.
    #[must_use]
    pub fn of(bank: &Bank, notes: &Notebook, travels: bool) -> Truth {
        let rows = notes.records.iter().map(|record| bank.copies(&record.tag).1).collect();
        let ever = notes.records.iter().map(|record| bank.copies(&record.tag).0 > 0).collect();
        let onboarded = notes.onboarded.things.iter().map(|thing| thing.arrived.first().cloned());
        let open = travels || bank.server.in_flight() > 0;
        let visited = notes.rounds.visits.iter().map(|visit| !visit.arrived.is_empty());
        Truth { rows, ever, open, onboarded: onboarded.collect(), visited: visited.collect() }
    }
}

/// Answers everything that can be answered truthfully now.
pub async fn answer(actor: Actor, truth: Truth, seed: u64) {
    let mut r = fastrand::Rng::with_seed(seed);
    let asks = actor.satchel.asks().await.unwrap_or_default();
    if !asks.is_empty() {
        let _ = actor.satchel.download(None).await; // she looks at the bank's list, and the app with her
    }
    if actor.onboards {
        let _ = actor.satchel.download_actions().await;
    }
    for ask in asks {
        for about in ask.about {
            if let Record::CollectionResult(id) = about.record {
                collection::answer(&actor, id, about.question, &ask.code, &truth).await;
                continue;
            }
            let Some(id) = about.record.prospect() else {
                onboarding::answer(&actor, about.record, about.question, &ask.code, &truth).await;
                continue;
            };
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
    if actor.onboards {
        actor.mend(&mut r).await;
    }
    if actor.collects {
        collection::mend(&actor, &mut r).await;
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
    let Some(mut conflict) = prospect.conflict else { return };
    if r.bool() {
        conflict.fields.truncate(1); // the others she decides later
    }
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
    if result.is_ok() {
        let (officer, now) = (actor.officer, actor.now());
        let values = conflict.fields.into_iter().map(|field| (officer, id, field.theirs, now));
        open(&actor.notes).decided.extend(values);
    }
    actor.line(format_args!("officer {} resolves {} {choices:?}: {result:?}", actor.officer, id.0));
}
