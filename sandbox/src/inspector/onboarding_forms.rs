//! The onboarding service's forms, and what they do. Each goes back to the page it came from.

use crate::control::OnboardingOrder;
use crate::net::Shared;
use crate::onboarding::{Action, Application, Settings, Start};
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

type Pairs = Form<BTreeMap<String, String>>;
type Desk = State<Arc<Shared>>;

pub(super) async fn order(State(shared): Desk, Form(form): Pairs) -> Response {
    let Some(order) = read(form) else { return refuse("This is nothing that can be done.") };
    match shared.with(|server, now| order.carry_out(server, now)) {
        Some(_) => Redirect::to("/onboarding").into_response(),
        None => refuse("There is no such application, action or member."),
    }
}

fn refuse(why: &str) -> Response {
    (StatusCode::BAD_REQUEST, why.to_owned()).into_response()
}

fn read(mut form: BTreeMap<String, String>) -> Option<OnboardingOrder> {
    let action = form.remove("action")?;
    let mut take = |name: &str| form.remove(name).unwrap_or_default();
    Some(match action.as_str() {
        "insert_application" => {
            let officer = Some(take("officer")).filter(|user| !user.is_empty());
            form.retain(|_, value| !value.is_empty());
            OnboardingOrder::InsertApplication { officer, fields: form }
        }
        "create_action" => {
            let (application, name, members) = (take("application"), take("name"), take("members"));
            OnboardingOrder::CreateAction { application, members: members_of(&form, &name, &members)? }
        }
        "withdraw_action" => OnboardingOrder::WithdrawAction { identifier: take("identifier") },
        "answer" => OnboardingOrder::Answer { identifier: take("identifier"), response: take("response") },
        _ => return None,
    })
}

/// The members of a new action: what the fields say, then what is written as JSON.
fn members_of(form: &BTreeMap<String, String>, name: &str, written: &str) -> Option<Value> {
    let given = form.iter().filter(|(_, value)| !value.is_empty());
    let meta: serde_json::Map<String, Value> =
        given.map(|(name, value)| (name.clone(), value.clone().into())).collect();
    let mut members = json!({ "UserActionName": name, "ActionMetaData": meta });
    let more: BTreeMap<String, Value> = match written.trim() {
        "" => BTreeMap::new(),
        text => serde_json::from_str(text).ok()?,
    };
    for (name, value) in more {
        members[name.as_str()] = value;
    }
    Some(members)
}

pub(super) async fn settings(State(shared): Desk, Form(form): Pairs) -> Response {
    shared.with(|server, now| {
        let new = merged(server.onboarding().settings(), &form);
        server.elsewhere_in_onboarding(now, |all| (all.set_settings(new), Vec::new()));
    });
    Redirect::to("/sessions").into_response()
}

/// What the form says; what it does not ask for stays.
fn merged(now: &Settings, form: &BTreeMap<String, String>) -> Settings {
    let flag = |name: &str| form.contains_key(name);
    let text = |name: &str, now: &str| form.get(name).map_or_else(|| now.to_owned(), Clone::clone);
    let words = |list: &String| list.split([',', ' ']).filter(|w| !w.is_empty()).map(str::to_owned).collect();
    Settings {
        session_header: Some(text("session_header", &now.session_header))
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| now.session_header.clone()),
        required_headers: now.required_headers.clone(),
        http_400: flag("http_400"),
        party_id: flag("party_id"),
        start: form.get("start").and_then(|s| serde_json::from_value(json!(s)).ok()).unwrap_or(now.start),
        submitted_leave: flag("submitted_leave"),
        strict_is_pre: flag("strict_is_pre"),
        refuse_second_answer: flag("refuse_second_answer"),
        index_is_key: flag("index_is_key"),
        known_entities_only: flag("known_entities_only"),
        file_limit: form.get("file_limit").and_then(|n| n.parse().ok()).unwrap_or(now.file_limit),
        required: form.get("required").map_or_else(|| now.required.clone(), words),
        poison: text("poison", &now.poison),
    }
}

pub(super) fn settings_form(settings: &Settings) -> Markup {
    let checks = [
        ("party_id", settings.party_id, "createProspectProfile tells the Party_Id"),
        ("http_400", settings.http_400, "A bad request gets HTTP 400 instead of 200"),
        ("submitted_leave", settings.submitted_leave, "A submitted action leaves the list"),
        ("refuse_second_answer", settings.refuse_second_answer, "A submitted action takes no other answer"),
        ("strict_is_pre", settings.strict_is_pre, "isPre \"true\" lists prerequirements alone"),
        ("index_is_key", settings.index_is_key, "A known Index updates its co-applicant"),
        ("known_entities_only", settings.known_entities_only, "An unknown EntityId is refused"),
    ];
    let starts = [
        (Start::Usual, "usual", "something of every kind"),
        (Start::Sample, "sample", "what the document's sample has"),
        (Start::Nothing, "nothing", "nothing"),
    ];
    html! {
        div.card.pad { form method="post" action="/onboarding/settings" {
            div.row style="gap:.6rem 1.5rem; margin-bottom:1rem" { @for (name, on, text) in checks {
                label.check { input type="checkbox" name=(name) value="true" checked[on]; (text) }
            } }
            div.fields {
                label.wide { "An application starts with" select name="start" { @for (start, value, text) in starts {
                    option value=(value) selected[settings.start == start] { (text) }
                } } }
                label { "Header of the session" input name="session_header" value=(settings.session_header); }
                label { "Largest file, bytes" input name="file_limit" value=(settings.file_limit) inputmode="numeric"; }
                label { "Required of a profile" input name="required" value=(settings.required.join(", ")); }
                label { "First name that is refused" input name="poison" value=(settings.poison); }
                button.main { "Save" }
            }
        } }
    }
}

/// What somebody else can do, but for withdrawing an action: that is a button beside it.
pub(super) fn elsewhere(applications: &[&Application], actions: &[&Action]) -> Markup {
    let kinds = ["Text", "Date", "DocumentUpload", "Choice"];
    html! {
        h2 { "Made by the bank" }
        div.card.pad { form.fields method="post" action="/onboarding" {
            input type="hidden" name="action" value="create_action";
            label { "Application" select name="application" { @for application in applications { option { (application.id) } } } }
            label { "Name" input name="name" placeholder="ProofOfAddress" required; }
            label { "Type" select name="UserActionType" { @for kind in kinds { option { (kind) } } } }
            label { "Group" input name="Group" placeholder="Verification"; }
            label { "Title" input name="Title" placeholder="Proof of address"; }
            label.wide { "Other members, as JSON" input name="members" placeholder="{\"PartyId\":null}"; }
            button.main { "Ask for it" }
        } }
        h2 { "Answered by somebody else" }
        div.card.pad { form.fields method="post" action="/onboarding" {
            input type="hidden" name="action" value="answer";
            label.wide { "Action" select name="identifier" { @for action in actions.iter().filter(|action| !action.withdrawn) {
                option { (action.identifier()) }
            } } }
            label.wide { "Answer" input name="response"; }
            button.main { "Answer" }
        } }
        h2 { "Made on another device" }
        div.card.pad { form.fields method="post" action="/onboarding" {
            input type="hidden" name="action" value="insert_application";
            @for (name, hint) in [("FirstName", "Virat"), ("LastName", "Kohli"), ("DateOfBirth", "1985-10-10"), ("MobileNumber", "9994305648")] {
                label { (name) input name=(name) placeholder=(hint); }
            }
            label { "Officer" input name="officer" placeholder="the first"; }
            button.main { "Make" }
        } }
    }
}
