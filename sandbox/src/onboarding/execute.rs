//! Executing calls that read and change profiles and actions.

use super::model::{Application, CREATED, Person, SUBMITTED};
use super::wire::{self, Answer};
use super::{Onboarding, effect, templates};
use crate::fields::Fields;
use crate::ledger::Effect;
use crate::remote::{Knobs, Outcome, Reply};

/// What a call gave, or why it is refused.
pub(super) type Done = Result<Outcome, String>;

impl Onboarding {
    pub(super) fn create(&mut self, officer: &str, fields: Fields, knobs: &Knobs, now_ms: i64) -> Done {
        self.check(&fields)?;
        let (application, party) = (self.fresh_application(), self.ids.party());
        let made = effect::profile("create", &application, &fields);
        let shown_party = self.settings.party_id.then(|| ("Party_Id", wire::json(&party)));
        let members = [("Application_id", wire::json(&application))].into_iter().chain(shown_party).collect();
        self.open_application(officer, application, party, fields, now_ms);
        Ok(done(knobs, 200, members, vec![made]))
    }

    /// Adds or updates a co-applicant. The document's success has 0 for `httpStatusCode` here.
    pub(super) fn update(&mut self, officer: &str, fields: Fields, knobs: &Knobs, now_ms: i64) -> Done {
        self.check(&fields)?;
        for name in ["EntityId", "Index"] {
            if fields.get(name).is_empty() {
                return Err(format!("{name} is required"));
            }
        }
        let application = self.meant(officer, fields.get("EntityId")).ok_or("EntityId is not found")?;
        let made = self.join(application, fields, now_ms);
        Ok(done(knobs, 0, Vec::new(), made.into_iter().collect()))
    }

    /// The actions of the officer that are not withdrawn. The document's success has 0 for `httpStatusCode` here.
    pub(super) fn list(&self, officer: &str, is_pre: &str, knobs: &Knobs) -> Done {
        let settings = &self.settings;
        let wanted = match is_pre {
            "true" if settings.strict_is_pre => Some(true),
            "true" => None,
            "false" => Some(false),
            _ => return Err("isPre is true or false".to_owned()),
        };
        let mine = self.actions.rows().filter(|action| {
            let left = settings.submitted_leave && action.status() == SUBMITTED;
            action.officer == officer && !action.withdrawn && !left
        });
        let shown = mine.map(|action| &action.shown);
        let listed: Vec<_> =
            shown.filter(|shown| wanted.is_none_or(|yes| shown.is_pre_requirement() == yes)).collect();
        let mut members = wire::grouped(&listed);
        members.push(("count", listed.len().to_string()));
        Ok(done(knobs, 0, members, Vec::new()))
    }

    pub(super) fn answer(&mut self, officer: &str, answer: &Answer, knobs: &Knobs, now_ms: i64) -> Done {
        let response = answer.response.as_deref().ok_or("Response is required")?;
        if answer.identifier.is_empty() {
            return Err("UserActionIdentifier is required".to_owned());
        }
        let number =
            self.asked_for(officer, &answer.identifier).ok_or("UserActionIdentifier is not found")?;
        let before = self.actions.get(number).map_or("", |action| action.status());
        if self.settings.refuse_second_answer && before == SUBMITTED {
            return Err("The action is submitted already".to_owned());
        }
        let status = if answer.status.is_empty() { SUBMITTED } else { &answer.status };
        let id = self.set_answer(number, response, status, officer, now_ms);
        let made = effect::answer(&answer.identifier, response, status);
        Ok(done(knobs, 200, vec![("id", wire::json(&id))], vec![made]))
    }

    /// Asks the applicant of the officer's newest application one thing more. A repeated call asks it again.
    pub(super) fn require(&mut self, officer: &str, knobs: &Knobs, now_ms: i64) -> Done {
        let newest = self.applications.last(|application| application.officer == officer);
        let application =
            newest.and_then(|number| self.applications.get(number)).ok_or("No application")?.clone();
        let applicant = application.applicant().ok_or("No applicant")?;
        let shown = templates::requirement(&application, applicant, self.ids.requirement());
        let mut members = wire::grouped(&[&shown]);
        let made = effect::requirement(&application.id, &shown);
        members.extend([("count", "1".to_owned()), ("id", wire::json(&application.id))]);
        let outcome = done(knobs, 200, members, vec![made]);
        self.ask_for(officer, &application.id, shown, now_ms);
        Ok(outcome)
    }

