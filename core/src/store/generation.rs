//! Was this store restored from a backup? Each run that sends raises a number in the database and then in the vault,
//! which no backup of files brings back.

use super::{Place, Store};
use crate::error::{Error, Result};
use crate::world::{KeyError, KeyVault, World};
use std::sync::atomic::Ordering;

/// What the vault knows of a book's generation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Known {
    /// There never was such a book on this tablet, or the vault was emptied.
    Nothing,
    /// This.
    Generation(i64),
    /// Something was, and it cannot be read.
    Garbled,
}

impl Known {
    /// # Errors
    /// `KeyUnavailable` when the vault does not answer for now, or says no.
    pub(super) fn load(vault: &dyn KeyVault, place: &Place) -> Result<Self> {
        match vault.load(&name(place)) {
            Ok(None) | Err(KeyError::Lost) => Ok(Known::Nothing),
            Ok(Some(bytes)) => Ok(Self::read(&bytes)),
            Err(e) => Err(Error::KeyUnavailable(e)),
        }
    }

    fn read(bytes: &[u8]) -> Self {
        <[u8; 8]>::try_from(bytes).map_or(Known::Garbled, |b| Known::Generation(i64::from_be_bytes(b)))
    }

    /// The number a book starts from that is made now.
    pub(super) fn start(self) -> i64 {
        match self {
            Known::Generation(n) => n,
            Known::Nothing | Known::Garbled => 0,
        }
    }

    /// Tells the vault of a book that is about to be made. A book whose vault knows nothing of it came from elsewhere.
    ///
    /// # Errors
    /// `KeyUnavailable` when the vault did not keep it.
    pub(super) fn begin(self, vault: &dyn KeyVault, place: &Place) -> Result<()> {
        if self != Known::Nothing {
            return Ok(());
        }
        vault.store(&name(place), &0_i64.to_be_bytes()).map_err(Error::KeyUnavailable).map(drop)
    }

    /// Whether a database of generation `n` is older than what the vault remembers. In doubt, yes: a needless look at
    /// the server is cheaper than a double.
    pub(super) fn ahead_of(self, n: i64) -> bool {
        match self {
            Known::Generation(known) => known > n,
            // A vault is told of a book before the book is made: this one was made for another vault.
            Known::Nothing | Known::Garbled => true,
        }
    }
}

impl Store {
    /// The book's generation.
    ///
    /// # Errors
    /// Those of `read`.
    pub fn generation(&self) -> Result<i64> {
        self.read(|db| Ok(db.query_row("SELECT generation FROM book", [], |r| r.get(0))?))
    }

    /// Raises the generation above both the book's and the vault's: committed in the book first, then kept by the
    /// vault, so that a crash between the two leaves the vault behind, never ahead. Ends `restored`.
    ///
    /// Called by whoever holds the lease, before the first send of each run and again whenever sending starts anew
    /// after a pause: a backup may have been taken in between, and only a raise *after* it can show that it is old.
    ///
    /// # Errors
    /// Those of `write`; `KeyUnavailable` when the vault did not keep it: then nothing may be sent yet.
    pub fn raise_generation(&self, world: &World) -> Result<i64> {
        let known = Known::load(&*world.vault, &self.place)?.start();
        let next = self.write(|tx| {
            let sql = "UPDATE book SET generation = max(generation, ?1) + 1 RETURNING generation";
            Ok(tx.prepare_cached(sql)?.query_row([known], |r| r.get::<_, i64>(0))?)
        })?;
        world.vault.store(&name(&self.place), &next.to_be_bytes()).map_err(Error::KeyUnavailable)?;
        self.restored.store(false, Ordering::SeqCst);
        Ok(next)
    }

    /// Whether the vault was ahead of the book when it was opened: then the book was restored from a backup, and what
    /// it holds as ready may have been sent. True until `raise_generation`, and at the next open if that never came;
    /// so the entries are to be marked before it is called.
    pub fn restored(&self) -> bool {
        self.restored.load(Ordering::SeqCst)
    }
}

fn name(place: &Place) -> String {
    format!("satchel/{}/generation", place.name())
}
