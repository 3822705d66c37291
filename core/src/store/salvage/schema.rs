//! What the tables of a book look like: by the book's own word, and where that is damaged by this library's.

use super::super::{connect, migrate};
use crate::error::Result;
use rusqlite::Connection;
use rusqlite::types::Value;

/// What `sqlite_schema` holds of one table or index.
pub(super) struct Entry {
    pub(super) name: String,
    /// Its first page.
    pub(super) root: Option<u32>,
    pub(super) sql: Option<String>,
}

impl Entry {
    /// From a row of `sqlite_schema`: type, name, table, first page, SQL.
    pub(super) fn of(row: &[Value]) -> Option<Self> {
        let [Value::Text(_), Value::Text(name), Value::Text(_), Value::Integer(root), sql] = row else {
            return None;
        };
        let sql = match sql {
            Value::Text(sql) => Some(sql.clone()),
            Value::Null => None,
            _ => return None,
        };
        Some(Self { name: name.clone(), root: u32::try_from(*root).ok(), sql })
    }
}

/// One column.
#[derive(Clone)]
struct Column {
    name: String,
    kind: String,
    /// It is the row's number, and stored as nothing.
    rowid: bool,
}

/// One table of rows.
#[derive(Clone)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) root: Option<u32>,
    /// The first page of an index that has every row, or none is known.
    pub(super) counted_by: Option<u32>,
    columns: Vec<Column>,
}

impl Table {
    /// Can this record be a row of it?
    pub(super) fn fits(&self, record: &[Value]) -> bool {
        record.len() == self.columns.len()
            && record.iter().zip(&self.columns).all(|(value, column)| match value {
                Value::Null => true,
                Value::Integer(_) => column.kind == "INTEGER" && !column.rowid,
                Value::Real(_) => column.kind == "REAL",
                Value::Text(_) => column.kind == "TEXT",
                Value::Blob(_) => column.kind == "BLOB",
            })
            && self.columns.iter().zip(record).all(|(c, value)| !c.rowid || *value == Value::Null)
    }

    /// Names for the values of a record. One that was written before a column was added is shorter.
    pub(super) fn named(&self, rowid: i64, record: Vec<Value>) -> Vec<(String, Value)> {
        let mut values = record.into_iter();
        let named = |column: &Column| {
            let value = values.next().unwrap_or(Value::Null);
            (column.name.clone(), if column.rowid { Value::Integer(rowid) } else { value })
        };
        self.columns.iter().map(named).collect()
    }
}

/// The tables of rows that `found` describes, and those of this library that it lacks (without their first page).
///
/// # Errors
/// `Internal` when no database in memory can be had.
pub(super) fn tables(found: &[Entry]) -> Result<Vec<Table>> {
    connect::ready();
    let model = Connection::open_in_memory()?;
    // Tables first: an index may stand before its table. What is no SQL of a table or index here says nothing.
    for kind in ["CREATE TABLE", "CREATE INDEX"] {
        let sql = found.iter().filter_map(|e| e.sql.as_deref());
        for sql in sql.filter(|sql| sql.to_ascii_uppercase().starts_with(kind)) {
            let _ = model.execute_batch(sql);
        }
    }
    let ours = Connection::open_in_memory()?;
    migrate::make(&ours)?;
    for table in names(&ours)? {
        if !names(&model)?.contains(&table) {
            let sql: String =
                ours.query_row("SELECT sql FROM sqlite_schema WHERE name = ?1", [&table], |r| r.get(0))?;
            model.execute_batch(&sql)?;
        }
    }
    let root = |name: &str| found.iter().find(|e| e.name == name).and_then(|e| e.root);
    names(&model)?.into_iter().map(|name| table(&model, name, &root)).collect()
}

/// The tables that have rows with numbers.
fn names(model: &Connection) -> Result<Vec<String>> {
    let sql = "SELECT name FROM pragma_table_list
               WHERE schema = 'main' AND type = 'table' AND wr = 0 AND name NOT LIKE 'sqlite_%' ORDER BY name";
    Ok(model.prepare(sql)?.query_map([], |r| r.get(0))?.collect::<rusqlite::Result<_>>()?)
}

fn table(model: &Connection, name: String, root: &impl Fn(&str) -> Option<u32>) -> Result<Table> {
    let sql = "SELECT name, upper(type), pk = 1 AND upper(type) = 'INTEGER'
                      AND (SELECT count(*) FROM pragma_table_info(?1) WHERE pk > 0) = 1
               FROM pragma_table_info(?1) ORDER BY cid";
    let column = |r: &rusqlite::Row<'_>| Ok(Column { name: r.get(0)?, kind: r.get(1)?, rowid: r.get(2)? });
    let columns = model.prepare(sql)?.query_map([&name], column)?.collect::<rusqlite::Result<_>>()?;
    let sql = "SELECT name FROM pragma_index_list(?1) WHERE partial = 0 ORDER BY seq";
    let indexes: Vec<String> =
        model.prepare(sql)?.query_map([&name], |r| r.get(0))?.collect::<rusqlite::Result<_>>()?;
    let counted_by = indexes.iter().find_map(|index| root(index));
    Ok(Table { root: root(&name), counted_by, columns, name })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Were there two, an orphaned page of one could be taken for the other's.
    #[test]
    fn no_record_fits_two_tables() {
        let tables = tables(&[]).unwrap();
        assert!(tables.len() >= 7);
        for one in &tables {
            let row = |c: &Column| match (c.rowid, c.kind.as_str()) {
                (true, _) => Value::Null,
                (_, "INTEGER") => Value::Integer(7),
                (_, "BLOB") => Value::Blob(vec![7]),
                _ => Value::Text("x".into()),
            };
            let record: Vec<_> = one.columns.iter().map(row).collect();
            let fitting: Vec<_> = tables.iter().filter(|t| t.fits(&record)).map(|t| &t.name).collect();
            assert_eq!(fitting, [&one.name]);
        }
    }
}
