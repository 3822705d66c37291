//! Takes a list of tasks in: read as it comes, and merged, some hundred at a time, only when all of it is good.
//!
//! A task holds nothing of the officer's: what the bank lists is what is shown. What it no longer lists stays, as gone, with
//! everything that was recorded of it.

use super::model::Task;
use super::{COLLECTION, judge, rows, wire};
use crate::error::{Result, Trouble};
use crate::feed::{self, Subject};
use crate::json::{ListFailure, read_lists};
use crate::outbox::remote::{Asked, ReadFailed, Says, Taken};
use crate::outbox::remote_row;
use crate::outbox::staged::{self, Rows};
use crate::outbox::status::{by_status, trouble};
use crate::record::TaskId;
use crate::store::{Store, hex};
use crate::world::{Cause, Incoming};
use aws_lc_rs::digest::{Context, SHA256};
use rusqlite::Transaction;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::atomic::Ordering::SeqCst;

/// The most bytes of a list that are held in memory: some four thousand late payers.
const HELD: usize = 4 << 20;

/// A task as it waits, perhaps in the staging table.
#[derive(Clone, Serialize, Deserialize)]
#[serde(into = "(Task, String)", from = "(Task, String)")]
struct Staged(Task);

impl From<Staged> for (Task, String) {
    fn from(Staged(mut task): Staged) -> Self {
        let raw = std::mem::take(&mut task.raw);
        (task, raw)
    }
}

impl From<(Task, String)> for Staged {
    fn from((task, raw): (Task, String)) -> Self {
        Staged(Task { raw, ..task })
    }
}

/// A good list.
struct Whole {
    entries: u64,
    unreadable: u64,
    rows: Rows<Staged>,
    sha256: String,
}

/// See `Remote::take`.
pub(super) fn take(store: &Store, asked: &Asked, answer: Incoming) -> Result<Taken, ReadFailed> {
    if let Some((says, _)) = by_status(answer.head.status, answer.head.retry_after, Says::Settings) {
        return Err(ReadFailed::Said(says, trouble(says)));
    }
    let taken = read(store, asked, answer).and_then(|list| merge(store, asked, list));
    if taken.is_err() {
        // The first error counts; what is left here is swept on open.
        let _ = staged::discard_all(store, asked.download);
    }
    taken
}

fn read(store: &Store, asked: &Asked, answer: Incoming) -> Result<Whole, ReadFailed> {
    let (mut entries, mut unreadable, mut contracts) = (0, 0, BTreeSet::new());
    let (mut rows, mut sum) = (Rows::new(asked.download, HELD), Context::new(&SHA256));
    let read = read_lists(answer.body, wire::LONGEST, &judge::CODES, |key, json| {
        if key != "data" {
            return Ok(());
        }
        asked.progress.items.fetch_add(1, SeqCst);
        entries += 1;
        // A contract that stands there twice is there; which row is meant nobody can say.
        match wire::task(json).ok().filter(|task| contracts.insert(task.contract.clone())) {
            None => unreadable += 1,
            Some(task) => {
                sum.update(json.as_bytes());
                rows.push(store, Staged(task), json.len())?;
            }
        }
        Ok(())
    });
    let lists = read.map_err(|failure| match failure {
        ListFailure::Undecodable => ReadFailed::Said(Says::Unusable, Trouble::Unusable),
        ListFailure::Broken(e) => ReadFailed::Said(Says::Silent, Trouble::Failed(Cause::of(&e))),
        ListFailure::Stopped(e) => ReadFailed::Store(e),
    })?;
    if let Some(refused) = judge::refused(&lists.tail) {
        return Err(refused);
    }
    if !lists.keys.contains("data") || lists.strange > 0 {
        return Err(ReadFailed::Said(Says::Unusable, Trouble::Unusable));
    }
    Ok(Whole { entries, unreadable, rows, sha256: hex(sum.finish().as_ref()) })
}

fn merge(store: &Store, asked: &Asked, list: Whole) -> Result<Taken, ReadFailed> {
    let mut taken = Taken { rows: list.entries, unreadable: list.unreadable, ..Taken::default() };
    let mut seen = BTreeSet::new();
    let merged = |some: Vec<(TaskId, Option<bool>)>| {
        for (id, change) in some {
            seen.insert(id);
            taken.new += u64::from(change == Some(true));
            taken.changed += u64::from(change == Some(false));
        }
    };
    list.rows.merge(store, put_some, merged)?;
    if list.unreadable == 0 {
        let gone: Vec<_> = store.read(rows::listed)?.into_iter().filter(|id| !seen.contains(id)).collect();
        for some in gone.chunks(500) {
            store.write(|tx| {
                some.iter().try_for_each(|id| {
                    rows::set_gone(tx, *id)?;
                    feed::touch(tx, &Subject::Task(id.0).text()).map(drop)
                })
            })?;
        }
        taken.gone = gone.len() as u64;
    }
    let summary = serde_json::json!({ "rows": taken.rows, "sha256": list.sha256 });
    store.write(|tx| remote_row::set_downloaded(tx, COLLECTION, asked.at.wall, &summary.to_string()))?;
    Ok(taken)
}

fn put_some(tx: &Transaction<'_>, from: i64, some: &[Staged]) -> Result<Vec<(TaskId, Option<bool>)>> {
    let put = |(place, Staged(task)): (i64, &Staged)| {
        let (id, change) = rows::put(tx, task, place)?;
        if change.is_some() {
            feed::touch(tx, &Subject::Task(id.0).text())?;
        }
        Ok((id, change))
    };
    (from..).zip(some).map(put).collect()
}
