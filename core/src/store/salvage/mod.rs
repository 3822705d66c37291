//! Reads a book without SQLite, page by page: every row that is not on a damaged page, of a book that is damaged or not.
//!
//! SQLite gives up a whole tree when one of its inner pages is damaged, and SQLCipher a whole connection. Here each
//! page proves itself by its HMAC, so damage is found exactly, and what is whole counts whatever lies around it. Rows
//! of leaves that no tree reaches any more are known by their form. Only reads; the files stay as they are.
//!
//! ```text
//! log (which frames count) ─┐
//! codec (is a page whole) ──┴─ pages ─ btree (rows of a page) ─┬─ Salvage
//!                                      schema (whose rows) ────┘
//! ```
//!
//! No other process may write the book meanwhile.

mod btree;
mod codec;
mod log;
mod pages;
mod schema;

use super::key::StoreKey;
use super::side::{self, Side};
use super::{Place, books};
use crate::error::{Error, Result};
use crate::world::Disk;
use btree::{Kind, Page};
use pages::{At, Pages};
pub use rusqlite::types::Value;
use schema::Table;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A row as it lies in the book.
#[derive(Clone, PartialEq)]
pub struct SavedRow {
    /// Its number in its table.
    pub rowid: i64,
    /// Its columns by name, in the table's order.
    pub columns: Vec<(String, Value)>,
    /// Only an older copy of its page has it (the page is damaged, or in a log that was kept aside): it may have changed
    /// since, or gone.
    pub older: bool,
}

impl std::fmt::Debug for SavedRow {
    /// Without what it holds.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SavedRow({}, older: {})", self.rowid, self.older)
    }
}

/// What was had of one table.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SavedTable {
    /// Its name.
    pub name: String,
    /// Rows as they are.
    pub rows: u64,
    /// Rows that only an older copy of their page has.
    pub older: u64,
    /// Rows that are known to have been there and are not among `rows`; `None` where that cannot be known.
    pub lost: Option<u64>,
}

/// A book, opened for reading what can be read.
pub struct Salvage<'a> {
    pages: Pages<'a>,
    tables: Vec<(Table, Vec<u32>)>,
    /// Older copies of pages.
    once: Vec<(u32, At)>,
}

