//! What the ledger says of results, and what must be true of them in the end.

use super::{Visit, named, remark};
use crate::bank::Bank;
use crate::notebook::{Notebook, Word};
use crate::schedule::Run;
use crate::screens::open;
use crate::tablet::OFFICERS;
use satchel::Satchel;
use satchel::standing::Place;
use satchel_sandbox::LedgerEntry;

impl Bank {
    /// Looks at one new line.
    pub(crate) fn audit_collection(&mut self, entry: &LedgerEntry, now: i64, notes: &mut Notebook) {
        if entry.request == 0 || entry.effect.kind != "result" {
            return;
        }
        let said = entry.effect.fields.get("remark").to_owned();
        let known = named(&said).filter(|(page, version)| {
            notes.rounds.visits.get(*page).is_some_and(|visit| *version < visit.said.len())
        });
        let Some((page, version)) = known else {
            return notes.violated(now, "author", format!("nobody has recorded {said}"));
        };
        let begun = self.begun(entry.request, now);
        let visit = &mut notes.rounds.visits[page];
        visit.arrived.push(version);
        let mut wrong = vec![];
        if visit.arrived.len() > 1 {
            self.doubled += 1;
            wrong.push(("doubled", format!("v{page} is at the bank {} times", visit.arrived.len())));
        }
        if visit.taken_back.is_some_and(|at| begun > at) {
            wrong.push(("wish", format!("v{page} was sent though it was taken back")));
        }
        if visit.said[version] == Word::No {
            wrong.push(("wish", format!("{said} was refused here, and came")));
        }
        let user = OFFICERS[visit.officer].0;
        if user != entry.officer || user != entry.effect.fields.get("cre_by") {
            wrong.push(("author", format!("v{page} was sent as {}'s", entry.officer)));
        }
        wrong.into_iter().for_each(|(what, how)| notes.violated(now, what, how));
    }

    /// Somebody pays at the bank's desk.
    pub fn pays(&mut self, r: &mut fastrand::Rng, now: i64, notes: &mut Notebook) {
        let all: Vec<String> =
            self.server.collection().tasks().map(|task| task.contract_no().to_owned()).collect();
        let Some(one) = all.get(r.usize(..all.len().max(1))) else { return };
        notes.trace.line(now, format_args!("elsewhere: {one} has paid"));
        let at = crate::desk::START + now;
        self.server.elsewhere_in_collection(at, |service| service.remove_task(one, at));
        self.audit(now, notes);
    }
}

impl Run {
    /// Every visit of the officer's: at the bank once, as she recorded it last, or she knows why not.
    pub(crate) fn compare_visits(&mut self, officer: usize, book: &Satchel) {
        let visits = open(&self.notes).rounds.visits.clone();
        for (page, visit) in visits.into_iter().enumerate().filter(|(_, visit)| visit.officer == officer) {
            if visit.kept.0 != Word::Yes {
                continue;
            }
            let look = book.clone();
            let found = visit.id.and_then(|id| {
                self.ask(async move {
                    Some((look.standing(id).await.ok()?.place, look.collection_result(id).await.ok()?))
                })
            });
            let restored = open(&self.notes).restored.contains(&officer);
            let found = found.flatten().map(|(place, result)| (place, result.fields.remark));
            let wrong = wrong(page, &visit, found, restored);
            let now = self.desk.now();
            wrong.into_iter().for_each(|(what, how)| open(&self.notes).violated(now, what, how));
        }
    }
}

type Wrong = Option<(&'static str, String)>;

fn wrong(page: usize, visit: &Visit, found: Option<(Place, String)>, restored: bool) -> Wrong {
    let Some((place, here)) = found else {
        return (!restored).then(|| ("lost", format!("v{page} was kept and is not there")));
    };
    let sure = visit.said.iter().rposition(|word| *word == Word::Yes).unwrap_or(0);
    let kept = named(&here).map_or(0, |(_, version)| version);
    if kept < sure && !restored {
        return Some(("lost", format!("{here} is there, and {} was kept", remark(page, sure))));
    }
    match place {
        Place::AtBank if visit.arrived.is_empty() => {
            Some(("standing", format!("v{page} is said to be at the bank and never came")))
        }
        // What left is what is here: it cannot be changed once it may have arrived.
        Place::AtBank if !visit.arrived.contains(&kept) && !restored => {
            Some(("lost", format!("{here} is here, and {:?} came", visit.arrived)))
        }
        Place::AtBank => None,
        Place::Withdrawn if visit.taken_back.is_some() && !visit.arrived.is_empty() => {
            Some(("wish", format!("v{page} was taken back before it left, and came")))
        }
        Place::Withdrawn if visit.dropped > Word::No || restored => None,
        Place::Withdrawn => Some(("lost", format!("v{page} is withdrawn and nobody said so"))),
        other => Some(("progress", format!("v{page} is {other:?} though nothing is unsent"))),
    }
}
