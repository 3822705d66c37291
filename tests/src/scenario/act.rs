//! The verbs of the tablet.

use super::{Player, Step, Told, code, open, say};
use crate::tablet;
use satchel::Decision;
use satchel::outbox::plan::Link;
use satchel::prospect::{About, Choice, Field, FieldChange, Query, TakenBack};
use satchel::record::Record;
use satchel::{Error, Question, Stamp, WhyStopped};
use serde_json::{Value, json};
use std::time::Duration;

/// Unwraps a call of the library: its error is the step's value.
macro_rules! given {
    ($call:expr) => {
        match $call {
            Ok(value) => value,
            Err(error) => return Ok(code::of(&error)),
        }
    };
}
pub(super) use given;

impl Player {
    /// Does what the step says, once.
    pub(super) async fn act(&mut self, step: &Step) -> Told {
        match step.verb.as_str() {
            "sign_in" | "sign_out" | "link" | "resume" | "pause" | "drain" | "restart" | "lock"
            | "pause_remote" | "resume_remote" => self.life(step).await,
            "add" | "edit" | "edit_by_code" | "reject" | "withdraw" | "save_draft" | "remove_draft" => {
                self.change(step).await
            }
            "get" | "list" | "draft" | "standing" | "summary" | "asks" | "feed" | "health" => {
                self.look(step).await
            }
            "download" | "receipt" | "decide" | "resolve" => self.settle(step).await,
            _ => self.collection(step).await,
        }
    }

    async fn life(&mut self, step: &Step) -> Told {
        match step.verb.as_str() {
            "sign_in" => {
                given!(self.satchel.sign_in(tablet::secrets(&self.session), None).await);
                if self.profile.onboarding.is_some() {
                    given!(self.satchel.sign_in_onboarding(tablet::headers(&self.session), None).await);
                }
                if self.profile.collection.is_some() {
                    given!(self.satchel.sign_in_collection(tablet::collection_secrets(), None).await);
                }
            }
            "sign_out" => given!(self.satchel.sign_out().await),
            "link" => self.satchel.link_changed(link(step)?),
            "resume" => self.satchel.resume(),
            "pause" => {
                let grace = Duration::from_millis(number(step, "grace_ms")?);
                return Ok(json!({ "quiet": given!(self.satchel.pause(grace).await) }));
            }
            "drain" => {
                let report =
                    given!(self.satchel.drain(Duration::from_millis(number(step, "deadline_ms")?)).await);
                let why = match report.why_stopped {
                    WhyStopped::Done => "done",
                    WhyStopped::OutOfTime => "out_of_time",
                    WhyStopped::Waits(what) => what,
                };
                return Ok(json!({ "sent": report.sent, "left": report.left, "why_stopped": why }));
            }
            "lock" => given!(self.satchel.lock().await),
            "pause_remote" => {
                given!(self.satchel.pause_remote(satchel::PROSPECT, text(step, "reason")?).await)
            }
            "resume_remote" => given!(self.satchel.resume_remote(satchel::PROSPECT).await),
            _ => {
                match self.satchel.shutdown().await {
                    Err(error) if error != Error::Locked => return Ok(code::of(&error)),
                    _ => {} // a locked book is closed already
                }
                self.satchel = open(&self.world, &self.folder, &self.profile).await?;
            }
        }
        Ok(json!({}))
    }

    async fn change(&mut self, step: &Step) -> Told {
        match step.verb.as_str() {
            "add" => return self.add(step).await,
            "edit" => match self.record(step)? {
                Record::Prospect(id) => given!(self.satchel.edit(id, fields(step)?).await),
                Record::CollectionResult(id) => return self.edit_result(step, id).await,
                who => return self.edit_person(step, who).await,
            },
            "edit_by_code" => {
                let code = self.code_of(step).await?;
                given!(self.satchel.edit_by_code(&code, fields(step)?).await);
            }
            "reject" => return Ok(taken_back(given!(self.satchel.reject(self.prospect(step)?).await))),
            "withdraw" => match self.record(step)? {
                Record::Prospect(id) => return Ok(taken_back(given!(self.satchel.withdraw(id).await))),
                what => return self.take_back(what).await,
            },
            "save_draft" => {
                let form = text(step, "form")?.to_owned();
                given!(self.satchel.save_draft(self.about(step)?, form).await);
            }
            _ => given!(self.satchel.remove_draft(self.about(step)?).await),
        }
        Ok(json!({}))
    }

