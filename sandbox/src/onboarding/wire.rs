//! The service's messages, exactly as its document writes them.

use super::java;
use super::shown::Shown;
use crate::fields::Fields;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

pub(super) const CREATE: &str = "createProspectProfile";
pub(super) const UPDATE: &str = "updateProspectProfile";
pub(super) const UPLOAD: &str = "uploadDocument";
pub(super) const LIST: &str = "getUserActions";
pub(super) const ANSWER: &str = "updateUserAction";
pub(super) const REQUIRE: &str = "createPreRequirements";

/// The fields of createProspectProfile, in the document's order.
pub const PROFILE: [&str; 16] = [
    "FormCode",
    "Application_id",
    "FirstName",
    "LastName",
    "DateOfBirth",
    "Email",
    "MobileCountryCode",
    "MobileNumber",
    "BranchReference",
    "ApplicantType",
    "SectionProgress",
    "ConsentIdentifier",
    "AcceptanceStatus",
    "Status",
    "IsExistingCustomer",
    "CoApplicantCount",
];

/// The fields of updateProspectProfile, in the document's order.
pub const CO_APPLICANT: [&str; 14] = [
    "FirstName",
    "LastName",
    "DateOfBirth",
    "Email",
    "MobileCountryCode",
    "MobileNumber",
    "BranchReference",
    "ApplicantType",
    "SectionProgress",
    "ConsentIdentifier",
    "AcceptanceStatus",
    "IsExistentMember",
    "Index",
    "EntityId",
];

/// What a request asks for.
pub(super) enum Ask {
    Create(Fields),
    Update(Fields),
    Upload(Upload),
    /// With `isPre`.
    List(String),
    Answer(Answer),
    Require,
}

#[derive(Deserialize)]
pub(super) struct Upload {
    #[serde(rename = "UserActionIdentifier", default)]
    pub identifier: String,
    #[serde(rename = "Response", default)]
    pub files: Vec<File>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
pub(super) struct File {
    pub file_name: String,
    pub file_type: String,
    pub file_info: String,
    pub file_client_id: Option<i64>,
    pub file_contents: String,
}

#[derive(Deserialize)]
pub(super) struct Answer {
    #[serde(rename = "UserActionIdentifier", default)]
    pub identifier: String,
    /// Mandatory, but may be empty.
    #[serde(rename = "Response", default)]
    pub response: Option<String>,
    #[serde(rename = "Status", default)]
    pub status: String,
}

#[derive(Deserialize)]
struct ListRequest {
    #[serde(rename = "isPre")]
    is_pre: Value,
}

/// The JSON of a body: the body itself, or what a form holds in `jsondata`. None: it cannot be read.
pub(super) fn text(endpoint: &str, body: &[u8]) -> Option<String> {
    if endpoint == REQUIRE {
        let found = url::form_urlencoded::parse(body).find(|(name, _)| name == "jsondata")?;
        return Some(found.1.into_owned());
    }
    String::from_utf8(body.to_vec()).ok()
}

/// Reads a request. Members that the document does not name are dropped.
pub(super) fn read(endpoint: &str, text: &str) -> Option<Ask> {
    match endpoint {
        CREATE => profile(text, &PROFILE).map(Ask::Create),
        UPDATE => profile(text, &CO_APPLICANT).map(Ask::Update),
        UPLOAD => serde_json::from_str(text).ok().map(Ask::Upload),
        LIST => loose(&serde_json::from_str::<ListRequest>(text).ok()?.is_pre).map(Ask::List),
        ANSWER => serde_json::from_str(text).ok().map(Ask::Answer),
        REQUIRE => serde_json::from_str::<BTreeMap<String, Value>>(text).ok().map(|_| Ask::Require),
        _ => None,
    }
}

fn profile(text: &str, names: &[&'static str]) -> Option<Fields> {
    let given: BTreeMap<String, Value> = serde_json::from_str(text).ok()?;
    let mut fields = Fields::new();
    for name in names {
        if let Some(value) = given.get(*name) {
            fields.set(*name, loose(value)?);
        }
    }
    Some(fields)
}

/// A text, number, boolean or null as text.
fn loose(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::Bool(yes) => Some(yes.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.clone()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

/// A failure.
pub(super) fn failed(opstatus: i64, status: u16, why: &str) -> String {
    #[derive(Serialize)]
    struct Failure<'a> {
        opstatus: i64,
        #[serde(rename = "httpStatusCode")]
        code: u16,
        errmsg: &'a str,
    }
    json(&Failure { opstatus, code: status, errmsg: why })
}

/// A success with `code` as its `httpStatusCode`.
pub(super) fn done(code: i64, members: Vec<(&str, String)>) -> String {
    let usual = [("opstatus", "0".to_owned()), ("httpStatusCode", code.to_string())];
    java::object(members.into_iter().chain(usual).collect())
}

/// One file of the reply to an upload.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Filed {
    pub file_name: String,
    #[serde(serialize_with = "as_double")]
    pub file_client_id: i64,
    pub file_info: String,
    pub document_id: String,
    pub file_type: String,
}

fn as_double<S: serde::Serializer>(number: &i64, s: S) -> Result<S::Ok, S::Error> {
    let raw = RawValue::from_string(java::double(*number)).map_err(serde::ser::Error::custom)?;
    raw.serialize(s)
}

/// Actions under their groups, groups in the order in which they first occur.
pub(super) fn grouped<'a>(actions: &[&'a Shown]) -> Vec<(&'a str, String)> {
    let mut groups: Vec<(&str, Vec<&Shown>)> = Vec::new();
    for action in actions {
        match groups.iter_mut().find(|(name, _)| *name == action.group()) {
            Some((_, list)) => list.push(action),
            None => groups.push((action.group(), vec![action])),
        }
    }
    groups.into_iter().map(|(name, list)| (name, json(&list))).collect()
}

/// Plain data of texts and numbers always becomes JSON.
pub(super) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
