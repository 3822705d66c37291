//! What wants attention, each with what to do about it.

use crate::book::Book;
use crate::error::{Result, WhatNow, not_trusted};
use crate::outbox::entry::State;
use crate::outbox::plan::SessionState;
use crate::outbox::remote::Remote;
use crate::outbox::remote_row::{self, KeyTrust};
use crate::outbox::{rows as outbox, session};
use crate::prospect::PROSPECT;
use crate::satchel::Satchel;
use crate::world::TrustProblem;
use rusqlite::Connection;
use serde::Serialize;

/// A tablet clock is called wrong from here on, seconds.
const SKEW_S: i64 = 120;
/// A session is called about to end from here on, ms.
const ENDS_SOON_MS: i64 = 3_600_000;
/// A disk is called nearly full from here on, bytes.
const LITTLE_ROOM: u64 = 256 << 20;
/// Unsent work is called old from here on, ms.
const OLD_MS: i64 = 24 * 3_600_000;

/// One thing that wants attention.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case", tag = "concern")]
pub enum Concern {
    /// The tablet's clock is wrong by about this much; positive: it is behind the server.
    ClockWrong {
        /// Seconds.
        seconds: i64,
    },
    /// Little room is left, or the reserve is in use.
    DiskFilling {
        /// Free bytes; `None` when the system does not say.
        free_bytes: Option<u64>,
        /// The reserve is in use: text still saves, downloads do not.
        reserve_used: bool,
    },
    /// The officer needs to sign in: there is no session, or the server refused it.
    NeedsSignIn {
        /// Which remote.
        remote: String,
        /// The server refused it; `false`: there is none.
        refused: bool,
    },
    /// The session ends soon, as the app stated.
    SessionEnds {
        /// Which remote.
        remote: String,
        /// Unix ms.
        at_wall: i64,
    },
    /// Unsent work is more than a day old.
    OldUnsent {
        /// When the oldest was made, unix ms.
        oldest_wall: i64,
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
    /// Whoever answers in a remote's place could not be verified, so nothing was sent: a network that puts itself in
    /// between, the tablet's clock, or the server's certificate.
    NotTrusted {
        /// Which remote.
        remote: String,
        /// Why, as its code.
        problem: TrustProblem,
    },
    /// A remote is paused.
    Paused {
        /// Which remote.
        remote: String,
        /// Why, as the app said.
        reason: String,
    },
    /// The server does not keep `CreateDateClient` to the second: lost creates always ask.
    KeyNotKept,
    /// A damaged log was found and copied aside; its tail may hold saves.
    LogDamaged {
        /// When, unix ms.
        found_wall: i64,
    },
    /// The book's key is not sealed to the organisation's yet (no room?): a lost key would lose what is unsent. Each
    /// open tries again.
    NotEscrowed,
    /// A newer version wrote this book: it can be read only, and `export_unsent` gives what is unsent.
    ReadOnly,
}

impl Concern {
    /// What to do about it.
    #[must_use]
    pub fn what_now(&self) -> WhatNow {
        match self {
            Concern::ClockWrong { .. } => WhatNow::SetClock,
            Concern::DiskFilling { .. } | Concern::NotEscrowed => WhatNow::FreeSpace,
            Concern::NeedsSignIn { .. } | Concern::SessionEnds { .. } => WhatNow::SignIn,
            Concern::NotTrusted { problem, .. } => not_trusted(*problem),
            Concern::OldUnsent { .. } => WhatNow::FindLink,
            Concern::Questions { .. } | Concern::Refusals { .. } => WhatNow::LookAtStanding,
            Concern::Paused { .. } => WhatNow::LookAtStanding,
            Concern::SetAside { .. } | Concern::ReadOnly => WhatNow::UpdateApp,
            Concern::SettingsWrong { .. } | Concern::KeyNotKept | Concern::LogDamaged { .. } => {
                WhatNow::Report
            }
        }
    }
}

/// The book's health.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Health {
    /// What wants attention, the gravest first.
    pub concerns: Vec<Concern>,
    /// The server's clock minus the tablet's, seconds, from the last verified reply.
    pub clock_skew_s: Option<i64>,
    /// Free bytes where the book lies.
    pub free_bytes: Option<u64>,
    /// Bytes of the database and its log.
    pub used_bytes: u64,
    /// Entries not settled.
    pub unsent: i64,
    /// When the oldest of them was made, unix ms.
    pub oldest_unsent_wall: Option<i64>,
    /// When the first of the sessions ends as the app stated, unix ms.
    pub session_ends_wall: Option<i64>,
    /// Does the server keep the natural key?
    pub natural_key: KeyTrust,
}

