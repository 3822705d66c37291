//! What the app lends: where keys live, and whom the platform trusts. Both are called on threads of the library's own,
//! never on the app's main thread.

use satchel::net::trust as core;
use satchel::world as core_world;
use satchel::world::KeyError;
use std::sync::Arc;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// How long a vault may think: a question to the officer belongs before `open`, not into it.
const VAULT_LIMIT: Duration = Duration::from_secs(10);

/// Why a vault did not give or take.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error, uniffi::Error)]
pub enum VaultError {
    /// For now: the device is locked, the Keystore is busy. Anything thrown that is not of this type is taken for it.
    #[error("unavailable")]
    Unavailable,
    /// The system says no.
    #[error("denied")]
    Denied,
    /// The key is gone for good.
    #[error("lost")]
    Lost,
}

impl From<uniffi::UnexpectedUniFFICallbackError> for VaultError {
    /// Its reason is dropped: it may quote anything.
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        VaultError::Unavailable
    }
}

impl From<VaultError> for KeyError {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::Unavailable => KeyError::Unavailable,
            VaultError::Denied => KeyError::Denied,
            VaultError::Lost => KeyError::Lost,
        }
    }
}

/// The vault's word that it kept a secret. (A method that returns nothing could hide an error that was thrown.)
#[derive(Clone, Copy, PartialEq, Eq, Debug, uniffi::Enum)]
pub enum VaultReceipt {
    /// It is kept, durably.
    Kept,
}

/// Where the key of a book lives: the Android Keystore, the Keychain. Small secrets by name, each replaced whole.
///
/// An answer that takes longer than 10 seconds is no answer: `KeyUnavailable`, and nothing was touched. A new key is read
/// back before the first row is written under it. Do not call the library from inside these methods.
#[uniffi::export(with_foreign)]
pub trait KeyVault: Send + Sync {
    /// The secret kept under `name`; nothing when there never was one. A vault that had one and lost it throws `Lost`:
    /// *nothing* would begin a new book.
    fn load(&self, name: String) -> Result<Option<Vec<u8>>, VaultError>;
    /// Keeps `secret` under `name`, durably, before it returns.
    fn store(&self, name: String, secret: Vec<u8>) -> Result<VaultReceipt, VaultError>;
}

/// The answer to whether a server is trusted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, uniffi::Enum)]
pub enum TrustVerdict {
    /// The platform vouches for it.
    Trusted,
    /// It does not: no byte of the request leaves.
    Refused,
}

/// Whom the platform trusts, where only the app can ask it (Android's `X509TrustManager`).
///
/// Asked for every connection. Anything thrown, and an answer that takes longer than 10 seconds, refuses the connection.
#[uniffi::export(with_foreign)]
pub trait ServerTrust: Send + Sync {
    /// Is this chain (DER, the server's own certificate first) good for `host`, now? The name must be checked too.
    fn check(&self, chain: Vec<Vec<u8>>, host: String) -> Result<TrustVerdict, VaultError>;
}

/// A vault that is asked on a thread of its own, so that one that never answers holds up nobody.
pub(crate) struct Vault(pub Arc<dyn KeyVault>);

impl Vault {
    fn ask<T: Send + 'static>(
        &self,
        what: impl FnOnce(&dyn KeyVault) -> Result<T, VaultError> + Send + 'static,
    ) -> Result<T, KeyError> {
        let (tell, told) = mpsc::sync_channel(1);
        let vault = self.0.clone();
        let asking = move || {
            let _ = tell.send(what(&*vault));
        };
        let named = thread::Builder::new().name("satchel-vault".to_owned());
        named.spawn(asking).map_err(|_| KeyError::Unavailable)?;
        // One that panics drops its end: no answer either.
        told.recv_timeout(VAULT_LIMIT).map_err(|_| KeyError::Unavailable)?.map_err(KeyError::from)
    }
}

impl core_world::KeyVault for Vault {
    fn load(&self, name: &str) -> Result<Option<Vec<u8>>, KeyError> {
        let name = name.to_owned();
        self.ask(move |vault| vault.load(name))
    }

    fn store(&self, name: &str, secret: &[u8]) -> Result<core_world::Kept, KeyError> {
        let (name, secret) = (name.to_owned(), secret.to_vec());
        self.ask(move |vault| vault.store(name, secret)).map(|VaultReceipt::Kept| core_world::Kept)
    }
}

/// The host's word about a server; the core sets the limit and the thread.
pub(crate) struct Trust(pub Arc<dyn ServerTrust>);

impl core::ServerTrust for Trust {
    fn check(&self, chain: Vec<Vec<u8>>, host: String) -> Result<core::Trusted, String> {
        match self.0.check(chain, host) {
            Ok(TrustVerdict::Trusted) => Ok(core::Trusted),
            Ok(TrustVerdict::Refused) | Err(_) => Err(String::new()),
        }
    }
}
