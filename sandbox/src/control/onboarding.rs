//! The onboarding service by hand: lists, documents, settings, and what somebody else does.

use super::{Desk, bad, missing, ok, read};
use crate::net::Shared;
use crate::onboarding::Settings;
use crate::server::Server;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/_applications", get(applications))
        .route("/_actions", get(actions))
        .route("/_documents", get(documents))
        .route("/_documents/{id}", get(document))
        .route("/_control/onboarding", post(order))
        .route("/_control/onboarding/settings", get(settings).put(put_settings))
}

async fn applications(State(shared): Desk) -> Response {
    ok(shared.with(|server, _| json!(server.onboarding().applications().collect::<Vec<_>>())))
}

async fn actions(State(shared): Desk) -> Response {
    ok(shared.with(|server, _| json!(server.onboarding().actions().collect::<Vec<_>>())))
}

async fn documents(State(shared): Desk) -> Response {
    ok(shared.with(|server, _| json!(server.onboarding().documents().collect::<Vec<_>>())))
}

/// The bytes of a document under the type that its sender gave it. A browser runs nothing that is in them.
async fn document(State(shared): Desk, Path(id): Path<String>) -> Response {
    let Some(document) = shared.with(|server, _| server.onboarding().document(&id).cloned()) else {
        return missing("document");
    };
    let unknown = HeaderValue::from_static("application/octet-stream");
    let content_type = HeaderValue::from_str(&document.content_type).unwrap_or(unknown);
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, document.bytes().to_vec()).into_response()
}

/// Something that somebody else does.
#[derive(Deserialize)]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum OnboardingOrder {
    InsertApplication {
        #[serde(default)]
        officer: Option<String>,
        #[serde(default)]
        fields: BTreeMap<String, String>,
    },
    CreateAction {
        application: String,
        members: Value,
    },
    WithdrawAction {
        identifier: String,
    },
    Answer {
        identifier: String,
        response: String,
    },
}

impl OnboardingOrder {
    /// The `Application_id` or identifier; none if there is no such thing.
    pub fn carry_out(self, server: &mut Server, now_ms: i64) -> Option<String> {
        match self {
            OnboardingOrder::InsertApplication { officer, fields } => {
                let officer = officer.unwrap_or_else(|| server.sessions().first_user().to_owned());
                let fields: Vec<_> = fields.into_iter().collect();
                server
                    .elsewhere_in_onboarding(now_ms, |all| all.insert_application(&officer, &fields, now_ms))
            }
            OnboardingOrder::CreateAction { application, members } => server
                .elsewhere_in_onboarding(now_ms, |all| all.create_action(&application, &members, now_ms)),
            OnboardingOrder::WithdrawAction { identifier } => server
                .elsewhere_in_onboarding(now_ms, |all| all.withdraw_action(&identifier, now_ms))
                .then_some(identifier),
            OnboardingOrder::Answer { identifier, response } => server
                .elsewhere_in_onboarding(now_ms, |all| {
                    all.answer_as_someone_else(&identifier, &response, now_ms)
                })
                .then_some(identifier),
        }
    }
}

async fn order(State(shared): Desk, body: String) -> Response {
    match read::<OnboardingOrder>(&body) {
        Ok(order) => shared
            .with(|server, now| order.carry_out(server, now))
            .map_or_else(|| missing("application, action or member"), |id| ok(json!({ "id": id }))),
        Err(why) => bad(why),
    }
}

async fn settings(State(shared): Desk) -> Response {
    ok(shared.with(|server, _| json!(server.onboarding().settings())))
}

async fn put_settings(State(shared): Desk, body: String) -> Response {
    match read::<Settings>(&body) {
        Ok(new) => {
            shared.with(|server, now| {
                server.elsewhere_in_onboarding(now, |all| (all.set_settings(new), Vec::new()));
            });
            settings(State(shared)).await
        }
        Err(why) => bad(why),
    }
}
