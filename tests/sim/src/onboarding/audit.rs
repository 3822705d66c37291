//! The auditor reads what the ledger says of onboarding.

use super::notes::Kind;
use crate::bank::Bank;
use crate::notebook::{Notebook, Word};
use crate::plan::Step;
use crate::tablet::OFFICERS;
use satchel_sandbox::LedgerEntry;

impl Bank {
    /// Looks at one new line.
    pub(crate) fn audit_onboarding(&mut self, entry: &LedgerEntry, now: i64, notes: &mut Notebook) {
        let effect = &entry.effect;
        let tag = match effect.kind.as_str() {
            "create" => effect.fields.get("FirstName"),
            "upload" => effect.fields.get("fileName"),
            _ => "",
        };
        if entry.request == 0 {
            return;
        }
        match (effect.kind.as_str(), notes.onboarded.tagged(tag)) {
            ("answer", _) => self.answered(entry, now, notes),
            ("create", None) => self.required(entry, now, notes),
            (_, Some(page)) => self.came(entry, page, now, notes),
            _ => {}
        }
    }

    /// A person or a paper has come.
    fn came(&mut self, entry: &LedgerEntry, page: usize, now: i64, notes: &mut Notebook) {
        let begun = self.begun(entry.request, now);
        let thing = &mut notes.onboarded.things[page];
        thing.arrived.push(entry.effect.code.clone());
        let (times, tag) = (thing.arrived.len(), thing.tag.clone());
        let mut wrong = vec![];
        if times > 1 {
            self.doubled += 1;
            wrong.push(("doubled", format!("{tag} is at the bank {times} times")));
        }
        let held = self.server.onboarding().document(&entry.effect.code);
        if thing.kind == Kind::Paper && held.is_none_or(|held| held.bytes() != thing.bytes) {
            wrong.push(("lost", format!("{tag} came with other bytes")));
        }
        if thing.kind == Kind::Paper && entry.effect.natural_key != thing.question {
            wrong.push(("lost", format!("{tag} came for another question")));
        }
        if thing.taken_back.is_some_and(|at| begun > at) {
            wrong.push(("wish", format!("{tag} was sent though it was taken back")));
        }
        if OFFICERS[thing.officer].0 != entry.officer {
            wrong.push(("author", format!("{tag} was sent in the session of {}", entry.officer)));
        }
        wrong.into_iter().for_each(|(what, how)| notes.violated(now, what, how));
    }

    /// An answer has come: no older one over a newer, none over somebody else's that had been read, none before its papers.
    fn answered(&mut self, entry: &LedgerEntry, now: i64, notes: &mut Notebook) {
        let Some(officer) = OFFICERS.iter().position(|(user, ..)| *user == entry.officer) else { return };
        let key = (officer, entry.effect.code.clone());
        let value = entry.effect.fields.get("Response").to_owned();
        let begun = self.begun(entry.request, now);
        let mut wrong = vec![];
        let first = !notes.onboarded.latest.contains_key(&key);
        let said = notes.onboarded.answers.get(&key).map(Vec::as_slice).unwrap_or_default();
        // A choice may be made twice: the newest that it can be.
        match said.iter().rposition(|said| said.value == value) {
            None => wrong.push(("author", format!("{}: nobody has answered {value}", key.1))),
            Some(at) => {
                let latest = notes.onboarded.latest.get(&key).copied().unwrap_or(0);
                if at < latest && !notes.restored.contains(&officer) {
                    wrong.push(("order", format!("{}: {value} landed over a newer answer", key.1)));
                }
                notes.onboarded.latest.insert(key.clone(), at.max(latest));
            }
        }
        // Once hers has come, within that round trip, it is hers that stands there. What is written over hers nobody can
        // see: the list says *submitted* of both.
        if let Some(at) = notes.onboarded.elsewhere.get_mut(&key.1).and_then(Option::take)
            && begun > at + self.round_trip()
            && first
        {
            wrong.push(("overwritten", format!("{} was settled by others {} ms before", key.1, begun - at)));
        }
        // The one before it may have been on its way when she spoke of more.
        let spoken = notes.onboarded.spoken_of.get(&key.1).filter(|(_, kept)| begun > *kept);
        for paper in spoken.into_iter().flat_map(|(papers, _)| papers) {
            let Some(page) = notes.onboarded.tagged(paper) else { continue };
            let thing = &notes.onboarded.things[page];
            if thing.arrived.is_empty() && thing.dropped == Word::No && !notes.restored.contains(&officer) {
                wrong.push(("order", format!("{} was answered before {paper} was there", key.1)));
            }
        }
        wrong.into_iter().for_each(|(what, how)| notes.violated(now, what, how));
    }

    /// The bank was asked for more: about its newest application, whichever was meant.
    fn required(&mut self, entry: &LedgerEntry, now: i64, notes: &mut Notebook) {
        let Some(officer) = OFFICERS.iter().position(|(user, ..)| *user == entry.officer) else { return };
        let (wanted, done) = notes.onboarded.required.entry(officer).or_default();
        *done += 1;
        if done > wanted {
            let how = format!("the bank was asked for more {done} times, and she asked {wanted} times");
            self.doubled += 1;
            notes.violated(now, "doubled", how);
        }
    }

    /// The bank takes a question back, or somebody else answers it.
    pub fn asks_otherwise(&mut self, step: Step, r: &mut fastrand::Rng, now: i64, notes: &mut Notebook) {
        let asked = self.server.onboarding().actions().filter(|action| !action.withdrawn);
        let asked: Vec<String> = asked.map(|action| action.identifier().to_owned()).collect();
        let Some(one) = asked.get(r.usize(..asked.len().max(1))) else { return };
        notes.trace.line(now, format_args!("elsewhere: {step:?} {one}"));
        notes.onboarded.elsewhere.insert(one.clone(), Some(now));
        let at = crate::desk::START + now;
        self.server.elsewhere_in_onboarding(at, |service| match step {
            Step::WithdrawnElsewhere => service.withdraw_action(one, at),
            _ => service.answer_as_someone_else(one, "theirs", at),
        });
        self.audit(now, notes);
    }

    /// What the bank holds as the answer to a question, while it asks it.
    #[must_use]
    pub fn response(&self, identifier: &str) -> Option<String> {
        let found = self.server.onboarding().actions().filter(|action| !action.withdrawn);
        found
            .into_iter()
            .find(|action| action.identifier() == identifier)
            .map(|action| action.response.clone())
    }
}
