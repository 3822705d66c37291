//! What crosses: plain values, each with its counterpart in the core.

mod book;
mod draft;
mod feed;
mod health;
mod list;
mod prospect;
mod question;
mod standing;

pub use book::*;
pub use draft::*;
pub use feed::*;
pub use health::*;
pub use list::*;
pub use prospect::*;
pub use question::*;
pub use standing::*;

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
