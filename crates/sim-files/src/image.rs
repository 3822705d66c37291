//! A whole disk, to start others from.

use crate::file::File;
use crate::names::Names;
use crate::state::State;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// All files of a disk at one moment. Cheap to clone and to load: bytes are shared until somebody changes them.
#[derive(Clone)]
pub struct Image(Arc<Inner>);

struct Inner {
    files: BTreeMap<String, (Arc<Vec<u8>>, u64)>,
    directories: BTreeSet<String>,
}

impl Image {
    /// What a file held; `None` when there was none.
    #[must_use]
    pub fn read_file(&self, name: &str) -> Option<&[u8]> {
        self.0.files.get(name).map(|(bytes, _)| bytes.as_slice())
    }

    /// The names of all files, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.files.keys().map(String::as_str)
    }
}

/// No contents.
impl std::fmt::Debug for Image {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Image").field("files", &self.0.files.len()).finish_non_exhaustive()
    }
}

impl State {
    pub(crate) fn image(&self) -> Image {
        let file = |(name, id): (&String, u64)| {
            let file = self.files.get(&id)?;
            Some((name.clone(), (file.bytes().clone(), file.reserved())))
        };
        let files = self.names.iter().filter_map(file).collect();
        Image(Arc::new(Inner { files, directories: self.names.directories().clone() }))
    }

    pub(crate) fn restore(&mut self, image: &Image) {
        // Everybody is dead, and nothing of what was there is left.
        self.power_cut(0);
        let mut names = BTreeMap::new();
        self.files.clear();
        for (name, (bytes, reserved)) in &image.0.files {
            let id = self.number();
            self.files.insert(id, File::synced_with(bytes.clone(), *reserved));
            names.insert(name.clone(), id);
        }
        self.names = Names::durable(names, image.0.directories.clone());
    }

    pub(crate) fn file_names(&self) -> Vec<String> {
        self.names.iter().map(|(name, _)| name.clone()).collect()
    }

    pub(crate) fn contents(&self, name: &str) -> Option<Vec<u8>> {
        let file = self.files.get(&self.names.get(name)?)?;
        Some(file.head(u64::MAX))
    }

    pub(crate) fn flip(&mut self, name: &str, bit: u64) {
        if let Some(file) = self.names.get(name).and_then(|id| self.files.get_mut(&id)) {
            file.flip(bit);
        }
    }
}
