//! The last requests, decoded, with what was answered.

use super::parts::{ago, empty, fired, pill, pretty};
use crate::exchange::Exchange;
use crate::net::Shared;
use axum::extract::{Path, State};
use axum::response::Response;
use maud::{Markup, html};
use std::sync::Arc;

pub(super) async fn list(State(shared): State<Arc<Shared>>) -> Response {
    let live = shared.with(|server, now| {
        let all: Vec<&Exchange> = server.exchanges().rev().collect();
        html! {
            div.card { (table(&all, now, "No request has come yet.", fired)) }
            p.soft.small { (server.requests_seen()) " came since the start; the last three hundred are kept." }
        }
    });
    super::page("/requests", "Requests", html! { h1 { "Requests" } }, live, html! {})
}

pub(super) fn table(
    exchanges: &[&Exchange],
    now_ms: i64,
    nothing: &str,
    fired: fn(&[&'static str]) -> Markup,
) -> Markup {
    if exchanges.is_empty() {
        return empty(nothing);
    }
    html! {
        table {
            thead { tr { th { "#" } th { "When" } th { "Endpoint" } th { "Officer" } th { "Answer" } th { "Effects" } th { "Faults" } } }
            tbody {
                @for exchange in exchanges {
                    tr {
                        td.mono data-h="#" { a href={ "/requests/" (exchange.id) } { (exchange.id) } }
                        td.soft data-h="When" { (ago(exchange.at_ms, now_ms)) }
                        td data-h="Endpoint" { a href={ "/requests/" (exchange.id) } { (exchange.endpoint) } }
                        td data-h="Officer" { @if exchange.officer.is_empty() { span.soft { "–" } } @else { (exchange.officer) } }
                        td data-h="Answer" { (answer(exchange)) }
                        td.num data-h="Effects" style="text-align:left" { (exchange.committed.len()) }
                        td data-h="Faults" { (fired(&exchange.fired)) }
                    }
                }
            }
        }
    }
}

fn answer(exchange: &Exchange) -> Markup {
    let says = |sign: &&str| exchange.answered.contains(*sign);
    let failed = ["\"ERR\":\"Error\"", "\"errmsg\":"].iter().any(says)
        || says(&"\"respon_code\":") && !says(&"\"respon_code\":\"00\"");
    html! {
        div.pills {
            @match exchange.status {
                Some(200) if failed => (pill("warn", "200, with an error")),
                Some(200) => (pill("good", "200")),
                Some(status) => (pill("bad", &status.to_string())),
                None => (pill("bad", "none")),
            }
            @if exchange.delivery != "sent" { (pill("warn", &exchange.delivery)) }
        }
    }
}

pub(super) async fn one(State(shared): State<Arc<Shared>>, Path(id): Path<u64>) -> Response {
    let live = shared.with(|server, now| match server.exchanges().find(|exchange| exchange.id == id) {
        None => html! { h1 { "Request " (id) } div.card { (empty("It is not kept any more.")) } },
        Some(exchange) => html! {
            h1 { "Request " (id) " " span.thin { (exchange.endpoint) } }
            div.card.pad {
                dl {
                    dt { "Came" } dd { (ago(exchange.at_ms, now)) }
                    dt { "Officer" } dd { @if exchange.officer.is_empty() { span.soft { "not accepted" } } @else { (exchange.officer) } }
                    dt { "Answer" } dd { (answer(exchange)) }
                    dt { "Faults" } dd { @if exchange.fired.is_empty() { span.soft { "none" } } @else { (fired(&exchange.fired)) } }
                    dt { "Effects" } dd { (effects(&exchange.committed)) }
                }
            }
            div.two {
                section { h2 { "Asked" } div.card { pre { (pretty(&exchange.asked)) } } }
                section { h2 { "Answered" }
                    div.card {
                        @if exchange.answered.is_empty() { (empty("Nothing.")) } @else { pre { (pretty(&exchange.answered)) } }
                    }
                    @if exchange.delivery != "sent" { p.soft.small { "On its way: " (exchange.delivery) "." } }
                }
            }
        },
    });
    super::page("/requests", &format!("Request {id}"), html! {}, live, html! {})
}

fn effects(seqs: &[u64]) -> Markup {
    html! {
        @if seqs.is_empty() { span.soft { "none" } }
        @for seq in seqs { a.mono href={ "/ledger#e" (seq) } { "#" (seq) } " " }
    }
}
