//! Looking at calls before they are made, and letting one fail.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, PoisonError, RwLock};

/// A call that changes a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Call {
    /// Bytes are written.
    Write,
    /// What was written is to be on disk.
    Sync,
    /// The file is cut, or grows.
    Truncate,
    /// The file goes.
    Delete,
}

/// How a call fails. It is then not passed on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// An error of the device.
    Eio,
    /// No room. (What is no write or sync fails as by the device.)
    Full,
}

/// Asked before every such call, on the thread that makes it. It must not panic, nor use SQLite through this VFS.
pub type Watcher = Arc<dyn Fn(Call) -> Option<Fault> + Send + Sync>;

static WATCHED: AtomicBool = AtomicBool::new(false);
static WATCHER: RwLock<Option<Watcher>> = RwLock::new(None);

/// Watches every file opened through this VFS, in place of the watcher before; `None`: nobody watches.
pub fn watch(watcher: Option<Watcher>) {
    WATCHED.store(watcher.is_some(), Relaxed);
    *WATCHER.write().unwrap_or_else(PoisonError::into_inner) = watcher;
}

/// How the call that is about to be made is to fail, if it is.
pub(crate) fn verdict(call: Call) -> Option<Fault> {
    if !WATCHED.load(Relaxed) {
        return None;
    }
    let watcher = WATCHER.read().unwrap_or_else(PoisonError::into_inner).clone();
    watcher.and_then(|watcher| watcher(call))
}