impl Satchel {
    /// What wants attention: clock, room, session, old work, questions, settings.
    ///
    /// # Errors
    /// The store's.
    pub async fn health(&self) -> Result<Health> {
        self.book.read(health).await
    }
}

fn health(book: &Book, conn: &Connection) -> Result<Health> {
    let counts = outbox::Counts::of(conn)?;
    let usage = book.store.usage();
    let mut health = Health {
        concerns: vec![],
        clock_skew_s: book.live().skew_s,
        free_bytes: usage.free_bytes,
        used_bytes: usage.database_bytes + usage.wal_bytes,
        unsent: counts.unsettled(),
        oldest_unsent_wall: counts.oldest_wall,
        session_ends_wall: None,
        natural_key: remote_row::get(conn, PROSPECT)?.key,
    };
    let work = of_work(book.clock().wall(), &health, &counts);
    health.concerns = of_store(book, &health).collect();
    for remote in &book.remotes {
        let ends = session::ends(conn, remote.id(), &book.officer)?;
        health.session_ends_wall = health.session_ends_wall.into_iter().chain(ends).min();
        health.concerns.extend(of_remote(book, conn, &**remote, ends)?);
    }
    health.concerns.extend(work);
    Ok(health)
}

fn of_store(book: &Book, health: &Health) -> impl Iterator<Item = Concern> + use<> {
    let full = book.store.disk_tight() || health.free_bytes.is_some_and(|free| free < LITTLE_ROOM);
    let damage = book.store.log_damage().map(|d| Concern::LogDamaged { found_wall: d.wall });
    let full = full.then(|| Concern::DiskFilling {
        free_bytes: health.free_bytes,
        reserve_used: book.store.disk_tight(),
    });
    let skew =
        health.clock_skew_s.filter(|s| s.abs() > SKEW_S).map(|seconds| Concern::ClockWrong { seconds });
    let read_only = book.store.read_only().then_some(Concern::ReadOnly);
    let bare = (!book.store.escrowed()).then_some(Concern::NotEscrowed);
    [read_only, full, skew, damage, bare].into_iter().flatten()
}

fn of_remote(
    book: &Book,
    conn: &Connection,
    remote: &dyn Remote,
    ends: Option<i64>,
) -> Result<impl Iterator<Item = Concern> + use<>> {
    let id = remote.id();
    let row = remote_row::get(conn, id)?;
    let name = || id.to_owned();
    let wrong = row.trouble.map(|_| Concern::SettingsWrong { remote: name() });
    let stranger = book.live().untrusted.get(id).copied();
    let stranger = stranger.map(|problem| Concern::NotTrusted { remote: name(), problem });
    let paused = remote_row::paused(conn, remote)?.map(|reason| Concern::Paused { remote: name(), reason });
    let key = (row.key == KeyTrust::Broken).then_some(Concern::KeyNotKept);
    let session = match session::state(conn, id, &book.officer)? {
        SessionState::Open => {
            let soon = book.clock().wall() + ENDS_SOON_MS;
            ends.filter(|at| *at < soon).map(|at_wall| Concern::SessionEnds { remote: name(), at_wall })
        }
        state => Some(Concern::NeedsSignIn { remote: name(), refused: state == SessionState::Refused }),
    };
    Ok([session, wrong, stranger, paused, key].into_iter().flatten())
}

fn of_work(now: i64, health: &Health, counts: &outbox::Counts) -> impl Iterator<Item = Concern> + use<> {
    let some = |n: i64| (n > 0).then_some(n);
    let old = health.oldest_unsent_wall.filter(|made| now - made > OLD_MS);
    [
        some(counts.in_state(State::Asks)).map(|records| Concern::Questions { records }),
        some(counts.in_state(State::Refused)).map(|entries| Concern::Refusals { entries }),
        some(counts.in_state(State::SetAside)).map(|entries| Concern::SetAside { entries }),
        old.map(|oldest_wall| Concern::OldUnsent { oldest_wall, unsent: health.unsent }),
    ]
    .into_iter()
    .flatten()
}
