//! One error type that answers *what now?*; every field is safe to log.

use crate::world::{Cause, KeyError, TrustProblem};

/// The crate's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, in codes and numbers only: never a name, a phone, a key, a URL or the server's words.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// What was handed in cannot be taken; nothing was changed.
    #[error("invalid input in {field}: {problem}")]
    InvalidInput {
        /// The field, setting or argument, by its name in this API.
        field: &'static str,
        /// What is wrong with it.
        problem: Problem,
    },
    /// There is no such thing in this book.
    #[error("no such {what}")]
    NotFound {
        /// What was looked for: `prospect`, `entry`, `draft` …
        what: &'static str,
    },
    /// The thing exists, and this cannot be done with it as it stands; `standing` says what can.
    #[error("not possible now: {why}")]
    NotPossible {
        /// A stable code.
        why: &'static str,
    },
    /// The book was locked or shut down; open it again.
    #[error("the book is locked")]
    Locked,
    /// The key cannot be had for now, or the system refuses it. Nothing was touched.
    #[error("the store's key is {0}")]
    KeyUnavailable(KeyError),
    /// The key is gone or does not fit. The files are still there, whole; with an escrow `satchel-rescue` reads them.
    #[error("the store's key is lost; at least {unsent} unsent as of {as_of}")]
    KeyLost {
        /// How many entries were unsent when the plain file beside the store was last written.
        unsent: i64,
        /// When that was, unix ms; 0 when there is no such file.
        as_of: i64,
    },
    /// The database is damaged. The files are still there as they are: `Satchel::salvage` gives what is unsent in them,
    /// every row but those on damaged pages.
    #[error("the store is damaged in {place}; at least {unsent} unsent as of {as_of}")]
    StoreDamaged {
        /// Which part: `database`, `schema`, `row` …
        place: &'static str,
        /// As in `KeyLost`.
        unsent: i64,
        /// As in `KeyLost`.
        as_of: i64,
    },
    /// The store was written by a newer version of this library.
    #[error("the store has schema {found}, this library knows {known}")]
    SchemaTooNew {
        /// What the store has.
        found: i64,
        /// The newest this library knows.
        known: i64,
    },
    /// No room on the device; nothing was changed.
    #[error("the disk is full")]
    DiskFull,
    /// A call to a remote did not give what was asked for.
    #[error("{remote}: {trouble}")]
    Remote {
        /// Which remote.
        remote: &'static str,
        /// What happened.
        trouble: Trouble,
    },
    /// A bug in this library, or a failing device. Nothing unsent was lost; report it with place and id.
    #[error("internal error at {place} ({id})")]
    Internal {
        /// Where, by a stable name.
        place: &'static str,
        /// A number to find it by: an SQLite code or 0.
        id: i64,
    },
}

/// What is wrong with an input.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// It is required.
    #[error("missing")]
    Missing,
    /// Longer than the profile allows.
    #[error("longer than {max} characters")]
    TooLong {
        /// The limit in characters.
        max: usize,
    },
    /// NUL or another control character.
    #[error("control character")]
    ControlCharacter,
    /// Not of the form the field has.
    #[error("not {expected}")]
    Form {
        /// The expected form, in words.
        expected: &'static str,
    },
    /// Not in the profile's code list.
    #[error("not in the code list")]
    NotInList,
    /// Only the server or the library writes this field.
    #[error("read only")]
    ReadOnly,
    /// Given twice.
    #[error("given twice")]
    Twice,
}

/// What a remote did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Trouble {
    /// The connection failed or the reply was unusable.
    #[error("{0}")]
    Failed(Cause),
    /// There is no session, or the server said that it has expired.
    #[error("sign in first")]
    SignIn,
    /// The server said no, in a documented way.
    #[error("refused")]
    Refused,
    /// Not an answer that this remote documents; three in a row mean settings or key.
    #[error("unusable answer")]
    Unusable,
    /// The server's row for what was asked for is there and cannot be read: that record's own problem.
    #[error("unreadable row")]
    Unreadable,
}

