//! A list of actions, read as it comes: the reply of getUserActions, and of createPreRequirements.

use super::decode::{ACTION_BYTES, decode};
use super::model::{Action, Unreadable};
use crate::json::{ListFailure, read_lists};
use crate::onboarding::wire::{Verdict, judged};
use std::io::Read;

/// The most bytes between the ends of two actions; more is no reply of this service.
const LONGEST: usize = 16 * ACTION_BYTES;

/// What a reply says of itself; every other key is a group's.
const TAIL: [&str; 5] = ["count", "opstatus", "httpStatusCode", "id", "errmsg"];

/// An entry of a list.
pub type Listed = Result<Action, Box<Unreadable>>;

/// A list that was read to its end.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct List {
    /// Entries, unreadable ones included.
    pub entries: u64,
    /// Those of them that cannot be read.
    pub unreadable: u64,
    /// `count`, where the reply says it.
    pub count: Option<i64>,
    /// `id`: the application that createPreRequirements was for.
    pub id: Option<String>,
    /// Values under keys that are no group's and no scalar: something that this library does not know.
    pub strange: u64,
}

impl List {
    /// Does what the list lacks not exist? Only if all that it has could be read, and it has as much as it says.
    #[must_use]
    pub fn whole(&self) -> bool {
        let counted = self.count.is_none_or(|count| u64::try_from(count) == Ok(self.entries));
        counted && self.unreadable == 0 && self.strange == 0
    }
}

/// Reads a list to its very end, giving each entry away as it is read, group by group in the reply's order. Only when this
/// returned `Done` were they a whole reply: what says yes or no may stand last. At most one entry is held in memory, of at
/// most 4 MiB, and it takes time linear in the reply. An entry that cannot be read is given as such and costs no other.
/// An identifier that comes twice is given twice. An `InvalidData` of the reader counts as undecodable.
///
/// # Errors
/// [`ListFailure`].
pub fn read_list<E>(
    reader: impl Read,
    mut entry: impl FnMut(Listed) -> Result<(), E>,
) -> Result<Verdict<List>, ListFailure<E>> {
    let mut list = List::default();
    let read = read_lists(reader, LONGEST, &TAIL, |group, json| {
        let listed = decode(group, json);
        list.entries += 1;
        list.unreadable += u64::from(listed.is_err());
        entry(listed)
    })?;
    match judged(&read.tail) {
        Verdict::Unusable => Err(ListFailure::Undecodable),
        Verdict::Refused(refusal) => Ok(Verdict::Refused(refusal)),
        Verdict::Done(()) => {
            list.strange = read.strange;
            (list.count, list.id) = (read.tail.whole("count").unwrap_or(None), read.tail.text("id"));
            Ok(Verdict::Done(list))
        }
    }
}

#[cfg(test)]
pub(super) mod tests;
