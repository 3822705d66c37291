//! What a bank manager reads.

use crate::Result;
use crate::audit::Audit;
use crate::stage::Stage;
use comfy_table::{Cell, CellAlignment, Color, ContentArrangement, Table, presets::UTF8_FULL_CONDENSED};
use serde::Serialize;
use std::collections::BTreeMap;

/// Tables, verdict, and where to look further.
pub fn print(stage: &Stage, audit: &Audit, stays: bool) {
    println!("\n{}", outcome(stage, audit));
    println!("\n{}", faults(audit));
    refused(audit);
    for lost in &audit.lost {
        stage.show.note(&format!("LOST: {lost}"));
    }
    for open in &audit.unsettled {
        stage.show.note(&format!("NOT SETTLED: {open}"));
    }
    verdict(stage, audit);
    println!("Where to look:");
    println!(
        "  the bank's ledger, requests and faults   {} (its certificate is its own)",
        stage.bank.inspector_url()
    );
    println!("  the tablet's store (encrypted)           {}", stage.store().display());
    if !stays {
        println!("  (both are gone now; --stay keeps them until Ctrl-C)");
    }
    println!("  what is promised, and what is not        README.md, \"What it promises\"");
}

fn table(head: [&str; 3]) -> Table {
    let mut table = Table::new();
    table
        .load_style(UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(head);
    table.set_width(table.width().unwrap_or(100).min(110));
    table
}

fn number(n: impl std::fmt::Display) -> Cell {
    Cell::new(n).set_alignment(CellAlignment::Right)
}

/// A number that has to be zero.
fn zero(n: usize) -> Cell {
    number(n).fg(if n == 0 { Color::Green } else { Color::Red })
}

fn outcome(stage: &Stage, audit: &Audit) -> Table {
    let officer = &stage.officer;
    let (mine, theirs) = officer.conflicts;
    let mut table = table(["the day", "", "in words"]);
    let mut row = |what: &str, n: Cell, words: String| {
        table.add_row([Cell::new(what), n, Cell::new(words)]);
    };
    row("saved", number(audit.saved), "acknowledged to the officer, most without a link".into());
    row("delivered", number(audit.delivered), "at the bank exactly as typed, field by field".into());
    row("taken back", number(audit.taken_back), "by the officer, before or after they left".into());
    row("given up", number(audit.given_up), "rejected by a colleague; the officer was told".into());
    row("refused", number(audit.refused.len()), format!("left so on purpose; {}", counts(&officer.refusals)));
    row(
        "doubts settled",
        number(audit.doubts),
        "outcomes unknown at first, found out by reading back".into(),
    );
    row("questions", number(audit.asks), format!("answered by the officer: {}", counts(&officer.asked)));
    row("conflicts", number(mine + theirs), format!("{mine} decided hers, {theirs} a colleague's"));
    row(
        "sent again",
        number(audit.summary.resent_on_absence),
        "found by a complete reading not to have arrived".into(),
    );
    row("signed in again", number(officer.sign_ins), "because the session ended".into());
    let onboarding = &audit.onboarding;
    row(
        "applications",
        number(onboarding.applications),
        "at the bank once, with everybody who applies".into(),
    );
    row("papers", number(onboarding.documents), "at the bank once, every byte as it was taken in".into());
    row("answers", number(onboarding.actions), "at the bank as they were given".into());
    row("calls", number(audit.calls), "that reached the bank".into());
    row(
        "admitted",
        number(audit.admitted),
        "doubled because somebody else removed the first: the one way left".into(),
    );
    row("lost", zero(audit.lost.len()), "acknowledged, and neither at the bank nor held here".into());
    row("doubled", zero(audit.doubled), "more than one create at the bank for one prospect".into());
    table
}

fn counts(map: &BTreeMap<String, u64>) -> String {
    map.iter().map(|(what, n)| format!("{n} {what}")).collect::<Vec<_>>().join(", ")
}

fn faults(audit: &Audit) -> Table {
    let mut table = table(["what went wrong", "times", "switch"]);
    for (name, words, n) in &audit.faults {
        let times = if *n == 0 { number(n).fg(Color::Red) } else { number(n) };
        table.add_row([Cell::new(words), times, Cell::new(name)]);
    }
    table
}

fn refused(audit: &Audit) {
    if audit.refused.is_empty() {
        return;
    }
    println!("\nRefused by the bank and left so on purpose (kept on the tablet, to be corrected):");
    for (name, words) in &audit.refused {
        println!("  {name}: {words}");
    }
}

fn verdict(stage: &Stage, audit: &Audit) {
    let seconds = stage.show.seconds();
    if audit.good() {
        let all = audit.faults.len();
        let text = format!(
            "Nothing lost, nothing doubled: {} prospects, {all} kinds of fault, {seconds:.0} s",
            audit.saved
        );
        return stage.show.verdict(true, &text);
    }
    let mut why = vec![format!("{} lost, {} doubled", audit.lost.len(), audit.doubled)];
    why.extend(audit.unmet.iter().map(|what| format!("not as expected: {what}")));
    if !audit.unsettled.is_empty() {
        why.push(format!("{} not settled", audit.unsettled.len()));
    }
    if !audit.never_fired().is_empty() {
        why.push(format!("never happened: {}", audit.never_fired().join(", ")));
    }
    stage.show.verdict(false, &format!("FAILED: {}", why.join("; ")));
}

/// The result, in the order in which it is printed.
#[derive(Serialize)]
struct Line {
    saved: usize,
    delivered: usize,
    refused: usize,
    doubts: i64,
    asks: u64,
    admitted: usize,
    lost: usize,
    doubled: usize,
    taken_back: usize,
    given_up: usize,
    unsettled: usize,
    unmet: Vec<String>,
    sent_again: i64,
    calls: u64,
    applications: usize,
    documents: usize,
    actions: usize,
    faults: BTreeMap<&'static str, u64>,
}

/// The result as one line of JSON.
pub fn json(audit: &Audit) -> Result<String> {
    Ok(serde_json::to_string(&Line {
        saved: audit.saved,
        delivered: audit.delivered,
        refused: audit.refused.len(),
        doubts: audit.doubts,
        asks: audit.asks,
        admitted: audit.admitted,
        lost: audit.lost.len(),
        doubled: audit.doubled,
        taken_back: audit.taken_back,
        given_up: audit.given_up,
        unsettled: audit.unsettled.len(),
        unmet: audit.unmet.clone(),
        sent_again: audit.summary.resent_on_absence,
        calls: audit.calls,
        applications: audit.onboarding.applications,
        documents: audit.onboarding.documents,
        actions: audit.onboarding.actions,
        faults: audit.faults.iter().map(|(name, _, n)| (*name, *n)).collect(),
    })?)
}
