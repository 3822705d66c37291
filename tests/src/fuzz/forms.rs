//! Dates, numbers, and what a reply's head says.

use super::{byte, loose};
use http::StatusCode;
use http::header::{
    CONTENT_ENCODING, DATE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER, TRANSFER_ENCODING,
};
use satchel::net::head::accept;
use satchel::prospect::wire::parse_tail;
use satchel::text::civil::{format_upload, parse_download, parse_upload, same_day, same_second};
use serde_json::Value;
use std::time::Duration;

/// Two texts, with a zero byte between them.
pub(super) fn dates(data: &[u8]) {
    let mut texts = data.splitn(2, |byte| *byte == 0).map(String::from_utf8_lossy);
    let (a, b) = (texts.next().unwrap_or_default(), texts.next().unwrap_or_default());
    if let Ok(at) = parse_upload(&a) {
        assert_eq!(format_upload(at).as_deref(), Ok(&*a), "it reads exactly what it writes");
        assert!(parse_download(&a).is_err(), "no text is of both forms");
        assert!(same_second(&a, &a) && same_day(&a, &a));
    }
    if let Ok(at) = parse_download(&a) {
        let canonical = format_upload(at).expect("of a year that the form can say");
        assert_eq!(parse_upload(&canonical), Ok(at));
        assert!(a.len() <= 24 && canonical.len() == 23);
    }
    assert_eq!(same_second(&a, &b), same_second(&b, &a));
    assert_eq!(same_day(&a, &b), same_day(&b, &a));
    assert!(!same_second(&a, &b) || same_day(&a, &b), "within a second is within a day");
    let both = parse_upload(&a).ok().zip(parse_upload(&b).ok());
    assert_eq!(same_day(&a, &b), both.is_some_and(|(a, b)| a.date() == b.date()));
    number(&a);
}

/// Any JSON in the place of a text: the text that it stands for, or no reply. Never a number that lost digits.
fn number(json: &str) {
    let reply = format!(r#"[{{"ERR":"Error","SMS":{json}}}]"#);
    let (Ok(value), read) = (serde_json::from_str::<Value>(json), parse_tail(reply.as_bytes())) else {
        return;
    };
    assert_eq!(read.ok().map(|tail| tail.sms), loose(Some(&value)));
}

/// A status, then the texts of three headers with a zero byte between them.
pub(super) fn head(mut data: &[u8]) {
    let number = u16::from(byte(&mut data)) << 8 | u16::from(byte(&mut data));
    let Ok(status) = StatusCode::from_u16(100 + number % 500) else { return };
    let mut headers = HeaderMap::new();
    let names = [RETRY_AFTER, DATE, CONTENT_ENCODING, TRANSFER_ENCODING];
    for (name, text) in names.into_iter().zip(data.split(|byte| *byte == 0)) {
        put(&mut headers, name, text);
    }
    let other = |name, plain: &str| {
        headers.get_all(name).iter().any(|value| !value.as_bytes().eq_ignore_ascii_case(plain.as_bytes()))
    };
    let coded = other(CONTENT_ENCODING, "identity") || other(TRANSFER_ENCODING, "chunked");
    match accept(status, &headers) {
        Ok(head) => {
            assert_eq!(head.status, status.as_u16());
            assert!(!status.is_redirection() && !status.is_informational() && !coded);
            assert!(head.retry_after.is_none_or(|wait| wait <= Duration::from_secs(3600)));
            assert!(head.retry_after.is_none() || headers.contains_key(RETRY_AFTER));
            assert!(head.date.is_none() || headers.contains_key(DATE));
        }
        Err(_) => assert!(status.is_redirection() || status.is_informational() || coded),
    }
}

fn put(headers: &mut HeaderMap, name: HeaderName, text: &[u8]) {
    if let Ok(value) = HeaderValue::from_bytes(text)
        && !text.is_empty()
    {
        headers.insert(name, value);
    }
}
