//! Names: what a process sees, what is durable, and the changes in between.

use crate::file::{Cut, Dice};
use std::collections::{BTreeMap, BTreeSet};

/// As many changes of names can be in question: older ones the file system has written by itself.
const PENDING: usize = 64;

/// One change of the directory tree: whole or not at all.
#[derive(Clone)]
struct Change {
    gone: Option<String>,
    here: Option<(String, u64)>,
}

impl Change {
    fn apply(self, names: &mut BTreeMap<String, u64>) {
        if let Some(name) = self.gone {
            names.remove(&name);
        }
        if let Some((name, file)) = self.here {
            names.insert(name, file);
        }
    }

    fn is_in(&self, directory: &str) -> bool {
        let names = self.gone.iter().chain(self.here.iter().map(|(name, _)| name));
        names.into_iter().any(|name| above(name) == directory)
    }
}

/// The directory that holds this name.
pub(crate) fn above(name: &str) -> &str {
    name.rsplit_once('/').map_or("", |(above, _)| above)
}

/// Which name is which file. Directories are durable as soon as they are made.
#[derive(Default)]
pub(crate) struct Names {
    now: BTreeMap<String, u64>,
    durable: BTreeMap<String, u64>,
    pending: Vec<Change>,
    directories: BTreeSet<String>,
}

impl Names {
    pub(crate) fn durable(names: BTreeMap<String, u64>, directories: BTreeSet<String>) -> Names {
        Names { durable: names.clone(), now: names, directories, pending: vec![] }
    }

    pub(crate) fn get(&self, name: &str) -> Option<u64> {
        self.now.get(name).copied()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&String, u64)> {
        self.now.iter().map(|(name, file)| (name, *file))
    }

    pub(crate) fn directories(&self) -> &BTreeSet<String> {
        &self.directories
    }

    /// Whether a file can be made in that directory.
    pub(crate) fn is_directory(&self, name: &str) -> bool {
        name.is_empty() || self.directories.contains(name)
    }

    pub(crate) fn make_directory(&mut self, name: &str) {
        let mut name = name;
        while !name.is_empty() {
            self.directories.insert(name.to_owned());
            name = above(name);
        }
    }

    pub(crate) fn insert(&mut self, name: &str, file: u64) {
        self.change(Change { gone: None, here: Some((name.to_owned(), file)) });
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.change(Change { gone: Some(name.to_owned()), here: None });
    }

    /// Moves a file, or a directory with all that is in it; `false` when there is neither.
    pub(crate) fn rename(&mut self, from: &str, to: &str) -> bool {
        if let Some(file) = self.get(from) {
            self.change(Change { gone: Some(from.to_owned()), here: Some((to.to_owned(), file)) });
            return true;
        }
        if !self.directories.remove(from) {
            return false;
        }
        self.make_directory(to);
        // A directory's entry moves whole, so what it holds is moved in every view of it.
        let moved =
            |name: &str| Some(format!("{to}{}", name.strip_prefix(from).filter(|n| n.starts_with('/'))?));
        let inner: Vec<_> = self.directories.iter().filter_map(|d| Some((d.clone(), moved(d)?))).collect();
        for (old, new) in inner {
            self.directories.remove(&old);
            self.directories.insert(new);
        }
        for names in [&mut self.now, &mut self.durable] {
            let inner: Vec<_> = names.iter().filter_map(|(n, f)| Some((n.clone(), moved(n)?, *f))).collect();
            for (old, new, file) in inner {
                names.remove(&old);
                names.insert(new, file);
            }
        }
        for change in &mut self.pending {
            let names = change.gone.iter_mut().chain(change.here.iter_mut().map(|(name, _)| name));
            names.for_each(|name| *name = moved(name).unwrap_or_else(|| std::mem::take(name)));
        }
        true
    }

    /// Makes every change in that directory durable.
    pub(crate) fn sync(&mut self, directory: &str) {
        let (synced, rest) =
            std::mem::take(&mut self.pending).into_iter().partition(|c: &Change| c.is_in(directory));
        self.pending = rest;
        let synced: Vec<Change> = synced;
        synced.into_iter().for_each(|change| change.apply(&mut self.durable));
    }

    /// The names in a directory.
    pub(crate) fn list(&self, directory: &str) -> Vec<String> {
        let names = self.now.keys().chain(&self.directories);
        let inside = names.filter(|name| above(name) == directory);
        let mut names: Vec<_> = inside.filter_map(|n| Some(n.rsplit('/').next()?.to_owned())).collect();
        names.sort();
        names
    }

    /// What a power cut leaves, durable.
    pub(crate) fn cut(&mut self, cut: Cut, dice: &mut Dice) {
        for change in std::mem::take(&mut self.pending) {
            if cut.keeps(dice) {
                change.apply(&mut self.durable);
            }
        }
        self.now = self.durable.clone();
    }

    /// Whether a power cut could bring this file back under some name, or it has one.
    pub(crate) fn knows(&self, file: u64) -> bool {
        let pending = self.pending.iter().filter_map(|change| change.here.as_ref());
        self.now
            .values()
            .chain(self.durable.values())
            .chain(pending.map(|(_, file)| file))
            .any(|f| *f == file)
    }

    fn change(&mut self, change: Change) {
        change.clone().apply(&mut self.now);
        self.pending.push(change);
        if self.pending.len() > PENDING {
            self.pending.remove(0).apply(&mut self.durable);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_power_cut_leaves_a_name_at_one_place_or_the_other() {
        let mut seen = BTreeSet::new();
        for seed in 0..50 {
            let mut names = Names::default();
            names.insert("a/new", 1);
            names.sync("a");
            names.rename("a/new", "a/old");
            let mut dice = Dice(seed);
            names.cut(Cut::of(&mut dice), &mut dice);
            seen.insert((names.get("a/new"), names.get("a/old")));
        }
        assert_eq!(seen, BTreeSet::from([(Some(1), None), (None, Some(1))]));
    }

    #[test]
    fn a_directory_moves_with_all_that_is_in_it() {
        let mut names = Names::default();
        names.make_directory("books/one/inner");
        names.insert("books/one/x", 1);
        names.insert("books/oneself", 2);
        assert!(names.rename("books/one", "books/aside"));
        assert!(!names.rename("books/one", "books/again"));
        assert_eq!(names.list("books"), ["aside", "oneself"]);
        assert_eq!(names.list("books/aside"), ["inner", "x"]);
        names.cut(Cut::KeepAll, &mut Dice(0));
        assert_eq!((names.get("books/aside/x"), names.get("books/one/x")), (Some(1), None));
    }

    #[test]
    fn a_sync_is_for_its_directory_alone() {
        let mut names = Names::default();
        names.insert("a/x", 1);
        names.insert("b/y", 2);
        names.sync("a");
        names.cut(Cut::DropAll, &mut Dice(0));
        assert_eq!((names.get("a/x"), names.get("b/y")), (Some(1), None));
    }
}
