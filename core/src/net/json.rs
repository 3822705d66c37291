//! JSON from a server that may be broken or hostile: bounded depth, bounded memory, nothing behind the end.

use std::cell::Cell;
use std::fmt;
use std::io::{self, BufReader, Read};
use std::marker::PhantomData;

use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::world::http::Cause;

/// Arrays and objects inside each other. The deepest documented reply has five.
pub const DEPTH: usize = 64;

/// Read ahead of the row that is being decoded.
const AHEAD: usize = 4 << 10;

/// A whole reply, already bounded in length by the transport. Garbage behind its end is refused.
pub fn whole<T: DeserializeOwned>(body: &[u8]) -> Result<T, Cause> {
    let mut depth = Depth::default();
    if !body.iter().all(|byte| depth.allows(*byte)) {
        return Err(Cause::Undecodable);
    }
    serde_json::from_slice(body).map_err(|_| Cause::Undecodable)
}

/// Why [`rows`] stopped.
#[derive(Debug, PartialEq, Eq)]
pub enum Stopped<E> {
    /// The reply broke off, or is not what was agreed. Rows given before are provisional and must be forgotten.
    Reply(Cause),
    /// The taker of rows did not want to go on.
    Taker(E),
}

/// Reads `{…, "list": [row, row…], …}`, or the same inside an array of one, row by row; returns the other fields.
///
/// Everything, padding of an [`super::envelope::Opening`] included, has been checked only when this returns `Ok`. No row, and
/// nothing between two rows, may be longer than `row_bytes` (8 KiB more may pass): so much is in memory, however long
/// the reply. `list` may
/// be null or missing, which is no rows. A row that does not fit `T` fails the whole reply; with [`Value`] for `T`, it
/// is the taker's to judge.
pub fn rows<T, E>(
    from: impl Read,
    list: &str,
    row_bytes: usize,
    mut take: impl FnMut(T) -> Result<(), E>,
) -> Result<Map<String, Value>, Stopped<E>>
where
    T: DeserializeOwned,
{
    let budget = row_bytes.saturating_add(AHEAD);
    let (left, mut stop) = (Cell::new(budget), None);
    let mut each = |row| {
        left.set(budget);
        take(row).map_err(|error| stop = Some(error)).is_ok()
    };
    let guard = Guard { from, left: &left, depth: Depth::default() };
    let mut json = serde_json::Deserializer::from_reader(BufReader::with_capacity(AHEAD, guard));
    let outer = Outer { list, each: &mut each, row: PhantomData };
    let read = outer.deserialize(&mut json).and_then(|fields| json.end().map(|()| fields));
    match (stop, read) {
        (Some(error), _) => Err(Stopped::Taker(error)),
        (None, Ok(fields)) => Ok(fields),
        (None, Err(error)) if error.is_io() => Err(Stopped::Reply(Cause::of(&error.into()))),
        (None, Err(_)) => Err(Stopped::Reply(Cause::Undecodable)),
    }
}

/// Follows brackets outside of strings.
#[derive(Default)]
struct Depth {
    open: usize,
    text: bool,
    escaped: bool,
}

impl Depth {
    #[inline]
    fn allows(&mut self, byte: u8) -> bool {
        match byte {
            _ if self.escaped => self.escaped = false,
            b'\\' if self.text => self.escaped = true,
            b'"' => self.text = !self.text,
            b'[' | b'{' if !self.text => self.open += 1,
            b']' | b'}' if !self.text => self.open = self.open.saturating_sub(1),
            _ => {}
        }
        self.open <= DEPTH
    }
}

/// Fails when too much is read since `left` was last set back, or when it gets too deep.
struct Guard<'a, R> {
    from: R,
    left: &'a Cell<usize>,
    depth: Depth,
}

impl<R: Read> Read for Guard<'_, R> {
    #[inline]
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.from.read(out)?;
        match self.left.get().checked_sub(n) {
            Some(left) if out[..n].iter().all(|byte| self.depth.allows(*byte)) => self.left.set(left),
            _ => return Err(Cause::Undecodable.into()),
        }
        Ok(n)
    }
}

/// The object around the rows, or an array of just that object.
struct Outer<'a, T, F> {
    list: &'a str,
    each: &'a mut F,
    row: PhantomData<T>,
}

impl<'de, T: DeserializeOwned, F: FnMut(T) -> bool> DeserializeSeed<'de> for Outer<'_, T, F> {
    type Value = Map<String, Value>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de, T: DeserializeOwned, F: FnMut(T) -> bool> Visitor<'de> for Outer<'_, T, F> {
    type Value = Map<String, Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a reply")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Self::Value, A::Error> {
        let only = array.next_element_seed(self)?.ok_or_else(|| A::Error::custom("empty"))?;
        // Rows in a second object would be lost, and a download that lost rows must not pass for complete.
        match array.next_element::<Value>()? {
            None => Ok(only),
            Some(_) => Err(A::Error::custom("several")),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let (mut fields, mut listed) = (Map::new(), false);
        while let Some(name) = object.next_key::<String>()? {
            if name != self.list {
                fields.insert(name, object.next_value()?);
            } else if std::mem::replace(&mut listed, true) {
                return Err(A::Error::custom("two lists"));
            } else {
                object.next_value_seed(List { each: &mut *self.each, row: PhantomData })?;
            }
        }
        Ok(fields)
    }
}

