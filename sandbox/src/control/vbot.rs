//! VBot by hand: its rows, its settings, and what somebody else does.

use super::{Desk, bad, missing, ok, read};
use crate::net::Shared;
use crate::server::Server;
use crate::vbot::{Kind, Settings};
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::sync::Arc;

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/_vbot", get(rows))
        .route("/_control/vbot", post(order))
        .route("/_control/vbot/settings", get(settings).put(put_settings))
}

async fn rows(State(shared): Desk) -> Response {
    ok(shared.with(|server, _| json!(server.vbot().rows().collect::<Vec<_>>())))
}

/// Something that somebody else does. Where no officer is named, the first is meant.
#[derive(Deserialize)]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum VbotOrder {
    Insert {
        #[serde(default)]
        officer: Option<String>,
        kind: Kind,
        code: String,
        #[serde(default)]
        members: Map<String, Value>,
    },
    Remove {
        kind: Kind,
        code: String,
    },
}

impl VbotOrder {
    /// The code; none if there is no such row.
    pub fn carry_out(self, server: &mut Server, now_ms: i64) -> Option<String> {
        match self {
            VbotOrder::Insert { officer, kind, code, members } => {
                let officer = officer.unwrap_or_else(|| server.sessions().first_user().to_owned());
                server.elsewhere_in_vbot(now_ms, |all| all.insert(&officer, kind, &code, members, now_ms));
                Some(code)
            }
            VbotOrder::Remove { kind, code } => {
                server.elsewhere_in_vbot(now_ms, |all| all.remove(kind, &code, now_ms)).then_some(code)
            }
        }
    }
}

async fn order(State(shared): Desk, body: String) -> Response {
    match read::<VbotOrder>(&body) {
        Ok(order) => shared
            .with(|server, now| order.carry_out(server, now))
            .map_or_else(|| missing("row"), |code| ok(json!({ "code": code }))),
        Err(why) => bad(why),
    }
}

async fn settings(State(shared): Desk) -> Response {
    ok(shared.with(|server, _| json!(server.vbot().settings())))
}

async fn put_settings(State(shared): Desk, body: String) -> Response {
    match read::<Settings>(&body) {
        Ok(new) => {
            shared.with(|server, now| {
                server.elsewhere_in_vbot(now, |all| (all.set_settings(new), Vec::new()));
            });
            settings(State(shared)).await
        }
        Err(why) => bad(why),
    }
}
