//! Where a PDF's objects stand: cross-reference tables and streams, followed from the end of the file.

use super::inflate::unpack;
use super::object::{Dict, Object, Reader};
use crate::Fault;
use std::collections::{HashMap, HashSet};

/// Structure unpacked, at most: a document of 2 MB has a few hundred KB.
const MOST_UNPACKED: usize = 16 << 20;
/// Entries of all sections, at most: a file of 2 MB has some ten thousand.
const MOST_OBJECTS: usize = 500_000;
/// Times a document was saved with an update at its end, at most.
const MOST_SECTIONS: usize = 500;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Place {
    /// From the header's first byte on.
    At(usize),
    /// In the object stream with this number.
    Within(u32),
    Free,
}

/// All places; the newest section's word holds.
pub(super) struct Places {
    places: HashMap<u32, Place>,
    entries: usize,
    /// Bytes that may still be unpacked.
    pub(super) room: usize,
    /// The document's catalogue.
    pub(super) root: Option<u32>,
    pub(super) encrypted: bool,
}

impl Places {
    pub(super) fn get(&self, number: u32) -> Option<Place> {
        self.places.get(&number).copied()
    }

    fn add(&mut self, number: u32, place: Place) -> Result<(), Fault> {
        self.entries += 1;
        if self.entries > MOST_OBJECTS {
            return Err(Fault::Bomb("PDF objects"));
        }
        self.places.entry(number).or_insert(place);
        Ok(())
    }
}

/// Follows all sections from the one at `start`.
pub(super) fn places(bytes: &[u8], start: usize) -> Result<Places, Fault> {
    let mut places =
        Places { places: HashMap::new(), entries: 0, room: MOST_UNPACKED, root: None, encrypted: false };
    let (mut seen, mut todo) = (HashSet::new(), vec![start]);
    while let Some(at) = todo.pop() {
        if !seen.insert(at) || seen.len() > MOST_SECTIONS {
            return Err(Fault::Bomb("PDF sections"));
        }
        let mut reader = Reader::new(bytes, at);
        let dict = if reader.word("xref") {
            table(&mut reader, &mut places)?
        } else {
            stream(bytes, at, &mut places)?
        };
        places.encrypted |= dict.get("Encrypt").is_some();
        places.root = places.root.or_else(|| dict.reference("Root"));
        // Of a hybrid the stream comes before what is older.
        for key in ["Prev", "XRefStm"] {
            if let Some(older) = dict.number(key) {
                todo.push(usize::try_from(older).map_err(|_| Fault::Damaged("PDF sections"))?);
            }
        }
    }
    Ok(places)
}

fn table<'b>(reader: &mut Reader<'b>, places: &mut Places) -> Result<Dict<'b>, Fault> {
    let damaged = Fault::Damaged("PDF table");
    while !reader.word("trailer") {
        let (first, count) = (reader.number()?, reader.number()?);
        for number in first..first.saturating_add(count) {
            let (at, _) = (reader.number()?, reader.number()?);
            let place = match (reader.word("n"), usize::try_from(at)) {
                (true, Ok(at)) => Place::At(at),
                (false, _) if reader.word("f") => Place::Free,
                _ => return Err(damaged),
            };
            places.add(u32::try_from(number).map_err(|_| damaged)?, place)?;
        }
    }
    if let Object::Dict(dict) = reader.object()? { Ok(dict) } else { Err(damaged) }
}

fn stream<'b>(bytes: &'b [u8], at: usize, places: &mut Places) -> Result<Dict<'b>, Fault> {
    let damaged = Fault::Damaged("PDF cross-reference stream");
    let (_, dict, raw) = stream_at(bytes, at, None)?;
    if !dict.is("Type", "XRef") {
        return Err(damaged);
    }
    let numbers = |key| match dict.get(key) {
        Some(Object::Array(items)) => items.iter().map(Object::number).collect::<Option<Vec<_>>>(),
        _ => None,
    };
    let widths: Vec<usize> =
        numbers("W").into_iter().flatten().filter_map(|w| usize::try_from(w).ok()).collect();
    let [kind, second, third] = *widths.as_slice() else { return Err(damaged) };
    if [kind, second, third].iter().any(|w| *w > 8) || second == 0 {
        return Err(damaged);
    }
    let index = numbers("Index").unwrap_or_else(|| vec![0, dict.number("Size").unwrap_or(0)]);
    let data = unpack(&dict, raw, &mut places.room)?;
    let mut rows = data.chunks_exact(kind + second + third);
    for [first, count] in index.as_chunks().0 {
        for number in *first..first.saturating_add(*count) {
            let row = rows.next().ok_or(Fault::CutShort)?;
            let value = |from: usize, to: usize| {
                row.get(from..to)
                    .unwrap_or_default()
                    .iter()
                    .fold(0u64, |sum, byte| sum << 8 | u64::from(*byte))
            };
            let target = value(kind, kind + second);
            let place = match if kind == 0 { 1 } else { value(0, kind) } {
                1 => Place::At(usize::try_from(target).map_err(|_| damaged)?),
                2 => Place::Within(u32::try_from(target).map_err(|_| damaged)?),
                _ => Place::Free,
            };
            places.add(u32::try_from(number).map_err(|_| damaged)?, place)?;
        }
    }
    Ok(dict)
}

/// The object at `at`: its number, and a reader behind `obj`.
pub(super) fn object_at(bytes: &[u8], at: usize) -> Result<(u32, Reader<'_>), Fault> {
    let damaged = Fault::Damaged("PDF object");
    let mut reader = Reader::new(bytes, at);
    let (number, _) = (reader.number()?, reader.number()?);
    if reader.word("obj") { Ok((u32::try_from(number).map_err(|_| damaged)?, reader)) } else { Err(damaged) }
}

/// The stream at `at`: its number, its dictionary, its bytes as they stand. A length that stands elsewhere is looked up.
pub(super) fn stream_at<'b>(
    bytes: &'b [u8],
    at: usize,
    places: Option<&Places>,
) -> Result<(u32, Dict<'b>, &'b [u8]), Fault> {
    let damaged = Fault::Damaged("PDF stream");
    let (number, mut reader) = object_at(bytes, at)?;
    let Object::Dict(dict) = reader.object()? else { return Err(damaged) };
    let length = match (dict.get("Length"), places) {
        (Some(Object::Number(length)), _) => *length,
        (Some(Object::Reference(number)), Some(places)) => match places.get(*number) {
            Some(Place::At(at)) => object_at(bytes, at)?.1.number()?,
            _ => return Err(damaged),
        },
        _ => return Err(damaged),
    };
    if !reader.word("stream") {
        return Err(damaged);
    }
    let rest = reader.rest();
    let rest = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n")).unwrap_or(rest);
    let raw = rest.get(..usize::try_from(length).map_err(|_| damaged)?).ok_or(Fault::CutShort)?;
    Ok((number, dict, raw))
}
