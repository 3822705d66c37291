//! A download, read as it comes: rows are given away one by one and never held together.

use super::loose::Loose;
use super::reply::Tail;
use crate::net::budget::Budget;
use crate::prospect::model::to_canonical;
use crate::prospect::{Field, Fields, Kind, ServerFields, shows};
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::value::RawValue;
use std::cell::Cell;
use std::fmt;
use std::io::{self, Read};

/// The longest row that is read.
pub const ROW_BYTES: usize = 256 << 10;

/// The most bytes of plaintext between the ends of two rows; more is no reply of this service.
const LONGEST: usize = 16 * ROW_BYTES;

/// One row of a download.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Downloaded {
    /// The server's code; empty if it gave none.
    pub code: String,
    /// The values. Dates are in the canonical form; a date in a form that is not known is kept as it came.
    pub fields: Fields,
    /// What only the server writes.
    pub server: ServerFields,
    /// Fields whose key the row does not have. That is not the same as empty: see [`Downloaded::over`].
    pub unsaid: Vec<Field>,
}
shows!(Downloaded {});

impl Downloaded {
    /// The natural key: `CreateDateClient`, canonical or as it came.
    #[must_use]
    pub fn created_at(&self) -> &str {
        self.fields.get(Field::CreatedAt)
    }

    /// The row over what was agreed before: a field that the row does not speak of, or that the server does not know,
    /// keeps its value. Without this an older server would wipe what it never heard of.
    #[must_use]
    pub fn over(&self, base: &Fields, v100: bool) -> Fields {
        let mut fields = self.fields.clone();
        for field in Field::ALL {
            if self.unsaid.contains(&field) || !field.known(v100) {
                fields.set(field, base.get(field));
            }
        }
        fields
    }
}

/// Why a download gave no answer. Rows given away before are provisional and to be thrown away.
#[derive(Debug, thiserror::Error)]
pub enum ReadFailure<E> {
    /// Not a reply that the service documents; it says no more on purpose.
    #[error("undecodable reply")]
    Undecodable,
    /// Reading broke off.
    #[error("the reply broke off")]
    Broken(io::Error),
    /// The receiver of the rows did not want more.
    #[error("{0}")]
    Stopped(E),
}

/// A row that is there and cannot be read: longer than [`ROW_BYTES`], or not what a row is made of.
#[derive(Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The server's code, if the row gives it once and it can be read.
    pub code: Option<String>,
}
shows!(Unreadable {});

/// Reads a reply of ProspectGetV2 to its very end, giving each row away as it is read. Only when this returned `Ok`
/// were the rows a whole reply: before, padding and the end of the JSON have not been seen, nor perhaps `ERR`.
/// At most one row is held in memory, of at most 4 MiB. A row that cannot be read is given as such and costs no other;
/// but where a row ends is known only of JSON in UTF-8: one that is something else makes the whole no reply.
/// An `InvalidData` of the reader counts as undecodable.
///
/// # Errors
/// [`ReadFailure`].
pub fn read_rows<E>(
    reader: impl Read,
    mut row: impl FnMut(Result<Downloaded, Unreadable>) -> Result<(), E>,
) -> Result<Tail, ReadFailure<E>> {
    let (left, mut stopped) = (Cell::new(LONGEST), None);
    let mut give = |read| {
        left.set(LONGEST);
        row(read).map_err(|e| stopped = Some(e)).is_ok()
    };
    let budget = Budget { reader: io::BufReader::new(reader), left: &left };
    let mut json = serde_json::Deserializer::from_reader(budget);
    let read = Reply { give: &mut give, wrapped: false }
        .deserialize(&mut json)
        .and_then(|tail| json.end().map(|()| tail));
    match (read, stopped) {
        (_, Some(e)) => Err(ReadFailure::Stopped(e)),
        (Ok(tail), None) => Ok(tail),
        (Err(e), None) if e.is_io() => match io::Error::from(e) {
            e if e.kind() == io::ErrorKind::InvalidData => Err(ReadFailure::Undecodable),
            e => Err(ReadFailure::Broken(e)),
        },
        (Err(_), None) => Err(ReadFailure::Undecodable),
    }
}

/// One row, proven to be JSON. `None`: it is no object, so no row.
fn read_row(json: &str) -> Option<Result<Downloaded, Unreadable>> {
    if !json.starts_with('{') {
        return None;
    }
    let read = if json.len() <= ROW_BYTES { serde_json::from_str(json).ok() } else { None };
    Some(read.ok_or_else(|| Unreadable { code: code_of(json) }))
}

/// The one code that a row gives.
fn code_of(json: &str) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Coded {
        #[serde(rename = "Code")]
        code: Loose,
    }
    serde_json::from_str::<Coded>(json).ok().map(|row| row.code.0).filter(|code| !code.is_empty())
}

/// `[{…}]` or the object alone; `give` says whether it wants more.
struct Reply<'a, G> {
    give: &'a mut G,
    wrapped: bool,
}

impl<'de, G: FnMut(Result<Downloaded, Unreadable>) -> bool> DeserializeSeed<'de> for Reply<'_, G> {
    type Value = Tail;
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Tail, D::Error> {
        d.deserialize_any(self)
    }
}

