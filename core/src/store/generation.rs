//! Was this store restored from a backup? Each run that sends, and in it each call that a repeat would double, raises a
//! number in the database and then in the vault, which no backup of files brings back.

use super::{Place, Store};
use crate::error::{Error, Result};
use crate::world::{KeyError, KeyVault, World};
use rusqlite::Transaction;
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
    pub(super) fn begin(self, vault: &dyn KeyVault, place: &Place) -> Result<Self> {
        match self {
            Known::Nothing => Self::told(vault, place, 0),
            known => Ok(known),
        }
    }

    /// Tells the vault that a book of generation `n` has lost the end of its log: like a backup put back, it does not
    /// know what it sent. Until it is raised, whatever crashes in between.
    ///
    /// # Errors
    /// `KeyUnavailable` when the vault did not keep it.
    pub(super) fn behind(self, vault: &dyn KeyVault, place: &Place, n: i64) -> Result<Self> {
        if self.ahead_of(n) { Ok(self) } else { Self::told(vault, place, n + 1) }
    }

    fn told(vault: &dyn KeyVault, place: &Place, n: i64) -> Result<Self> {
        vault.store(&name(place), &n.to_be_bytes()).map_err(Error::KeyUnavailable)?;
        Ok(Known::Generation(n))
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
        self.keep_generation(world, next)?;
        Ok(next)
    }

    /// Tells the vault of a generation that is committed in the book.
    ///
    /// # Errors
    /// `KeyUnavailable` when the vault did not keep it: then nothing may be sent yet.
    pub fn keep_generation(&self, world: &World, generation: i64) -> Result<()> {
        world.vault.store(&name(&self.place), &generation.to_be_bytes()).map_err(Error::KeyUnavailable)?;
        self.restored.store(false, Ordering::SeqCst);
        Ok(())
    }

    /// Whether the vault was ahead of the book when it was opened: then the book was restored from a backup, and what
    /// it holds as ready may have been sent. True until `raise_generation`, and at the next open if that never came;
    /// so the entries are to be marked before it is called.
    pub fn restored(&self) -> bool {
        self.restored.load(Ordering::SeqCst)
    }
}

/// Raises the generation in the transaction that writes the intent of a call down; `Store::keep_generation` then tells
/// the vault, before the call leaves.
///
/// # Errors
/// SQLite's.
pub fn next_generation(tx: &Transaction<'_>) -> Result<i64> {
    let sql = "UPDATE book SET generation = generation + 1 RETURNING generation";
    Ok(tx.prepare_cached(sql)?.query_row([], |r| r.get(0))?)
}

fn name(place: &Place) -> String {
    format!("satchel/{}/generation", place.name())
}
