//! Why something could not be done, in words for whoever stands at the desk.

use satchel::Error;
use std::path::PathBuf;

/// What went wrong and what may help.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// A file or folder.
    #[error("{path}: {why}")]
    File { path: PathBuf, why: std::io::Error },
    /// Not a key file.
    #[error(
        "{0}: no age identity in it. Expected a line AGE-SECRET-KEY-1…; a key file that is itself locked with a passphrase is opened first by `age --decrypt`"
    )]
    NoIdentity(PathBuf),
    /// Neither folder nor export.
    #[error(
        "{0}: neither a book's folder (with book.db in it) nor a sealed export. `satchel-rescue list FOLDER` shows the books"
    )]
    NoBook(PathBuf),
    /// No escrow.
    #[error(
        "this book has no escrow: no organisation key was set in the app when it was last opened. Only the tablet's own key store can open it"
    )]
    NoEscrow,
    /// Another identity.
    #[error("this private key does not fit: the book's key was sealed to another organisation key")]
    OtherIdentity,
    /// The escrow is not what it should be.
    #[error("the escrow opens, and holds no key of this book")]
    BadEscrow,
    /// An export that is none.
    #[error(
        "it opens, and is no export of what is unsent (or one of a newer version: update satchel-rescue)"
    )]
    NoExport,
    /// Nothing left.
    #[error("not one page of the database is whole: nothing can be read. At least {0} entries were unsent")]
    NothingLeft(i64),
    /// The library's word.
    #[error("{0}")]
    Core(Error),
}

impl From<Error> for Failed {
    fn from(e: Error) -> Self {
        match e {
            Error::KeyLost { .. } => Failed::BadEscrow,
            Error::StoreDamaged { unsent, .. } => Failed::NothingLeft(unsent),
            Error::InvalidInput { field: "export", .. } => Failed::NoExport,
            other => Failed::Core(other),
        }
    }
}

/// With the path.
pub fn file(path: &std::path::Path) -> impl FnOnce(std::io::Error) -> Failed {
    let path = path.to_owned();
    |why| Failed::File { path, why }
}
