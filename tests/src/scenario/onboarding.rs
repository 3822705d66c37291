//! The verbs of the tablet for applications, what the bank asks, and papers.

use super::act::{given, text};
use super::{Player, Step, Told, code, say};
use crate::tablet::applicant;
use satchel::onboarding::actions::{self, Answer};
use satchel::onboarding::{ActionId, ApplicationId, DocumentId, Person, Query, Source};
use satchel::record::Record;
use serde_json::{Value, json};
use std::path::Path;

impl Player {
    pub(super) async fn onboarding(&mut self, step: &Step) -> Told {
        match step.verb.as_str() {
            "apply" => self.apply(step).await,
            "co_apply" => {
                let to = self.application(step)?;
                let id = given!(self.satchel.add_co_applicant(to, person(step, applicant())?).await);
                self.gives_name(step, id)?;
                Ok(json!({}))
            }
            "ask_requirements" => {
                given!(self.satchel.ask_requirements(self.application(step)?).await);
                Ok(json!({}))
            }
            "download_actions" => Ok(say::taken(&given!(self.satchel.download_actions().await))),
            "actions" => {
                let all = given!(self.satchel.actions(query(step)).await);
                let (names, progress): (Vec<_>, _) =
                    (all.iter().map(|asking| &asking.action.name).collect(), actions::progress(&all));
                Ok(json!({ "names": names, "answered": progress.answered, "left": progress.left }))
            }
            "answer" => {
                let answer = self.answer(step)?;
                given!(self.satchel.answer(self.action(step)?, answer).await);
                Ok(json!({}))
            }
            "attach" => self.attach(step).await,
            _ => self.at_bank(step).await,
        }
    }

    /// Applies; with `from`, the prospect's form is filled first.
    async fn apply(&mut self, step: &Step) -> Told {
        let mut form = applicant();
        let mut prospect = None;
        if let Some(name) = step.with.get("from").and_then(Value::as_str) {
            let id = self.named(name)?.prospect().ok_or_else(|| format!("`{name}` is no prospect"))?;
            let filled = Person::of(&given!(self.satchel.get(id).await).fields);
            form = Person { date_of_birth: form.date_of_birth, consent: form.consent, ..filled };
            prospect = Some(id);
        }
        let id = given!(self.satchel.start_application(person(step, form)?, prospect).await);
        self.gives_name(step, id)?;
        Ok(json!({}))
    }

    /// Changes an applicant or co-applicant.
    pub(super) async fn edit_person(&self, step: &Step, who: Record) -> Told {
        match who {
            Record::Application(id) => {
                let now = given!(self.satchel.application(id).await).person;
                given!(self.satchel.edit_application(id, person(step, now)?).await);
            }
            Record::CoApplicant(id) => {
                given!(self.satchel.edit_co_applicant(id, person(step, applicant())?).await);
            }
            _ => return Err("it is nobody".to_owned()),
        }
        Ok(json!({}))
    }

    /// Takes back what never left.
    pub(super) async fn take_back(&self, what: Record) -> Told {
        match what {
            Record::Application(id) => given!(self.satchel.withdraw_application(id).await),
            Record::CoApplicant(id) => given!(self.satchel.withdraw_co_applicant(id).await),
            Record::Action(id) => given!(self.satchel.withdraw_answer(id).await),
            Record::Document(id) => given!(self.satchel.withdraw_document(id).await),
            Record::CollectionResult(id) => given!(self.satchel.withdraw_result(id).await),
            Record::CrmObject(id) => given!(self.satchel.vbot_delete(id).await),
            Record::Prospect(_) => return Err("a prospect is withdrawn by its own verb".to_owned()),
        }
        Ok(json!({}))
    }

    /// What the book has of it.
    pub(super) async fn got(&self, what: Record) -> Told {
        Ok(match what {
            Record::Application(id) => {
                say::application(&given!(self.satchel.application(id).await), |id| self.name_of(id))
            }
            Record::Action(id) => say::action(&given!(self.satchel.action(id).await), |id| self.name_of(id))?,
            Record::Document(id) => say::paper(&given!(self.satchel.document(id).await))?,
            _ => return Err("`get` of its application shows it".to_owned()),
        })
    }

