//! The tasks of the officers, and the results that came.

use super::collection_forms;
use super::parts::{ago, empty, escaped, pill};
use crate::collection::{CollectionResult, Task};
use crate::net::Shared;
use axum::extract::{Path, State};
use axum::response::Response;
use maud::{Markup, html};
use std::sync::Arc;

/// How many of each a page shows.
const SHOWN: usize = 200;

pub(super) async fn list(State(shared): State<Arc<Shared>>) -> Response {
    let live = shared.with(|server, now| {
        let all = server.collection();
        let tasks: Vec<&Task> = all.tasks().rev().take(SHOWN).collect();
        let results: Vec<&CollectionResult> = all.results().rev().take(SHOWN).collect();
        html! {
            h2 { "Results" }
            div.card { @if results.is_empty() { (empty("None has come.")) } @else { (result_table(&results, now)) } }
            h2 { "Tasks" }
            div.card { @if tasks.is_empty() { (empty("Nobody has asked for any yet.")) } @else { (task_table(&tasks, now)) } }
            p.soft.small { (all.results().count()) " results and " (all.open_tasks()) " tasks; newest first, at most " (SHOWN) " of each. All as JSON: "
                a href="/_tasks" { "tasks" } ", " a href="/_results" { "results" } "." }
        }
    });
    let top = html! { h1 { "Collection" } };
    super::page("/collections", "Collection", top, live, collection_forms::elsewhere())
}

fn result_table(results: &[&CollectionResult], now_ms: i64) -> Markup {
    html! {
        table {
            thead { tr { th { "#" } th { "Account" } th { "Customer" } th { "Result" } th { "Action" } th { "Promise" } th { "Remark" } th { "Officer" } th { "Came" } } }
            tbody { @for result in results { tr {
                td.mono data-h="#" { a href={ "/collections/results/" (result.number) } { (result.number) } }
                td.mono data-h="Account" { (contract(result.get("account_no"))) }
                td data-h="Customer" { (result.get("cust_name")) }
                td.mono data-h="Result" { (result.get("result_code")) }
                td.mono data-h="Action" { (result.get("action_code")) }
                td.mono data-h="Promise" { (result.get("promise_date")) }
                td data-h="Remark" { (result.get("remark")) }
                td data-h="Officer" { (result.officer) }
                td.soft data-h="Came" { (ago(result.at_ms, now_ms)) }
            } } }
        }
    }
}

fn task_table(tasks: &[&Task], now_ms: i64) -> Markup {
    html! {
        table {
            thead { tr { th { "Contract" } th { "Name" } th { "Phone" } th { "Overdue" } th { "Total" } th { "Officer" } th { "State" } th { "Changed" } th {} } }
            tbody { @for task in tasks { tr.gone-row[task.removed] {
                td.mono data-h="Contract" { (contract(task.contract_no())) }
                td data-h="Name" { div.name { span { (task.get("name")) } span.soft.small { (task.get("description_assets")) } } }
                td.mono data-h="Phone" { (task.get("phone1")) }
                td.mono data-h="Overdue" { (task.get("overdue")) }
                td.mono data-h="Total" { (task.get("total_amount")) }
                td data-h="Officer" { (task.officer) }
                td data-h="State" { (state(task)) }
                td.soft data-h="Changed" { (ago(task.changed_ms, now_ms)) }
                td { @if !task.removed { (remove(task)) } }
            } } }
        }
    }
}

fn contract(number: &str) -> Markup {
    html! { a href={ "/collections/tasks/" (escaped(number)) } { (number) } }
}

fn state(task: &Task) -> Markup {
    html! { @if task.removed { (pill("bad", "taken away")) } @else { (pill("good", "listed")) } }
}

fn remove(task: &Task) -> Markup {
    html! {
        form method="post" action="/collections" {
            input type="hidden" name="action" value="remove_task";
            input type="hidden" name="contract_no" value=(task.contract_no());
            button.quiet { "Paid elsewhere" }
        }
    }
}

pub(super) async fn result(State(shared): State<Arc<Shared>>, Path(number): Path<u64>) -> Response {
    let live = shared.with(|server, now| match server.collection().result(number) {
        None => html! { h1 { "Result" } div.card { (empty("There is no such result.")) } },
        Some(result) => html! {
            h1 { "Result " span.thin { (number) } }
            div.row style="margin:-.7rem 0 1rem" { span.soft { (result.officer) } span.soft { (ago(result.at_ms, now)) } }
            div.card.pad { dl { @for (name, value) in result.fields.iter() {
                dt { (name) }
                dd { @if value.is_empty() { span.soft { "–" } } @else { (value) } }
            } } }
        },
    });
    super::page("/collections", &format!("Result {number}"), html! {}, live, html! {})
}

/// A contract: the tasks that bear its number, and the results for it.
pub(super) async fn task(State(shared): State<Arc<Shared>>, Path(contract_no): Path<String>) -> Response {
    let live = shared.with(|server, now| {
        let all = server.collection();
        let tasks: Vec<&Task> = all.tasks().rev().filter(|task| task.contract_no() == contract_no).collect();
        let its = |result: &&CollectionResult| result.get("account_no") == contract_no;
        let results: Vec<&CollectionResult> = all.results().rev().filter(its).take(SHOWN).collect();
        html! {
            h1 { "Contract " span.thin { (contract_no) } }
            @if tasks.is_empty() { div.card { (empty("No task bears that number.")) } }
            @for task in tasks.iter().take(SHOWN) { (sheet(task, now)) }
            h2 { "Results" }
            div.card { @if results.is_empty() { (empty("None has come.")) } @else { (result_table(&results, now)) } }
        }
    });
    super::page("/collections", &contract_no, html! {}, live, html! {})
}

fn sheet(task: &Task, now_ms: i64) -> Markup {
    html! {
        h2 { (task.officer) " " (state(task)) " " span.soft { (ago(task.changed_ms, now_ms)) } }
        div.card.pad { dl { @for (name, value) in task.members.iter() {
            dt { (name) }
            dd { @match value.as_str() {
                Some("") => span.soft { "–" },
                Some(text) => (text),
                None => code.soft { (value.to_string()) },
            } }
        } } }
    }
}
