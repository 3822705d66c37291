//! The verbs of the tablet for late payers, and of the sandbox's collection service.

use super::act::{given, text};
use super::{Player, Step, Told, code, say};
use satchel::collection::{CollectionResultId, ResultFields, TaskId, TaskQuery};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::str::FromStr;

impl Player {
    pub(super) async fn collection(&mut self, step: &Step) -> Told {
        match step.verb.as_str() {
            "download_tasks" => Ok(say::taken(&given!(self.satchel.download_tasks().await))),
            "tasks" => {
                let page = given!(self.satchel.tasks(query(step)?).await);
                let contracts: Vec<_> = page.items.iter().map(|item| &item.task.contract).collect();
                let total = page.total.map(|total| total.to_string());
                Ok(json!({ "contracts": contracts, "count": page.count, "total": total }))
            }
            "task" => self.task(step).await,
            "record" => {
                let of = self.late_payer(step).await?;
                let id = given!(self.satchel.record_result(of, fields(step)?).await);
                self.gives_name(step, id)?;
                Ok(json!({}))
            }
            "elsewhere_task" => {
                self.sandbox.put_task("dara", &Value::Object(step.with.clone()));
                Ok(json!({}))
            }
            "elsewhere_paid" => match self.sandbox.remove_task(text(step, "contract")?) {
                true => Ok(json!({})),
                false => Err("the bank has no such contract".to_owned()),
            },
            "results" => Ok(self.results()),
            _ => self.onboarding(step).await,
        }
    }

    pub(super) async fn edit_result(&self, step: &Step, id: CollectionResultId) -> Told {
        given!(self.satchel.edit_result(id, fields(step)?).await);
        Ok(json!({}))
    }

    pub(super) async fn result(&self, id: CollectionResultId) -> Told {
        let result = given!(self.satchel.collection_result(id).await);
        let fields = &result.fields;
        Ok(json!({
            "stage": result.stage,
            "result": fields.result,
            "action": fields.action,
            "remark": fields.remark,
            "promised": fields.promised,
            "period": fields.period,
            "unsent": result.unsent,
        }))
    }

    async fn task(&self, step: &Step) -> Told {
        let listed = given!(self.satchel.task(self.late_payer(step).await?).await);
        let task = &listed.task;
        Ok(json!({
            "name": task.name,
            "gone": listed.gone,
            "today": listed.today,
            "unsent": listed.unsent,
            "total": task.total.map(|total| total.to_string()),
            "overdue": task.overdue,
            "due": task.due,
            "unread": task.unread,
            "last": listed.last.as_ref().map(|last| &last.result),
            "promised": listed.last.as_ref().and_then(|last| last.promised),
        }))
    }

    /// Whom the step's `contract` is of.
    async fn late_payer(&self, step: &Step) -> Result<TaskId, String> {
        let contract = text(step, "contract")?;
        let all = TaskQuery { include_gone: true, limit: 500, ..TaskQuery::default() };
        let page = self.satchel.tasks(all).await.map_err(|e| e.to_string())?;
        let found = page.items.iter().find(|item| item.task.contract == contract);
        found.map(|item| item.id).ok_or_else(|| format!("the tablet knows no contract `{contract}`"))
    }

    /// What the service holds.
    fn results(&self) -> Value {
        let results = self.sandbox.results();
        let mut alike: BTreeMap<String, u64> = BTreeMap::new();
        for result in &results {
            *alike.entry(json!(result.fields).to_string()).or_default() += 1;
        }
        json!({
            "contracts": results.iter().map(|result| result.fields.get("account_no")).collect::<Vec<_>>(),
            "last": results.last().map(|result| &result.fields),
            "most_of_one": alike.values().max().copied().unwrap_or(0),
        })
    }
}

fn read<T: FromStr>(value: &Value) -> Result<T, String> {
    value.as_str().and_then(|text| text.parse().ok()).ok_or_else(|| format!("{value} is not of its form"))
}

fn fields(step: &Step) -> Result<ResultFields, String> {
    let mut fields = ResultFields::default();
    for (name, value) in step.with.iter().filter(|(name, _)| *name != "contract") {
        let text = || value.as_str().unwrap_or_default().to_owned();
        match name.as_str() {
            "result" => fields.result = text(),
            "action" => fields.action = text(),
            "remark" => fields.remark = text(),
            "collected" => fields.collected = Some(read(value)?),
            "promised" => fields.promised = Some(read(value)?),
            "period" => fields.period = value.as_i64().ok_or("`period` is no number")?,
            other => return Err(format!("no result has a `{other}`")),
        }
    }
    Ok(fields)
}

fn query(step: &Step) -> Result<TaskQuery, String> {
    let mut query = TaskQuery { limit: 500, ..TaskQuery::default() };
    for (name, value) in &step.with {
        let text = || value.as_str().map(str::to_owned);
        match name.as_str() {
            "text" => query.text = text(),
            "overdue_from" => query.overdue_from = value.as_i64(),
            "total_from" => query.total_from = Some(read(value)?),
            "promised" => query.promised = value.as_bool(),
            "branch" => query.branch = text(),
            "unsent" => query.unsent = value.as_bool(),
            "include_gone" => query.include_gone = value == true,
            other => return Err(format!("there is no filter `{other}`")),
        }
    }
    Ok(query)
}