    async fn attach(&mut self, step: &Step) -> Told {
        let action = self.action(step)?;
        let source = || text(step, "file").map(|file| Source::Path(Path::new(ROOT).join(file)));
        let info = step.with.get("info").and_then(Value::as_str).unwrap_or_default();
        let attached = given!(self.satchel.attach(action, source()?, text(step, "name")?, info).await);
        let mut value = say::paper(&attached.document)?;
        value["same"] = attached.same.iter().map(|id| self.name_of(*id)).collect();
        if step.name.is_some() {
            self.gives_name(step, attached.document.id)?;
        }
        Ok(value)
    }

    /// Gives a name to what the bank asks under the name `action`; with `of`, of that application.
    pub(super) async fn find_action(&mut self, step: &Step) -> Result<(), String> {
        let asked = text(step, "action")?;
        let application = match step.of {
            Some(_) => Some(self.application_id(step).await?),
            None => None,
        };
        let all = Query { include_closed: true, ..Query::default() };
        let all = self.satchel.actions(all).await.map_err(|e| e.to_string())?;
        let found = all.iter().find(|asking| {
            asking.action.name == asked && (application.is_none() || asking.action.application == application)
        });
        let id = found.ok_or_else(|| format!("the bank does not ask `{asked}`"))?.id;
        self.gives_name(step, id)
    }

    pub(super) fn application(&self, step: &Step) -> Result<ApplicationId, String> {
        match self.record(step)? {
            Record::Application(id) => Ok(id),
            _ => Err("it is no application".to_owned()),
        }
    }

    pub(super) fn action(&self, step: &Step) -> Result<ActionId, String> {
        match self.record(step)? {
            Record::Action(id) => Ok(id),
            _ => Err("it is nothing that the bank asks".to_owned()),
        }
    }

    pub(super) fn document(&self, step: &Step) -> Result<DocumentId, String> {
        self.paper(step.of.as_deref().ok_or("it needs `of`")?)
    }

    fn paper(&self, name: &str) -> Result<DocumentId, String> {
        match self.named(name)? {
            Record::Document(id) => Ok(id),
            _ => Err(format!("`{name}` is no paper")),
        }
    }

    fn answer(&self, step: &Step) -> Result<Answer, String> {
        let (kind, value) = step.with.iter().next().ok_or("it needs an answer")?;
        let texts = || value.as_array().into_iter().flatten().filter_map(Value::as_str);
        Ok(match kind.as_str() {
            "text" => Answer::Text(value.as_str().unwrap_or_default().to_owned()),
            "date" => Answer::Date(day(value)?),
            "choice" => Answer::Choice(texts().map(str::to_owned).collect()),
            "papers" => Answer::Papers(texts().map(|name| self.paper(name)).collect::<Result<_, _>>()?),
            other => return Err(format!("there is no answer by `{other}`")),
        })
    }
}

/// The project's folder: papers are named from here.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// That person, with what the step says of her.
fn person(step: &Step, mut person: Person) -> Result<Person, String> {
    for (name, value) in step.with.iter().filter(|(name, _)| *name != "from") {
        let text = || value.as_str().unwrap_or_default().to_owned();
        match name.as_str() {
            "first_name" => person.first_name = text(),
            "last_name" => person.last_name = text(),
            "date_of_birth" => person.date_of_birth = if value.is_null() { None } else { Some(day(value)?) },
            "email" => person.email = text(),
            "mobile_country_code" => person.mobile_country_code = text(),
            "mobile_number" => person.mobile_number = text(),
            "branch" => person.branch = text(),
            "existing" => person.existing = value == true,
            "consent" => person.consent = value == true,
            other => return Err(format!("nobody has a `{other}`")),
        }
    }
    Ok(person)
}

fn day(value: &Value) -> Result<jiff::civil::Date, String> {
    value.as_str().and_then(|day| day.parse().ok()).ok_or_else(|| format!("{value} is no day"))
}

fn query(step: &Step) -> Query {
    let flag = |name: &str| step.with.get(name) == Some(&Value::Bool(true));
    Query {
        group: step.with.get("group").and_then(Value::as_str).map(str::to_owned),
        to_do: flag("to_do"),
        include_closed: flag("include_closed"),
        ..Query::default()
    }
}