struct List<'a, T, F> {
    each: &'a mut F,
    row: PhantomData<T>,
}

impl<'de, T: DeserializeOwned, F: FnMut(T) -> bool> DeserializeSeed<'de> for List<'_, T, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de, T: DeserializeOwned, F: FnMut(T) -> bool> Visitor<'de> for List<'_, T, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("rows or null")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<(), A::Error> {
        while let Some(row) = array.next_element()? {
            if !(self.each)(row) {
                return Err(A::Error::custom("stopped"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Taken = (Vec<u32>, Map<String, Value>);

    fn take(json: &str, row_bytes: usize) -> Result<Taken, Stopped<()>> {
        let mut taken = vec![];
        let fields = rows(json.as_bytes(), "L", row_bytes, |row: u32| {
            taken.push(row);
            Ok(())
        })?;
        Ok((taken, fields))
    }

    #[test]
    fn rows_come_one_by_one_and_the_rest_at_the_end() {
        for json in [r#"{"E":"ok","L":[1,2,3],"C":null}"#, r#" [{"L":[1,2,3],"E":"ok","C":null}] "#] {
            let (taken, fields) = take(json, 100).unwrap();
            assert_eq!(taken, [1, 2, 3]);
            assert_eq!((fields["E"].as_str(), fields["C"].is_null(), fields.len()), (Some("ok"), true, 2));
        }
        assert_eq!(take(r#"{"L":null}"#, 100).unwrap().0, [0; 0]);
        assert_eq!(take(r#"{"E":""}"#, 100).unwrap().0, [0; 0]);
    }

    #[test]
    fn anything_else_is_undecodable() {
        for json in [
            "",
            "[]",
            "3",
            "null",
            r#"{"L":[1,2"#,
            r#"{"L":[1]}x"#,
            r#"{"L":[1]}{}"#,
            r#"[{"L":[1]},{"L":[2]}]"#,
            r#"{"L":[1],"L":[2]}"#,
            r#"{"L":7}"#,
            r#"{"L":["x"]}"#,
            r#"[[]]"#,
            "<html>",
        ] {
            assert_eq!(take(json, 100).unwrap_err(), Stopped::Reply(Cause::Undecodable), "{json}");
        }
        let good = r#"[{"ERR":"Succeed","L":[1,2,3],"C":""}]"#;
        assert!((0..good.len()).all(|cut| take(&good[..cut], 100).is_err()));
    }

    #[test]
    fn the_budget_is_for_each_row() {
        const ROW: usize = 10_000;
        let row = |blanks: usize| format!("{}7", " ".repeat(blanks));
        let many = format!(r#"{{"L":[{}]}}"#, vec![row(ROW - 2); 100].join(","));
        assert_eq!(take(&many, ROW).unwrap().0.len(), 100);
        for long in [
            format!(r#"{{"L":[1,{}]}}"#, row(ROW + 2 * AHEAD)),
            format!(r#"{{"E":{},"L":[]}}"#, row(ROW + 2 * AHEAD)),
        ] {
            assert_eq!(take(&long, ROW).unwrap_err(), Stopped::Reply(Cause::Undecodable));
        }
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert!(whole::<Value>(nested(DEPTH).as_bytes()).is_ok());
        for n in [DEPTH + 1, 100_000] {
            assert_eq!(whole::<Value>(nested(n).as_bytes()), Err(Cause::Undecodable));
            let reply = format!(r#"{{"E":{},"L":[]}}"#, nested(n));
            assert_eq!(take(&reply, 1 << 20).unwrap_err(), Stopped::Reply(Cause::Undecodable));
        }
        let text = format!(r#"["{}\"["]"#, "[".repeat(1000));
        assert!(whole::<Value>(text.as_bytes()).is_ok(), "brackets in a string are text");
    }

    #[test]
    fn whole_refuses_what_follows_and_what_is_missing() {
        assert_eq!(whole::<Vec<u8>>(b" [1,2] \n"), Ok(vec![1, 2]));
        for bad in ["[1,2]x", "[1,2", "", "[1]]", "\u{feff}[1]"] {
            assert_eq!(whole::<Vec<u8>>(bad.as_bytes()), Err(Cause::Undecodable), "{bad}");
        }
    }

    #[test]
    fn the_taker_and_the_transport_keep_their_own_words() {
        let stopped =
            rows(&b"{\"L\":[1,2,3]}"[..], "L", 100, |row: u32| if row == 2 { Err("full") } else { Ok(()) });
        assert_eq!(stopped.unwrap_err(), Stopped::Taker("full"));
        struct Cut;
        impl Read for Cut {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(Cause::Timeout.into())
            }
        }
        let cut = rows((&b"{\"L\":[1,"[..]).chain(Cut), "L", 100, |_: u32| Ok::<_, ()>(()));
        assert_eq!(cut.unwrap_err(), Stopped::Reply(Cause::Timeout));
    }
}
