//! Panics: what stays of one is where it was and a number, never its text, which may quote what an officer typed.

use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::sync::{Mutex, Once, PoisonError};

/// So many are kept for the diagnostics.
const KEPT: usize = 32;

/// Where a panic was.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Panicked {
    /// File and line.
    pub place: String,
    /// Its number in this process.
    pub id: i64,
}

static LATEST: Mutex<VecDeque<Panicked>> = Mutex::new(VecDeque::new());
static COUNT: AtomicI64 = AtomicI64::new(0);
thread_local!(static HERE: Cell<i64> = const { Cell::new(0) });

/// From now on this library's panics are noted and print nothing.
pub(crate) fn watch() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        std::panic::set_hook(Box::new(|info| {
            let place = info.location().map_or_else(String::new, |at| format!("{}:{}", at.file(), at.line()));
            let id = COUNT.fetch_add(1, Relaxed) + 1;
            HERE.set(id);
            let mut latest = LATEST.lock().unwrap_or_else(PoisonError::into_inner);
            latest.push_back(Panicked { place, id });
            if latest.len() > KEPT {
                latest.pop_front();
            }
        }));
    });
}

/// The panic that this thread met last.
pub(crate) fn here() -> Panicked {
    let id = HERE.get();
    let found = latest().into_iter().find(|panicked| panicked.id == id);
    found.unwrap_or_else(|| Panicked { place: "panic".to_owned(), id })
}

/// The newest panics, oldest first.
pub(crate) fn latest() -> Vec<Panicked> {
    LATEST.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
}
