//! What the service refuses of a result.

use super::settings::Settings;
use super::wire::RESULT_FIELDS;
use crate::fields::Fields;
use crate::ledger::sha256;

/// `respon_code` of a result that breaks a rule.
pub(super) const INVALID: i64 = 1;
/// `respon_code` of a result with another hash.
pub(super) const WRONG_HASH: i64 = 2;
/// `respon_code` of a result for the `account_no` that is always refused.
pub(super) const POISONED: i64 = 3;
/// `respon_code` of a result for no task of the officer's.
pub(super) const NO_TASK: i64 = 4;
/// `respon_code` of a call without a good user name and password.
pub(super) const NO_LOGIN: i64 = 5;

/// A `respon_code`, and why.
pub(super) type Refused = (i64, String);

/// The lower-case hex SHA-256 of `account_no` and the key.
pub fn hashing(account_no: &str, hash_key: &str) -> String {
    sha256(format!("{account_no}{hash_key}").as_bytes())
}

/// The fields in the document's order, or why they are refused.
pub(super) fn checked(given: &Fields, settings: &Settings) -> Result<Fields, Refused> {
    let fields = complete(given).map_err(|why| (INVALID, why))?;
    if let Some(why) = bad_value(&fields) {
        return Err((INVALID, why));
    }
    let account_no = fields.get("account_no");
    if fields.get("hashing") != hashing(account_no, &settings.hash_key) {
        return Err((WRONG_HASH, "hashing is wrong".to_owned()));
    }
    if !settings.poison.is_empty() && account_no == settings.poison {
        return Err((POISONED, "Result is refused".to_owned()));
    }
    Ok(fields)
}

/// All fields of the document and no others.
fn complete(given: &Fields) -> Result<Fields, String> {
    if let Some((name, _)) = given.iter().find(|(name, _)| RESULT_FIELDS.iter().all(|(n, _)| n != name)) {
        return Err(format!("{name} is not known"));
    }
    let mut fields = Fields::new();
    for (name, _) in RESULT_FIELDS {
        let value = given.iter().find(|(n, _)| *n == name).ok_or_else(|| format!("{name} is missing"))?.1;
        fields.set(name, value);
    }
    Ok(fields)
}

fn bad_value(fields: &Fields) -> Option<String> {
    let too_long = RESULT_FIELDS.into_iter().find(|(name, most)| {
        // Characters, as a column of a database counts.
        most.is_some_and(|most| fields.get(name).chars().count() > most)
    });
    if let Some((name, _)) = too_long {
        return Some(format!("{name} is too long"));
    }
    let promised = fields.get("promise_date");
    if fields.get("account_no").is_empty() {
        Some("account_no is required".to_owned())
    } else if !is_date_time(fields.get("collection_date")) {
        Some("collection_date is invalid".to_owned())
    } else if !promised.is_empty() && !is_date_time(promised) {
        Some("promise_date is invalid".to_owned())
    } else if !is_whole_number(fields.get("period")) {
        Some("period is invalid".to_owned())
    } else {
        None
    }
}

/// Exactly `YYYY-MM-DD hh:mm:ss`, a time that exists.
fn is_date_time(text: &str) -> bool {
    const FORM: &str = "%Y-%m-%d %H:%M:%S";
    let read = jiff::civil::DateTime::strptime(FORM, text);
    // Written again it is the same text: nothing was left out, and no second was too many.
    read.is_ok_and(|time| time.strftime(FORM).to_string() == text)
}

fn is_whole_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<i32>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documents_hash() {
        assert_eq!(
            hashing("000319280100042", "8de3ef10fec04f05adb8631f9186a437"),
            "87072d55e9a05731bdae67c13fe6d617ce60da95260165ec58bbc07377b4d381"
        );
    }

    #[test]
    fn date_times() {
        for good in ["2021-12-29 00:00:00", "2024-02-29 23:59:59"] {
            assert!(is_date_time(good), "{good}");
        }
        for bad in [
            "",
            "2021-12-29",
            "2021-12-29T00:00:00",
            "2021-12-29 00:00",
            "2021-12-29 00:00:00.000",
            " 2021-12-29 00:00:00",
            "2021-12-29  0:00:00",
            "2021-2-9 00:00:00",
            "2023-02-29 00:00:00",
            "2021-12-29 24:00:00",
            "2021-12-29 23:59:60",
            "២០២១-12-29 00:00:00",
        ] {
            assert!(!is_date_time(bad), "{bad}");
        }
    }

    #[test]
    fn whole_numbers() {
        assert!(is_whole_number("0") && is_whole_number("007"));
        for bad in ["", "-1", "+1", "1.0", "1e3", " 1", "99999999999"] {
            assert!(!is_whole_number(bad), "{bad}");
        }
    }
}
