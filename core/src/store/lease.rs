//! Who sends: one handle on one tablet, by a lock of the operating system.

use super::Store;
use crate::error::Result;
use crate::world::Lock;

/// The right to send from this book. Dropping it, or the death of the process in any way, gives it back.
pub struct Lease {
    _lock: Box<dyn Lock>,
}

impl Store {
    /// Takes the lease if no other handle, here or in another process, holds it. Never waits.
    ///
    /// # Errors
    /// `Locked`; `SchemaTooNew` for a read-only book, which sends nothing; the system's.
    pub fn try_lease(&self) -> Result<Option<Lease>> {
        self.writable()?;
        let lock = self.disk.try_lock(&self.place.lease())?;
        Ok(lock.map(|lock| Lease { _lock: lock }))
    }
}
