//! Two versions of one prospect put together, field by field, against what both last agreed on. Pure.
//!
//! The promise: a field the officer changed keeps what the officer wrote, a field only the server changed takes what
//! the server holds, and a field that both changed to different values keeps the officer's, is not agreed on, and
//! waits for a choice. What the server cannot return (milliseconds, the time of a promotion day) is never a change.

use super::{Conflict, Field, FieldConflict, Fields};
use crate::error::{Error, Problem, Result};

/// What a merge gave.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Merged {
    /// The record as the officer shall see it.
    pub fields: Fields,
    /// What both sides now agree on: the next merge's base. A field in conflict keeps its old base, so that merging
    /// again finds the same conflict and nothing is sent over it unseen.
    pub base: Fields,
    /// The fields that both changed, to different values.
    pub conflicts: Vec<FieldConflict>,
    /// The officer's version holds something that the server's does not: there is something to send.
    pub differs_from_theirs: bool,
}

impl Merged {
    /// The conflict to store, if there is one.
    #[must_use]
    pub fn conflict(&self) -> Option<Conflict> {
        (!self.conflicts.is_empty()).then(|| Conflict::new(self.conflicts.clone()))
    }
}

/// Three-way merge. `CreatedAt` is the record's identity: it stays as it is here, whatever the server made of it.
///
/// A field that `theirs` does not speak of must already hold the base's value (`Downloaded::over`).
#[must_use]
pub fn merge(base: &Fields, local: &Fields, theirs: &Fields) -> Merged {
    let mut merged =
        Merged { fields: local.clone(), base: base.clone(), conflicts: vec![], differs_from_theirs: false };
    merged.base.set(Field::CreatedAt, local.get(Field::CreatedAt));
    for field in Field::ALL.into_iter().filter(|f| *f != Field::CreatedAt) {
        let (agreed, mine, theirs) = (base.get(field), local.get(field), theirs.get(field));
        // Where two texts say the same, the one that was here is kept: it is the more precise.
        let (same_as_mine, same_as_base) = (field.same(mine, theirs), field.same(agreed, theirs));
        merged.differs_from_theirs |= !same_as_mine && !field.same(mine, agreed);
        if same_as_mine {
            merged.base.set(field, mine);
        } else if field.same(mine, agreed) {
            merged.fields.set(field, theirs);
            merged.base.set(field, theirs);
        } else if !same_as_base {
            let [base, mine, theirs] = [agreed, mine, theirs].map(str::to_owned);
            merged.conflicts.push(FieldConflict { field, base, mine, theirs });
        }
    }
    merged
}

/// Whose value the officer takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Choice {
    /// The officer's own, as it stands now.
    Mine,
    /// The server's, as it was shown.
    Theirs,
}

/// A record after the officer's choices.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Resolved {
    /// As the officer shall see it.
    pub fields: Fields,
    /// What is agreed: for a chosen field the server's value that was shown. If the server's has changed again since
    /// then, the next merge says so anew.
    pub base: Fields,
    /// What is still open.
    pub left: Option<Conflict>,
}

/// Applies choices to a conflict; fields not chosen stay open.
///
/// # Errors
/// `InvalidInput` naming a field that is not in the conflict (`NotInList`) or is given twice (`Twice`).
pub fn resolve(
    base: &Fields,
    local: &Fields,
    conflict: &Conflict,
    choices: &[(Field, Choice)],
) -> Result<Resolved> {
    let (mut fields, mut base) = (local.clone(), base.clone());
    let mut left = conflict.fields.clone();
    for &(field, choice) in choices {
        let Some(at) = left.iter().position(|c| c.field == field) else {
            let known = conflict.fields.iter().any(|c| c.field == field);
            let problem = if known { Problem::Twice } else { Problem::NotInList };
            return Err(Error::invalid(field.name(), problem));
        };
        let chosen = left.remove(at);
        if choice == Choice::Theirs {
            fields.set(field, chosen.theirs.as_str());
        }
        base.set(field, chosen.theirs);
    }
    // What is shown next is what she has now, not what she had when the conflict was found.
    left.iter_mut().for_each(|c| fields.get(c.field).clone_into(&mut c.mine));
    let left = (!left.is_empty()).then(|| Conflict::new(left));
    Ok(Resolved { fields, base, left })
}

/// A conflict after the officer has changed the record to `local`: her values as they are now. A field that says the
/// same as the server's is agreed on, and in conflict no more.
///
/// # Errors
/// As [`resolve`].
pub fn restate(base: &Fields, local: &Fields, conflict: &Conflict) -> Result<Resolved> {
    let agreed = conflict.fields.iter().filter(|c| c.field.same(local.get(c.field), &c.theirs));
    resolve(base, local, conflict, &agreed.map(|c| (c.field, Choice::Mine)).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests;
