//! One error type that answers *what now?*

use satchel::error::{Error, Problem, Trouble, WhatNow};
use satchel::world::KeyError;

/// What went wrong, in codes and numbers only: never a name, a phone, a key, an address or the server's words. All of it
/// may be logged. After each of them nothing that was saved before is lost.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error, uniffi::Error)]
pub enum SatchelError {
    /// What was handed in cannot be taken; nothing was changed. Let the officer correct the field.
    #[error("invalid input in {field}: {problem:?} {expected}")]
    InvalidInput {
        /// The field, setting or argument, by its name in this API.
        field: String,
        /// What is wrong with it.
        problem: FieldProblem,
        /// What it should be, in words for a developer; empty where `problem` says it all.
        expected: String,
    },
    /// There is no such thing in this book.
    #[error("no such {what}")]
    NotFound {
        /// What was looked for: `prospect`, `entry`, `draft` …
        what: String,
    },
    /// The thing exists, and this cannot be done with it as it stands; its standing says what can.
    #[error("not possible now: {why}")]
    NotPossible {
        /// A stable code; each method names its own.
        why: String,
    },
    /// The book was locked or shut down: open it again.
    #[error("the book is locked")]
    Locked,
    /// The key cannot be had for now, or the system refuses it. Nothing was touched. Let the officer unlock the device.
    #[error("the key is not to be had: {why:?}")]
    KeyUnavailable {
        /// Why.
        why: KeyError,
    },
    /// The key is gone or does not fit. The files are still there, whole; with an escrow `satchel-rescue` reads them. Set
    /// the book aside and open a fresh one.
    #[error("the key is lost; at least {unsent} unsent as of {as_of_ms}")]
    KeyLost {
        /// How many entries were unsent when the plain file beside the store was last written.
        unsent: i64,
        /// When that was, unix ms; 0 when there is no such file.
        as_of_ms: i64,
    },
    /// The database is damaged. The files are still there as they are: `salvage_book` gives what is unsent in them.
    #[error("the store is damaged in {place}; at least {unsent} unsent as of {as_of_ms}")]
    StoreDamaged {
        /// Which part: `database`, `schema`, `row` …
        place: String,
        /// As in `KeyLost`.
        unsent: i64,
        /// As in `KeyLost`.
        as_of_ms: i64,
    },
    /// The store was written by a newer version of this library: update the app. What is unsent stays.
    #[error("the store has schema {found}, this library knows {known}")]
    SchemaTooNew {
        /// What the store has.
        found: i64,
        /// The newest this library knows.
        known: i64,
    },
    /// No room on the device; nothing was changed. Free some, then try again.
    #[error("the disk is full")]
    DiskFull,
    /// There is no session, or the server said that it has ended: sign in. What is unsent waits.
    #[error("{remote}: sign in first")]
    NeedsSignIn {
        /// Which remote.
        remote: String,
    },
    /// A call to a remote did not give what was asked for. What is unsent waits, and is tried again by itself.
    #[error("{remote}: {code}")]
    Remote {
        /// Which remote.
        remote: String,
        /// What happened, as a stable code: `offline`, `timeout`, `untrusted_expired`, `refused`, `unusable` …
        code: String,
        /// What to do about it.
        what_now: WhatNow,
    },
    /// A bug in this library or in a host's method, or a failing device. Nothing unsent was lost; report it with both.
    #[error("internal error at {place} ({id})")]
    Internal {
        /// Where, by a stable name, or the file and line of a panic.
        place: String,
        /// A number to find it by in the diagnostics.
        id: i64,
    },
}

/// What is wrong with an input.
#[derive(Clone, Copy, PartialEq, Eq, Debug, uniffi::Enum)]
pub enum FieldProblem {
    /// It is required.
    Missing,
    /// Longer than the profile allows.
    TooLong,
    /// NUL or another control character.
    ControlCharacter,
    /// Not of the form the field has.
    Form,
    /// Not in the profile's code list.
    NotInList,
    /// Only the server or the library writes this field.
    ReadOnly,
    /// Given twice.
    Twice,
}

/// What to do about an error or a concern, so that an app can decide without reading texts.
#[uniffi::remote(Enum)]
pub enum WhatNow {
    /// Let the officer correct the named field.
    CorrectField,
    /// Look at the standing: it says what can be done instead.
    LookAtStanding,
    /// Open the book (again).
    OpenAgain,
    /// Unlock the device, then try again.
    UnlockDevice,
    /// Set the book aside, then open a fresh one; support can still read the old one with its key.
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

/// Why the key cannot be had.
#[uniffi::remote(Enum)]
pub enum KeyError {
    /// For now: the device is locked, the Keystore is busy. Try again.
    Unavailable,
    /// The system says no.
    Denied,
    /// The key is gone for good.
    Lost,
}

impl SatchelError {
    pub(crate) fn form(field: &str, expected: impl Into<String>) -> Self {
        let (field, expected) = (field.to_owned(), expected.into());
        SatchelError::InvalidInput { field, problem: FieldProblem::Form, expected }
    }
}

impl From<Error> for SatchelError {
    fn from(error: Error) -> Self {
        use SatchelError as To;
        let what_now = error.what_now();
        match error {
            Error::InvalidInput { field, problem } => {
                let (problem, expected) = told(&problem);
                To::InvalidInput { field: field.to_owned(), problem, expected }
            }
            Error::NotFound { what } => To::NotFound { what: what.to_owned() },
            Error::NotPossible { why } => To::NotPossible { why: why.to_owned() },
            Error::Locked => To::Locked,
            Error::KeyUnavailable(why) => To::KeyUnavailable { why },
            Error::KeyLost { unsent, as_of } => To::KeyLost { unsent, as_of_ms: as_of },
            Error::StoreDamaged { place, unsent, as_of } => {
                To::StoreDamaged { place: place.to_owned(), unsent, as_of_ms: as_of }
            }
            Error::SchemaTooNew { found, known } => To::SchemaTooNew { found, known },
            Error::DiskFull => To::DiskFull,
            Error::Remote { remote, trouble: Trouble::SignIn } => {
                To::NeedsSignIn { remote: remote.to_owned() }
            }
            Error::Remote { remote, trouble } => {
                To::Remote { remote: remote.to_owned(), code: trouble.code().to_owned(), what_now }
            }
            Error::Internal { place, id } => To::Internal { place: place.to_owned(), id },
            _ => To::Internal { place: "unknown error".to_owned(), id: 0 },
        }
    }
}

fn told(problem: &Problem) -> (FieldProblem, String) {
    let plain = |problem| (problem, String::new());
    match problem {
        Problem::Missing => plain(FieldProblem::Missing),
        Problem::TooLong { max } => (FieldProblem::TooLong, format!("at most {max} characters")),
        Problem::ControlCharacter => plain(FieldProblem::ControlCharacter),
        Problem::Form { expected } => (FieldProblem::Form, (*expected).to_owned()),
        Problem::NotInList => plain(FieldProblem::NotInList),
        Problem::ReadOnly => plain(FieldProblem::ReadOnly),
        Problem::Twice => plain(FieldProblem::Twice),
        _ => plain(FieldProblem::Form),
    }
}
