//! A list of actions on its way in: read as it comes, provisional until all of it is good.

use crate::error::{Error, Result, Trouble};
use crate::onboarding::actions::{self, Action, ListFailure};
use crate::onboarding::judge;
use crate::onboarding::wire::Verdict as Word;
use crate::outbox::remote::{Asked, ReadFailed, Says};
use crate::outbox::staged;
use crate::store::{Store, hex};
use crate::world::{Cause, Incoming};
use aws_lc_rs::digest::{Context, SHA256};
use rusqlite::Transaction;
use serde::{Deserialize, Serialize};
use std::sync::atomic::Ordering::SeqCst;

/// Actions staged or merged in one short transaction.
pub(super) const CHUNK: usize = 250;

/// The most bytes of a list that are held in memory, as the bank spells them; what is more waits in the store.
const HELD: usize = 1 << 20;

/// An entry as it lies in the staging table: read already, for that is most of the work.
#[derive(Serialize, Deserialize)]
struct Staged {
    asked: Action,
    raw: String,
}

/// A good list, staged.
pub(super) struct Whole {
    pub entries: u64,
    pub staged: u64,
    /// Those that come after the staged ones.
    pub held: Vec<Action>,
    pub unreadable: u64,
    /// What it lacks does not exist.
    pub whole: bool,
    pub sha256: String,
}

pub(super) fn stage(store: &Store, asked: &Asked, answer: Incoming) -> Result<Whole, ReadFailed> {
    let (mut held, mut bytes, mut staged, mut sum) = (vec![], 0, 0, Context::new(&SHA256));
    let read = actions::read_list(answer.body, |listed| {
        asked.progress.items.fetch_add(1, SeqCst);
        let Ok(action) = listed else { return Ok(()) };
        sum.update(action.raw.as_bytes());
        bytes += action.raw.len();
        held.push(action);
        if bytes > HELD {
            bytes = 0;
            staged += put(store, asked.download, staged, std::mem::take(&mut held))?;
        }
        Ok(())
    });
    let list = match read {
        Ok(Word::Done(list)) => list,
        Ok(Word::Refused(refusal)) => return Err(judge::refused(&refusal)),
        Ok(Word::Unusable) | Err(ListFailure::Undecodable) => {
            return Err(ReadFailed::Said(Says::Unusable, Trouble::Unusable));
        }
        Err(ListFailure::Broken(e)) => {
            return Err(ReadFailed::Said(Says::Silent, Trouble::Failed(Cause::of(&e))));
        }
        Err(ListFailure::Stopped(e)) => return Err(ReadFailed::Store(e)),
    };
    let sha256 = hex(sum.finish().as_ref());
    Ok(Whole {
        entries: list.entries,
        staged,
        held,
        unreadable: list.unreadable,
        whole: list.whole(),
        sha256,
    })
}

/// How many it put into the staging table.
fn put(store: &Store, download: i64, from: u64, actions: Vec<Action>) -> Result<u64> {
    let row = |mut asked: Action| {
        let raw = std::mem::take(&mut asked.raw);
        serde_json::to_string(&Staged { asked, raw }).map_err(|_| Error::internal("staged"))
    };
    let rows = actions.into_iter().map(row).collect::<Result<Vec<_>>>()?;
    for (chunk, from) in rows.chunks(CHUNK).zip((from..).step_by(CHUNK)) {
        store.write(|tx| staged::put(tx, download, from, chunk))?;
    }
    Ok(rows.len() as u64)
}

/// The staged actions from that one on; they leave the table.
pub(super) fn taken_out(tx: &Transaction<'_>, download: i64, from: i64) -> Result<Vec<Action>> {
    let action = |row: String| {
        let Staged { asked, raw } = serde_json::from_str(&row)?;
        Ok(Action { raw, ..asked })
    };
    staged::take(tx, download, from, from + CHUNK as i64)?.into_iter().map(action).collect()
}
