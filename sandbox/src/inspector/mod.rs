//! The web inspector: what the server holds and did, and every switch, for a person with a browser.
//!
//! Pages are made on the server, hold all they need and ask nobody else for anything. What changes by itself stands
//! in the element `#live`, which a few lines of script fetch anew every two seconds; forms stand outside it, so that
//! nothing is lost while one types.

mod actions;
mod collection;
mod collection_forms;
mod faults;
mod ledger;
mod onboarding;
mod onboarding_forms;
mod overview;
mod parts;
mod prospects;
mod requests;
mod sessions;
mod style;

use crate::net::Shared;
use axum::Router;
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use std::sync::Arc;

pub(crate) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/", get(overview::page))
        .route("/prospects", get(prospects::list).post(actions::insert))
        .route("/prospects/{code}", get(prospects::one).post(actions::prospect))
        .route("/onboarding", get(onboarding::list).post(onboarding_forms::order))
        .route("/onboarding/settings", post(onboarding_forms::settings))
        .route("/onboarding/applications/{id}", get(onboarding::application))
        .route("/onboarding/documents/{id}", get(onboarding::document))
        .route("/collections", get(collection::list).post(collection_forms::order))
        .route("/collections/settings", post(collection_forms::settings))
        .route("/collections/results/{number}", get(collection::result))
        .route("/collections/tasks/{contract_no}", get(collection::task))
        .route("/ledger", get(ledger::page))
        .route("/requests", get(requests::list))
        .route("/requests/{id}", get(requests::one))
        .route("/faults", get(faults::page).post(actions::set_fault))
        .route("/faults/remove", post(actions::remove_fault))
        .route("/faults/clear", post(actions::clear_faults))
        .route("/sessions", get(sessions::page).post(actions::session))
        .route("/settings", post(actions::settings))
}

const NAV: [(&str, &str); 8] = [
    ("/", "Overview"),
    ("/prospects", "Prospects"),
    ("/onboarding", "Onboarding"),
    // The service itself has what lies under `/collection/`.
    ("/collections", "Collection"),
    ("/ledger", "Ledger"),
    ("/requests", "Requests"),
    ("/faults", "Faults"),
    ("/sessions", "Sessions & settings"),
];

/// A page: `live` is refreshed by itself, what is above and below it is not.
fn page(here: &str, title: &str, top: Markup, live: Markup, still: Markup) -> Response {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · Satchel sandbox" }
                link rel="icon" href="data:,";
                style { (PreEscaped(style::SHEET)) }
            }
            body {
                header {
                    a.brand href="/" { span.mark {} "Satchel" span.thin { " sandbox" } }
                    nav {
                        @for (path, name) in NAV {
                            a href=(path) aria-current=[(path == here).then_some("page")] { (name) }
                        }
                    }
                }
                main {
                    (top)
                    div #live { (live) }
                    (still)
                }
                script { (PreEscaped(style::SCRIPT)) }
            }
        }
    };
    let policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src 'self' data:; \
                  connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
    (
        [(header::CONTENT_SECURITY_POLICY, policy), (header::CACHE_CONTROL, "no-store")],
        Html(page.into_string()),
    )
        .into_response()
}
