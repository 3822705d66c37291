//! The verbs of the sandbox's onboarding service: what others do there, and what it holds.

use super::act::text;
use super::{Player, Step, Told};
use satchel_sandbox::LedgerEntry;
use serde_json::{Map, Value, json};

impl Player {
    pub(super) async fn at_bank(&mut self, step: &Step) -> Told {
        match step.verb.as_str() {
            "elsewhere_ask" => {
                let application = self.application_id(step).await?;
                self.sandbox.create_action(&application, &Value::Object(step.with.clone()));
            }
            "elsewhere_withdraw" | "elsewhere_answer" => {
                let identifier = self.identifier(step).await?;
                let done = match step.verb.as_str() {
                    "elsewhere_withdraw" => self.sandbox.withdraw_action(&identifier),
                    _ => self.sandbox.answer_as_someone_else(&identifier, text(step, "response")?),
                };
                if !done {
                    return Err("the bank does not ask it".to_owned());
                }
            }
            "bank" => return self.bank(step).await,
            _ => return self.at_server(step).await,
        }
        Ok(json!({}))
    }

    /// What the service holds; with `of`, how often that paper, byte for byte.
    async fn bank(&self, step: &Step) -> Told {
        let applications = self.sandbox.applications();
        let applications = applications.iter().map(|application| {
            let with: Vec<_> = application.co_applicants().iter().map(|person| person.name()).collect();
            json!({ "applicant": application.applicant().map(|person| person.name()), "co_applicants": with })
        });
        let documents = self.sandbox.documents();
        let copies = match step.of {
            Some(_) => {
                let paper = self.satchel.document(self.document(step)?).await.map_err(|e| e.to_string())?;
                Some(documents.iter().filter(|document| document.sha256 == paper.sha256).count())
            }
            None => None,
        };
        let actions = self.sandbox.actions();
        let answered = actions.iter().filter(|action| action.status() == "Submitted");
        let answers: Map<_, _> =
            answered.map(|action| (action.shown.name.clone(), json!(action.response))).collect();
        let ledger = self.sandbox.ledger();
        let own = ledger.iter().filter(|entry| entry.remote == "onboarding" && entry.request != 0);
        Ok(json!({
            "applications": applications.collect::<Vec<_>>(),
            "documents": documents.iter().map(|document| &document.name).collect::<Vec<_>>(),
            "copies": copies,
            "answers": answers,
            "order": own.map(told).collect::<Vec<_>>(),
        }))
    }

    /// The bank's number of the step's application.
    pub(super) async fn application_id(&self, step: &Step) -> Result<String, String> {
        let found = self.satchel.application(self.application(step)?).await.map_err(|e| e.to_string())?;
        found.application_id.ok_or_else(|| "the bank does not have it".to_owned())
    }

    /// What names the step's action to the bank.
    async fn identifier(&self, step: &Step) -> Result<String, String> {
        let found = self.satchel.action(self.action(step)?).await.map_err(|e| e.to_string())?;
        Ok(found.action.identifier)
    }
}

/// `upload letter.pdf`, `answer StayingSince`, `create Dara Sok`.
fn told(entry: &LedgerEntry) -> String {
    let effect = &entry.effect;
    let field = |name| effect.fields.get(name);
    let person = [field("FirstName"), field("LastName")].join(" ");
    let action = effect.code.split('_').next().unwrap_or_default();
    let names = [person.trim(), field("UserActionName"), field("fileName"), action];
    let name = names.into_iter().find(|name| !name.is_empty()).unwrap_or_default();
    format!("{} {name}", effect.kind)
}
