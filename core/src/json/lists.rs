//! An object that holds lists, read as it comes: one entry in memory at a time.

use super::Object;
use crate::net::budget::Budget;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::cell::Cell;
use std::collections::BTreeSet;
use std::fmt;
use std::io::{self, Read};

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

/// What an object held beside the entries of its lists.
#[derive(Default)]
pub(crate) struct Lists {
    /// The values of the keys that were asked for.
    pub tail: Object,
    /// The keys under which lists stood.
    pub keys: BTreeSet<String>,
    /// Values that are neither: objects, under keys that nobody asked for.
    pub strange: u64,
}

/// Reads an object to its very end. The values of the keys `scalars` are kept; of every list under another key each entry is
/// given away, as JSON with its key, in the reply's order; other scalars are passed over. Between the ends of two entries
/// stand at most `longest` bytes. It takes time linear in the reply. Only when this returned were they a whole reply.
///
/// # Errors
/// [`ListFailure`]. An `InvalidData` of the reader counts as undecodable.
pub(crate) fn read_lists<E>(
    reader: impl Read,
    longest: usize,
    scalars: &[&str],
    mut entry: impl FnMut(&str, &str) -> Result<(), E>,
) -> Result<Lists, ListFailure<E>> {
    let (left, mut stopped) = (Cell::new(longest), None);
    let mut give = |key: &str, json: &str| {
        left.set(longest);
        entry(key, json).map_err(|e| stopped = Some(e)).is_ok()
    };
    let mut json =
        serde_json::Deserializer::from_reader(Budget { reader: io::BufReader::new(reader), left: &left });
    let read = Reply { scalars, give: &mut give }.deserialize(&mut json);
    let read = read.and_then(|lists| json.end().map(|()| lists));
    match (read, stopped) {
        (_, Some(e)) => Err(ListFailure::Stopped(e)),
        (Ok(lists), None) => Ok(lists),
        (Err(e), None) if e.is_io() => match io::Error::from(e) {
            e if e.kind() == io::ErrorKind::InvalidData => Err(ListFailure::Undecodable),
            e => Err(ListFailure::Broken(e)),
        },
        (Err(_), None) => Err(ListFailure::Undecodable),
    }
}

/// The reply's object; `give` says whether it wants more.
struct Reply<'a, G> {
    scalars: &'a [&'a str],
    give: &'a mut G,
}

impl<'de, G: FnMut(&str, &str) -> bool> DeserializeSeed<'de> for Reply<'_, G> {
    type Value = Lists;
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Lists, D::Error> {
        d.deserialize_map(self)
    }
}

impl<'de, G: FnMut(&str, &str) -> bool> Visitor<'de> for Reply<'_, G> {
    type Value = Lists;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a reply")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Lists, A::Error> {
        let mut lists = Lists::default();
        while let Some(key) = map.next_key::<String>()? {
            if self.scalars.contains(&key.as_str()) {
                if !lists.tail.insert(key, map.next_value::<Box<RawValue>>()?) {
                    return Err(A::Error::custom("a key twice"));
                }
            } else {
                map.next_value_seed(Group { key: &key, lists: &mut lists, give: self.give })?;
            }
        }
        Ok(lists)
    }
}

/// What stands under a key that nobody asked for.
struct Group<'a, G> {
    key: &'a str,
    lists: &'a mut Lists,
    give: &'a mut G,
}

impl<'de, G: FnMut(&str, &str) -> bool> DeserializeSeed<'de> for Group<'_, G> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
        d.deserialize_any(self)
    }
}

impl<'de, G: FnMut(&str, &str) -> bool> Visitor<'de> for Group<'_, G> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    /// The JSON alone tells where an entry ends: what stands in it cannot reach for its neighbours.
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        self.lists.keys.insert(self.key.to_owned());
        while let Some(json) = seq.next_element::<Box<RawValue>>()? {
            if !(self.give)(self.key, json.get()) {
                return Err(A::Error::custom("stopped"));
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        self.lists.strange += 1;
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