    async fn add(&mut self, step: &Step) -> Told {
        tablet::off_the_minute().await;
        let draft =
            step.with.get("from_draft").and_then(Value::as_str).map(|form| About::New(form.to_owned()));
        let added = given!(self.satchel.add(fields(step)?, draft).await);
        self.gives_name(step, added.id)?;
        Ok(json!({ "similar": added.similar.iter().map(|(id, _)| self.name_of(*id)).collect::<Vec<_>>() }))
    }

    async fn look(&mut self, step: &Step) -> Told {
        Ok(match step.verb.as_str() {
            "get" => match self.record(step)? {
                Record::Prospect(id) => say::prospect(&given!(self.satchel.get(id).await)),
                Record::CollectionResult(id) => return self.result(id).await,
                what => return self.got(what).await,
            },
            "list" => {
                let page = given!(self.satchel.list(query(step)).await);
                let names = page.items.iter().map(|item| self.name_of(item.id));
                json!({ "names": names.collect::<Vec<_>>(), "more": page.next.is_some() })
            }
            "draft" => {
                let draft = given!(self.satchel.draft(self.about(step)?).await);
                json!({ "form": draft.map(|draft| draft.form) })
            }
            "standing" => say::standing(&given!(self.satchel.standing(self.record(step)?).await))?,
            "summary" => say::summary(&given!(self.satchel.summary().await))?,
            "health" => say::health(&given!(self.satchel.health().await))?,
            "asks" => {
                let asks = given!(self.satchel.asks().await);
                json!({ "asks": asks.iter().map(|ask| say::ask(ask, |id| self.name_of(id))).collect::<Vec<_>>() })
            }
            _ => return self.feed().await,
        })
    }

    /// What changed since the last time, each once, and whether the revisions only rose.
    async fn feed(&mut self) -> Told {
        let (mut changed, mut rising) = (Vec::<String>::new(), true);
        // The feed waits until there is something: nothing new within a moment is nothing new.
        let moment = Duration::from_millis(100);
        while let Ok(batch) = tokio::time::timeout(moment, self.satchel.feed(self.cursor, 500)).await {
            let batch = given!(batch);
            for item in &batch.items {
                rising &= item.revision > self.cursor;
                self.cursor = item.revision;
                let subject = say::subject(&item.subject, |id| self.name_of(id));
                if !changed.contains(&subject) {
                    changed.push(subject);
                }
            }
        }
        Ok(json!({ "changed": changed, "rising": rising }))
    }

    async fn settle(&mut self, step: &Step) -> Told {
        match step.verb.as_str() {
            "download" => {
                let code = match step.of {
                    Some(_) => Some(self.code_of(step).await?),
                    None => None,
                };
                Ok(say::taken(&given!(self.satchel.download(code.as_deref()).await)))
            }
            "receipt" => {
                let receipt = given!(self.satchel.receipt().await);
                serde_json::to_value(&receipt).map_err(|e| e.to_string())
            }
            "resolve" => {
                let id = self.prospect(step)?;
                let choices = step.with.iter().map(|(name, choice)| {
                    let choice = if choice == "mine" { Choice::Mine } else { Choice::Theirs };
                    Ok((field(name)?, choice))
                });
                let choices = choices.collect::<Result<Vec<_>, String>>()?;
                let shown = given!(self.satchel.get(id).await).conflict;
                let asked = shown.map_or(Stamp(0), |conflict| conflict.asked);
                given!(self.satchel.resolve(id, asked, choices).await);
                Ok(json!({}))
            }
            _ => self.decide(step).await,
        }
    }

