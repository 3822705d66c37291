//! The organisation's private key, and with it the book's.

use crate::failed::{self, Failed};
use age::x25519::Identity;
use satchel::store::{self, Place, StoreKey};
use satchel::world::Disk;
use std::path::Path;
use zeroize::Zeroizing;

/// The identities in a key file; comments are passed over.
pub fn identities(path: &Path) -> Result<Vec<Identity>, Failed> {
    let text = Zeroizing::new(std::fs::read_to_string(path).map_err(failed::file(path))?);
    let found: Vec<_> = text.lines().filter_map(|line| line.trim().parse().ok()).collect();
    if found.is_empty() { Err(Failed::NoIdentity(path.to_owned())) } else { Ok(found) }
}

/// Opens what was sealed to one of them; `None`: to none.
pub fn unsealed(sealed: &[u8], identities: &[Identity]) -> Option<Zeroizing<Vec<u8>>> {
    identities.iter().find_map(|identity| age::decrypt(identity, sealed).ok()).map(Zeroizing::new)
}

/// The book's key, from its escrow.
pub fn of_book(disk: &dyn Disk, place: &Place, identities: &[Identity]) -> Result<StoreKey, Failed> {
    let escrows = store::escrows(disk, place)?;
    if escrows.is_empty() {
        return Err(Failed::NoEscrow);
    }
    let opened =
        escrows.iter().find_map(|sealed| unsealed(sealed, identities)).ok_or(Failed::OtherIdentity)?;
    std::str::from_utf8(&opened).ok().and_then(StoreKey::from_hex).ok_or(Failed::BadEscrow)
}