impl<'a> Salvage<'a> {
    /// Opens the book in `place` and looks at every page; `progress` hears how far that is, and of how much.
    ///
    /// # Errors
    /// `NotFound` when there is no database; `KeyLost` when the plain file says that the book was made with another key;
    /// `StoreDamaged` when not one page is whole; `Internal` with the system's code.
    pub fn open(
        disk: &'a dyn Disk,
        place: &Place,
        key: &StoreKey,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Self> {
        if !books::there(disk, place) {
            return Err(Error::NotFound { what: "book" });
        }
        let side = Side::read(disk, place);
        if side.as_ref().is_some_and(|s| s.key != key.fingerprint()) {
            return Err(side::key_lost(side.as_ref()));
        }
        let pages = Pages::open(disk, place, key, progress)?;
        if !pages.numbers().any(|n| pages.is_whole(n)) {
            return Err(side::damaged("database", side.as_ref()));
        }
        let tables = schema::tables(&found(&pages))?;
        Ok(Self { tables: leaves(&pages, tables), once: pages.older()?, pages })
    }

    /// The tables that can be asked for.
    #[must_use]
    pub fn tables(&self) -> Vec<String> {
        self.tables.iter().map(|(t, _)| t.name.clone()).collect()
    }

    /// How many pages are damaged; 0: the book is whole.
    #[must_use]
    pub fn damaged_pages(&self) -> u64 {
        self.pages.damaged()
    }

    /// Hands every row of a table to `each`: first those that are as they were, in no order; then those that only an
    /// older copy of a damaged page has.
    ///
    /// # Errors
    /// `NotFound`; what `each` returns.
    pub fn rows(&self, table: &str, each: &mut dyn FnMut(SavedRow) -> Result<()>) -> Result<SavedTable> {
        let named = self.tables.iter().find(|(t, _)| t.name == table);
        let (table, leaves) = named.ok_or(Error::NotFound { what: "table" })?;
        let mut seen = BTreeSet::new();
        let mut hand = |rowid, record, older, seen: &mut BTreeSet<i64>| {
            if seen.insert(rowid) {
                let columns = table.named(rowid, record);
                each(SavedRow { rowid, columns, older })?;
            }
            Ok::<_, Error>(())
        };
        for number in leaves {
            for (rowid, record) in rows_now(&self.pages, *number) {
                hand(rowid, record, false, &mut seen)?;
            }
        }
        let rows = seen.len() as u64;
        let lost = table.counted_by.and_then(|root| missing(&self.pages, root, &seen));
        let lost = if self.damaged_pages() == 0 { Some(0) } else { lost };
        for (number, at) in &self.once {
            let bytes = self.pages.once(*number, *at).unwrap_or_default();
            // What a row ran over to may be another's by now.
            for (rowid, record) in rows_of(&Page { number: *number, bytes: &bytes }, &|_| None) {
                if table.fits(&record) {
                    hand(rowid, record, true, &mut seen)?;
                }
            }
        }
        Ok(SavedTable { name: table.name.clone(), rows, older: seen.len() as u64 - rows, lost })
    }
}

/// The rows of a leaf as it is now.
fn rows_now(pages: &Pages<'_>, number: u32) -> Vec<(i64, Vec<Value>)> {
    let bytes = pages.get(number).unwrap_or_default();
    rows_of(&Page { number, bytes: &bytes }, &|n| pages.get(n))
}

/// The rows of a leaf that can be read, with their numbers.
fn rows_of(page: &Page<'_>, overflow: &dyn Fn(u32) -> Option<Vec<u8>>) -> Vec<(i64, Vec<Value>)> {
    if page.kind() != Kind::TableLeaf {
        return vec![];
    }
    let cells = page.cells(overflow).unwrap_or_default();
    cells.into_iter().filter_map(|c| Some((c.rowid, btree::record(&c.payload?)?))).collect()
}

/// What the book says of its tables, as far as that can be read.
fn found(pages: &Pages<'_>) -> Vec<schema::Entry> {
    let mut leaves = tree(pages, 1).pages;
    if pages.damaged() > 0 {
        leaves.extend(pages.numbers());
    }
    let leaves: BTreeSet<u32> = leaves.into_iter().filter(|n| pages.kind(*n) == Kind::TableLeaf).collect();
    let rows = leaves.into_iter().flat_map(|n| rows_now(pages, n));
    rows.filter_map(|(_, record)| schema::Entry::of(&record)).collect()
}

/// Which leaves are whose: by the trees, and where those are damaged by the form of the rows.
fn leaves(pages: &Pages<'_>, tables: Vec<Table>) -> Vec<(Table, Vec<u32>)> {
    let mut reached: BTreeSet<u32> = tree(pages, 1).pages.into_iter().collect();
    let mut with_leaves: Vec<(Table, Vec<u32>)> = vec![];
    for table in tables {
        let below = table.root.map(|root| tree(pages, root).pages).unwrap_or_default();
        reached.extend(&below);
        let leaves = below.into_iter().filter(|n| pages.kind(*n) == Kind::TableLeaf).collect();
        with_leaves.push((table, leaves));
    }
    let orphans = pages.numbers().filter(|n| pages.kind(*n) == Kind::TableLeaf && !reached.contains(n));
    for number in orphans.filter(|_| pages.damaged() > 0) {
        let rows = rows_now(pages, number);
        let fits = |t: &Table| !rows.is_empty() && rows.iter().all(|(_, record)| t.fits(record));
        if let Some((_, leaves)) = with_leaves.iter_mut().find(|(t, _)| fits(t)) {
            leaves.push(number);
        }
    }
    with_leaves
}

/// A tree, as far as it can be reached from its root.
struct Tree {
    pages: Vec<u32>,
    /// Nothing of it is damaged.
    whole: bool,
}

fn tree(pages: &Pages<'_>, root: u32) -> Tree {
    let mut tree = Tree { pages: vec![], whole: true };
    let (mut next, mut seen) = (vec![root], BTreeSet::new());
    while let Some(number) = next.pop() {
        if !seen.insert(number) {
            continue;
        }
        let below = pages.get(number).and_then(|bytes| Page { number, bytes: &bytes }.children());
        tree.whole &= below.is_some();
        tree.pages.push(number);
        next.extend(below.unwrap_or_default());
    }
    tree
}

/// How many rows an index has that are not among `seen`; `None` when the index is damaged itself.
fn missing(pages: &Pages<'_>, root: u32, seen: &BTreeSet<i64>) -> Option<u64> {
    let tree = tree(pages, root);
    let mut lost = 0;
    for number in tree.whole.then_some(tree.pages)? {
        let bytes = pages.get(number)?;
        for cell in (Page { number, bytes: &bytes }).cells(&|n| pages.get(n))? {
            // The row's number is a key's last value.
            let Some(Value::Integer(rowid)) = btree::record(&cell.payload?)?.pop() else { return None };
            lost += u64::from(!seen.contains(&rowid));
        }
    }
    Some(lost)
}
