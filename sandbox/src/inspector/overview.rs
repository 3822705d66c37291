//! The first page: is all well, what is broken on purpose, what happened last.

use super::parts::{ago, empty, fate, fired, kind, names, pill, place, title};
use crate::exchange::Exchange;
use crate::net::Shared;
use crate::remote::Tone;
use crate::server::Server;
use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};
use std::sync::Arc;

pub(super) async fn page(State(shared): State<Arc<Shared>>) -> Response {
    let trouble = shared.trouble();
    let at = shared.place.clone();
    let live = shared.with(|server, now| {
        html! {
            @if let Some(trouble) = &trouble { p.note { "The state file could not be written: " (trouble) } }
            (tiles(server))
            div.two { (faults(server)) (sessions(server, now)) }
            h2 { "Last requests" }
            div.card { (last(server, now)) }
            h2 { "Last effects" }
            div.card { (effects(server, now)) }
        }
    });
    let still = html! {
        p.soft.small style="margin-top:2rem" {
            "Prospects at " code { (at.base_url) } ", onboarding at " code { (at.onboarding_url) }
            ", collection at " code { (at.collection_result_url) } " and " code { (at.collection_tasks_url) }
        }
    };
    super::page("/", "Overview", html! { h1 { "Overview" } }, live, still)
}

fn tiles(server: &Server) -> Markup {
    let fired: u64 = server.fired().values().sum();
    let in_flight = server.in_flight() as u64;
    let own = [
        ("Requests", server.requests_seen(), "plain"),
        ("Effects", server.ledger().len() as u64, "plain"),
        ("In flight", in_flight, if in_flight > 0 { "warn" } else { "plain" }),
        ("Faults fired", fired, if fired > 0 { "warn" } else { "plain" }),
    ];
    let class = |tone| match tone {
        Tone::Plain => "plain",
        Tone::Good => "good",
        Tone::Warn => "warn",
        Tone::Bad => "bad",
    };
    let tiles = server.remotes().flat_map(|remote| remote.tiles());
    let theirs = tiles.map(|tile| (tile.label, tile.value, class(tile.tone)));
    html! {
        div.tiles {
            @for (label, value, tone) in theirs.chain(own) {
                div class={ "tile " (tone) } { b { (value) } span { (label) } }
            }
        }
    }
}

fn faults(server: &Server) -> Markup {
    let quiet = |name: &str| !server.faults().iter().any(|armed| armed.fault.kind.name() == name);
    html! {
        section {
            h2 { "Faults" }
            div.card {
                @if server.faults().is_empty() && server.fired().is_empty() {
                    (empty("None is set, none has fired."))
                }
                @for armed in server.faults() {
                    div.line {
                        span.grow { (title(armed.fault.kind.name())) " "
                            span.soft.small { (armed.fault.endpoint.as_deref().unwrap_or("everywhere")) } }
                        span.soft.small { "fired " (armed.fired) }
                        @if armed.spent() { (pill("plain", "spent")) } @else { (pill("warn", "set")) }
                    }
                }
                @for (name, times) in server.fired().iter().filter(|(name, _)| quiet(name)) {
                    div.line {
                        span.grow.soft { (title(name)) }
                        span.soft.small { "fired " (times) " earlier" }
                    }
                }
            }
        }
    }
}

fn sessions(server: &Server, now_ms: i64) -> Markup {
    html! {
        section {
            h2 { "Sessions" }
            div.card {
                @for session in server.sessions().view(now_ms) {
                    div.line {
                        span.grow { (session.user) " " code.soft { (session.session) } }
                        @if session.valid { (pill("good", "signed in")) } @else { (pill("bad", "expired")) }
                    }
                }
            }
        }
    }
}

fn last(server: &Server, now_ms: i64) -> Markup {
    let last: Vec<&Exchange> = server.exchanges().rev().take(8).collect();
    super::requests::table(&last, now_ms, "No request has come yet.", fired)
}

fn effects(server: &Server, now_ms: i64) -> Markup {
    let entries = server.ledger();
    html! {
        @if entries.is_empty() { (empty("Nothing has been changed yet.")) }
        @for entry in entries.iter().rev().take(6) {
            div.line {
                (kind(entry))
                a.mono href=(place(entry)) { (entry.effect.code) }
                @let (name, other) = names(entry);
                span.grow { (name) " " span.soft { (other) } }
                (fate(entry))
                span.soft.small { (ago(entry.at_ms, now_ms)) }
            }
        }
    }
}
