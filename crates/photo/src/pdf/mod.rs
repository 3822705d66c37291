//! A PDF: can it be read, how many pages has it?
//!
//! Why not a library: `hayro-syntax` unpacks a stream without a bound (a kilobyte makes a megabyte of nothing) and mends a
//! file that was cut until it opens; `lopdf` bounds each stream by itself but not their sum, mends too, holds every object
//! of the file, and brings twenty crates. A page count needs the page tree and no more; every way through the file has a
//! bound here: bytes unpacked, objects, depth, sections, nodes.

mod inflate;
mod object;
mod xref;

use crate::kind::pdf_header;
use crate::{Fault, sniff};
use object::{Dict, Object, Reader};
use std::collections::{HashMap, HashSet};
use xref::{Place, Places};

/// What a PDF that can be sent is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pdf {
    /// How many pages the page tree has; at least 1.
    pub pages: u32,
}

/// Nodes of a page tree, at most.
const MOST_NODES: usize = 100_000;
/// Objects looked at or listed on the way, at most.
const MOST_ITEMS: usize = 1_000_000;

/// Counts the pages by walking the page tree.
///
/// # Errors
/// `Empty`, `NotAPicture` (no PDF), `CutShort`, `Damaged`, `EncryptedPdf`, `NoPages`, `Bomb`. A file that was saved with
/// updates and cut exactly behind an older one is that older file, whole.
pub fn pdf(bytes: &[u8]) -> Result<Pdf, Fault> {
    if bytes.is_empty() {
        return Err(Fault::Empty);
    }
    // Places are counted from the header.
    let header = pdf_header(bytes).ok_or_else(|| Fault::NotAPicture(sniff(bytes)))?;
    let bytes = bytes.get(header..).unwrap_or_default();
    check_length(bytes)?;
    let places = xref::places(bytes, start(bytes)?)?;
    if places.encrypted {
        return Err(Fault::EncryptedPdf);
    }
    let root = places.root.ok_or(Fault::Damaged("PDF catalogue"))?;
    let mut document = Document { bytes, places, streams: HashMap::new(), items: 0 };
    let root =
        document.dict(root, |catalogue| catalogue.reference("Pages"))?.ok_or(Fault::Damaged("PDF pages"))?;
    match document.count(root)? {
        0 => Err(Fault::NoPages),
        pages => Ok(Pdf { pages }),
    }
}

fn last(bytes: &[u8], word: &[u8]) -> Option<usize> {
    bytes.windows(word.len()).rposition(|window| window == word)
}

/// Where the newest section stands: the file's last words say it.
fn start(bytes: &[u8]) -> Result<usize, Fault> {
    let tail = bytes.len().saturating_sub(1024);
    let end = last(bytes.get(tail..).unwrap_or_default(), b"%%EOF").ok_or(Fault::CutShort)?;
    // An update begins with an object or a table: one that is not finished was cut.
    let behind = bytes.get(tail + end + 5..).unwrap_or_default().trim_ascii_start();
    if behind.first().is_some_and(|byte| byte.is_ascii_digit() || matches!(byte, b'x' | b'%')) {
        return Err(Fault::CutShort);
    }
    let upto = bytes.get(..tail + end).unwrap_or_default();
    let from = upto.len().saturating_sub(1024);
    let at = last(upto.get(from..).unwrap_or_default(), b"startxref").ok_or(Fault::CutShort)?;
    let at = Reader::new(upto, from + at + b"startxref".len()).number()?;
    usize::try_from(at).map_err(|_| Fault::Damaged("PDF start"))
}

/// A file made for the web says its own length in its first object, and has an end marker near its beginning.
fn check_length(bytes: &[u8]) -> Result<(), Fault> {
    let Some(first) = bytes.get(..bytes.len().min(1024)) else { return Ok(()) };
    let Some(obj) = first.windows(4).position(|window| window == b" obj") else { return Ok(()) };
    let Ok(Object::Dict(dict)) = Reader::new(first, obj + 4).object() else { return Ok(()) };
    let said = dict.get("Linearized").and_then(|_| dict.number("L")).and_then(|l| usize::try_from(l).ok());
    if said.is_some_and(|said| said > bytes.len()) { Err(Fault::CutShort) } else { Ok(()) }
}

