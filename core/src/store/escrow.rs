//! The store's key sealed to the organisation, in a small file of its own beside the book: who holds the organisation's
//! identity reads the book when tablet or vault are gone.
//!
//! `escrow-<key>-<recipient>.age`, both as fingerprints: a new key of the organisation gets a file beside the old one.
//! Opened by `age --decrypt`, it holds 96 hex digits, as in `PRAGMA key = "x'…'"`.

use super::{Place, StoreKey};
use crate::error::Result;
use crate::seal::Recipient;
use crate::world::{Disk, World};

const ESCROW: &str = "escrow-";
const AGE: &str = ".age";
/// More than any escrow of ours.
const MOST: u64 = 64 << 10;

/// Seals the key once; does nothing when that was done. Durable when it returns.
///
/// # Errors
/// The system's; the file is then not there, or whole.
pub(super) fn keep(world: &World, place: &Place, key: &StoreKey, to: &Recipient) -> Result<()> {
    let name = format!("{ESCROW}{}-{}{AGE}", key.fingerprint(), to.fingerprint());
    let path = place.folder().join(name);
    if world.disk.size(&path) > 0 {
        return Ok(());
    }
    let sealed = to.seal(key.to_hex().as_bytes(), &*world.rng)?;
    Ok(world.disk.keep(&path, sealed.as_bytes())?)
}

/// The sealed keys beside a book, one for each key of the organisation: armoured texts for `age --decrypt`. Empty where
/// the profile named no such key.
///
/// # Errors
/// The system's.
pub fn escrows(disk: &dyn Disk, place: &Place) -> Result<Vec<Vec<u8>>> {
    let mut sealed = vec![];
    for name in names(disk, place)? {
        sealed.extend(disk.read(&place.folder().join(name), MOST)?);
    }
    Ok(sealed)
}

/// Whether there is any.
pub(super) fn is_kept(disk: &dyn Disk, place: &Place) -> bool {
    names(disk, place).is_ok_and(|names| !names.is_empty())
}

fn names(disk: &dyn Disk, place: &Place) -> Result<Vec<String>> {
    let mut names = disk.list(&place.folder())?;
    names.retain(|name| name.starts_with(ESCROW) && name.ends_with(AGE));
    Ok(names)
}
