//! The places in SQLite's list of VFSs, and who sits on them.

use super::table;
use crate::process::Mount;
use rusqlite::ffi::{SQLITE_OK, sqlite3_vfs, sqlite3_vfs_register};
use std::ffi::CString;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// The place of one process in SQLite's list of VFSs.
pub(super) struct Chair {
    pub(super) name: CString,
    sitter: Mutex<Weak<Mount>>,
}

static FREE: Mutex<Vec<&'static Chair>> = Mutex::new(vec![]);

/// A process's VFS name. Dropped with its mount, when the process is gone and its last file closed: then the next
/// process may have it.
pub(crate) struct Seat(&'static Chair);

impl Seat {
    /// A seat nobody sits on; one more is made when there is none. (Making one is a few hundred bytes, for ever; there
    /// are as many as processes at one time.)
    ///
    /// # Panics
    /// When SQLite takes no VFS: only without memory.
    pub(crate) fn take(sitter: Weak<Mount>) -> Seat {
        let free = FREE.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let chair = free.unwrap_or_else(make_chair);
        *chair.sitter.lock().unwrap_or_else(PoisonError::into_inner) = sitter;
        Seat(chair)
    }

    pub(crate) fn name(&self) -> &str {
        self.0.name.to_str().unwrap_or_default()
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        FREE.lock().unwrap_or_else(PoisonError::into_inner).push(self.0);
    }
}

fn make_chair() -> &'static Chair {
    static MADE: AtomicU64 = AtomicU64::new(0);
    let name = CString::new(format!("tablet-{}", MADE.fetch_add(1, Ordering::Relaxed)));
    let chair: &'static Chair =
        Box::leak(Box::new(Chair { name: name.unwrap_or_default(), sitter: Mutex::new(Weak::new()) }));
    let vfs = Box::leak(Box::new(table(chair)));
    // SAFETY: the table and all it points to are leaked, and only SQLite touches it from here on.
    let done = unsafe { sqlite3_vfs_register(vfs, 0) };
    assert_eq!(done, SQLITE_OK, "SQLite takes a VFS");
    chair
}

/// Who sits on this VFS's seat; nobody once the process is gone and its files are closed.
///
/// # Safety
/// `vfs` is one of ours.
pub(super) unsafe fn sitter(vfs: *mut sqlite3_vfs) -> Option<Arc<Mount>> {
    // SAFETY: `pAppData` is a leaked `Chair`.
    let chair = unsafe { &*(*vfs).pAppData.cast::<Chair>() };
    chair.sitter.lock().unwrap_or_else(PoisonError::into_inner).upgrade()
}
