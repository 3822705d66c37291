//! The store's key: drawn once, kept by the vault (and sealed to the organisation, see `escrow`), shown to SQLCipher
//! and to `salvage` only.

use super::{Place, hex, hex_into};
use crate::error::{Error, Result};
use crate::world::{KeyError, KeyVault, World};
use aws_lc_rs::digest::{SHA256, digest};
use zeroize::{Zeroize, Zeroizing};

/// 32 bytes of key, 16 of salt.
const LEN: usize = 48;

/// A raw key *with its salt*: SQLCipher then derives nothing (opening takes a millisecond), and damage to the file's
/// first 16 bytes, where the salt stands too, costs nothing. Wiped when dropped.
pub struct StoreKey(Zeroizing<[u8; LEN]>);

impl StoreKey {
    /// The key that the vault has for a book, set aside or not; `None` when it has none.
    ///
    /// # Errors
    /// `KeyUnavailable` when the vault does not answer for now, or says no.
    pub fn load(vault: &dyn KeyVault, place: &Place) -> Result<Option<Self>> {
        load(vault, place)
    }

    /// From the 96 hex digits that the escrow holds; `None` when it is not that. White space around it is passed over.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let digits = Zeroizing::new(text.trim().as_bytes().to_vec());
        let digit = |b: &u8| char::from(*b).to_digit(16).map(|d| d as u8);
        let pair = |pair: &[u8]| Some(digit(&pair[0])? << 4 | digit(&pair[1])?);
        let bytes =
            (digits.len() == 2 * LEN).then(|| digits.chunks(2).map(pair).collect::<Option<Vec<u8>>>())??;
        Self::taken(bytes)
    }

    /// As `from_hex` reads it.
    pub(super) fn to_hex(&self) -> Zeroizing<String> {
        let mut digits = Zeroizing::new(String::with_capacity(2 * LEN));
        hex_into(&mut digits, &*self.0);
        digits
    }

    /// The AES key and the salt.
    pub(super) fn parts(&self) -> (&[u8], &[u8]) {
        self.0.split_at(32)
    }

    /// `None` unless there are exactly 48 bytes. What was handed in is wiped.
    fn taken(mut bytes: Vec<u8>) -> Option<Self> {
        let key = <[u8; LEN]>::try_from(bytes.as_slice()).ok().map(|k| Self(Zeroizing::new(k)));
        bytes.zeroize();
        key
    }

    /// The first statement on a connection. Allocated once at its full length, so that no piece of it stays behind.
    pub(super) fn pragma(&self) -> Zeroizing<String> {
        let mut sql = Zeroizing::new(String::with_capacity(128));
        sql.push_str("PRAGMA key = \"x'");
        sql.push_str(&self.to_hex());
        sql.push_str("'\"");
        sql
    }

    /// Tells one key from another and tells nothing about either: 64 bits of SHA-256 of the 32 random bytes, in hex.
    pub(super) fn fingerprint(&self) -> String {
        hex(&digest(&SHA256, &self.0[..32]).as_ref()[..8])
    }

    /// The salt, in hex. No secret: every SQLCipher file begins with its salt.
    pub(super) fn salt(&self) -> String {
        hex(&self.0[32..])
    }
}

/// What the vault has for a book that is there already; `None` when it has nothing that can be this book's key.
///
/// # Errors
/// `KeyUnavailable` when the vault does not answer for now, or says no.
pub(super) fn load(vault: &dyn KeyVault, place: &Place) -> Result<Option<StoreKey>> {
    match vault.load(&name(place)) {
        Ok(bytes) => Ok(bytes.and_then(StoreKey::taken)),
        Err(KeyError::Lost) => Ok(None),
        Err(e @ (KeyError::Unavailable | KeyError::Denied)) => Err(Error::KeyUnavailable(e)),
    }
}

/// Draws the key of a book to be made, gives it to the vault and reads it back: nothing may be written under a key
/// that cannot be had again. A crash leaves a key without a book, and the next open uses it.
///
/// # Errors
/// `KeyUnavailable`; `NotPossible` while another process is at it: two keys drawn at once would lose one book.
pub(super) fn draw(world: &World, place: &Place) -> Result<StoreKey> {
    let Some(_lock) = world.disk.try_lock(&place.birth())? else {
        return Err(Error::NotPossible { why: "being_made" });
    };
    let vault = &*world.vault;
    // What is there and is no key (of another length) never opened a book, and gives way.
    if let Some(key) = load(vault, place)? {
        return Ok(key);
    }
    let mut fresh = Zeroizing::new([0; LEN]);
    world.rng.fill(&mut *fresh);
    vault.store(&name(place), &*fresh).map_err(Error::KeyUnavailable)?;
    match load(vault, place)? {
        Some(kept) if *kept.0 == *fresh => Ok(kept),
        _ => Err(Error::KeyUnavailable(KeyError::Denied)),
    }
}

fn name(place: &Place) -> String {
    format!("satchel/{}/key", place.name())
}

/// Nothing of the key.
impl std::fmt::Debug for StoreKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StoreKey(…)")
    }
}
