//! The book as a whole: its session, its sending, its feed, its health.

use super::{count, instant};
use crate::error::SatchelError;
use satchel::error::Error;
use satchel::error::WhatNow;
use satchel::outbox::plan::Link;
use satchel::prospect as core;
use satchel::world::Secret;
use satchel::{Concern as CoreConcern, KeyTrust};
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

/// The changes after a cursor.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct FeedBatch {
    /// Oldest first. A subject comes once, with its last change.
    pub items: Vec<FeedItem>,
    /// The cursor to ask with next.
    pub revision: i64,
    /// The cursor was the beginning or not of this book: forget what you know, these items begin the whole state.
    pub snapshot: bool,
}

/// One change.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct FeedItem {
    /// When, in revisions.
    pub revision: i64,
    /// What.
    pub subject: Subject,
}

/// What changed.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Enum)]
pub enum Subject {
    /// One prospect, or its standing.
    Prospect {
        /// Its number.
        id: i64,
    },
    /// Many prospects that a download brought, both ends included.
    Prospects {
        /// The first number.
        first: i64,
        /// The last number.
        last: i64,
    },
    /// A draft.
    Draft {
        /// Its number.
        id: i64,
    },
    /// The officer's session at a remote: `health` says whether she needs to sign in.
    Session {
        /// Which remote.
        remote: String,
    },
    /// A remote's own state: paused, settings wrong, natural key.
    Remote {
        /// Which.
        remote: String,
    },
    /// Something of a later version of this library.
    Other {
        /// As it is kept.
        text: String,
    },
}

impl From<satchel::feed::FeedBatch> for FeedBatch {
    fn from(b: satchel::feed::FeedBatch) -> Self {
        let item = |i: satchel::feed::FeedItem| FeedItem { revision: i.revision, subject: i.subject.into() };
        FeedBatch {
            items: b.items.into_iter().map(item).collect(),
            revision: b.revision,
            snapshot: b.snapshot,
        }
    }
}

impl From<satchel::feed::Subject> for Subject {
    fn from(subject: satchel::feed::Subject) -> Self {
        use satchel::feed::Subject as From;
        match subject {
            From::Prospect(id) => Subject::Prospect { id },
            From::Prospects(first, last) => Subject::Prospects { first, last },
            From::Draft(id) => Subject::Draft { id },
            From::Session(remote) => Subject::Session { remote },
            From::Remote(remote) => Subject::Remote { remote },
            From::Other(text) => Subject::Other { text },
        }
    }
}

/// The book's health.
#[derive(Clone, PartialEq, Debug, uniffi::Record)]
pub struct Health {
    /// What wants attention, the gravest first.
    pub concerns: Vec<Concern>,
    /// The server's clock minus the tablet's, seconds, from the last verified reply.
    pub clock_skew_s: Option<i64>,
    /// Free bytes where the book lies.
    pub free_bytes: Option<i64>,
    /// Bytes of the database and its log.
    pub used_bytes: i64,
    /// Entries not settled.
    pub unsent: i64,
    /// When the oldest of them was made.
    pub oldest_unsent: Option<SystemTime>,
    /// When the session ends, as the app stated.
    pub session_ends: Option<SystemTime>,
    /// Does the server keep the natural key?
    pub natural_key: KeyTrust,
}

/// Whether the server was seen to keep the natural key (`CreateDateClient` to the second).
#[uniffi::remote(Enum)]
pub enum KeyTrust {
    /// No confirmed create has been read back yet.
    Unverified,
    /// A confirmed create came back with its key.
    Verified,
    /// One came back with another key: lost creates always ask.
    Broken,
}

/// One thing that wants attention, and what to do about it.
#[derive(Clone, PartialEq, Debug, uniffi::Record)]
pub struct Concern {
    /// What.
    pub about: Worry,
    /// What to do.
    pub what_now: WhatNow,
}

