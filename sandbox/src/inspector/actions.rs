//! What the inspector's forms do. Each goes back to the page it came from.

use crate::control::{ProspectOrder, SessionOrder};
use crate::faults;
use crate::net::Shared;
use crate::prospect::Settings;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

type Pairs = Form<BTreeMap<String, String>>;
type Desk = State<Arc<Shared>>;

fn back(to: &str) -> Response {
    Redirect::to(to).into_response()
}

fn refuse(why: &str) -> Response {
    (StatusCode::BAD_REQUEST, why.to_owned()).into_response()
}

pub(super) async fn set_fault(State(shared): Desk, Form(form): Pairs) -> Response {
    match faults::from_form(form.iter().map(|(name, value)| (name.as_str(), value.as_str()))) {
        Ok(fault) => {
            shared.with(|server, _| server.add_fault(fault));
            back("/faults")
        }
        Err(why) => {
            let query =
                url::form_urlencoded::Serializer::new(String::new()).append_pair("refused", &why).finish();
            back(&format!("/faults?{query}"))
        }
    }
}

pub(super) async fn remove_fault(State(shared): Desk, Form(form): Pairs) -> Response {
    let id = form.get("id").and_then(|id| id.parse().ok()).unwrap_or(0);
    shared.with(|server, _| server.remove_fault(id));
    back("/faults")
}

pub(super) async fn clear_faults(State(shared): Desk) -> Response {
    shared.with(|server, _| server.set_faults(Vec::new()));
    back("/faults")
}

pub(super) async fn session(State(shared): Desk, Form(form): Pairs) -> Response {
    let number = |name: &str, value: &str| match name {
        "calls" | "at_ms" => serde_json::from_str(value).unwrap_or(Value::Null),
        _ => Value::from(value),
    };
    let object: Map<String, Value> =
        form.iter().map(|(name, value)| (name.clone(), number(name, value))).collect();
    match serde_json::from_value::<SessionOrder>(Value::Object(object)) {
        Ok(order) => {
            shared.with(|server, _| order.carry_out(server));
            back("/sessions")
        }
        Err(_) => refuse("This is no change to a session."),
    }
}

pub(super) async fn insert(State(shared): Desk, Form(mut form): Pairs) -> Response {
    let officer = form.remove("officer").filter(|user| !user.is_empty());
    form.retain(|_, value| !value.is_empty());
    let order = ProspectOrder::Insert { officer, fields: form };
    match shared.with(|server, now| order.carry_out(server, now)) {
        Some(code) => back(&format!("/prospects/{code}")),
        None => refuse("A prospect has no such field."),
    }
}

pub(super) async fn prospect(State(shared): Desk, Path(code): Path<String>, Form(form): Pairs) -> Response {
    let get = |name: &str| form.get(name).cloned().unwrap_or_default();
    let to = format!("/prospects/{code}");
    let order = match get("action").as_str() {
        "reject" => ProspectOrder::Reject { code },
        _ => ProspectOrder::Edit { code, fields: BTreeMap::from([(get("field"), get("value"))]) },
    };
    match shared.with(|server, now| order.carry_out(server, now)) {
        Some(_) => back(&to),
        None => refuse("There is no such prospect or field."),
    }
}

pub(super) async fn settings(State(shared): Desk, Form(form): Pairs) -> Response {
    let flag = |name: &str| Value::from(form.contains_key(name));
    let mut object: Map<String, Value> =
        form.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
    object.insert("v1_0_0".to_owned(), flag("v1_0_0"));
    object.insert("check_phone".to_owned(), flag("check_phone"));
    match serde_json::from_value::<Settings>(Value::Object(object)) {
        Ok(new) => {
            shared.with(|server, now| server.elsewhere(now, |all| (all.set_settings(new), Vec::new())));
            back("/sessions")
        }
        Err(_) => refuse("These are no settings."),
    }
}
