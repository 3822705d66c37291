//! Rows in the order in which they came, and which of them changed since they were last saved.

use serde_json::Error;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::Hash;

pub(crate) struct Table<T> {
    rows: BTreeMap<u64, T>,
    changed: BTreeSet<u64>,
}

impl<T> Default for Table<T> {
    fn default() -> Table<T> {
        Table { rows: BTreeMap::new(), changed: BTreeSet::new() }
    }
}

impl<T> Table<T> {
    pub fn rows(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.rows.values()
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn push(&mut self, row: T) {
        let number = self.rows.last_key_value().map_or(1, |(last, _)| last + 1);
        self.rows.insert(number, row);
        self.changed.insert(number);
    }

    /// The number of the first row that fits.
    pub fn first(&self, fits: impl Fn(&T) -> bool) -> Option<u64> {
        self.rows.iter().find(|(_, row)| fits(row)).map(|(number, _)| *number)
    }

    /// The number of the last row that fits.
    pub fn last(&self, fits: impl Fn(&T) -> bool) -> Option<u64> {
        self.rows.iter().rev().find(|(_, row)| fits(row)).map(|(number, _)| *number)
    }

    /// The numbers of all rows that fit.
    pub fn all(&self, fits: impl Fn(&T) -> bool) -> Vec<u64> {
        self.rows.iter().filter(|(_, row)| fits(row)).map(|(number, _)| *number).collect()
    }

    pub fn get(&self, number: u64) -> Option<&T> {
        self.rows.get(&number)
    }

    /// Changes a row; what the change gives.
    pub fn change<R>(&mut self, number: u64, change: impl FnOnce(&mut T) -> R) -> Option<R> {
        let row = self.rows.get_mut(&number)?;
        self.changed.insert(number);
        Some(change(row))
    }

    /// The rows that changed since this was last called, each under a key that begins with `name`.
    pub fn unsaved(&mut self, name: &str, write: impl Fn(&T) -> String) -> Vec<(String, String)> {
        let changed = std::mem::take(&mut self.changed);
        let rows = changed.iter().filter_map(|number| Some((number, self.rows.get(number)?)));
        rows.map(|(number, row)| (format!("{name} {number}"), write(row))).collect()
    }

    /// Takes back a row if its key begins with `name`. False: it does not.
    pub fn restore(
        &mut self,
        name: &str,
        key: &str,
        read: impl FnOnce() -> Result<T, Error>,
    ) -> Result<bool, Error> {
        let number = key.strip_prefix(name).and_then(|rest| rest.trim_start().parse().ok());
        let Some(number) = number else { return Ok(false) };
        self.rows.insert(number, read()?);
        Ok(true)
    }
}

/// How many keys came before.
pub(crate) fn repeated<K: Hash + Eq>(keys: impl Iterator<Item = K>) -> u64 {
    let mut seen = HashSet::new();
    keys.map(|key| seen.insert(key)).filter(|new| !new).count() as u64
}