/// What to do about an error: one for each, so that an app can decide without reading texts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WhatNow {
    /// Let the officer correct the named field.
    CorrectField,
    /// Ask `standing` what can be done instead.
    LookAtStanding,
    /// Open the book (again).
    OpenAgain,
    /// Unlock the device, then try again.
    UnlockDevice,
    /// `set_aside` the book, then open a fresh one; support can still read the old one with its key.
    SetAside,
    /// Update the app; what is unsent stays.
    UpdateApp,
    /// Free space on the device, then try again.
    FreeSpace,
    /// Set the tablet's clock.
    SetClock,
    /// Find a link, or another one: work waits.
    FindLink,
    /// Sign in to the remote.
    SignIn,
    /// Nothing: it will be tried again by itself.
    Wait,
    /// Report it to support with its text.
    Report,
}

impl Trouble {
    /// Stable, and safe to log and to show.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Trouble::Failed(cause) => cause.code(),
            Trouble::SignIn => "sign_in",
            Trouble::Refused => "refused",
            Trouble::Unusable => "unusable",
            Trouble::Unreadable => "unreadable",
        }
    }

    /// What no waiting mends is said; the rest is tried again by itself.
    fn what_now(self) -> WhatNow {
        match self {
            Trouble::SignIn => WhatNow::SignIn,
            Trouble::Failed(Cause::Untrusted(problem)) => not_trusted(problem),
            Trouble::Failed(Cause::NotConfigured(_)) => WhatNow::Report,
            Trouble::Failed(_) | Trouble::Refused | Trouble::Unusable | Trouble::Unreadable => WhatNow::Wait,
        }
    }
}

/// Of a certificate whose time is not now, the tablet's clock is the likelier half; a stranger's is most often that of
/// the network in between.
pub(crate) fn not_trusted(problem: TrustProblem) -> WhatNow {
    match problem {
        TrustProblem::Expired | TrustProblem::NotYetValid => WhatNow::SetClock,
        _ => WhatNow::FindLink,
    }
}

impl Error {
    /// What now? Exhaustive on purpose: a new error must say it.
    #[must_use]
    pub fn what_now(&self) -> WhatNow {
        match self {
            Error::InvalidInput { .. } => WhatNow::CorrectField,
            Error::NotFound { .. } | Error::NotPossible { .. } => WhatNow::LookAtStanding,
            Error::Locked => WhatNow::OpenAgain,
            Error::KeyUnavailable(_) => WhatNow::UnlockDevice,
            Error::KeyLost { .. } | Error::StoreDamaged { .. } => WhatNow::SetAside,
            Error::SchemaTooNew { .. } => WhatNow::UpdateApp,
            Error::DiskFull => WhatNow::FreeSpace,
            Error::Remote { trouble, .. } => trouble.what_now(),
            Error::Internal { .. } => WhatNow::Report,
        }
    }

    /// Shorthand for what cannot be taken.
    #[must_use]
    pub fn invalid(field: &'static str, problem: Problem) -> Self {
        Error::InvalidInput { field, problem }
    }

    pub(crate) fn internal(place: &'static str) -> Self {
        Error::Internal { place, id: 0 }
    }
}

impl From<rusqlite::Error> for Error {
    /// Codes only: an SQLite message may quote values.
    fn from(e: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as C;
        let Some(failure) = e.sqlite_error() else { return Error::internal("sqlite") };
        let id = i64::from(failure.extended_code);
        match failure.code {
            C::DiskFull => Error::DiskFull,
            C::DatabaseCorrupt | C::NotADatabase => {
                Error::StoreDamaged { place: "database", unsent: 0, as_of: 0 }
            }
            _ => Error::Internal { place: "sqlite", id },
        }
    }
}

impl From<serde_json::Error> for Error {
    fn from(_: serde_json::Error) -> Self {
        Error::StoreDamaged { place: "row", unsent: 0, as_of: 0 }
    }
}

impl From<std::io::Error> for Error {
    fn from(e: std::io::Error) -> Self {
        match e.kind() {
            std::io::ErrorKind::StorageFull => Error::DiskFull,
            _ => Error::Internal { place: "file", id: i64::from(e.raw_os_error().unwrap_or(0)) },
        }
    }
}
