//! What wants attention, and what to do about it.

use super::{count, instant};
use satchel::error::WhatNow;
use satchel::{Concern as CoreConcern, KeyTrust};
use std::time::SystemTime;

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
        /// At which remote.
        remote: String,
        /// The server refused the session; `false`: there is none.
        refused: bool,
    },
    /// The session ends soon, as the app stated.
    SessionEnds {
        /// At which remote.
        remote: String,
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
            CoreConcern::NeedsSignIn { remote, refused } => Worry::NeedsSignIn { remote, refused },
            CoreConcern::SessionEnds { remote, at_wall } => {
                Worry::SessionEnds { remote, at: instant(at_wall) }
            }
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
