//! The service's messages, exactly as its document writes them.

use super::model::Kind;
use super::settings::Keys;
use serde::Serialize;
use serde_json::{Map, Value, json};

/// What is done to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Create,
    Update,
    Delete,
    Rename,
}

/// What a request asks for.
pub(super) struct Ask {
    pub kind: Kind,
    pub verb: Verb,
    pub code: String,
    pub new_code: Option<String>,
    /// The body, but for what names the row.
    pub members: Map<String, Value>,
}

/// Reads a request, or says why it is refused.
pub(super) fn read(endpoint: &str, text: &str, keys: Keys) -> Result<Ask, String> {
    let (kind, verb) = named(endpoint).ok_or("Invalid request")?;
    let mut body: Map<String, Value> = serde_json::from_str(text).map_err(|_| "Invalid request")?;
    for name in ["vbot_id", "project_code"] {
        taken(&mut body, &[name])?;
    }
    let (code, new_code) = match verb {
        Verb::Rename => {
            let (old, new): (Vec<_>, Vec<_>) = rename_keys(kind, keys).into_iter().unzip();
            (taken(&mut body, &old)?, Some(taken(&mut body, &new)?))
        }
        _ => (taken(&mut body, &code_keys(kind, verb, keys))?, None),
    };
    if matches!(verb, Verb::Create | Verb::Update) {
        required(kind, &body)?;
    }
    Ok(Ask { kind, verb, code, new_code, members: body })
}

fn named(endpoint: &str) -> Option<(Kind, Verb)> {
    let (kind, verb) = endpoint.split_once('/')?;
    let kind = Kind::ALL.into_iter().find(|known| known.word() == kind)?;
    let verb = match verb {
        "create" => Verb::Create,
        "update" => Verb::Update,
        "delete" => Verb::Delete,
        "updateNO" | "updateNo" => Verb::Rename,
        _ => return None,
    };
    Some((kind, verb))
}

/// The text under the first of these names that has one; all of them leave the body.
fn taken(body: &mut Map<String, Value>, names: &[&str]) -> Result<String, String> {
    let found: Vec<_> = names.iter().filter_map(|name| body.remove(*name)).collect();
    let text = found.iter().filter_map(Value::as_str).find(|text| !text.is_empty());
    text.map(str::to_owned)
        .ok_or_else(|| format!("{} is required", names.first().copied().unwrap_or_default()))
}

/// By which names a row's code comes: the table's and the sample's, where they differ.
fn code_keys(kind: Kind, verb: Verb, keys: Keys) -> Vec<&'static str> {
    let both = match (kind, verb) {
        (Kind::Customer, _) => ["customer_no", "customer_no"],
        (Kind::Status, Verb::Delete) => ["status_no", "status_no"],
        (Kind::Status, _) => ["stattus_no", "status_no"],
        (Kind::Type, Verb::Delete) => ["type_no", "status_no"],
        (Kind::Type, _) => ["type_no", "type_no"],
        (Kind::Group, Verb::Delete) => ["group_no", "status_no"],
        (Kind::Group, _) => ["group_no", "group_no"],
        (Kind::Field, _) => ["field_no", "field_no"],
    };
    only(both, keys)
}

fn rename_keys(kind: Kind, keys: Keys) -> Vec<(&'static str, &'static str)> {
    let both = match kind {
        Kind::Customer => [("customer_no_old", "customer_no_new"); 2],
        Kind::Status => [("status_no_old", "status_no_new"); 2],
        Kind::Type => [("type_no_old", "type_no_new"); 2],
        Kind::Group => [("customer_no_old", "customer_name_new"), ("group_no_old", "group_no_new")],
        Kind::Field => [("field_no_old", "field_no_new"); 2],
    };
    only(both, keys)
}

fn only<T>([table, sample]: [T; 2], keys: Keys) -> Vec<T> {
    match keys {
        Keys::Either => vec![table, sample],
        Keys::Table => vec![table],
        Keys::Sample => vec![sample],
    }
}

/// What the table marks as required.
fn required(kind: Kind, body: &Map<String, Value>) -> Result<(), String> {
    let names: &[&str] = match kind {
        Kind::Customer => &[
            "customer_name",
            "customer_phones",
            "customer_status_code",
            "customer_type_code",
            "customer_group_name",
        ],
        Kind::Status => &["status_name"],
        Kind::Type => &["type_name"],
        Kind::Group => &["group_name"],
        Kind::Field => &["field_name", "field_type"],
    };
    let empty = |name: &&&str| match body.get(**name) {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.is_empty(),
        Some(Value::Array(all)) => all.is_empty(),
        Some(_) => false,
    };
    names.iter().find(empty).map_or(Ok(()), |name| Err(format!("{name} is required")))
}

/// A success: `data` is the code, and `true` of a delete, as in most of the samples.
pub(super) fn done(status: i64, verb: Verb, code: &str) -> String {
    let data = if verb == Verb::Delete { Value::Bool(true) } else { code.into() };
    json(&json!({ "status": status, "error": 0, "message": "success", "data": data }))
}

/// A failure.
pub(super) fn failed(error: i64, why: &str) -> String {
    json(&json!({ "status": 0, "error": error, "message": why, "data": "" }))
}

/// Plain data of texts and numbers always becomes JSON.
pub(super) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