impl<'de, G: FnMut(Result<Downloaded, Unreadable>) -> bool> Visitor<'de> for Reply<'_, G> {
    type Value = Tail;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a reply")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Tail, A::Error> {
        if self.wrapped {
            return Err(A::Error::custom("an array in the array"));
        }
        let reply = Reply { give: self.give, wrapped: true };
        let tail = seq.next_element_seed(reply)?.ok_or_else(|| A::Error::custom("no reply"))?;
        match seq.next_element::<IgnoredAny>()? {
            None => Ok(tail),
            Some(_) => Err(A::Error::custom("two replies")),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tail, A::Error> {
        let (mut err, mut sms, mut err_code, mut listed) = (None, None, None, None);
        while let Some(key) = map.next_key::<String>()? {
            let again = match key.as_str() {
                "DataList" => listed.replace(map.next_value_seed(Rows(self.give))?).is_some(),
                "ERR" => err.replace(map.next_value::<Loose>()?.0).is_some(),
                "SMS" => sms.replace(map.next_value::<Loose>()?.0).is_some(),
                "ERRCode" => err_code.replace(map.next_value::<Loose>()?.0).is_some(),
                _ => map.next_value::<IgnoredAny>().map(|_| false)?,
            };
            if again {
                return Err(A::Error::custom("a key twice"));
            }
        }
        let err = err.ok_or_else(|| A::Error::missing_field("ERR"))?;
        let tail = Tail { err, sms: sms.unwrap_or_default(), err_code: err_code.filter(|c| !c.is_empty()) };
        // Null is what an error looks like: a success without its list must not pass for an empty one.
        match tail.succeeded() && listed != Some(true) {
            true => Err(A::Error::custom("a success without its list")),
            false => Ok(tail),
        }
    }
}

/// The rows, or null: then `false`.
struct Rows<'a, G>(&'a mut G);

impl<'de, G: FnMut(Result<Downloaded, Unreadable>) -> bool> DeserializeSeed<'de> for Rows<'_, G> {
    type Value = bool;
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<bool, D::Error> {
        d.deserialize_any(self)
    }
}

impl<'de, G: FnMut(Result<Downloaded, Unreadable>) -> bool> Visitor<'de> for Rows<'_, G> {
    type Value = bool;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("rows or null")
    }

    fn visit_unit<E>(self) -> Result<bool, E> {
        Ok(false)
    }

    /// The JSON alone tells where a row ends: what stands in it cannot reach for its neighbours.
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<bool, A::Error> {
        while let Some(row) = seq.next_element::<Box<RawValue>>()? {
            let read = read_row(row.get()).ok_or_else(|| A::Error::custom("no row"))?;
            if !(self.0)(read) {
                return Err(A::Error::custom("stopped"));
            }
        }
        Ok(true)
    }
}

/// A row's key, recognised without keeping its text.
enum Key {
    Field(Field),
    Code,
    CustomerServerId,
    FromSystemId,
    Other,
}

impl Key {
    /// Its place among the keys that may come once only.
    fn place(&self) -> Option<usize> {
        match self {
            Key::Field(field) => Some(*field as usize),
            Key::Code => Some(Field::ALL.len()),
            Key::CustomerServerId => Some(Field::ALL.len() + 1),
            Key::FromSystemId => Some(Field::ALL.len() + 2),
            Key::Other => None,
        }
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct V;
        impl Visitor<'_> for V {
            type Value = Key;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }
            fn visit_str<E>(self, name: &str) -> Result<Key, E> {
                Ok(match name {
                    "Code" => Key::Code,
                    "CustServerID" => Key::CustomerServerId,
                    "FromSystemID" => Key::FromSystemId,
                    _ => Field::by_wire(name).map_or(Key::Other, Key::Field),
                })
            }
        }
        d.deserialize_identifier(V)
    }
}

impl<'de> Deserialize<'de> for Downloaded {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct V;
        impl<'de> Visitor<'de> for V {
            type Value = Downloaded;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a row")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Downloaded, A::Error> {
                let (mut row, mut seen) = (Downloaded::default(), [false; Field::ALL.len() + 3]);
                while let Some(key) = map.next_key::<Key>()? {
                    let Some(place) = key.place() else {
                        map.next_value::<IgnoredAny>()?;
                        continue;
                    };
                    if std::mem::replace(&mut seen[place], true) {
                        return Err(A::Error::custom("a key twice"));
                    }
                    row.take(&key, map.next_value::<Loose>()?.0);
                }
                row.unsaid = Field::ALL.into_iter().filter(|f| !seen[*f as usize]).collect();
                Ok(row)
            }
        }
        d.deserialize_map(V)
    }
}

impl Downloaded {
    fn take(&mut self, key: &Key, text: String) {
        match key {
            Key::Field(field) => {
                let dated = matches!(field.kind(), Kind::DateTime | Kind::Day);
                let canonical = if dated { to_canonical(&text) } else { None };
                self.fields.set(*field, canonical.unwrap_or(text));
            }
            Key::Code => self.code = text,
            Key::CustomerServerId => self.server.customer_server_id = text,
            Key::FromSystemId => self.server.from_system_id = text,
            Key::Other => {}
        }
    }
}
