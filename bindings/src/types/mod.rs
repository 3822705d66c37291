//! What crosses: plain values, each with its counterpart in the core. UniFFI must see every name itself, so they are said
//! again here, with the docs that reach the apps; the compiler refuses one that differs (`remote`) or is forgotten (`From`).

mod action;
mod applicant;
mod book;
mod draft;
mod feed;
mod health;
mod list;
mod paper;
mod prospect;
mod question;
mod record;
mod standing;
mod task;
mod vbot;

pub use action::*;
pub use applicant::*;
pub use book::*;
pub use draft::*;
pub use feed::*;
pub use health::*;
pub use list::*;
pub use paper::*;
pub use prospect::*;
pub use question::*;
pub use record::*;
pub use standing::*;
pub use task::*;
pub use vbot::*;

use std::time::{Duration, SystemTime};

/// A moment from unix ms; one that no clock can say is the epoch.
pub(crate) fn instant(ms: i64) -> SystemTime {
    let by = Duration::from_millis(ms.unsigned_abs());
    let at =
        if ms < 0 { SystemTime::UNIX_EPOCH.checked_sub(by) } else { SystemTime::UNIX_EPOCH.checked_add(by) };
    at.unwrap_or(SystemTime::UNIX_EPOCH)
}

/// Unix ms of a moment.
pub(crate) fn unix_ms(at: SystemTime) -> i64 {
    let whole = |by: Duration| i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
    match at.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => whole(since),
        Err(before) => -whole(before.duration()),
    }
}

/// A count, as signed numbers go.
pub(crate) fn count(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
