//! What another device, or the bank's staff, does while the tablet is not looking.

use super::model::{Action, SOMEONE_ELSE, SUBMITTED};
use super::shown::Shown;
use super::wire::PROFILE;
use super::{Onboarding, effect, templates};
use crate::fields::Fields;
use crate::ledger::Effect;
use serde_json::{Map, Value};

/// A change, and what the ledger is to say of it: the owner and the effect.
pub(crate) type Changed<R> = (R, Vec<(String, Effect)>);

impl Onboarding {
    /// Makes an application for `officer` with the applicant's fields; `Application_id` and `Party_Id`, if given, are
    /// its own. Returns its `Application_id`; none if a field is not known or the application is there already.
    pub fn insert_application(
        &mut self,
        officer: &str,
        given: &[(String, String)],
        now_ms: i64,
    ) -> Changed<Option<String>> {
        let known = |name: &str| name == "Party_Id" || PROFILE.contains(&name);
        let own = |name: &str| given.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone());
        let application = own("Application_id").unwrap_or_else(|| self.fresh_application());
        if given.iter().any(|(name, _)| !known(name)) || self.application(&application).is_some() {
            return (None, Vec::new());
        }
        let party = own("Party_Id").unwrap_or_else(|| self.ids.party());
        let mut fields = Fields::new();
        for (name, usual) in [("FirstName", "Somebody"), ("LastName", "Else"), ("ApplicantType", "Applicant")]
        {
            fields.set(name, usual);
        }
        let of_profile =
            given.iter().filter(|(name, _)| !["Application_id", "Party_Id"].contains(&name.as_str()));
        of_profile.for_each(|(name, value)| fields.set(name.clone(), value.clone()));
        let made = effect::profile("create", &application, &fields);
        self.open_application(officer, application.clone(), party, fields, now_ms);
        (Some(application), vec![(officer.to_owned(), made)])
    }

    /// Makes an action of an application. `given` is an object of members as getUserActions shows them, laid over a
    /// question for a text; null leaves a member out. Returns its identifier; none if there is no such application,
    /// no `UserActionName`, or a member of the wrong kind.
    pub fn create_action(
        &mut self,
        application: &str,
        given: &Value,
        now_ms: i64,
    ) -> Changed<Option<String>> {
        let made = self.drawn_up(application, given);
        let Some((officer, shown)) = made else { return (None, Vec::new()) };
        let effect = effect::requirement(application, &shown);
        let identifier = shown.identifier.clone();
        self.ask_for(&officer, application, shown, now_ms);
        (Some(identifier), vec![(officer, effect)])
    }

    fn drawn_up(&self, application: &str, given: &Value) -> Option<(String, Shown)> {
        let application = self.application(application)?;
        let name = given.get("UserActionName")?.as_str()?;
        let usual = templates::anything(name, application, application.applicant()?);
        let mut whole = serde_json::to_value(usual).ok()?;
        lay_over(&mut whole, given);
        Some((application.officer.clone(), serde_json::from_value(whole).ok()?))
    }

    /// Takes an action back: it is no longer listed. False: no such action.
    pub fn withdraw_action(&mut self, identifier: &str, now_ms: i64) -> Changed<bool> {
        let Some(number) = self.live(identifier) else { return (false, Vec::new()) };
        let officer = self.actions.change(number, |action| {
            (action.withdrawn, action.changed_ms) = (true, now_ms);
            action.officer.clone()
        });
        (true, vec![(officer.unwrap_or_default(), effect::withdrawal(identifier))])
    }

    /// Answers an action as somebody else would. False: no such action.
    pub fn answer_as_someone_else(&mut self, identifier: &str, response: &str, now_ms: i64) -> Changed<bool> {
        let Some(number) = self.live(identifier) else { return (false, Vec::new()) };
        let officer = self.actions.get(number).map(|action| action.officer.clone()).unwrap_or_default();
        self.set_answer(number, response, SUBMITTED, SOMEONE_ELSE, now_ms);
        (true, vec![(officer, effect::answer(identifier, response, SUBMITTED))])
    }

    /// The number of the last action of that identifier that is not withdrawn.
    fn live(&self, identifier: &str) -> Option<u64> {
        self.actions.last(|action: &Action| action.identifier() == identifier && !action.withdrawn)
    }

    /// A new action of an application.
    pub(super) fn ask_for(&mut self, officer: &str, application: &str, shown: Shown, now_ms: i64) {
        let (officer, application) = (officer.to_owned(), application.to_owned());
        self.actions.push(Action {
            id: self.ids.action(),
            officer,
            application,
            withdrawn: false,
            response: String::new(),
            answered_by: String::new(),
            made_ms: now_ms,
            changed_ms: now_ms,
            shown,
        });
    }
}

/// Members of `given` take the place of those of `whole`, objects member by member; null takes one away.
fn lay_over(whole: &mut Value, given: &Value) {
    match (whole, given) {
        (Value::Object(whole), Value::Object(given)) => lay_members_over(whole, given),
        (whole, given) => *whole = given.clone(),
    }
}

fn lay_members_over(whole: &mut Map<String, Value>, given: &Map<String, Value>) {
    for (name, value) in given {
        if value.is_null() {
            whole.remove(name);
        } else {
            lay_over(whole.entry(name.clone()).or_insert(Value::Null), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn members_are_laid_over_and_taken_away() {
        let mut whole = json!({ "a": 1, "b": { "c": "x", "d": "y" }, "e": true });
        lay_over(&mut whole, &json!({ "a": null, "b": { "d": "z", "n": [1] }, "new": { "o": 1 } }));
        assert_eq!(whole, json!({ "b": { "c": "x", "d": "z", "n": [1] }, "e": true, "new": { "o": 1 } }));
    }
}
