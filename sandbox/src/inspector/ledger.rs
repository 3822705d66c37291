//! The ledger, newest first.

use super::parts::{ago, empty, fate, kind, names, place};
use crate::net::Shared;
use axum::extract::State;
use axum::response::Response;
use maud::html;
use std::sync::Arc;

/// How many entries a page shows.
const SHOWN: usize = 300;

pub(super) async fn page(State(shared): State<Arc<Shared>>) -> Response {
    let live = shared.with(|server, now| {
        let entries = server.ledger();
        html! {
            div.card {
                @if entries.is_empty() { (empty("Nothing has been changed yet.")) }
                @else {
                    table {
                        thead { tr { th { "#" } th { "When" } th { "Kind" } th { "Code" } th { "Who" } th { "Natural key" } th { "Reference" } th { "Officer" } th { "Request" } th { "Reply" } } }
                        tbody {
                            @for entry in entries.iter().rev().take(SHOWN) {
                                tr id={ "e" (entry.seq) } {
                                    td.mono data-h="#" { (entry.seq) }
                                    td.soft data-h="When" { (ago(entry.at_ms, now)) }
                                    td data-h="Kind" { (kind(entry)) }
                                    td.mono.nowrap data-h="Code" { a href=(place(entry)) { (entry.effect.code) } }
                                    td data-h="Who" { @let (name, other) = names(entry); div.name { span { (name) } span.soft.small { (other) } } }
                                    td.mono data-h="Natural key" { (entry.effect.natural_key) }
                                    td.mono data-h="Reference" { (entry.effect.client_ref) }
                                    td data-h="Officer" { (entry.officer) }
                                    td.mono data-h="Request" { @if entry.request == 0 { span.soft { "–" } } @else { a href={ "/requests/" (entry.request) } { (entry.request) } } }
                                    td data-h="Reply" { (fate(entry)) }
                                }
                            }
                        }
                    }
                }
            }
            p.soft.small { (entries.len()) " effects were committed; at most " (SHOWN) " are shown here, all as JSON." }
        }
    });
    let top = html! { div.row.between { h1 { "Ledger" } a.soft.small href="/_ledger" { "as JSON" } } };
    super::page("/ledger", "Ledger", top, live, html! {})
}
