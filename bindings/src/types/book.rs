//! The book as a whole: its session, its sending, what it gives out.

use super::{count, instant};
use crate::error::SatchelError;
use satchel::error::Error;
use satchel::outbox::plan::Link;
use satchel::prospect as core;
use satchel::world::Secret;
use std::time::{Duration, SystemTime};

/// What link there is, as the app knows from the system.
#[uniffi::remote(Enum)]
pub enum Link {
    /// There is none.
    None,
    /// One that costs.
    Metered,
    /// One that does not.
    Unmetered,
    /// The app has not said: taken for a link that may cost.
    Unknown,
}

/// The officer's secrets for the prospect service. Opaque: no text form shows any of them.
#[derive(uniffi::Object)]
pub struct ProspectSecrets(core::ProspectSecrets);

#[uniffi::export]
impl ProspectSecrets {
    /// `user` and `password` of HTTP Basic; `session`, the login session that the bank gave; the envelope's pre-shared
    /// `key` (16, 24 or 32 bytes) and `iv` (16 bytes). They are checked by `signIn`.
    #[uniffi::constructor]
    pub fn new(user: String, password: String, session: String, key: Vec<u8>, iv: Vec<u8>) -> Self {
        let (user, password, session) = (Secret::new(user), Secret::new(password), Secret::new(session));
        ProspectSecrets(core::ProspectSecrets {
            user,
            password,
            session,
            key: Secret::new(key),
            iv: Secret::new(iv),
        })
    }
}

impl ProspectSecrets {
    pub(crate) fn core(&self) -> core::ProspectSecrets {
        self.0.clone()
    }
}

/// Why a drain ended.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Enum)]
pub enum WhyStopped {
    /// Nothing is left to send.
    Done,
    /// No call fits before the deadline any more.
    OutOfTime,
    /// What is left waits.
    Waits {
        /// For what: `link`, `sign_in`, `other_process`, `paused`, `time` or the `officer`.
        what_for: String,
    },
}

/// What a drain did.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct DrainReport {
    /// Entries settled as done while it ran.
    pub sent: i64,
    /// Entries not settled.
    pub left: i64,
    /// Why it ended.
    pub why_stopped: WhyStopped,
    /// After how long another drain makes sense; nothing when only an event (link, sign-in, decision) can help.
    pub next_due: Option<Duration>,
}

impl From<satchel::DrainReport> for DrainReport {
    fn from(r: satchel::DrainReport) -> Self {
        let why_stopped = match r.why_stopped {
            satchel::WhyStopped::Done => WhyStopped::Done,
            satchel::WhyStopped::OutOfTime => WhyStopped::OutOfTime,
            satchel::WhyStopped::Waits(what) => WhyStopped::Waits { what_for: what.to_owned() },
        };
        DrainReport { sent: r.sent, left: r.left, why_stopped, next_due: r.next_due }
    }
}

/// How far a call under way is.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Progress {
    /// Which remote.
    pub remote: String,
    /// `send` or `read`.
    pub what: String,
    /// Entries in the call, or rows read so far.
    pub items: i64,
    /// Bytes handed to the network or received so far.
    pub bytes: i64,
    /// All bytes of the call; 0 where only the server knows.
    pub total_bytes: i64,
}

impl From<satchel::Progress> for Progress {
    fn from(p: satchel::Progress) -> Self {
        Progress {
            remote: p.remote.to_owned(),
            what: p.what.to_owned(),
            items: count(p.items),
            bytes: count(p.bytes),
            total_bytes: count(p.total_bytes),
        }
    }
}

/// What a download did.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Downloaded {
    /// Rows in the reply.
    pub rows: i64,
    /// Rows new to this book.
    pub new: i64,
    /// Rows that changed here.
    pub changed: i64,
    /// Rows held back because their record moved since the request left.
    pub skipped: i64,
    /// Rows that differ here because something of theirs is unsent.
    pub apart: i64,
    /// Rows that are there and could not be read: what the server holds is not known whole.
    pub unreadable: i64,
    /// Conflicts found.
    pub conflicts: i64,
    /// Known ones missing from the whole list.
    pub gone: i64,
    /// Entries whose doubt was settled.
    pub settled: i64,
}

