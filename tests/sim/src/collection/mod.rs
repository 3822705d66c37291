//! Late payers: what is recorded of them, what the ledger says, and what must be true.
//!
//! A visit's remark names its page in the notes and how often it was corrected: `v3.0`, `v3.1`. Nothing at the bank can be
//! read back, so an officer who is asked whether a visit arrived rings the bank up: she knows what the ledger says.

mod acts;
mod audit;

pub use acts::{answer, mend, step};

use crate::notebook::Word;
use satchel::collection::CollectionResultId;

/// Something that was recorded, and is to be at the bank once.
#[derive(Clone, Debug)]
pub struct Visit {
    /// Whose.
    pub officer: usize,
    /// Its number, once the tablet gave one.
    pub id: Option<CollectionResultId>,
    /// Was it kept, and when?
    pub kept: (Word, i64),
    /// What it said, at first and after each correction, with how sure it is.
    pub said: Vec<Word>,
    /// When the tablet said that it is taken back.
    pub taken_back: Option<i64>,
    /// She gave it up, or may have.
    pub dropped: Word,
    /// What came of it to the bank: which of `said`, each time.
    pub arrived: Vec<usize>,
}

/// All of them.
#[derive(Default)]
pub struct Rounds {
    /// By page.
    pub visits: Vec<Visit>,
}

impl Rounds {
    /// A backup of an officer's book was put back: nothing that was said since is sure any more.
    pub fn rolled_back(&mut self, officer: usize, taken: i64) {
        for visit in self.visits.iter_mut().filter(|visit| visit.officer == officer) {
            visit.taken_back = None;
            visit.dropped = visit.dropped.min(Word::Perhaps);
            visit.said.iter_mut().for_each(|word| *word = (*word).min(Word::Perhaps));
            if visit.kept.1 >= taken {
                visit.kept.0 = visit.kept.0.min(Word::Perhaps);
                visit.id = None;
            }
        }
    }
}

/// The remark of a visit that was corrected so often.
fn remark(page: usize, version: usize) -> String {
    format!("v{page}.{version}")
}

/// The page and the version that a remark names.
fn named(remark: &str) -> Option<(usize, usize)> {
    let (page, version) = remark.strip_prefix('v')?.split_once('.')?;
    Some((page.parse().ok()?, version.parse().ok()?))
}