    /// Why a profile is refused.
    fn check(&self, fields: &Fields) -> Result<(), String> {
        if let Some(name) = self.settings.required.iter().find(|name| fields.get(name).is_empty()) {
            return Err(format!("{name} is required"));
        }
        let born = fields.get("DateOfBirth");
        if !born.is_empty() && (born.len() != 10 || born.parse::<jiff::civil::Date>().is_err()) {
            return Err("DateOfBirth is invalid".to_owned());
        }
        let poisoned = !self.settings.poison.is_empty() && fields.get("FirstName") == self.settings.poison;
        if poisoned { Err("Profile is refused".to_owned()) } else { Ok(()) }
    }

    /// The application that a co-applicant is to join.
    fn meant(&self, officer: &str, entity: &str) -> Option<u64> {
        let mine = |application: &Application| application.officer == officer;
        let bears = |application: &Application| {
            application.entity == entity
                || application.id == entity
                || application.people.iter().any(|p| p.party == entity || p.get("EntityId") == entity)
        };
        let known = self.applications.first(|application| mine(application) && bears(application));
        known.or_else(|| (!self.settings.known_entities_only).then(|| self.applications.last(mine)).flatten())
    }

    fn join(&mut self, number: u64, fields: Fields, now_ms: i64) -> Option<Effect> {
        let (index, by_index) = (fields.get("Index").to_owned(), self.settings.index_is_key);
        let known = self.applications.get(number)?.co_applicants().iter();
        let known = known.map(|person| person.get("Index")).position(|known| by_index && known == index);
        let Some(at) = known else { return self.join_anew(number, fields, now_ms) };
        self.applications.change(number, |application| {
            application.changed_ms = now_ms;
            let person = application.people.get_mut(at + 1)?;
            let made = effect::profile("update", &person.party, &fields);
            person.fields = fields;
            Some(made)
        })?
    }

    fn join_anew(&mut self, number: u64, fields: Fields, now_ms: i64) -> Option<Effect> {
        let person = Person { party: self.ids.party(), fields };
        let made = effect::profile("create", &person.party, &person.fields);
        self.applications.change(number, |application| {
            application.changed_ms = now_ms;
            application.people.push(person.clone());
        });
        let application = self.applications.get(number)?.clone();
        for shown in templates::of_person(self.settings.start, &application, &person) {
            self.ask_for(&application.officer, &application.id, shown, now_ms);
        }
        Some(made)
    }

    /// The action of that identifier that waits for its answer, else any of it that is not withdrawn.
    pub(super) fn asked_for(&self, officer: &str, identifier: &str) -> Option<u64> {
        let find = |open: bool| {
            self.actions.first(|action| {
                let its = action.identifier() == identifier && action.officer == officer;
                its && !action.withdrawn && (!open || action.status() == CREATED)
            })
        };
        find(true).or_else(|| find(false))
    }

    /// Answers an action; the action's id.
    pub(super) fn set_answer(
        &mut self,
        number: u64,
        response: &str,
        status: &str,
        who: &str,
        now_ms: i64,
    ) -> String {
        let changed = self.actions.change(number, |action| {
            (action.response, action.answered_by) = (response.to_owned(), who.to_owned());
            action.shown.status = status.to_owned();
            action.changed_ms = now_ms;
            action.id.clone()
        });
        changed.unwrap_or_default()
    }
}

/// A success; its status code is the fault's, if there is one.
pub(super) fn done(knobs: &Knobs, code: i64, members: Vec<(&str, String)>, effects: Vec<Effect>) -> Outcome {
    Outcome { reply: Reply::ok(wire::done(knobs.reply_code.unwrap_or(code), members)), effects }
}