struct Document<'b> {
    bytes: &'b [u8],
    places: Places,
    /// Object streams, unpacked: where each of their objects begins.
    streams: HashMap<u32, (Vec<u8>, HashMap<u32, usize>)>,
    items: usize,
}

impl Document<'_> {
    /// Hands the dictionary with this number to `f`.
    fn dict<T>(&mut self, number: u32, f: impl FnOnce(&Dict<'_>) -> T) -> Result<T, Fault> {
        let damaged = Fault::Damaged("PDF reference");
        let mut reader = match self.places.get(number).ok_or(damaged)? {
            Place::At(at) => {
                let (found, reader) = xref::object_at(self.bytes, at)?;
                if found != number {
                    return Err(damaged);
                }
                reader
            }
            Place::Within(stream) => {
                self.unpack(stream)?;
                let (data, starts) = self.streams.get(&stream).ok_or(damaged)?;
                Reader::new(data, *starts.get(&number).ok_or(damaged)?)
            }
            Place::Free => return Err(damaged),
        };
        let Object::Dict(dict) = reader.object()? else { return Err(damaged) };
        self.items += reader.items;
        if self.items > MOST_ITEMS { Err(Fault::Bomb("PDF items")) } else { Ok(f(&dict)) }
    }

    fn unpack(&mut self, number: u32) -> Result<(), Fault> {
        let damaged = Fault::Damaged("PDF object stream");
        if self.streams.contains_key(&number) {
            return Ok(());
        }
        let Some(Place::At(at)) = self.places.get(number) else { return Err(damaged) };
        let (found, dict, raw) = xref::stream_at(self.bytes, at, Some(&self.places))?;
        if found != number || !dict.is("Type", "ObjStm") {
            return Err(damaged);
        }
        let data = inflate::unpack(&dict, raw, &mut self.places.room)?;
        let first = dict.number("First").and_then(|first| usize::try_from(first).ok()).ok_or(damaged)?;
        let (mut reader, mut starts) = (Reader::new(&data, 0), HashMap::new());
        for _ in 0..dict.number("N").ok_or(damaged)? {
            self.items += 1;
            if self.items > MOST_ITEMS {
                return Err(Fault::Bomb("PDF items"));
            }
            let (number, start) = (u32::try_from(reader.number()?), usize::try_from(reader.number()?));
            starts.insert(number.map_err(|_| damaged)?, first.saturating_add(start.map_err(|_| damaged)?));
        }
        self.streams.insert(number, (data, starts));
        Ok(())
    }

    /// Leaves of the page tree below `root`.
    fn count(&mut self, root: u32) -> Result<u32, Fault> {
        let (mut todo, mut seen, mut pages) = (vec![root], HashSet::new(), 0);
        while let Some(number) = todo.pop() {
            if !seen.insert(number) || seen.len() > MOST_NODES {
                return Err(Fault::Bomb("PDF page tree"));
            }
            match self.dict(number, kids)? {
                Some(kids) => todo.extend(kids.ok_or(Fault::Damaged("PDF page tree"))?),
                None => pages += 1,
            }
            if todo.len() > MOST_NODES {
                return Err(Fault::Bomb("PDF page tree"));
            }
        }
        Ok(pages)
    }
}

/// A node's children; none for a page. Inner: none where they are not references.
fn kids(node: &Dict<'_>) -> Option<Option<Vec<u32>>> {
    let Some(Object::Array(kids)) = node.get("Kids") else {
        return node.is("Type", "Pages").then_some(None);
    };
    let number = |kid: &Object<'_>| if let Object::Reference(number) = kid { Some(*number) } else { None };
    Some(kids.iter().map(number).collect())
}

#[cfg(test)]
mod tests;
