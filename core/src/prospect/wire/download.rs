//! A download, read as it comes: rows are given away one by one and never held together.

use super::frame::Frame;
use super::loose::Loose;
use super::reply::Tail;
use crate::prospect::model::to_canonical;
use crate::prospect::{Field, Fields, Kind, ServerFields, shows};
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use std::cell::Cell;
use std::fmt;
use std::io::{self, Read};

/// The longest row that is read, and the most bytes of plaintext beside the rows between the ends of two of them.
pub const ROW_BYTES: usize = 256 << 10;

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
    /// The server's code, where it was read before the damage.
    pub code: Option<String>,
}
shows!(Unreadable {});

/// Reads a reply of ProspectGetV2 to its very end, giving each row away as it is read. Only when this returned `Ok`
/// were the rows a whole reply: before, padding and the end of the JSON have not been seen, nor perhaps `ERR`.
/// At most one row is held in memory. A row that cannot be read is given as such and costs no other; what is no JSON is
/// no reply. An `InvalidData` of the reader counts as undecodable.
///
/// # Errors
/// [`ReadFailure`].
pub fn read_rows<E>(
    reader: impl Read,
    mut row: impl FnMut(Result<Downloaded, Unreadable>) -> Result<(), E>,
) -> Result<Tail, ReadFailure<E>> {
    let (given, mut stopped) = (Cell::new(0), None);
    let give = |bytes: &[u8], whole| {
        let read = read_row(bytes, whole).ok_or(io::ErrorKind::InvalidData)?;
        row(read).map_err(|e| {
            stopped = Some(e);
            io::ErrorKind::Other.into()
        })
    };
    let frame = io::BufReader::new(Frame::new(reader, &given, give));
    let mut json = serde_json::Deserializer::from_reader(frame);
    let read = Reply { given: &given, wrapped: false }
        .deserialize(&mut json)
        .and_then(|tail| json.end().map(|()| tail));
    drop(json);
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

/// One row's bytes, or the beginning of those of a longer one. `None`: they are no JSON.
fn read_row(bytes: &[u8], whole: bool) -> Option<Result<Downloaded, Unreadable>> {
    if whole && let Ok(row) = serde_json::from_slice(bytes) {
        return Some(Ok(row));
    }
    let json = !whole || serde_json::from_slice::<IgnoredAny>(bytes).is_ok();
    json.then(|| Err(Unreadable { code: code_of(bytes) }))
}

/// The one code that a row gives, as far as it can be read.
fn code_of(bytes: &[u8]) -> Option<String> {
    let mut codes = vec![];
    let _ = Codes(&mut codes).deserialize(&mut serde_json::Deserializer::from_slice(bytes));
    codes.pop().filter(|code| codes.is_empty() && !code.is_empty())
}

/// Gathers a row's codes; what it has gathered when it fails stays.
struct Codes<'a>(&'a mut Vec<String>);

impl<'de> DeserializeSeed<'de> for Codes<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
        d.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Codes<'_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a row")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Key>()? {
            match key {
                Key::Code => self.0.push(map.next_value::<Loose>()?.0),
                _ => map.next_value::<IgnoredAny>().map(drop)?,
            }
        }
        Ok(())
    }
}

/// `[{…}]` or the object alone. Its rows have been taken out of it.
struct Reply<'a> {
    given: &'a Cell<u64>,
    wrapped: bool,
}

impl<'de> DeserializeSeed<'de> for Reply<'_> {
    type Value = Tail;
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Tail, D::Error> {
        d.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reply<'_> {
    type Value = Tail;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a reply")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Tail, A::Error> {
        if self.wrapped {
            return Err(A::Error::custom("an array in the array"));
        }
        let reply = Reply { given: self.given, wrapped: true };
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
                "DataList" => {
                    listed.replace(map.next_value::<Option<Vec<Taken>>>()?.map(|rows| rows.len())).is_some()
                }
                "ERR" => err.replace(map.next_value::<Loose>()?.0).is_some(),
                "SMS" => sms.replace(map.next_value::<Loose>()?.0).is_some(),
                "ERRCode" => err_code.replace(map.next_value::<Loose>()?.0).is_some(),
                _ => map.next_value::<IgnoredAny>().map(|_| false)?,
            };
            if again {
                return Err(A::Error::custom("a key twice"));
            }
        }
        let rows = listed.flatten();
        if rows.unwrap_or(0) as u64 != self.given.get() {
            return Err(A::Error::custom("rows where none are"));
        }
        let err = err.ok_or_else(|| A::Error::missing_field("ERR"))?;
        let tail = Tail { err, sms: sms.unwrap_or_default(), err_code: err_code.filter(|c| !c.is_empty()) };
        // Null is what an error looks like: a success without its list must not pass for an empty one.
        match tail.succeeded() && rows.is_none() {
            true => Err(A::Error::custom("a success without its list")),
            false => Ok(tail),
        }
    }
}

/// The place of a row that was taken out.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Taken {}

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
