//! What must be true of onboarding in the end: what was kept is at the bank once, or she knows why not.

use super::notes::Thing;
use crate::notebook::Word;
use crate::schedule::Run;
use crate::screens::open;
use satchel::Satchel;
use satchel::onboarding::actions::response;
use satchel::onboarding::{ActionStage, Asking, Query};
use satchel::standing::Place;

impl Run {
    /// Every person, paper and answer of the officer's.
    pub(crate) fn compare_onboarding(&mut self, officer: usize, book: &Satchel) {
        let things: Vec<Thing> = open(&self.notes)
            .onboarded
            .things
            .iter()
            .filter(|thing| thing.officer == officer)
            .cloned()
            .collect();
        for thing in things.into_iter().filter(|thing| thing.kept.0 == Word::Yes) {
            let look = book.clone();
            let place =
                thing.id.and_then(|id| self.ask(async move { look.standing(id).await.map(|s| s.place) }));
            let restored = open(&self.notes).restored.contains(&officer);
            let tag = &thing.tag;
            let gave_up = thing.dropped > Word::No || restored;
            let wrong = match place {
                Some(Ok(Place::AtBank)) if thing.arrived.is_empty() => {
                    Some(("standing", format!("{tag} is said to be at the bank and never came")))
                }
                Some(Ok(Place::AtBank)) => None,
                Some(Ok(Place::Withdrawn)) if thing.taken_back.is_some() && !thing.arrived.is_empty() => {
                    Some(("wish", format!("{tag} was taken back before it left, and came")))
                }
                Some(Ok(Place::Withdrawn)) if gave_up => None,
                Some(Ok(Place::Withdrawn)) => {
                    Some(("lost", format!("{tag} is withdrawn and nobody said so")))
                }
                Some(Ok(other)) => Some(("progress", format!("{tag} is {other:?} though nothing is unsent"))),
                _ if restored => None,
                _ => Some(("lost", format!("{tag} was kept and is not there"))),
            };
            let now = self.desk.now();
            wrong.into_iter().for_each(|(what, how)| open(&self.notes).violated(now, what, how));
        }
        self.compare_answers(officer, book);
    }

    fn compare_answers(&mut self, officer: usize, book: &Satchel) {
        let look = book.clone();
        let all = Query { include_closed: true, ..Query::default() };
        let Some(Ok(asked)) = self.ask(async move { look.actions(all).await }) else { return };
        for asking in asked {
            if let Some(how) = self.wrong_answer(officer, &asking) {
                let now = self.desk.now();
                open(&self.notes).violated(now, "lost", format!("{}: {how}", asking.action.identifier));
            }
        }
    }

    fn wrong_answer(&self, officer: usize, asking: &Asking) -> Option<String> {
        let identifier = &asking.action.identifier;
        let notes = open(&self.notes);
        let said = notes.onboarded.answers.get(&(officer, identifier.clone()))?;
        if notes.restored.contains(&officer) {
            return None;
        }
        let sure = said.iter().rposition(|said| said.word == Word::Yes)?;
        let Some(kept) = asking.answer.as_ref().map(|answer| response(&asking.action, answer)) else {
            return Some("an answer was kept and is not there".to_owned());
        };
        if !said[sure..].iter().any(|said| said.value == kept) {
            return Some(format!("{kept} is there, and {} was kept", said[sure].value));
        }
        let elsewhere = notes.onboarded.elsewhere.contains_key(identifier);
        let given_up = notes.onboarded.given_up.contains(&(officer, identifier.clone()));
        let at_bank = self.bank.response(identifier);
        match asking.stage {
            ActionStage::Answered if at_bank.as_ref() == Some(&kept) || elsewhere || given_up => None,
            ActionStage::Answered => Some(format!("{kept} here, {at_bank:?} at the bank")),
            ActionStage::Gone | ActionStage::AnsweredElsewhere if elsewhere => None,
            ActionStage::Gone | ActionStage::AnsweredElsewhere => {
                Some("it is gone, and nobody did that".to_owned())
            }
            // Given up by her word.
            ActionStage::Open => None,
        }
    }
}
