//! Where the store's key lives: the app's Keystore or Keychain, behind one trait.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Why a vault did not give or take.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum KeyError {
    /// For now: the device is locked, the Keystore is busy. Try again.
    #[error("unavailable")]
    Unavailable,
    /// The system says no.
    #[error("denied")]
    Denied,
    /// The key is gone for good.
    #[error("lost")]
    Lost,
}

/// The vault's word that it kept a secret. (A method that returns nothing could hide a thrown error.)
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Kept;

/// Small secrets by name, each replaced whole. Called off the async workers. An answer that never comes holds up `open`.
///
/// A new key is read back before the first row is written under it.
pub trait KeyVault: Send + Sync + 'static {
    /// The secret kept under `name`; `None` when there never was one.
    ///
    /// # Errors
    /// See [`KeyError`].
    fn load(&self, name: &str) -> Result<Option<Vec<u8>>, KeyError>;
    /// Keeps `secret` under `name`, durably, before it returns.
    ///
    /// # Errors
    /// See [`KeyError`].
    fn store(&self, name: &str, secret: &[u8]) -> Result<Kept, KeyError>;
}

/// A vault in memory, for tests and demos: it protects nothing.
#[derive(Default)]
pub struct MemoryVault(Mutex<BTreeMap<String, Vec<u8>>>);

impl KeyVault for MemoryVault {
    fn load(&self, name: &str) -> Result<Option<Vec<u8>>, KeyError> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned())
    }
    fn store(&self, name: &str, secret: &[u8]) -> Result<Kept, KeyError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), secret.to_vec());
        Ok(Kept)
    }
}