impl From<satchel::outbox::remote::Taken> for Downloaded {
    fn from(t: satchel::outbox::remote::Taken) -> Self {
        Downloaded {
            rows: count(t.rows),
            new: count(t.new),
            changed: count(t.changed),
            skipped: count(t.skipped),
            apart: count(t.apart),
            unreadable: count(t.unreadable),
            conflicts: count(t.conflicts),
            gone: count(t.gone),
            settled: count(t.settled),
        }
    }
}

/// The end of the day: what this tablet holds against what the server returned. Codes, counts, times and digests only: it
/// may be shown, shared and logged.
#[derive(Clone, PartialEq, Debug, uniffi::Record)]
pub struct Receipt {
    /// When the server was asked.
    pub asked: SystemTime,
    /// Rows that the server returned and that could not be read. Then nobody can say that both hold the same.
    pub unreadable: i64,
    /// Rows that the server returned.
    pub server_rows: i64,
    /// Records with a code and nothing unsent on this tablet.
    pub tablet_rows: i64,
    /// Of these, the ones that are alike on both sides.
    pub agreed: i64,
    /// SHA-256 over the server's rows, in hex.
    pub server_sha256: String,
    /// The same over the tablet's. Equal digests: the two hold the same.
    pub tablet_sha256: String,
    /// Are the two digests equal, and was every row read?
    pub same: bool,
    /// Entries not settled.
    pub unsent: i64,
    /// All of it as JSON, with the book in numbers.
    pub json: String,
    /// All of it as a few lines for support.
    pub text: String,
}

impl TryFrom<satchel::Receipt> for Receipt {
    type Error = Error;

    fn try_from(r: satchel::Receipt) -> Result<Self, Error> {
        let (json, text) = (r.json()?, r.text());
        Ok(Receipt {
            asked: instant(r.asked_wall),
            unreadable: count(r.unreadable),
            server_rows: count(r.server_rows),
            tablet_rows: count(r.tablet_rows),
            agreed: count(r.agreed),
            server_sha256: r.server_sha256,
            tablet_sha256: r.tablet_sha256,
            same: r.same,
            unsent: r.summary.unsent,
            json,
            text,
        })
    }
}

/// What is unsent, for nobody but the organisation.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Sealed {
    /// Armoured text, for `age --decrypt` or `satchel-rescue unseal`.
    pub text: String,
    /// Entries in it that are not settled.
    pub unsent: i64,
    /// Damaged pages of the files; 0 for an open book.
    pub damaged_pages: i64,
}

impl From<satchel::export::SealedExport> for Sealed {
    fn from(s: satchel::export::SealedExport) -> Self {
        Sealed { text: s.sealed, unsent: count(s.unsent), damaged_pages: count(s.damaged_pages) }
    }
}

/// Work of a book whose officer does not return: personal data, plain, in memory. Opaque: hand it to another book's
/// `takeOver` in this process, or its bytes over the bank's own channel.
#[derive(uniffi::Object)]
pub struct HandOver(Secret<Vec<u8>>);

#[uniffi::export]
impl HandOver {
    /// From bytes that came over the bank's own channel (`satchel-rescue export --plain`).
    #[uniffi::constructor]
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        HandOver(Secret::new(bytes))
    }

    /// The bytes: personal data, never to be written to a file.
    pub fn bytes(&self) -> Result<Vec<u8>, SatchelError> {
        Ok(self.0.reveal().clone())
    }
}

impl HandOver {
    pub(crate) fn new(export: Secret<Vec<u8>>) -> Self {
        HandOver(export)
    }

    pub(crate) fn core(&self) -> Secret<Vec<u8>> {
        self.0.clone()
    }
}
