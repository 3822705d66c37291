//! What salvage gives of a damaged book, held against the book before the damage.

use satchel::store::salvage::{Salvage, Value};
use satchel::store::{Place, Store, StoreKey};
use satchel::world::{Disk, KeyVault};
use std::collections::{BTreeMap, BTreeSet};

/// What a page holds at most, of 4,096 bytes.
const PAGE: usize = 4016;

type Columns = Vec<(String, Value)>;

/// Every row, by table and number.
pub(super) type Rows = BTreeMap<String, BTreeMap<i64, Columns>>;

/// What was had of one damaged book.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(super) struct Had {
    /// Rows as they were.
    pub(super) rows: u64,
    /// Rows of which only an older copy is left.
    pub(super) older: u64,
    /// Rows of which nothing is left.
    pub(super) lost: u64,
}

/// The rows as SQLite reads them.
pub(super) fn by_sqlite(store: &Store) -> satchel::Result<Rows> {
    store.read(|db| {
        let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
                   AND sql NOT LIKE '%WITHOUT ROWID%'";
        let mut names = db.prepare(sql)?;
        let names: Vec<String> = names.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        let mut all = Rows::new();
        for name in names {
            let mut select = db.prepare(&format!("SELECT rowid AS number, * FROM \"{name}\""))?;
            let columns: Vec<String> = select.column_names().skip(1).map(str::to_owned).collect();
            let one = |row: &rusqlite::Row<'_>| {
                let named = columns.iter().enumerate().map(|(i, name)| Ok((name.clone(), row.get(i + 1)?)));
                Ok((row.get(0)?, named.collect::<rusqlite::Result<Columns>>()?))
            };
            let rows = select.query_map([], one)?.collect::<rusqlite::Result<_>>()?;
            all.insert(name, rows);
        }
        Ok(all)
    })
}

/// Salvages the book, and holds it against the rows before the damage, and against those before the last save, which
/// a bit in the log can cost as a whole.
///
/// # Errors
/// In words, what is not as it must be.
pub(super) fn check(
    disk: &dyn Disk,
    vault: &dyn KeyVault,
    place: &Place,
    whole: &Rows,
    before_the_last: &Rows,
) -> Result<Had, String> {
    let said = |e: satchel::Error| format!("salvage: {e}");
    let key = StoreKey::load(vault, place).map_err(said)?.ok_or("salvage: no key")?;
    let salvage = Salvage::open(disk, place, &key, &mut |_, _| ()).map_err(said)?;
    let (mut rows, mut older) = (Rows::new(), BTreeSet::new());
    for table in whole.keys() {
        let current = rows.entry(table.clone()).or_default();
        salvage
            .rows(table, &mut |row| {
                match row.older {
                    true => drop(older.insert((table.clone(), row.rowid))),
                    false => drop(current.insert(row.rowid, row.columns)),
                }
                Ok(())
            })
            .map_err(said)?;
    }
    let had = rows.values().map(|rows| rows.len() as u64).sum();
    if rows == *before_the_last {
        return Ok(Had { rows: had, ..Had::default() });
    }
    let missing = missing(whole, &rows)?;
    let old = missing.iter().filter(|row| older.contains(*row)).count() as u64;
    Ok(Had { rows: had, older: old, lost: missing.len() as u64 - old })
}

/// What is missing, all of which must have been on one page: neighbours in one table that fit on it.
fn missing(whole: &Rows, rows: &Rows) -> Result<Vec<(String, i64)>, String> {
    let mut all = vec![];
    for (table, were) in whole {
        let are = &rows[table];
        let wrong = |(id, row): (&i64, &Columns)| (were.get(id) != Some(row)).then_some(*id);
        if let Some(id) = are.iter().find_map(wrong) {
            return Err(format!("salvage: row {id} of {table} never was"));
        }
        let gone: Vec<_> = were.keys().enumerate().filter(|(_, id)| !are.contains_key(id)).collect();
        let Some(((first, _), (last, _))) = gone.first().zip(gone.last()) else { continue };
        let bytes: usize = gone.iter().filter_map(|(_, id)| were.get(id)).map(size).sum();
        if last - first + 1 != gone.len() || (gone.len() > 1 && bytes > PAGE) || !all.is_empty() {
            return Err(format!("salvage: {} rows of {table} and {all:?}: more than one page", gone.len()));
        }
        all = gone.into_iter().map(|(_, id)| (table.clone(), *id)).collect();
    }
    Ok(all)
}

fn size(row: &Columns) -> usize {
    let of = |value: &Value| match value {
        Value::Text(text) => text.len(),
        Value::Blob(bytes) => bytes.len(),
        Value::Null | Value::Integer(_) | Value::Real(_) => 0,
    };
    row.iter().map(|(_, value)| of(value)).sum()
}
