//! What stands on the notebook's pages: what was done with one thing, and how sure that is.

use satchel::prospect::{Field, Prospect, ProspectId};
use std::collections::BTreeMap;

/// The fields that are edited, here and elsewhere. The comment is never touched: it says whose record it is.
pub const EDITED: [Field; 4] = [Field::NameKh, Field::Phone, Field::OfficerComment, Field::ReferName];

/// What a tablet has read at the bank.
#[derive(Clone, Debug)]
pub struct Reading {
    /// Whose list.
    pub officer: usize,
    /// Of which code; empty: of all.
    pub code: String,
    /// When the bank answered.
    pub served: i64,
    /// All of the bank's ledger up to there was in it. Two things may happen in one millisecond: this says which was first.
    pub up_to: u64,
    /// When the answer was here.
    pub heard: i64,
}

/// How sure a word is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Word {
    /// Never said, or refused.
    No,
    /// Asked for; no answer came, or one that says that nobody knows.
    Perhaps,
    /// The tablet said yes.
    Yes,
}

/// One value that an officer gave a field.
#[derive(Clone, Debug)]
pub struct Said {
    /// Unlike any other.
    pub value: String,
    /// Was it kept?
    pub word: Word,
    /// When she said it.
    pub at: i64,
    /// When the tablet said yes.
    pub kept: i64,
}

/// One prospect that an officer added.
#[derive(Clone, Debug)]
pub struct Record {
    /// What stands in its comment, here and at the server.
    pub tag: String,
    /// Whose.
    pub officer: usize,
    /// Its number, once the tablet gave one.
    pub id: Option<ProspectId>,
    /// Was it kept?
    pub added: Word,
    /// What she wrote, field by field, oldest first.
    pub said: BTreeMap<Field, Vec<Said>>,
    /// Fields that she left to the bank, from when on.
    pub left: BTreeMap<Field, i64>,
    /// Fields where she insisted on her own, when last.
    pub mine: BTreeMap<Field, i64>,
    /// She rejected or withdrew it.
    pub taken_back: Word,
    /// When the tablet said that it is taken back: no create of it leaves from then on.
    pub withdrawn: Option<i64>,
    /// She gave it up, or its update.
    pub dropped: Word,
    /// She said: send it again.
    pub again: u32,
    /// A word of hers about it is under way.
    pub busy: bool,
    /// It once asked.
    pub asked: bool,
}

/// What was done with a half-typed form.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Left {
    /// Saved with this in it.
    Typed(String),
    /// Taken away, in the same moment as the record of that page was made of it.
    Became(usize),
}

impl Left {
    /// Whether the book then holds that.
    #[must_use]
    pub fn is(&self, kept: Option<&str>) -> bool {
        match self {
            Left::Typed(text) => kept == Some(text),
            Left::Became(_) => kept.is_none(),
        }
    }
}

/// All that was done with one, and how sure that is.
pub type Form = Vec<(Left, Word)>;

/// What a screen showed last, from the feed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct View {
    /// Whose record it is.
    pub tag: String,
    /// The fields that are edited.
    pub fields: Vec<String>,
    /// Where it is.
    pub place: satchel::standing::Place,
    /// What the bank holds in the fields that are in conflict.
    pub conflict: Vec<String>,
}

impl View {
    /// Of that record, there.
    #[must_use]
    pub fn of(prospect: &Prospect, place: satchel::standing::Place) -> View {
        let fields = EDITED.iter().map(|field| prospect.fields.get(*field).to_owned()).collect();
        let conflict = prospect.conflict.iter().flat_map(|c| &c.fields).map(|c| c.theirs.clone()).collect();
        View { tag: prospect.fields.get(Field::Comment).to_owned(), fields, place, conflict }
    }
}