    async fn decide(&mut self, step: &Step) -> Told {
        let decision = match text(step, "answer")? {
            "send_again" => Decision::SendAgain,
            "drop" => Decision::Drop,
            "arrived" => {
                let of = step.with.get("code_of").and_then(Value::as_str);
                Decision::Arrived { code: of.map_or(Ok(String::new()), |name| self.code_at_server(name))? }
            }
            other => return Err(format!("there is no answer `{other}`")),
        };
        let questions = self.open_questions(step).await?;
        given!(self.satchel.decide(questions, decision).await);
        Ok(json!({}))
    }

    /// The question about each as it is shown now, or its oldest entry that can be answered: of `of`, or of all in
    /// `with.all`.
    async fn open_questions(&self, step: &Step) -> Result<Vec<Question>, String> {
        let all: Vec<_> = match step.with.get("all").and_then(Value::as_array) {
            Some(names) => names.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            None => step.of.iter().cloned().collect(),
        };
        let asks = self.satchel.asks().await.map_err(|e| e.to_string())?;
        let mut questions = vec![];
        for name in all {
            let record = self.named(&name)?;
            let asked = asks.iter().flat_map(|ask| &ask.about).find(|about| about.record == record);
            let history = self.satchel.history(record).await.map_err(|e| e.to_string())?;
            let waits = history.iter().find_map(|entry| entry.question);
            let question = asked.map(|about| about.question).or(waits);
            questions.push(question.ok_or_else(|| format!("nothing is to be answered about `{name}`"))?);
        }
        Ok(questions)
    }

    /// The bank's code of the step's prospect: this tablet's, or another device's.
    pub(super) async fn code_of(&self, step: &Step) -> Result<String, String> {
        let name = step.of.as_deref().ok_or("it needs `of`")?;
        if let Some(code) = self.codes.get(name) {
            return Ok(code.clone());
        }
        let prospect = self.satchel.get(self.prospect(step)?).await;
        prospect.map_err(|e: Error| e.to_string())?.code.ok_or_else(|| format!("`{name}` has no code"))
    }

    fn about(&self, step: &Step) -> Result<About, String> {
        match &step.of {
            Some(_) => Ok(About::Prospect(self.prospect(step)?)),
            None => Ok(About::New(text(step, "about")?.to_owned())),
        }
    }
}

fn taken_back(how: TakenBack) -> Value {
    json!({ "taken_back": if how == TakenBack::Now { "now" } else { "when_known" } })
}

pub(super) fn text<'a>(step: &'a Step, name: &str) -> Result<&'a str, String> {
    step.with.get(name).and_then(Value::as_str).ok_or_else(|| format!("it needs a text `{name}`"))
}

pub(super) fn number(step: &Step, name: &str) -> Result<u64, String> {
    step.with.get(name).and_then(Value::as_u64).ok_or_else(|| format!("it needs a number `{name}`"))
}

pub(super) fn field(name: &str) -> Result<Field, String> {
    Field::by_name(name).ok_or_else(|| format!("there is no field `{name}`"))
}

fn link(step: &Step) -> Result<Link, String> {
    match text(step, "link")? {
        "none" => Ok(Link::None),
        "metered" => Ok(Link::Metered),
        "unmetered" => Ok(Link::Unmetered),
        "unknown" => Ok(Link::Unknown),
        other => Err(format!("there is no link `{other}`")),
    }
}

/// The changes that `with` holds: a text sets, `null` clears.
fn fields(step: &Step) -> Result<Vec<FieldChange>, String> {
    let changes = step.with.iter().filter(|(name, _)| *name != "from_draft");
    changes
        .map(|(name, value)| {
            Ok(FieldChange { field: field(name)?, value: value.as_str().map(str::to_owned) })
        })
        .collect()
}

fn query(step: &Step) -> Query {
    let text = |name: &str| step.with.get(name).and_then(Value::as_str).map(str::to_owned);
    let flag = |name: &str| step.with.get(name).and_then(Value::as_bool);
    Query {
        text: text("text"),
        status: text("status"),
        village_prefix: text("village_prefix"),
        unsent: flag("unsent"),
        conflict: flag("conflict"),
        include_closed: flag("include_closed").unwrap_or(false),
        ..Query::default()
    }
}
