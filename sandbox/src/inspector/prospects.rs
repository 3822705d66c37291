//! The prospects, and one prospect with its history.

use super::parts::{ago, empty, fate, kind, pill};
use crate::fields::Fields;
use crate::ledger::LedgerEntry;
use crate::net::Shared;
use crate::prospect::{Row, UPLOAD};
use axum::extract::{Path, Query, State};
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::sync::Arc;

/// How many rows a page shows.
const SHOWN: usize = 200;

#[derive(Deserialize)]
pub(super) struct Search {
    #[serde(default)]
    q: String,
}

pub(super) async fn list(State(shared): State<Arc<Shared>>, Query(search): Query<Search>) -> Response {
    let q = search.q.trim().to_lowercase();
    let live = shared.with(|server, now| {
        let all = server.prospects();
        let found: Vec<&Row> = all.rows().rev().filter(|row| matches(row, &q)).take(SHOWN).collect();
        html! {
            div.card {
                @if found.is_empty() { (empty(if q.is_empty() { "There is none yet." } else { "None fits." })) }
                @else { (table(&all.doubled(), &found, now)) }
            }
            p.soft.small { (all.rows().count()) " in all, rejected ones included; at most " (SHOWN) " are shown." }
        }
    });
    let top = html! {
        div.row.between {
            h1 { "Prospects" }
            form.row.search method="get" {
                input type="search" name="q" value=(search.q) placeholder="Name, phone, code, officer" aria-label="Search";
                button { "Search" }
            }
        }
    };
    let still = html! {
        h2 { "Made on another device" }
        div.card.pad { form.fields method="post" {
            @for (name, hint) in [("NameEn", "Sok Dara"), ("NameKh", "សុខ ដារ៉ា"), ("Phone", "012345678"), ("CreateDateClient", "2021-02-09 08:30:00.000")] {
                label { (name) input name=(name) placeholder=(hint); }
            }
            label { "Officer" input name="officer" placeholder="the first"; }
            button.main { "Make" }
        } }
    };
    super::page("/prospects", "Prospects", top, live, still)
}

fn matches(row: &Row, q: &str) -> bool {
    let texts = [row.get("NameEn"), row.get("NameKh"), row.get("Phone"), &row.code, &row.officer];
    q.is_empty() || texts.iter().any(|text| text.to_lowercase().contains(q))
}

fn table(doubled: &BTreeSet<&str>, rows: &[&Row], now_ms: i64) -> Markup {
    html! {
        table {
            thead { tr { th { "Code" } th { "Name" } th { "Phone" } th { "Created at the client" } th { "Officer" } th { "Changed" } th { "State" } } }
            tbody {
                @for row in rows {
                    tr.gone-row[row.rejected] {
                        td.mono.nowrap data-h="Code" { a href={ "/prospects/" (row.code) } { (row.code) } }
                        td data-h="Name" { a.name href={ "/prospects/" (row.code) } { span { (row.get("NameKh")) } span.soft.small { (row.get("NameEn")) } } }
                        td.mono data-h="Phone" { (row.get("Phone")) }
                        td.mono data-h="Created at the client" { (row.get("CreateDateClient")) }
                        td data-h="Officer" { (row.officer) }
                        td.soft data-h="Changed" { (ago(row.changed_ms, now_ms)) }
                        td data-h="State" { (state(doubled, row)) }
                    }
                }
            }
        }
    }
}

fn state(doubled: &BTreeSet<&str>, row: &Row) -> Markup {
    html! {
        div.pills {
            @if row.rejected { (pill("bad", "rejected")) } @else { (pill("good", "live")) }
            @if doubled.contains(row.code.as_str()) { (pill("bad", "double")) }
        }
    }
}

pub(super) async fn one(State(shared): State<Arc<Shared>>, Path(code): Path<String>) -> Response {
    let (live, still) = shared.with(|server, now| match server.prospects().row(&code) {
        None => (html! { h1 { "Prospect" } div.card { (empty("There is no such code.")) } }, html! {}),
        Some(row) => {
            let history: Vec<&LedgerEntry> =
                server.ledger().iter().filter(|entry| entry.effect.code == code).collect();
            let live = html! {
                h1 { (row.get("NameKh")) " " span.thin { (row.get("NameEn")) } }
                div.row style="margin:-.7rem 0 1rem" { code.soft { (row.code) } span.soft { (row.officer) } (state(&server.prospects().doubled(), row)) }
                div.two {
                    section { h2 { "Held by the server" } div.card.pad { (fields(row)) } }
                    section.early { h2 { "History" } div.card { ol.steps { @for (i, entry) in history.iter().enumerate().rev() {
                        li { (step(entry, i.checked_sub(1).map(|before| history[before]), now)) }
                    } } } }
                }
            };
            (live, elsewhere())
        }
    });
    super::page("/prospects", &code, html! {}, live, still)
}

fn fields(row: &Row) -> Markup {
    html! {
        dl {
            @for (name, value) in row.fields.iter() {
                dt { (name) }
                dd { @if value.is_empty() { span.soft { "–" } } @else { (value) } }
            }
        }
    }
}

fn step(entry: &LedgerEntry, before: Option<&LedgerEntry>, now_ms: i64) -> Markup {
    html! {
        div.row {
            (kind(entry)) (fate(entry))
            span.soft.small { (ago(entry.at_ms, now_ms)) }
            @if entry.request > 0 { a.soft.small href={ "/requests/" (entry.request) } { "request " (entry.request) } }
        }
        @if let Some(before) = before {
            @for (name, old, new) in differences(&before.effect.fields, &entry.effect.fields) {
                div.small { span.soft { (name) " " } del { (old) } " " ins { (new) } }
            }
        }
    }
}

fn differences<'a>(old: &'a Fields, new: &'a Fields) -> Vec<(&'a str, &'a str, &'a str)> {
    let all = new.iter().map(|(name, value)| (name, old.get(name), value));
    all.filter(|(name, old, new)| *name != "Code" && old != new).collect()
}

fn elsewhere() -> Markup {
    html! {
        h2 { "Done by somebody else" }
        div.card.pad.row.low {
            form.fields.grow method="post" {
                input type="hidden" name="action" value="edit";
                label { "Field" select name="field" { @for name in UPLOAD.iter().filter(|name| **name != "Code") {
                    option selected[*name == "Phone"] { (name) }
                } } }
                label.wide { "Value" input name="value"; }
                button.main { "Edit" }
            }
            form method="post" { input type="hidden" name="action" value="reject"; button { "Reject" } }
        }
    }
}
