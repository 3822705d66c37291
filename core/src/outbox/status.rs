//! What an HTTP status says where it is not 200. Each remote reads the body of a 200 by its own rules.

use super::remote::Says;
use crate::error::Trouble;
use std::time::Duration;

/// What a status other than 200 says of the remote, and why the outcome is not known. What a 401 means (a session that is
/// over, or wrong settings) differs: `denied`.
pub(crate) fn by_status(
    status: u16,
    retry_after: Option<Duration>,
    denied: Says,
) -> Option<(Says, &'static str)> {
    match status {
        200 => None,
        401 => Some((denied, "http_denied")),
        403 => Some((Says::Settings, "http_denied")),
        413 => Some((Says::TooLarge, "http_413")),
        429 | 503 => Some((Says::Busy(retry_after), "http_busy")),
        500..=599 => Some((Says::Busy(retry_after), "http_5xx")),
        _ => Some((Says::Unusable, "http_status")),
    }
}

/// The same for whoever waits for a reading.
pub(crate) fn trouble(says: Says) -> Trouble {
    if says == Says::SignIn { Trouble::SignIn } else { Trouble::Unusable }
}
