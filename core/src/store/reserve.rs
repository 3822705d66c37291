//! Disk space kept back, so that what the officer types still saves when everything else is full.

use super::Place;
use crate::world::Disk;
use std::path::PathBuf;
use std::sync::Arc;

/// A file of `bytes` with nothing in it, to be given up once.
pub(super) struct Reserve {
    disk: Arc<dyn Disk>,
    folder: PathBuf,
    path: PathBuf,
    bytes: u64,
}

impl Reserve {
    pub(super) fn new(disk: Arc<dyn Disk>, place: &Place, bytes: u64) -> Self {
        Self { disk, folder: place.folder(), path: place.reserve(), bytes }
    }

    /// Takes the space, or takes it again, if as much again stays free; else and on any failure the reserve stays
    /// missing, which `missing` says.
    pub(super) fn fill(&self) {
        let room = || self.disk.free_bytes(&self.folder).is_none_or(|free| free / 2 >= self.bytes);
        if self.missing() && room() && self.disk.reserve(&self.path, self.bytes).is_err() {
            self.release();
        }
    }

    /// Gives the space back; `false` when there was none to give.
    pub(super) fn release(&self) -> bool {
        self.disk.size(&self.path) > 0 && self.disk.reserve(&self.path, 0).is_ok()
    }

    /// Whether there should be a reserve and is none: the disk is full or nearly so.
    pub(super) fn missing(&self) -> bool {
        self.disk.size(&self.path) < self.bytes
    }
}
