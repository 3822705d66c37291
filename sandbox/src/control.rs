//! The control routes: everything the inspector shows and does, as JSON for tests and scripts.

mod collection;
mod onboarding;
mod vbot;

pub(crate) use collection::CollectionOrder;
pub(crate) use onboarding::OnboardingOrder;

use crate::faults::Fault;
use crate::net::Shared;
use crate::prospect::Settings;
use crate::server::Server;
use crate::sessions::Officer;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

type Desk = State<Arc<Shared>>;

pub(crate) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/_status", get(status))
        .route("/_ledger", get(ledger))
        .route("/_prospects", get(prospects))
        .route("/_requests", get(requests))
        .route("/_faults", get(faults).put(put_faults).post(post_fault).delete(clear_faults))
        .route("/_faults/{id}", delete(remove_fault))
        .route("/_control/session", post(session))
        .route("/_control/prospect", post(prospect))
        .route("/_control/settings", get(settings).put(put_settings))
        .merge(onboarding::routes())
        .merge(collection::routes())
        .merge(vbot::routes())
}

fn ok(value: Value) -> Response {
    axum::Json(value).into_response()
}

fn bad(why: impl Into<String>) -> Response {
    (StatusCode::BAD_REQUEST, axum::Json(json!({ "error": why.into() }))).into_response()
}

fn missing(what: &str) -> Response {
    (StatusCode::NOT_FOUND, axum::Json(json!({ "error": format!("no such {what}") }))).into_response()
}

/// A body read as JSON whatever its content type says: these routes are for curl.
fn read<T: serde::de::DeserializeOwned>(body: &str) -> Result<T, String> {
    serde_json::from_str(body).map_err(|e| e.to_string())
}

async fn status(State(shared): Desk) -> Response {
    let trouble = shared.trouble();
    let place = shared.place.clone();
    ok(shared.with(|server, now| {
        json!({
            "base_url": place.base_url,
            "onboarding": place.onboarding_url,
            "collection_result": place.collection_result_url,
            "collection_tasks": place.collection_tasks_url,
            "vbot": place.vbot_url,
            "now_ms": now,
            "requests": server.requests_seen(),
            "in_flight": server.in_flight(),
            "prospects": server.prospects().rows().count(),
            "doubles": server.prospects().doubles(),
            "applications": server.onboarding().applications().count(),
            "open_actions": server.onboarding().open_actions(),
            "documents": server.onboarding().documents().count(),
            "double_applications": server.onboarding().double_applications(),
            "double_people": server.onboarding().double_people(),
            "double_actions": server.onboarding().double_actions(),
            "double_documents": server.onboarding().double_documents(),
            "tasks": server.collection().open_tasks(),
            "results": server.collection().results().count(),
            "double_results": server.collection().double_results(),
            "double_vbot_rows": server.vbot().doubles(),
            "ledger": server.ledger().len(),
            "fired": server.fired(),
            "sessions": server.sessions().view(now),
            "state_file_trouble": trouble,
        })
    }))
}

#[derive(Deserialize)]
struct After {
    #[serde(default)]
    after: u64,
}

async fn ledger(State(shared): Desk, Query(query): Query<After>) -> Response {
    ok(shared.with(|server, _| json!(server.ledger_after(query.after))))
}

async fn prospects(State(shared): Desk) -> Response {
    ok(shared.with(|server, _| json!(server.prospects().rows().collect::<Vec<_>>())))
}

async fn requests(State(shared): Desk, Query(query): Query<After>) -> Response {
    let newer = |server: &mut Server, _| {
        json!(server.exchanges().filter(|exchange| exchange.id > query.after).collect::<Vec<_>>())
    };
    ok(shared.with(newer))
}

async fn faults(State(shared): Desk) -> Response {
    ok(shared.with(|server, _| json!({ "set": server.faults(), "fired": server.fired() })))
}

async fn put_faults(State(shared): Desk, body: String) -> Response {
    let faults: Result<Vec<Fault>, String> =
        read::<Vec<Value>>(&body).and_then(|list| list.iter().map(Fault::from_json).collect());
    match faults {
        Ok(faults) => {
            shared.with(|server, _| server.set_faults(faults));
            self::faults(State(shared)).await
        }
        Err(why) => bad(why),
    }
}

