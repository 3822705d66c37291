//! What is printed. Counts, states and ages; names only when they are asked for.

use crate::failed::Failed;
use satchel::Satchel;
use satchel::export::{Export, Made, Row};
use satchel::store::Book;
use satchel::world::{Clock, RealClock, RealDisk};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

const DAY_MS: i64 = 86_400_000;

/// The books of a folder, from their plain files.
pub fn books(folder: &Path) -> Result<String, Failed> {
    let folder = std::fs::canonicalize(folder).map_err(crate::failed::file(folder))?;
    let books = Satchel::books(&RealDisk, &folder)?;
    if books.is_empty() {
        return Ok("No books in this folder.\n".into());
    }
    let mut out = String::new();
    books.iter().for_each(|b| out.push_str(&book(b)));
    Ok(out)
}

fn book(book: &Book) -> String {
    let name = book.folder.file_name().unwrap_or_default().to_string_lossy();
    let officer = book.officer.as_deref().unwrap_or("unknown: its plain file is missing");
    let aside = if book.set_aside { ", set aside" } else { "" };
    let escrow = if book.escrowed { "with escrow" } else { "no escrow: only its tablet can open it" };
    let mut out = format!("{name}\n  officer {officer}{aside}, {escrow}\n");
    let oldest = book.oldest_unsent_wall.map_or_else(String::new, |at| format!(", the oldest {}", age(at)));
    let _ = match book.as_of {
        0 => writeln!(out, "  how much is unsent is not known"),
        at => writeln!(out, "  at least {} unsent{oldest}, as of {}", book.unsent, when(at)),
    };
    out
}

/// What is unsent.
pub fn unsent(export: &Export, show: bool) -> String {
    let mut out = counts(export);
    if show {
        out.push('\n');
        export.entries.iter().for_each(|entry| out.push_str(&named(export, entry)));
    }
    if export.damaged_pages > 0 {
        out.push('\n');
        out.push_str(&salvage(export));
    }
    out
}

/// Counts, states and ages.
pub fn counts(export: &Export) -> String {
    let book = &export.book;
    let mut out = format!("Book of officer {}, profile {}\n", or(&book.officer), or(&book.profile));
    let made = match export.made {
        Made::ByBook => "by the book, which goes on sending",
        Made::HandedOver => "by the book, which handed it over",
        Made::FromFiles => "from its files: what they call ready may have been sent since",
    };
    let _ = writeln!(out, "Exported {} {made}", when(export.made_wall));
    let _ = writeln!(
        out,
        "{} entries not settled, of {} prospects",
        export.entries.len(),
        export.prospects.len()
    );
    let mut groups: BTreeMap<(&str, &str), (u64, i64)> = BTreeMap::new();
    for entry in &export.entries {
        let made = entry.number("made_wall").unwrap_or(i64::MAX);
        let group = groups.entry((entry.text("state"), entry.text("verb"))).or_insert((0, made));
        *group = (group.0 + 1, group.1.min(made));
    }
    for ((state, verb), (count, oldest)) in groups {
        let _ = writeln!(out, "  {count:>6}  {state:<10} {verb:<8} the oldest {}", age(oldest));
    }
    let (decisions, drafts) = (export.decisions.len(), export.drafts.len());
    let _ = writeln!(out, "{decisions} decisions, {drafts} drafts");
    out
}

/// How much could be read.
pub fn salvage(export: &Export) -> String {
    let mut out = match export.damaged_pages {
        0 => "Every page of the book is whole.\n".to_owned(),
        1 => "1 page of the book is damaged.\n".to_owned(),
        n => format!("{n} pages of the book are damaged.\n"),
    };
    for table in &export.tables {
        let lost =
            table.lost.map_or_else(|| "how many are lost is not known".into(), |n| format!("{n} lost"));
        let older =
            if table.older > 0 { format!(", {} from an older copy", table.older) } else { String::new() };
        let _ = writeln!(out, "  {:<10} {:>6} rows read{older}, {lost}", table.name, table.rows);
    }
    out
}

/// One entry with its prospect's names.
fn named(export: &Export, entry: &Row) -> String {
    let lane = entry.text("lane");
    let about = export.prospects.iter().find(|p| lane == format!("prospect:{}", p.number("id").unwrap_or(0)));
    let field = |name: &str| about.and_then(|p| p.get("local")?.get(name)?.as_str()).unwrap_or("-");
    let code = about.map_or("-", |p| p.text("code"));
    let [en, kh, phone] = ["NameEn", "NameKh", "Phone"].map(field);
    let (state, verb) = (entry.text("state"), entry.text("verb"));
    format!("{lane:<14} {state:<10} {verb:<8} {en} | {kh} | {phone} | code {}\n", or(code))
}

fn or(text: &str) -> &str {
    if text.is_empty() { "-" } else { text }
}

fn when(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).map_or_else(|_| "?".into(), |t| format!("{t:.0}"))
}

fn age(ms: i64) -> String {
    match RealClock.wall().saturating_sub(ms) {
        ..DAY_MS => format!("from {}", when(ms)),
        age => format!("from {} ({} days)", when(ms), age / DAY_MS),
    }
}
