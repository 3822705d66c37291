//! The store: one encrypted database for each officer and profile, and the few small files beside it.
//!
//! [`Store::open`] asks the key vault first and touches nothing if that has no answer. Then every change goes through
//! [`Store::write`] (the officer) or [`Store::write_bulk`] (downloads): one writer, one transaction, on disk when it
//! returns. [`Store::read`] looks at a snapshot and is never in anybody's way. [`Store::idle`] and [`Store::pause`]
//! keep the log short, [`Store::lock`] ends it all.
//!
//! Everything here blocks; callers run it through [`World::run`](crate::world::World::run). Nothing here asks for a
//! time, a random number, a file or a thread but through the world, so a simulator can cut its power anywhere.
//!
//! ```text
//! open ─ key ─ escrow ─ scan (the log before SQLite sees it) ─ connect ─ migrate
//!   └─ Store ─┬─ pool (writer × 1, readers × 3) ─ write, read
//!             ├─ upkeep (idle, pause, lock)   ├─ side, books (what shows without a key)
//!             └─ lease (who sends)            └─ generation (restored from a backup?), reserve (a full disk)
//! salvage (every row that is not on a damaged page, of a book that does not open)
//! ```

mod books;
mod connect;
mod escrow;
mod generation;
mod key;
mod lease;
mod migrate;
mod open;
mod place;
mod pool;
mod reserve;
pub mod salvage;
mod scan;
mod side;
#[cfg(test)]
mod tests;
mod upkeep;
mod write;

pub use books::{Book, books, set_aside};
#[cfg(test)]
pub(crate) use connect::ready;
pub use escrow::escrows;
pub use generation::next_generation;
pub use key::StoreKey;
pub use lease::Lease;
pub use place::Place;
pub use scan::LogDamage;
pub(crate) use side::{lost, whose};
pub use upkeep::Usage;

use crate::world::{Clock, Disk};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// An open book. Shared in an `Arc`; see the module for its story.
///
/// Dropping it closes its connections; what was acknowledged stays.
pub struct Store {
    place: Place,
    disk: Arc<dyn Disk>,
    clock: Arc<dyn Clock>,
    writer: pool::Pool,
    readers: pool::Pool,
    side: side::SideFile,
    reserve: reserve::Reserve,
    restored: AtomicBool,
    log_damage: Option<LogDamage>,
    escrowed: bool,
    schema: i64,
}

impl Store {
    /// Where it lies.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Whether a newer version of this library has written the book: then it can be read, and every write is
    /// `SchemaTooNew`.
    pub fn read_only(&self) -> bool {
        self.schema > migrate::KNOWN
    }

    /// Whether the key is sealed to the organisation the profile names; true when it names none. Until then a lost key
    /// loses what is unsent; each open tries again.
    pub fn escrowed(&self) -> bool {
        self.escrowed
    }

    /// Whether the reserve was given up, or there never was room for it: saves still work, `write_bulk` does not.
    pub fn disk_tight(&self) -> bool {
        self.reserve.missing()
    }

    /// The newest damaged log kept aside in this book's folder, now or at an earlier open. Its tail may hold saves
    /// that were acknowledged; `salvage` reads them.
    pub fn log_damage(&self) -> Option<&LogDamage> {
        self.log_damage.as_ref()
    }
}

/// Only where it lies: nothing of the officer, nothing of the key.
impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store")
            .field("book", &self.place.book)
            .field("schema", &self.schema)
            .finish_non_exhaustive()
    }
}

/// In hex, small letters.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(2 * bytes.len());
    hex_into(&mut out, bytes);
    out
}

/// Grows `out` only if it was made too small, so that a secret is not left behind in memory given up.
fn hex_into(out: &mut String, bytes: &[u8]) {
    let digit = |n: u8| char::from(b"0123456789abcdef"[usize::from(n & 15)]);
    out.extend(bytes.iter().flat_map(|b| [digit(b >> 4), digit(*b)]));
}
