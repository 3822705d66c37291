//! The applications with their people, what the bank wants of them, and the documents that came.

use super::onboarding_forms;
use super::parts::{ago, empty, pill};
use crate::net::Shared;
use crate::onboarding::{Action, Application, Document, Onboarding, Person};
use axum::extract::{Path, State};
use axum::response::Response;
use maud::{Markup, html};
use std::sync::Arc;

/// How many of each a page shows.
const SHOWN: usize = 200;

pub(super) async fn list(State(shared): State<Arc<Shared>>) -> Response {
    let (live, still) = shared.with(|server, now| {
        let all = server.onboarding();
        let applications: Vec<&Application> = all.applications().rev().take(SHOWN).collect();
        let actions: Vec<&Action> = all.actions().rev().take(SHOWN).collect();
        let documents: Vec<&Document> = all.documents().rev().take(SHOWN).collect();
        (
            overview(&applications, &actions, &documents, now),
            onboarding_forms::elsewhere(&applications, &actions),
        )
    });
    super::page("/onboarding", "Onboarding", html! { h1 { "Onboarding" } }, live, still)
}

fn overview(
    applications: &[&Application],
    actions: &[&Action],
    documents: &[&Document],
    now_ms: i64,
) -> Markup {
    html! {
        h2 { "Applications" }
        div.card {
            @if applications.is_empty() { (empty("There is none yet.")) } @else { (application_table(applications, now_ms)) }
        }
        h2 { "Actions" }
        div.card { @if actions.is_empty() { (empty("Nothing is asked for.")) } @else { (action_table(actions, now_ms)) } }
        h2 { "Documents" }
        div.card { @if documents.is_empty() { (empty("None has come.")) } @else { (document_table(documents, now_ms)) } }
        p.soft.small { "Newest first, at most " (SHOWN) " of each. All as JSON: "
            a href="/_applications" { "applications" } ", " a href="/_actions" { "actions" } ", " a href="/_documents" { "documents" } "." }
    }
}

fn application_table(applications: &[&Application], now_ms: i64) -> Markup {
    html! {
        table {
            thead { tr { th { "Application" } th { "Applicant" } th { "Born" } th { "Mobile" } th { "Co-applicants" } th { "Officer" } th { "Changed" } } }
            tbody { @for application in applications {
                @let get = |name| application.applicant().map_or("", |person| person.get(name));
                tr {
                    td.mono.nowrap data-h="Application" { a href={ "/onboarding/applications/" (application.id) } { (application.id) } }
                    td data-h="Applicant" { (get("FirstName")) " " (get("LastName")) }
                    td.mono data-h="Born" { (get("DateOfBirth")) }
                    td.mono data-h="Mobile" { (get("MobileNumber")) }
                    td data-h="Co-applicants" { @for person in application.co_applicants() { div { (person.name()) } } }
                    td data-h="Officer" { (application.officer) }
                    td.soft data-h="Changed" { (ago(application.changed_ms, now_ms)) }
                }
            } }
        }
    }
}

fn action_table(actions: &[&Action], now_ms: i64) -> Markup {
    html! {
        table {
            thead { tr { th { "Action" } th { "Group" } th { "Type" } th { "State" } th { "Answer" } th { "Changed" } th {} } }
            tbody { @for action in actions { tr.gone-row[action.withdrawn] {
                td data-h="Action" { div.name { span { (action.shown.title()) } code.soft.small { (action.identifier()) } } }
                td data-h="Group" { (action.shown.group()) }
                td data-h="Type" { (action.shown.kind()) }
                td data-h="State" { (state(action)) }
                td data-h="Answer" { @if action.answered_by.is_empty() { span.soft { "–" } } @else {
                    div.name { span { (action.response) } span.soft.small { "by " (action.answered_by) } }
                } }
                td.soft data-h="Changed" { (ago(action.changed_ms, now_ms)) }
                td { @if !action.withdrawn { (withdraw(action)) } }
            } } }
        }
    }
}

fn state(action: &Action) -> Markup {
    html! { div.pills {
        @if action.withdrawn { (pill("bad", "withdrawn")) }
        @match action.status() {
            "Created" => (pill("", "Created")),
            "Submitted" => (pill("good", "Submitted")),
            other => (pill("warn", other)),
        }
    } }
}

fn withdraw(action: &Action) -> Markup {
    html! {
        form method="post" action="/onboarding" {
            input type="hidden" name="action" value="withdraw_action";
            input type="hidden" name="identifier" value=(action.identifier());
            button.quiet { "Withdraw" }
        }
    }
}

