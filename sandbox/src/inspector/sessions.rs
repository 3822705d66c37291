//! Sessions and the ways in which the service is set up.

use super::parts::{ago, pill};
use crate::net::Shared;
use crate::prospect::{Mixed, Settings, Unknown};
use crate::sessions::SessionView;
use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};
use std::sync::Arc;

pub(super) async fn page(State(shared): State<Arc<Shared>>) -> Response {
    let (live, settings, onboarding, collection) = shared.with(|server, now| {
        let live = html! {
            div.card { table {
                thead { tr { th { "Officer" } th { "Session" } th { "State" } th { "Ends" } th { "Renewed" } th {} } }
                tbody { @for session in server.sessions().view(now) { (row(&session, now)) } }
            } }
        };
        let (prospects, onboarding) = (server.prospects().settings(), server.onboarding().settings());
        (live, prospects.clone(), onboarding.clone(), server.collection().settings().clone())
    });
    let still = html! {
        h2 { "Add an officer" }
        div.card.pad { form.fields method="post" action="/sessions" {
            input type="hidden" name="action" value="add";
            label { "User" input name="user" required; }
            label { "Password" input name="password" required; }
            label { "Session" input name="session" required; }
            button.main { "Add" }
        } }
        h2 { "Change a password" }
        div.card.pad { form.fields method="post" action="/sessions" {
            input type="hidden" name="action" value="password";
            label { "User" input name="user" required; }
            label { "Password" input name="password" required; }
            button.main { "Change" }
        } }
        h2 { "How the prospect service is set up" }
        (form(&settings))
        h2 { "How the onboarding service is set up" }
        (super::onboarding_forms::settings_form(&onboarding))
        h2 { "How the collection service is set up" }
        (super::collection_forms::settings_form(&collection))
    };
    let top = html! { h1 { "Sessions & settings" } };
    super::page("/sessions", "Sessions & settings", top, live, still)
}

fn row(session: &SessionView, now_ms: i64) -> Markup {
    html! {
        tr {
            td data-h="Officer" { (session.user) }
            td.mono data-h="Session" { (session.session) }
            td data-h="State" { @if session.valid { (pill("good", "signed in")) } @else { (pill("bad", "expired")) } }
            td data-h="Ends" { (ends(session, now_ms)) }
            td.mono data-h="Renewed" { (session.renewals) }
            td { div.row {
                (button("renew", &session.user, "Renew"))
                (button("expire", &session.user, "Expire now"))
                (button("expire_after", &session.user, "Expire after 3 calls"))
            } }
        }
    }
}

fn ends(session: &SessionView, now_ms: i64) -> Markup {
    html! {
        @if let Some(calls) = session.calls_left { "after " (calls) " calls" }
        @else if let Some(until) = session.until_ms {
            @if until > now_ms { "in " ((until - now_ms) / 1000) " s" } @else { (ago(until, now_ms)) }
        }
        @else { span.soft { "–" } }
    }
}

fn button(action: &str, user: &str, text: &str) -> Markup {
    html! {
        form method="post" action="/sessions" {
            input type="hidden" name="action" value=(action);
            input type="hidden" name="user" value=(user);
            @if action == "expire_after" { input type="hidden" name="calls" value="3"; }
            button { (text) }
        }
    }
}

fn form(settings: &Settings) -> Markup {
    html! {
        div.card.pad { form method="post" action="/settings" {
            div.row style="gap:1.5rem; margin-bottom:1rem" {
                label.check { input type="checkbox" name="v1_0_0" value="true" checked[settings.v1_0_0]; "Version V1.0.0, without OccupationType and COCommends" }
                label.check { input type="checkbox" name="check_phone" value="true" checked[settings.check_phone]; "Refuse an entry whose phone is empty or has letters" }
            }
            div.fields {
                label.wide { "Good entries of a call with refused ones" select name="mixed" {
                    option value="kept" selected[settings.mixed == Mixed::Kept] { "are kept" }
                    option value="all_refused" selected[settings.mixed == Mixed::AllRefused] { "are refused too, and it says so" }
                    option value="only_errors_listed" selected[settings.mixed == Mixed::OnlyErrorsListed] { "are refused too, and not mentioned" }
                } }
                label.wide { "Download of an unknown code" select name="unknown_code" {
                    option value="empty_list" selected[settings.unknown_code == Unknown::EmptyList] { "an empty list" }
                    option value="not_found" selected[settings.unknown_code == Unknown::NotFound] { "an error" }
                } }
                label { "Name that spoils the whole call" input name="poison" value=(settings.poison); }
                label { "Branch in new codes" input name="branch" value=(settings.branch); }
                button.main { "Save" }
            }
        } }
    }
}
