//! SQLite's pages and records, as its file format document states them. Only reads, checks every offset, and has no
//! opinion on what it cannot read: that is `None`.

use super::codec::USABLE;
use rusqlite::types::Value;

/// The file's own header stands before that of page 1.
const FILE_HEADER: usize = 100;
/// More pages than a payload of SQLite's largest size can take; ends a chain that runs in a circle.
const LONGEST_CHAIN: usize = (1 << 30) / (USABLE - 4);

/// What a page of a tree is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// Rows of a table.
    TableLeaf,
    /// Numbers of pages below.
    TableInner,
    /// Keys of an index.
    IndexLeaf,
    /// Keys of an index, and pages below.
    IndexInner,
    /// Overflow, free, or nothing.
    Other,
}

/// One row of a table, or one key of an index (then `rowid` is 0).
pub(super) struct Cell {
    pub(super) rowid: i64,
    /// Whole; `None` when a page that it runs over to is damaged.
    pub(super) payload: Option<Vec<u8>>,
}

/// A page with its number.
pub(super) struct Page<'a> {
    pub(super) number: u32,
    pub(super) bytes: &'a [u8],
}

impl Page<'_> {
    fn head(&self) -> usize {
        if self.number == 1 { FILE_HEADER } else { 0 }
    }

    pub(super) fn kind(&self) -> Kind {
        match self.bytes.get(self.head()) {
            Some(13) => Kind::TableLeaf,
            Some(5) => Kind::TableInner,
            Some(10) => Kind::IndexLeaf,
            Some(2) => Kind::IndexInner,
            _ => Kind::Other,
        }
    }

    /// Where its cells begin.
    fn pointers(&self) -> Option<Vec<usize>> {
        let inner = matches!(self.kind(), Kind::TableInner | Kind::IndexInner);
        let first = self.head() + if inner { 12 } else { 8 };
        let count = usize::from(be16(self.bytes, self.head() + 3)?);
        (0..count).map(|n| be16(self.bytes, first + 2 * n).map(usize::from)).collect()
    }

    /// The pages below, in order; empty for a leaf.
    pub(super) fn children(&self) -> Option<Vec<u32>> {
        if !matches!(self.kind(), Kind::TableInner | Kind::IndexInner) {
            return Some(vec![]);
        }
        let mut below: Vec<u32> =
            self.pointers()?.into_iter().map(|at| be32(self.bytes, at)).collect::<Option<_>>()?;
        below.push(be32(self.bytes, self.head() + 8)?);
        Some(below)
    }

    /// Its rows or keys; `overflow` gives the pages that long ones run over to. An inner page of a table has none.
    pub(super) fn cells(&self, overflow: &dyn Fn(u32) -> Option<Vec<u8>>) -> Option<Vec<Cell>> {
        let kind = self.kind();
        if matches!(kind, Kind::TableInner | Kind::Other) {
            return Some(vec![]);
        }
        self.pointers()?.into_iter().map(|at| self.cell(kind, at, overflow)).collect()
    }

    fn cell(&self, kind: Kind, at: usize, overflow: &dyn Fn(u32) -> Option<Vec<u8>>) -> Option<Cell> {
        let mut at = if kind == Kind::IndexInner { at + 4 } else { at };
        let length = usize::try_from(varint(self.bytes, &mut at)?).ok()?;
        let rowid = if kind == Kind::TableLeaf { varint(self.bytes, &mut at)? } else { 0 };
        let here = local(length, kind);
        let mut payload = self.bytes.get(at..at + here)?.to_vec();
        if here == length {
            return Some(Cell { rowid, payload: Some(payload) });
        }
        let mut next = be32(self.bytes, at + here)?;
        for _ in 0..LONGEST_CHAIN {
            if payload.len() == length || next == 0 {
                break;
            }
            let Some(page) = overflow(next) else { return Some(Cell { rowid, payload: None }) };
            next = be32(&page, 0)?;
            let take = (length - payload.len()).min(USABLE - 4);
            payload.extend_from_slice(page.get(4..4 + take)?);
        }
        Some(Cell { rowid, payload: (payload.len() == length).then_some(payload) })
    }
}

/// How much of a payload lies on the page itself.
fn local(length: usize, kind: Kind) -> usize {
    let most = if kind == Kind::TableLeaf { USABLE - 35 } else { (USABLE - 12) * 64 / 255 - 23 };
    if length <= most {
        return length;
    }
    let least = (USABLE - 12) * 32 / 255 - 23;
    let fits = least + (length - least) % (USABLE - 4);
    if fits <= most { fits } else { least }
}

/// The values of a record.
pub(super) fn record(payload: &[u8]) -> Option<Vec<Value>> {
    let mut at = 0;
    let head = usize::try_from(varint(payload, &mut at)?).ok()?;
    let mut body = head;
    let mut values = vec![];
    while at < head {
        let kind = u64::try_from(varint(payload, &mut at)?).ok()?;
        let length = usize::try_from(size(kind)?).ok()?;
        values.push(value(kind, payload.get(body..body.checked_add(length)?)?));
        body += length;
    }
    (at == head && body == payload.len()).then_some(values)
}

fn size(kind: u64) -> Option<u64> {
    Some(match kind {
        0 | 8 | 9 => 0,
        1..=4 => kind,
        5 => 6,
        6 | 7 => 8,
        10 | 11 => return None,
        text_or_blob => (text_or_blob - 12) / 2,
    })
}

fn value(kind: u64, bytes: &[u8]) -> Value {
    match kind {
        0 => Value::Null,
        8 => Value::Integer(0),
        9 => Value::Integer(1),
        7 => Value::Real(f64::from_bits(whole(bytes) as u64)),
        1..=6 => Value::Integer(whole(bytes)),
        blob if blob % 2 == 0 => Value::Blob(bytes.to_vec()),
        // A text that is none is shown as what it is.
        _ => String::from_utf8(bytes.to_vec()).map_or_else(|e| Value::Blob(e.into_bytes()), Value::Text),
    }
}

/// A signed number of up to eight bytes.
fn whole(bytes: &[u8]) -> i64 {
    let sign = if bytes.first().is_some_and(|b| b & 0x80 != 0) { -1 } else { 0 };
    bytes.iter().fold(sign, |n, b| n << 8 | i64::from(*b))
}

fn varint(bytes: &[u8], at: &mut usize) -> Option<i64> {
    let mut n = 0_u64;
    for i in 0..9 {
        let byte = *bytes.get(*at)?;
        *at += 1;
        if i == 8 {
            return Some((n << 8 | u64::from(byte)) as i64);
        }
        n = n << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            break;
        }
    }
    Some(n as i64)
}

fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

pub(super) fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}