/// What wants attention.
#[derive(Clone, PartialEq, Debug, uniffi::Enum)]
pub enum Worry {
    /// The tablet's clock is wrong by about this much; positive: it is behind the server.
    ClockWrong {
        /// Seconds.
        seconds: i64,
    },
    /// Little room is left, or the reserve is in use.
    DiskFilling {
        /// Free bytes; nothing when the system does not say.
        free_bytes: Option<i64>,
        /// The reserve is in use: text still saves, downloads do not.
        reserve_used: bool,
    },
    /// The officer needs to sign in.
    NeedsSignIn {
        /// The server refused the session; `false`: there is none.
        refused: bool,
    },
    /// The session ends soon, as the app stated.
    SessionEnds {
        /// When.
        at: SystemTime,
    },
    /// Unsent work is more than a day old.
    OldUnsent {
        /// When the oldest was made.
        oldest: SystemTime,
        /// Entries not settled.
        unsent: i64,
    },
    /// Questions wait for the officer.
    Questions {
        /// How many records.
        records: i64,
    },
    /// The bank said no to some.
    Refusals {
        /// How many entries.
        entries: i64,
    },
    /// Some entries cannot be read by this version.
    SetAside {
        /// How many.
        entries: i64,
    },
    /// The remote's answers are unusable: address, settings or key are wrong.
    SettingsWrong {
        /// Which remote.
        remote: String,
    },
    /// Whoever answers in a remote's place could not be verified, so nothing was sent.
    NotTrusted {
        /// Which remote.
        remote: String,
        /// Why: `untrusted_authority`, `untrusted_wrong_host`, `untrusted_expired` …
        why: String,
    },
    /// A remote is paused.
    Paused {
        /// Which remote.
        remote: String,
        /// Why, as the app or the profile said.
        reason: String,
    },
    /// The server does not keep creation times to the second: lost creates always ask.
    KeyNotKept,
    /// A damaged log was found and copied aside; its tail may hold saves.
    LogDamaged {
        /// When.
        found: SystemTime,
    },
    /// The book's key is not sealed to the organisation's yet: a lost key would lose what is unsent.
    NotEscrowed,
    /// A newer version wrote this book: it can be read only, and `exportUnsent` gives what is unsent.
    ReadOnly,
}

impl From<satchel::Health> for Health {
    fn from(h: satchel::Health) -> Self {
        let concern = |c: CoreConcern| Concern { what_now: c.what_now(), about: c.into() };
        Health {
            concerns: h.concerns.into_iter().map(concern).collect(),
            clock_skew_s: h.clock_skew_s,
            free_bytes: h.free_bytes.map(count),
            used_bytes: count(h.used_bytes),
            unsent: h.unsent,
            oldest_unsent: h.oldest_unsent_wall.map(instant),
            session_ends: h.session_ends_wall.map(instant),
            natural_key: h.natural_key,
        }
    }
}

impl From<CoreConcern> for Worry {
    fn from(c: CoreConcern) -> Self {
        match c {
            CoreConcern::ClockWrong { seconds } => Worry::ClockWrong { seconds },
            CoreConcern::DiskFilling { free_bytes, reserve_used } => {
                Worry::DiskFilling { free_bytes: free_bytes.map(count), reserve_used }
            }
            CoreConcern::NeedsSignIn { refused } => Worry::NeedsSignIn { refused },
            CoreConcern::SessionEnds { at_wall } => Worry::SessionEnds { at: instant(at_wall) },
            CoreConcern::OldUnsent { oldest_wall, unsent } => {
                Worry::OldUnsent { oldest: instant(oldest_wall), unsent }
            }
            CoreConcern::Questions { records } => Worry::Questions { records },
            CoreConcern::Refusals { entries } => Worry::Refusals { entries },
            CoreConcern::SetAside { entries } => Worry::SetAside { entries },
            CoreConcern::SettingsWrong { remote } => Worry::SettingsWrong { remote },
            CoreConcern::NotTrusted { remote, problem } => {
                Worry::NotTrusted { remote, why: problem.code().to_owned() }
            }
            CoreConcern::Paused { remote, reason } => Worry::Paused { remote, reason },
            CoreConcern::KeyNotKept => Worry::KeyNotKept,
            CoreConcern::LogDamaged { found_wall } => Worry::LogDamaged { found: instant(found_wall) },
            CoreConcern::NotEscrowed => Worry::NotEscrowed,
            CoreConcern::ReadOnly => Worry::ReadOnly,
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
