//! The service's messages, exactly as its document writes them.

use super::model::Members;
use crate::fields::Fields;
use serde::Serialize;

pub(super) const RESULT: &str = "collection/result";
pub(super) const TASKS: &str = "collection/tasks";

/// The fields of a result in the order of the document's sample, each with the longest text its table allows; none
/// for those that are no texts there. The table says `colection_date`, the sample `collection_date`.
pub const RESULT_FIELDS: [(&str, Option<usize>); 13] = [
    ("account_no", Some(25)),
    ("collection_date", None),
    ("cust_name", Some(50)),
    ("result_code", Some(10)),
    ("action_code", Some(10)),
    ("remark", Some(255)),
    ("cre_by", Some(25)),
    ("cre_ip_address", Some(25)),
    ("mod_by", Some(25)),
    ("mod_ip_address", Some(25)),
    ("promise_date", None),
    ("period", None),
    ("hashing", Some(255)),
];

/// What a request asks for.
pub(super) enum Ask {
    /// With the fields as they stand in the body.
    Result(Fields),
    Tasks,
}

/// Reads a request. None: it is not an object of texts.
pub(super) fn read(endpoint: &str, text: &str) -> Option<Ask> {
    match endpoint {
        RESULT => serde_json::from_str(text).ok().map(Ask::Result),
        TASKS => Some(Ask::Tasks),
        _ => None,
    }
}

/// The reply to a result, and every failure. The code has two digits at least, as in the sample.
pub(super) fn respond(code: i64, message: &str) -> String {
    #[derive(Serialize)]
    struct Respond<'a> {
        respon_code: String,
        respon_mess: &'a str,
    }
    json(&Respond { respon_code: format!("{code:02}"), respon_mess: message })
}

/// The list of tasks.
pub(super) fn listed(data: &[&Members]) -> String {
    #[derive(Serialize)]
    struct Listed<'a> {
        data: &'a [&'a Members],
    }
    json(&Listed { data })
}

/// Plain data of texts and numbers always becomes JSON.
pub(super) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
