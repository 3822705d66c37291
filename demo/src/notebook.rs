//! What the officer was told is saved, kept apart from the library: the audit believes this, not the tablet.

use crate::people::Person;
use satchel::prospect::{Field, FieldChange, ProspectId};
use std::collections::BTreeMap;

/// What the officer wants of a prospect.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Wish {
    /// To be at the bank as typed.
    #[default]
    AtBank,
    /// Taken back or rejected: not to be at the bank (any more).
    TakenBack,
    /// Nothing more: somebody else rejected it.
    GaveUp,
}

/// One acknowledged prospect.
#[derive(Clone, Default)]
pub struct Note {
    /// What she typed last, field by field.
    pub typed: BTreeMap<Field, String>,
    /// What she wants of it.
    pub wish: Wish,
}

/// Everything that the library has acknowledged.
#[derive(Default)]
pub struct Notebook(BTreeMap<ProspectId, Note>);

impl Notebook {
    /// A save was acknowledged.
    pub fn saved(&mut self, id: ProspectId, form: &Person) {
        self.typed(id, &form.0);
    }

    /// An edit was acknowledged.
    pub fn typed(&mut self, id: ProspectId, changes: &[FieldChange]) {
        let typed = &mut self.0.entry(id).or_default().typed;
        typed.extend(changes.iter().map(|c| (c.field, c.value.clone().unwrap_or_default())));
    }

    /// She wants something else of it now.
    pub fn wish(&mut self, id: ProspectId, wish: Wish) {
        self.0.entry(id).or_default().wish = wish;
    }

    /// Everything, in the order of saving.
    pub fn notes(&self) -> impl Iterator<Item = (ProspectId, &Note)> {
        self.0.iter().map(|(id, note)| (*id, note))
    }

    /// How many saves were acknowledged.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}
