//! The collection service's forms, and what they do. Each goes back to the page it came from.

use crate::collection::{MOST, Settings, Start};
use crate::control::CollectionOrder;
use crate::net::Shared;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

type Pairs = Form<BTreeMap<String, String>>;
type Desk = State<Arc<Shared>>;

pub(super) async fn order(State(shared): Desk, Form(form): Pairs) -> Response {
    let Some(order) = read(form) else { return refuse("This is nothing that can be done.") };
    match shared.with(|server, now| order.carry_out(server, now)) {
        Some(_) => Redirect::to("/collections").into_response(),
        None => refuse("There is no such contract, or none was given."),
    }
}

fn refuse(why: &str) -> Response {
    (StatusCode::BAD_REQUEST, why.to_owned()).into_response()
}

fn read(mut form: BTreeMap<String, String>) -> Option<CollectionOrder> {
    let action = form.remove("action")?;
    let mut take = |name: &str| form.remove(name).unwrap_or_default();
    let officer = Some(take("officer")).filter(|user| !user.is_empty());
    Some(match action.as_str() {
        "put_task" => {
            let written = take("members");
            CollectionOrder::PutTask { officer, members: members_of(&form, &written)? }
        }
        "replace_tasks" => {
            CollectionOrder::ReplaceTasks { officer, tasks: serde_json::from_str(&take("tasks")).ok()? }
        }
        "generate_tasks" => {
            CollectionOrder::GenerateTasks { officer, count: take("count").trim().parse().ok()? }
        }
        "remove_task" => CollectionOrder::RemoveTask { contract_no: take("contract_no") },
        _ => return None,
    })
}

/// The members of a task: what the fields say, then what is written as JSON.
fn members_of(form: &BTreeMap<String, String>, written: &str) -> Option<Value> {
    let given = form.iter().filter(|(_, value)| !value.is_empty());
    let mut members: Map<String, Value> =
        given.map(|(name, value)| (name.clone(), value.clone().into())).collect();
    if !written.trim().is_empty() {
        members.extend(serde_json::from_str::<Map<String, Value>>(written).ok()?);
    }
    Some(Value::Object(members))
}

pub(super) async fn settings(State(shared): Desk, Form(form): Pairs) -> Response {
    shared.with(|server, now| {
        let new = merged(server.collection().settings(), &form);
        server.elsewhere_in_collection(now, |all| (all.set_settings(new), Vec::new()));
    });
    Redirect::to("/sessions").into_response()
}

/// What the form says; what it does not ask for stays.
fn merged(now: &Settings, form: &BTreeMap<String, String>) -> Settings {
    let text = |name: &str, now: &str| form.get(name).map_or_else(|| now.to_owned(), Clone::clone);
    Settings {
        hash_key: text("hash_key", &now.hash_key),
        http_400: form.contains_key("http_400"),
        start: form.get("start").and_then(|s| serde_json::from_value(json!(s)).ok()).unwrap_or(now.start),
        known_tasks_only: form.contains_key("known_tasks_only"),
        poison: text("poison", &now.poison),
    }
}

pub(super) fn settings_form(settings: &Settings) -> Markup {
    let checks = [
        ("http_400", settings.http_400, "A refused result gets HTTP 400 instead of 200"),
        (
            "known_tasks_only",
            settings.known_tasks_only,
            "A result for none of the officer's tasks is refused",
        ),
    ];
    let starts = [
        (Start::Sample, "sample", "the two tasks of the document's sample"),
        (Start::Nothing, "nothing", "nothing"),
    ];
    html! {
        div.card.pad { form method="post" action="/collections/settings" {
            div.row style="gap:.6rem 1.5rem; margin-bottom:1rem" { @for (name, on, text) in checks {
                label.check { input type="checkbox" name=(name) value="true" checked[on]; (text) }
            } }
            div.fields {
                label.wide { "An officer starts with" select name="start" { @for (start, value, text) in starts {
                    option value=(value) selected[settings.start == start] { (text) }
                } } }
                label.wide { "HashKey" input name="hash_key" value=(settings.hash_key); }
                label { "Account that is refused" input name="poison" value=(settings.poison); }
                button.main { "Save" }
            }
        } }
    }
}

/// What the company's staff can do, but for taking a task away: that is a button beside it.
pub(super) fn elsewhere() -> Markup {
    let officer = || html! { label { "Officer" input name="officer" placeholder="the first"; } };
    let fields =
        [("name", "PUTRA SIMEULUE CUTT"), ("phone1", "081200000001"), ("total_amount", "1500000.00")];
    html! {
        h2 { "A task more, or another state of one" }
        div.card.pad { form.fields method="post" action="/collections" {
            input type="hidden" name="action" value="put_task";
            label { "contract_no" input name="contract_no" placeholder="000319280100042" required; }
            @for (name, hint) in fields { label { (name) input name=(name) placeholder=(hint); } }
            label.wide { "Other members, as JSON" input name="members" placeholder="{\"installment_amount\":\"1500000.00\"}"; }
            (officer())
            button.main { "Give" }
        } }
        h2 { "Made-up tasks" }
        div.card.pad { form.fields method="post" action="/collections" {
            input type="hidden" name="action" value="generate_tasks";
            label { "How many" input type="number" name="count" value="2000" min="1" max=(MOST); }
            (officer())
            button.main { "Make" }
        } }
        h2 { "Other tasks in place of all" }
        div.card.pad { form.fields method="post" action="/collections" {
            input type="hidden" name="action" value="replace_tasks";
            label.wide { "A list, as JSON" input name="tasks" placeholder="[{\"contract_no\":\"000319280100042\"}]" required; }
            (officer())
            button.main { "Replace" }
        } }
    }
}
