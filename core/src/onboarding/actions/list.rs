//! A list of actions, read as it comes: the reply of getUserActions, and of createPreRequirements.

use super::decode::{ACTION_BYTES, decode};
use super::model::{Action, Unreadable};
use crate::net::budget::Budget;
use crate::onboarding::wire::{Object, Verdict, judged};
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::cell::Cell;
use std::fmt;
use std::io::{self, Read};

/// The most bytes between the ends of two actions; more is no reply of this service.
const LONGEST: usize = 16 * ACTION_BYTES;

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

/// Why a reply was no list. Entries given away before are provisional and to be thrown away.
#[derive(Debug, thiserror::Error)]
pub enum ListFailure<E> {
    /// Not a reply that the service documents; it says no more on purpose.
    #[error("undecodable reply")]
    Undecodable,
    /// Reading broke off.
    #[error("the reply broke off")]
    Broken(io::Error),
    /// The receiver of the entries did not want more.
    #[error("{0}")]
    Stopped(E),
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
    let (left, mut stopped) = (Cell::new(LONGEST), None);
    let mut give = |listed| {
        left.set(LONGEST);
        entry(listed).map_err(|e| stopped = Some(e)).is_ok()
    };
    let mut json =
        serde_json::Deserializer::from_reader(Budget { reader: io::BufReader::new(reader), left: &left });
    let read = Reply(&mut give).deserialize(&mut json).and_then(|list| json.end().map(|()| list));
    match (read, stopped) {
        (_, Some(e)) => Err(ListFailure::Stopped(e)),
        (Ok((Verdict::Unusable, _)), None) => Err(ListFailure::Undecodable),
        (Ok((Verdict::Refused(refusal), _)), None) => Ok(Verdict::Refused(refusal)),
        (Ok((Verdict::Done(()), list)), None) => Ok(Verdict::Done(list)),
        (Err(e), None) if e.is_io() => match io::Error::from(e) {
            e if e.kind() == io::ErrorKind::InvalidData => Err(ListFailure::Undecodable),
            e => Err(ListFailure::Broken(e)),
        },
        (Err(_), None) => Err(ListFailure::Undecodable),
    }
}

/// The reply's object; `give` says whether it wants more.
struct Reply<'a, G>(&'a mut G);

impl<'de, G: FnMut(Listed) -> bool> DeserializeSeed<'de> for Reply<'_, G> {
    type Value = (Verdict<()>, List);
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Self::Value, D::Error> {
        d.deserialize_map(self)
    }
}

impl<'de, G: FnMut(Listed) -> bool> Visitor<'de> for Reply<'_, G> {
    type Value = (Verdict<()>, List);
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a reply")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut list, mut tail) = (List::default(), Object::default());
        while let Some(key) = map.next_key::<String>()? {
            if matches!(key.as_str(), "count" | "opstatus" | "httpStatusCode" | "id" | "errmsg") {
                if !tail.insert(key, map.next_value::<Box<RawValue>>()?) {
                    return Err(A::Error::custom("a key twice"));
                }
            } else {
                map.next_value_seed(Group { name: &key, list: &mut list, give: self.0 })?;
            }
        }
        (list.count, list.id) = (tail.whole("count").unwrap_or(None), tail.text("id"));
        Ok((judged(&tail), list))
    }
}

/// What stands under a key that is no known scalar's.
struct Group<'a, G> {
    name: &'a str,
    list: &'a mut List,
    give: &'a mut G,
}

impl<'de, G: FnMut(Listed) -> bool> DeserializeSeed<'de> for Group<'_, G> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
        d.deserialize_any(self)
    }
}

impl<'de, G: FnMut(Listed) -> bool> Visitor<'de> for Group<'_, G> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a group")
    }

    /// The JSON alone tells where an entry ends: what stands in it cannot reach for its neighbours.
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(json) = seq.next_element::<Box<RawValue>>()? {
            let listed = decode(self.name, json.get());
            self.list.entries += 1;
            self.list.unreadable += u64::from(listed.is_err());
            if !(self.give)(listed) {
                return Err(A::Error::custom("stopped"));
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        self.list.strange += 1;
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }
    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }
    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
}

#[cfg(test)]
pub(super) mod tests;
