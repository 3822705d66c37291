//! A list of actions on its way in: read as it comes, provisional until all of it is good.

use crate::error::Trouble;
use crate::onboarding::actions::{self, Action, ListFailure};
use crate::onboarding::judge;
use crate::onboarding::wire::Verdict as Word;
use crate::outbox::remote::{Asked, ReadFailed, Says};
use crate::outbox::staged::Rows;
use crate::store::{Store, hex};
use crate::world::{Cause, Incoming};
use aws_lc_rs::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};
use std::sync::atomic::Ordering::SeqCst;

/// The most bytes of a list that are held in memory.
const HELD: usize = 1 << 20;

/// An entry as it waits, perhaps in the staging table: read already, for that is most of the work.
#[derive(Clone, Serialize, Deserialize)]
#[serde(into = "(Action, String)", from = "(Action, String)")]
pub(super) struct Staged(pub Action);

impl From<Staged> for (Action, String) {
    fn from(Staged(mut asked): Staged) -> Self {
        let raw = std::mem::take(&mut asked.raw);
        (asked, raw)
    }
}

impl From<(Action, String)> for Staged {
    fn from((asked, raw): (Action, String)) -> Self {
        Staged(Action { raw, ..asked })
    }
}

/// A good list, staged.
pub(super) struct Whole {
    pub entries: u64,
    pub rows: Rows<Staged>,
    pub unreadable: u64,
    /// What it lacks does not exist.
    pub whole: bool,
    pub sha256: String,
}

pub(super) fn stage(store: &Store, asked: &Asked, answer: Incoming) -> Result<Whole, ReadFailed> {
    let (mut rows, mut sum) = (Rows::new(asked.download, HELD), Context::new(&SHA256));
    let read = actions::read_list(answer.body, |listed| {
        asked.progress.items.fetch_add(1, SeqCst);
        let Ok(action) = listed else { return Ok(()) };
        sum.update(action.raw.as_bytes());
        let bytes = action.raw.len();
        rows.push(store, Staged(action), bytes)
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
    Ok(Whole { entries: list.entries, rows, unreadable: list.unreadable, whole: list.whole(), sha256 })
}