fn document_table(documents: &[&Document], now_ms: i64) -> Markup {
    html! {
        table {
            thead { tr { th { "File" } th { "For" } th { "Size" } th { "SHA-256" } th { "Officer" } th { "Came" } } }
            tbody { @for document in documents { tr {
                td data-h="File" { a.name href={ "/onboarding/documents/" (document.id) } { span { (document.name) } span.soft.small { (document.content_type) } } }
                td data-h="For" { code.small { (document.action) } }
                td.mono.nowrap data-h="Size" { (document.size) " bytes" }
                td.mono data-h="SHA-256" title=(document.sha256) { (document.sha256.get(..16).unwrap_or_default()) "…" }
                td data-h="Officer" { (document.officer) }
                td.soft data-h="Came" { (ago(document.at_ms, now_ms)) }
            } } }
        }
    }
}

pub(super) async fn application(State(shared): State<Arc<Shared>>, Path(id): Path<String>) -> Response {
    let live = shared.with(|server, now| {
        let all = server.onboarding();
        // A co-applicant's changes lead here under their party.
        let has = |application: &&Application| {
            application.id == id || application.people.iter().any(|person| person.party == id)
        };
        match all.applications().find(has) {
            None => html! { h1 { "Application" } div.card { (empty("There is no such application.")) } },
            Some(application) => one(all, application, now),
        }
    });
    super::page("/onboarding", &id, html! {}, live, html! {})
}

fn one(all: &Onboarding, application: &Application, now_ms: i64) -> Markup {
    let actions: Vec<&Action> = all.actions().filter(|action| action.application == application.id).collect();
    let its = |document: &&Document| actions.iter().any(|action| action.identifier() == document.action);
    let documents: Vec<&Document> = all.documents().filter(its).collect();
    html! {
        h1 { "Application " span.thin { (application.id) } }
        div.row style="margin:-.7rem 0 1rem" { span.soft { (application.officer) } span.soft { "EntityId " } code.soft { (application.entity) } }
        div.two { @for (i, person) in application.people.iter().enumerate() { (who(person, i == 0)) } }
        h2 { "Actions" }
        div.card { @if actions.is_empty() { (empty("Nothing is asked for.")) } @else { (action_table(&actions, now_ms)) } }
        h2 { "Documents" }
        div.card { @if documents.is_empty() { (empty("None has come.")) } @else { (document_table(&documents, now_ms)) } }
    }
}

fn who(person: &Person, applicant: bool) -> Markup {
    html! { section {
        h2 { (person.name()) " " span.thin { @if applicant { "applicant" } @else { "co-applicant" } } }
        div.card.pad { dl {
            dt { "Party_Id" } dd.mono { (person.party) }
            @for (name, value) in person.fields.iter() {
                dt { (name) }
                dd { @if value.is_empty() { span.soft { "–" } } @else { (value) } }
            }
        } }
    } }
}

pub(super) async fn document(State(shared): State<Arc<Shared>>, Path(id): Path<String>) -> Response {
    let live = shared.with(|server, now| match server.onboarding().document(&id) {
        None => html! { h1 { "Document" } div.card { (empty("There is no such document.")) } },
        Some(document) => sheet(document, now),
    });
    super::page("/onboarding", "Document", html! {}, live, html! {})
}

fn sheet(document: &Document, now_ms: i64) -> Markup {
    let bytes = format!("/_documents/{}", document.id);
    html! {
        h1 { (document.name) }
        div.card.pad { dl {
            dt { "documentId" } dd.mono { (document.id) }
            dt { "For" } dd.mono { (document.action) }
            dt { "fileType" } dd { (document.content_type) }
            dt { "fileInfo" } dd { @if document.info.is_empty() { span.soft { "–" } } @else { (document.info) } }
            dt { "fileClientId" } dd.mono { (document.client_id) }
            dt { "Size" } dd.mono { (document.size) " bytes" }
            dt { "SHA-256" } dd.mono { (document.sha256) }
            dt { "Came" } dd { (ago(document.at_ms, now_ms)) " from " (document.officer) }
            dt { "Bytes" } dd { a href=(bytes) { "open" } }
        } }
        @if document.content_type.starts_with("image/") {
            h2 { "Picture" }
            div.card.pad { img src=(bytes) alt=(document.name) style="max-width:100%; max-height:40rem"; }
        }
    }
}
