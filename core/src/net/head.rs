//! What a reply's head says, and which heads are refused.

use std::time::Duration;

use http::StatusCode;
use http::header::{self, HeaderMap, HeaderName};
use jiff::fmt::rfc2822::DateTimeParser;

use crate::world::http::{Cause, Head};

/// No server can send us away for longer.
const LONGEST_WAIT: u64 = 3600;

/// A head we can go on with. Redirects and encoded bodies are refused here, before any of the body is read.
pub fn accept(status: StatusCode, headers: &HeaderMap) -> Result<Head, Cause> {
    if status.is_redirection() {
        return Err(Cause::Redirect);
    }
    if status.is_informational() {
        return Err(Cause::Undecodable); // an upgrade that nobody asked for
    }
    let only = |name: HeaderName, word: &str| {
        headers.get_all(name).iter().all(|v| v.as_bytes().eq_ignore_ascii_case(word.as_bytes()))
    };
    if !only(header::CONTENT_ENCODING, "identity") || !only(header::TRANSFER_ENCODING, "chunked") {
        return Err(Cause::Encoded);
    }
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let date = text(header::DATE).and_then(unix_seconds);
    Ok(Head {
        status: status.as_u16(),
        retry_after: text(header::RETRY_AFTER).and_then(|value| retry_after(value, date)),
        date,
    })
}

fn retry_after(value: &str, date: Option<i64>) -> Option<Duration> {
    let seconds = if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        value.parse().unwrap_or(u64::MAX) // only digits: what does not fit is long
    } else {
        unix_seconds(value)?.saturating_sub(date?).max(0).unsigned_abs()
    };
    Some(Duration::from_secs(seconds.min(LONGEST_WAIT)))
}

fn unix_seconds(date: &str) -> Option<i64> {
    DateTimeParser::new().parse_timestamp(date).ok().map(|at| at.as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(status: u16, headers: &[(&'static str, &'static str)]) -> Result<Head, Cause> {
        let headers = headers.iter().map(|(n, v)| (HeaderName::from_static(n), v.parse().unwrap())).collect();
        accept(StatusCode::from_u16(status).unwrap(), &headers)
    }

    #[test]
    fn retry_after_is_clamped_and_garbage_is_none() {
        const DATE: (&str, &str) = ("date", "Tue, 09 Feb 2021 23:59:00 GMT");
        for (value, seconds) in [
            ("0", Some(0)),
            ("120", Some(120)),
            (" 7 ", Some(7)),
            ("1000000000", Some(3600)),
            ("99999999999999999999999", Some(3600)),
            ("-5", None),
            ("+5", None),
            ("1.5", None),
            ("soon", None),
            ("", None),
            ("Wed, 10 Feb 2021 00:00:30 GMT", Some(90)),
            ("Mon, 10 Feb 2031 00:00:30 GMT", Some(3600)),
            ("Tue, 09 Feb 2021 23:00:00 GMT", Some(0)),
        ] {
            let got = head(503, &[("retry-after", value), DATE]).unwrap();
            assert_eq!(got.retry_after, seconds.map(Duration::from_secs), "{value}");
            assert_eq!(got.date, Some(1_612_915_140));
        }
        let undated =
            head(503, &[("retry-after", "Wed, 10 Feb 2021 00:00:30 GMT"), ("date", "today")]).unwrap();
        assert_eq!((undated.retry_after, undated.date), (None, None));
    }

    #[test]
    fn redirects_upgrades_and_encoded_bodies_are_refused() {
        for status in [300, 301, 302, 303, 304, 307, 308] {
            assert_eq!(head(status, &[]).unwrap_err(), Cause::Redirect);
        }
        assert_eq!(head(101, &[]).unwrap_err(), Cause::Undecodable);
        for coded in ["gzip", "br", "identity, gzip", "GZIP"] {
            assert_eq!(head(200, &[("content-encoding", coded)]).unwrap_err(), Cause::Encoded);
        }
        assert_eq!(head(200, &[("transfer-encoding", "gzip, chunked")]).unwrap_err(), Cause::Encoded);
        assert!(head(200, &[("content-encoding", "Identity"), ("transfer-encoding", "chunked")]).is_ok());
    }

    #[test]
    fn the_status_is_kept_as_sent() {
        assert_eq!(head(413, &[("content-type", "text/html; charset=utf-8")]).unwrap().status, 413);
    }
}
