//! A result as it is sent, and what the service says of it.

use crate::error::{Error, Result};
use crate::json::Object;
use crate::store::hex;
use aws_lc_rs::digest::{SHA256, digest};
use serde::Serialize;

/// The thirteen fields, in the order of the seed's sample. Its table calls the second one `colection_date`.
#[derive(Serialize)]
pub(in crate::collection) struct Sent {
    pub account_no: String,
    pub collection_date: String,
    pub cust_name: String,
    pub result_code: String,
    pub action_code: String,
    pub remark: String,
    pub cre_by: String,
    pub cre_ip_address: String,
    pub mod_by: String,
    pub mod_ip_address: String,
    pub promise_date: String,
    pub period: String,
    /// Made when it leaves: it is kept nowhere.
    pub hashing: String,
}

/// The request's JSON.
pub(in crate::collection) fn body(sent: &Sent) -> Result<Vec<u8>> {
    serde_json::to_vec(sent).map_err(|_| Error::internal("body"))
}

/// `hashing`: the lower-case hex SHA-256 of the account's number and the HashKey, one behind the other.
///
/// ```
/// use satchel::collection::wire::hashing;
/// assert_eq!(
///     hashing("000319280100042", "8de3ef10fec04f05adb8631f9186a437"), // the seed's sample
///     "87072d55e9a05731bdae67c13fe6d617ce60da95260165ec58bbc07377b4d381"
/// );
/// ```
#[must_use]
pub fn hashing(account_no: &str, hash_key: &str) -> String {
    let text = zeroize::Zeroizing::new(format!("{account_no}{hash_key}"));
    hex(digest(&SHA256, text.as_bytes()).as_ref())
}

/// What the service says of a result.
/// (No `Debug`: its words are for the officer alone.)
#[derive(Clone, PartialEq, Eq)]
pub enum Said {
    /// `respon_code` is `00`.
    Yes,
    /// Any other code: its words (`respon_mess`), for the officer's eyes; at most 500 characters.
    No {
        /// The code itself.
        code: String,
        /// The words.
        words: String,
    },
    /// Neither: what became of it is not known from this.
    Unusable,
}
/// Reads the reply.
#[must_use]
pub fn said(body: &[u8]) -> Said {
    let Some(reply) = Object::read(body) else { return Said::Unusable };
    match reply.text("respon_code") {
        None => Said::Unusable,
        Some(code) if code == "00" => Said::Yes,
        Some(code) => {
            let words = reply.text("respon_mess").unwrap_or_default().chars().take(500).collect();
            Said::No { code, words }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_00_is_a_yes() {
        let yes = r#"{"respon_code":"00","respon_mess":"Sukses Memasukan Data Dengan Account No : 000319280100042"}"#;
        assert!(said(yes.as_bytes()) == Said::Yes);
        for code in ["01", "0", "000", " 00", "ok"] {
            let no = format!(r#"{{"respon_code":"{code}","respon_mess":"x","more":1}}"#);
            assert!(
                said(no.as_bytes()) == Said::No { code: code.to_owned(), words: "x".to_owned() },
                "{code}"
            );
        }
        let neither = [
            "",
            "{}",
            "[]",
            "<html>",
            r#"{"respon_code":null}"#,
            r#"{"respon_code":""}"#,
            r#"{"respon_code":"00"}x"#,
            r#"{"respon_code":"00","respon_code":"01"}"#,
            r#"{"respon_code":{}}"#,
        ];
        for body in neither {
            assert!(said(body.as_bytes()) == Said::Unusable, "{body}");
        }
    }
}
