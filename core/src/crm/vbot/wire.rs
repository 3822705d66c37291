//! The service's JSON: exactly the seed's names, the misspelt ones too.
//!
//! Where its table and its sample call one thing by two names, both are sent with the same value, which satisfies either
//! server; the profile can say which one it is.

use super::model::{Customer, Kind, VbotFields};
use crate::error::{Error, Result};
use crate::json::Object;
use crate::profile::VbotKeys;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// What is done to a record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verb {
    /// A new one.
    Create,
    /// Other fields.
    Update,
    /// It goes.
    Delete,
    /// Another code.
    Rename,
}

impl Verb {
    /// Every one.
    pub const ALL: [Verb; 4] = [Verb::Create, Verb::Update, Verb::Delete, Verb::Rename];

    /// Its word in entries.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Verb::Create => "create",
            Verb::Update => "update",
            Verb::Delete => "delete",
            Verb::Rename => "rename",
        }
    }

    /// The verb of that word.
    #[must_use]
    pub fn of(word: &str) -> Option<Verb> {
        Verb::ALL.into_iter().find(|verb| verb.word() == word)
    }
}

/// The call's path below the base URL. Of customers alone the last one ends in capitals.
#[must_use]
pub fn path(kind: Kind, verb: Verb) -> String {
    let verb = match (verb, kind) {
        (Verb::Rename, Kind::Customer) => "updateNO",
        (Verb::Rename, _) => "updateNo",
        (other, _) => other.word(),
    };
    format!("{}/{verb}", kind.word())
}

/// A call as it is kept with its attempt, and encoded from.
#[derive(Clone, Serialize, Deserialize)]
pub struct Said {
    /// The record's code; of a rename the old one.
    pub code: String,
    /// The new code of a rename.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_code: Option<String>,
    /// What it holds.
    pub fields: VbotFields,
}

/// The body of a call.
///
/// # Errors
/// `Internal` for a rename without a new code.
pub fn body(verb: Verb, said: &Said, (vbot_id, project): (&str, &str), keys: VbotKeys) -> Result<Vec<u8>> {
    let mut body = Map::new();
    let mut put = |name: &str, value: Value| drop(body.insert(name.to_owned(), value));
    put("vbot_id", vbot_id.into());
    put("project_code", project.into());
    let kind = said.fields.kind();
    match verb {
        Verb::Create | Verb::Update => {
            code_keys(kind, keys, verb).iter().for_each(|key| put(key, said.code.as_str().into()));
            holds(&said.fields, &mut put);
        }
        Verb::Delete => {
            code_keys(kind, keys, verb).iter().for_each(|key| put(key, said.code.as_str().into()));
            if let VbotFields::Customer(customer) = &said.fields {
                put("customer_name", customer.name.as_str().into()); // only the sample has it
            }
        }
        Verb::Rename => {
            let new = said.new_code.as_deref().ok_or(Error::internal("rename"))?;
            for (old_key, new_key) in rename_keys(kind, keys) {
                put(old_key, said.code.as_str().into());
                put(new_key, new.into());
            }
            if let (Kind::Field, VbotFields::Field { name, .. }) = (kind, &said.fields) {
                put("field_name", name.as_str().into()); // only the sample has it
            }
        }
    }
    serde_json::to_vec(&Value::Object(body)).map_err(|_| Error::internal("body"))
}

/// By which names a call gives the record's code: the table's, the sample's, or both.
fn code_keys(kind: Kind, keys: VbotKeys, verb: Verb) -> Vec<&'static str> {
    let (table, sample) = match (kind, verb) {
        (Kind::Customer, _) => ("customer_no", "customer_no"),
        (Kind::Status, Verb::Delete) => ("status_no", "status_no"),
        (Kind::Status, _) => ("stattus_no", "status_no"),
        (Kind::Type, Verb::Delete) => ("type_no", "status_no"),
        (Kind::Type, _) => ("type_no", "type_no"),
        (Kind::Group, Verb::Delete) => ("group_no", "status_no"),
        (Kind::Group, _) => ("group_no", "group_no"),
        (Kind::Field, _) => ("field_no", "field_no"),
    };
    either(table, sample, keys)
}

fn rename_keys(kind: Kind, keys: VbotKeys) -> Vec<(&'static str, &'static str)> {
    let one = |pair| either(pair, pair, keys);
    match kind {
        Kind::Customer => one(("customer_no_old", "customer_no_new")),
        Kind::Status => one(("status_no_old", "status_no_new")),
        Kind::Type => one(("type_no_old", "type_no_new")),
        Kind::Group => {
            either(("customer_no_old", "customer_name_new"), ("group_no_old", "group_no_new"), keys)
        }
        Kind::Field => one(("field_no_old", "field_no_new")),
    }
}

fn either<T: PartialEq>(table: T, sample: T, keys: VbotKeys) -> Vec<T> {
    match keys {
        VbotKeys::Table => vec![table],
        VbotKeys::Sample => vec![sample],
        VbotKeys::Both if table == sample => vec![table],
        VbotKeys::Both => vec![table, sample],
    }
}

fn holds(fields: &VbotFields, put: &mut impl FnMut(&str, Value)) {
    match fields {
        VbotFields::Customer(customer) => customer_holds(customer, put),
        VbotFields::Status { name } => put("status_name", name.as_str().into()),
        VbotFields::Type { name } => put("type_name", name.as_str().into()),
        VbotFields::Group { name, description } => {
            put("group_name", name.as_str().into());
            put("group_description", description.as_str().into());
        }
        VbotFields::Field { name, types, description } => {
            put("field_name", name.as_str().into());
            put("field_type", if let [one] = types.as_slice() { json!(one) } else { json!(types) });
            put("field_description", description.as_str().into());
        }
    }
}

fn customer_holds(customer: &Customer, put: &mut impl FnMut(&str, Value)) {
    put("customer_name", customer.name.as_str().into());
    put("customer_address", customer.address.as_str().into());
    put("customer_email", customer.email.as_str().into());
    put("customer_phones", json!(customer.phones));
    put("customer_status_code", customer.status.as_str().into());
    put("customer_type_code", customer.customer_type.as_str().into());
    put("customer_group_name", customer.group.as_str().into());
    let field = |field: &super::CustomField| json!({ "field_key": field.key, "field_value": field.value });
    put("fileds", customer.fields.iter().map(field).collect());
}

/// What a reply says. (No `Debug`: its words are for the officer alone.)
#[derive(Clone, PartialEq, Eq)]
pub enum Answer {
    /// `status` is 1, and `error` is not something else than 0.
    Yes,
    /// `status` is 0; `message`, at most 500 characters.
    No(String),
    /// Neither, or both.
    Unusable,
}

/// Reads a reply.
#[must_use]
pub fn answer(body: &[u8]) -> Answer {
    let Some(reply) = Object::read(body) else { return Answer::Unusable };
    match (reply.whole("status"), reply.whole("error")) {
        (Ok(Some(1)), Ok(None | Some(0))) => Answer::Yes,
        (Ok(Some(0)), Ok(_)) => {
            Answer::No(reply.text("message").unwrap_or_default().chars().take(500).collect())
        }
        _ => Answer::Unusable,
    }
}

#[cfg(test)]
mod tests;
