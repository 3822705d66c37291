//! The collection service by hand: tasks, results, settings, and what the company's staff does.

use super::{Desk, bad, missing, ok, read};
use crate::collection::Settings;
use crate::net::Shared;
use crate::server::Server;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/_tasks", get(tasks))
        .route("/_results", get(results))
        .route("/_control/collection", post(order))
        .route("/_control/collection/settings", get(settings).put(put_settings))
}

async fn tasks(State(shared): Desk) -> Response {
    ok(shared.with(|server, _| json!(server.collection().tasks().collect::<Vec<_>>())))
}

async fn results(State(shared): Desk) -> Response {
    ok(shared.with(|server, _| json!(server.collection().results().collect::<Vec<_>>())))
}

/// Something that the company's staff does. Where no officer is named, the first is meant.
#[derive(Deserialize)]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum CollectionOrder {
    PutTask {
        #[serde(default)]
        officer: Option<String>,
        members: Value,
    },
    ReplaceTasks {
        #[serde(default)]
        officer: Option<String>,
        tasks: Vec<Value>,
    },
    GenerateTasks {
        #[serde(default)]
        officer: Option<String>,
        count: usize,
    },
    RemoveTask {
        contract_no: String,
    },
}

impl CollectionOrder {
    /// The `contract_no`, or how many tasks the officer has then; none if there is no such contract, or none given.
    pub fn carry_out(self, server: &mut Server, now_ms: i64) -> Option<Value> {
        let first = server.sessions().first_user().to_owned();
        let whose = |officer: Option<String>| officer.unwrap_or(first);
        match self {
            CollectionOrder::PutTask { officer, members } => {
                let officer = whose(officer);
                let put =
                    server.elsewhere_in_collection(now_ms, |all| all.put_task(&officer, &members, now_ms));
                put.map(|contract| json!({ "contract_no": contract }))
            }
            CollectionOrder::ReplaceTasks { officer, tasks } => {
                let officer = whose(officer);
                let done =
                    server.elsewhere_in_collection(now_ms, |all| all.replace_tasks(&officer, &tasks, now_ms));
                done.then(|| counted(server, &officer))
            }
            CollectionOrder::GenerateTasks { officer, count } => {
                let officer = whose(officer);
                server.elsewhere_in_collection(now_ms, |all| all.generate_tasks(&officer, count, now_ms));
                Some(counted(server, &officer))
            }
            CollectionOrder::RemoveTask { contract_no } => server
                .elsewhere_in_collection(now_ms, |all| all.remove_task(&contract_no, now_ms))
                .then(|| json!({ "contract_no": contract_no })),
        }
    }
}

fn counted(server: &Server, officer: &str) -> Value {
    json!({ "tasks": server.collection().tasks_of(officer).count() })
}

async fn order(State(shared): Desk, body: String) -> Response {
    match read::<CollectionOrder>(&body) {
        Ok(order) => {
            shared.with(|server, now| order.carry_out(server, now)).map_or_else(|| missing("contract_no"), ok)
        }
        Err(why) => bad(why),
    }
}

async fn settings(State(shared): Desk) -> Response {
    ok(shared.with(|server, _| json!(server.collection().settings())))
}

async fn put_settings(State(shared): Desk, body: String) -> Response {
    match read::<Settings>(&body) {
        Ok(new) => {
            shared.with(|server, now| {
                server.elsewhere_in_collection(now, |all| (all.set_settings(new), Vec::new()));
            });
            settings(State(shared)).await
        }
        Err(why) => bad(why),
    }
}