async fn post_fault(State(shared): Desk, body: String) -> Response {
    match read::<Value>(&body).and_then(|value| Fault::from_json(&value)) {
        Ok(fault) => ok(json!({ "id": shared.with(|server, _| server.add_fault(fault)) })),
        Err(why) => bad(why),
    }
}

async fn clear_faults(State(shared): Desk) -> Response {
    shared.with(|server, _| server.set_faults(Vec::new()));
    faults(State(shared)).await
}

async fn remove_fault(State(shared): Desk, Path(id): Path<u64>) -> Response {
    match shared.with(|server, _| server.remove_fault(id)) {
        true => faults(State(shared)).await,
        false => missing("fault"),
    }
}

/// A change to an officer's session.
#[derive(Deserialize)]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum SessionOrder {
    Renew { user: String },
    Expire { user: String },
    ExpireAfter { user: String, calls: u64 },
    ExpireAt { user: String, at_ms: i64 },
    Add { user: String, password: String, session: String },
    Password { user: String, password: String },
}

impl SessionOrder {
    /// What it gives back; none if there is no such user.
    pub fn carry_out(self, server: &mut Server) -> Option<Value> {
        let sessions = server.sessions_mut();
        let done = |found: bool| found.then(|| json!({}));
        match self {
            SessionOrder::Renew { user } => {
                sessions.renew(&user).map(|session| json!({ "session": session }))
            }
            SessionOrder::Expire { user } => done(sessions.expire(&user)),
            SessionOrder::ExpireAfter { user, calls } => done(sessions.expire_after(&user, calls)),
            SessionOrder::ExpireAt { user, at_ms } => done(sessions.expire_at(&user, at_ms)),
            SessionOrder::Add { user, password, session } => {
                sessions.add(Officer::new(user, password, session));
                done(true)
            }
            SessionOrder::Password { user, password } => done(sessions.set_password(&user, &password)),
        }
    }
}

async fn session(State(shared): Desk, body: String) -> Response {
    match read::<SessionOrder>(&body) {
        Ok(order) => shared.with(|server, _| order.carry_out(server)).map_or_else(|| missing("user"), ok),
        Err(why) => bad(why),
    }
}

/// A change to a prospect by somebody else.
#[derive(Deserialize)]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum ProspectOrder {
    Edit {
        code: String,
        fields: BTreeMap<String, String>,
    },
    Reject {
        code: String,
    },
    Insert {
        #[serde(default)]
        officer: Option<String>,
        #[serde(default)]
        fields: BTreeMap<String, String>,
    },
}

impl ProspectOrder {
    /// The prospect's code; none if there is no such code or field.
    pub fn carry_out(self, server: &mut Server, now_ms: i64) -> Option<String> {
        match self {
            ProspectOrder::Edit { code, fields } => {
                let edits: Vec<_> = fields.into_iter().collect();
                server.elsewhere(now_ms, |all| all.edit(&code, &edits, now_ms)).then_some(code)
            }
            ProspectOrder::Reject { code } => {
                server.elsewhere(now_ms, |all| all.remove(&code, now_ms)).then_some(code)
            }
            ProspectOrder::Insert { officer, fields } => {
                let officer = officer.unwrap_or_else(|| server.sessions().first_user().to_owned());
                let fields: Vec<_> = fields.into_iter().collect();
                server.elsewhere(now_ms, |all| all.insert(&officer, &fields, now_ms))
            }
        }
    }
}

async fn prospect(State(shared): Desk, body: String) -> Response {
    match read::<ProspectOrder>(&body) {
        Ok(order) => shared
            .with(|server, now| order.carry_out(server, now))
            .map_or_else(|| missing("prospect or field"), |code| ok(json!({ "code": code }))),
        Err(why) => bad(why),
    }
}

async fn settings(State(shared): Desk) -> Response {
    ok(shared.with(|server, _| json!(server.prospects().settings())))
}

async fn put_settings(State(shared): Desk, body: String) -> Response {
    match read::<Settings>(&body) {
        Ok(new) => {
            shared.with(|server, now| server.elsewhere(now, |all| (all.set_settings(new), Vec::new())));
            settings(State(shared)).await
        }
        Err(why) => bad(why),
    }
}
