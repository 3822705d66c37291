//! The tablet's books as seen from outside, and the one world that all of them share.

use crate::error::SatchelError;
use crate::host::{KeyVault, ServerTrust, Trust, Vault};
use crate::panics;
use crate::run::promise;
use crate::types::{Sealed, instant};
use satchel::profile::Profile;
use satchel::world::{RealDisk, World};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

/// A book as the plain file beside it shows it, without opening it. After a power cut that file may be behind the book,
/// or gone: there are *at least* `unsent` entries, as of `asOf`.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Book {
    /// The officer; nothing when the plain file cannot be read.
    pub officer: Option<String>,
    /// The profile's name; nothing as above.
    pub profile: Option<String>,
    /// Entries neither done nor closed: those refused, asking, blocked or set aside count too.
    pub unsent: i64,
    /// When the oldest of them was made.
    pub oldest_unsent: Option<SystemTime>,
    /// When the numbers were taken; nothing as above.
    pub as_of: Option<SystemTime>,
    /// The key's fingerprint, 16 hex digits: tells one key from another. Empty as above.
    pub key: String,
    /// Its folder.
    pub folder: String,
    /// Whether its key is sealed to an organisation's key: then `satchel-rescue` reads it without this tablet.
    pub escrowed: bool,
    /// Whether it was set aside: no `open` finds it.
    pub set_aside: bool,
}

impl From<satchel::store::Book> for Book {
    fn from(book: satchel::store::Book) -> Self {
        Book {
            officer: book.officer,
            profile: book.profile,
            unsent: book.unsent,
            oldest_unsent: book.oldest_unsent_wall.map(instant),
            as_of: (book.as_of != 0).then(|| instant(book.as_of)),
            key: book.key,
            folder: book.folder.to_string_lossy().into_owned(),
            escrowed: book.escrowed,
            set_aside: book.set_aside,
        }
    }
}

/// Every book under `root`, those set aside too: for a screen that shows whose work is on this tablet. None is opened, no
/// key is needed.
#[uniffi::export]
pub async fn list_books(root: String) -> Result<Vec<Book>, SatchelError> {
    panics::watch();
    let found = promise(async move {
        let root = PathBuf::from(root);
        satchel::Satchel::books(&RealDisk, &root)
    });
    Ok(found.await?.into_iter().map(Book::from).collect())
}

/// Moves a book that cannot be opened (its key is lost, it is damaged) out of the way, whole; a fresh one can then be
/// opened. Returns the folder where it lies. Nothing in it is changed.
///
/// Throws `NotFound`; `NotPossible` while the book is open or another process sends from it.
#[uniffi::export]
pub async fn set_aside_book(
    root: String,
    officer: String,
    profile: String,
    vault: Arc<dyn KeyVault>,
) -> Result<String, SatchelError> {
    let (profile, world) = outfit(&profile, vault, None)?;
    let here = world.clone();
    let moved = world.run(move || satchel::Satchel::set_aside(&here, Path::new(&root), &officer, &profile));
    Ok(moved.await?.to_string_lossy().into_owned())
}

/// Everything unsent of a book that does not open (damaged, set aside), sealed to the organisation's key: every row that
/// is not on a damaged page. `folder` is the book's, as `listBooks` and `setAsideBook` tell it. Its files are only read.
///
/// Throws `NotFound`; `NotPossible` (`no_organisation_key`); `KeyUnavailable`; `KeyLost`; `StoreDamaged` when nothing of it
/// can be read.
#[uniffi::export]
pub async fn salvage_book(
    folder: String,
    profile: String,
    vault: Arc<dyn KeyVault>,
) -> Result<Sealed, SatchelError> {
    let (profile, world) = outfit(&profile, vault, None)?;
    promise(async move { satchel::Satchel::salvage(&world, Path::new(&folder), &profile).await })
        .await
        .map(Sealed::from)
}

/// The profile, read, and a world for it.
pub(crate) fn outfit(
    profile: &str,
    vault: Arc<dyn KeyVault>,
    trust: Option<Arc<dyn ServerTrust>>,
) -> Result<(Profile, World), SatchelError> {
    panics::watch();
    let profile: Profile = serde_json::from_str(profile).map_err(|e| {
        // Its text may quote a setting: where it is, and no more.
        SatchelError::form(
            "profile",
            format!("a profile, unlike this at line {} column {}", e.line(), e.column()),
        )
    })?;
    let trust = trust.map(|trust| Arc::new(Trust(trust)) as Arc<dyn satchel::net::trust::ServerTrust>);
    let world = World::device(&profile, Arc::new(Vault(vault)), trust)?;
    Ok((profile, world))
}
