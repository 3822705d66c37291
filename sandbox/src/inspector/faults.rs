//! The fault switches as forms.

use super::parts::{empty, pill, title};
use crate::faults::{Lever, groups};
use crate::net::Shared;
use crate::server::Server;
use axum::extract::{Query, State};
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;

#[derive(Deserialize)]
pub(super) struct Said {
    /// Why the last switch was refused.
    #[serde(default)]
    refused: Option<String>,
}

pub(super) async fn page(State(shared): State<Arc<Shared>>, Query(said): Query<Said>) -> Response {
    let top = html! {
        h1 { "Faults" }
        @if let Some(why) = &said.refused { p.note { "Not set: " (why) } }
    };
    let (live, endpoints) = shared.with(|server, _| {
        let endpoints = server.remotes().flat_map(|remote| remote.endpoints()).copied().collect::<Vec<_>>();
        (html! { div.card { (set(server)) } }, endpoints)
    });
    let still = html! {
        h2 { "Switches" }
        div.levers {
            @for group in groups() {
                section.group.card {
                    h2 { (group.title) }
                    @for lever in group.levers { (form(lever, &endpoints)) }
                }
            }
        }
    };
    super::page("/faults", "Faults", top, live, still)
}

fn set(server: &Server) -> Markup {
    html! {
        @if server.faults().is_empty() { (empty("No fault is set: the server behaves.")) }
        @else {
            table {
                thead { tr { th { "Fault" } th { "Where" } th { "How often" } th { "Seen" } th { "Fired" } th { "State" } th {} } }
                tbody { @for armed in server.faults() {
                    tr {
                        td data-h="Fault" { div.name { span { (title(armed.fault.kind.name())) } code.soft { (params(&armed.fault.kind)) } } }
                        td data-h="Where" { (armed.fault.endpoint.as_deref().unwrap_or("everywhere")) }
                        td data-h="How often" { (often(armed)) }
                        td.mono data-h="Seen" { (armed.seen) }
                        td.mono data-h="Fired" { (armed.fired) }
                        td data-h="State" { @if armed.spent() { (pill("plain", "spent")) } @else { (pill("warn", "set")) } }
                        td { form method="post" action="/faults/remove" {
                            input type="hidden" name="id" value=(armed.id);
                            button.quiet { "Take back" }
                        } }
                    }
                } }
            }
            div.pad { form method="post" action="/faults/clear" { button { "Take all back" } } }
        }
    }
}

fn params(kind: &crate::Kind) -> String {
    let value = serde_json::to_value(kind).unwrap_or_default();
    let shown = |(name, value): (&String, &Value)| {
        (name != "kind" && !value.is_null()).then(|| format!("{name} {}", value.to_string().replace('"', "")))
    };
    value.as_object().map(|o| o.iter().filter_map(shown).collect::<Vec<_>>().join(", ")).unwrap_or_default()
}

fn often(armed: &crate::Armed) -> String {
    let fault = &armed.fault;
    let mut text = match fault.times {
        Some(1) => "once".to_owned(),
        Some(times) => format!("{times} times"),
        None => "always".to_owned(),
    };
    if fault.chance < 1.0 {
        text += &format!(", at {} %", (fault.chance * 100.0).round());
    }
    if fault.skip > 0 {
        text += &format!(", after {}", fault.skip);
    }
    text
}

fn form(lever: &Lever, endpoints: &[&str]) -> Markup {
    html! {
        details.lever {
            summary { b { (lever.title) } span.soft.small { (lever.about) } }
            form.body.fields method="post" action="/faults" {
                input type="hidden" name="kind" value=(lever.kind);
                @for (name, example) in lever.params { (param(name, example)) }
                label { "where" select name="endpoint" {
                    option value="" { "everywhere" }
                    @for endpoint in endpoints { option { (endpoint) } }
                } }
                label { "times" input name="times" value="1" inputmode="numeric" placeholder="always"; }
                label { "chance" input name="chance" placeholder="1" inputmode="decimal"; }
                label { "skip first" input name="skip" placeholder="0" inputmode="numeric"; }
                button.main { "Set" }
            }
        }
    }
}

fn param(name: &str, example: &str) -> Markup {
    let shown = name.replace('_', " ");
    html! {
        @match (name, example) {
            (_, "true" | "false") => label { (shown) select name=(name) { option { "false" } option { "true" } } },
            ("part", _) => label { "from" select name=(name) { option { "body" } option { "head" } } },
            ("to", _) => label.wide { (shown) input name=(name) value=(example.trim_matches('"')); },
            (_, "null") => label { (shown) input name=(name) placeholder="random"; },
            _ => label { (shown) input name=(name) value=(example.trim_matches('"')); },
        }
    }
}
