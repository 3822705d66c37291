//! What the service holds: tasks, and the results that came.

use crate::fields::Fields;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use std::fmt;

/// A contract that an officer is to collect.
#[derive(Clone, Serialize, Deserialize)]
pub struct Task {
    /// Whose it is.
    pub officer: String,
    /// Whether it was taken away, paid elsewhere most likely: it is kept, but no longer listed.
    pub removed: bool,
    /// When it was made, in milliseconds since 1970.
    pub made_ms: i64,
    /// When it was last changed, in milliseconds since 1970.
    pub changed_ms: i64,
    /// As the list of tasks shows it.
    pub members: Members,
}

impl Task {
    /// The member of that name; empty when there is none, or when it is no text.
    pub fn get(&self, name: &str) -> &str {
        self.members.text(name)
    }

    /// The `contract_no`, which a result calls `account_no`.
    pub fn contract_no(&self) -> &str {
        self.get("contract_no")
    }
}

/// Members of a JSON object in their order.
#[derive(Clone, Default, PartialEq)]
pub struct Members(Vec<(String, Value)>);

impl Members {
    /// The text of that name; empty when there is none, or something else.
    pub fn text(&self, name: &str) -> &str {
        self.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// The value of that name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, value)| value)
    }

    /// Puts `value` under `name`, in place if the name is there, else at the end.
    pub fn set(&mut self, name: &str, value: Value) {
        match self.0.iter_mut().find(|(n, _)| n == name) {
            Some(slot) => slot.1 = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }

    /// Names and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }
}

impl Serialize for Members {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Members, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Members;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Members, M::Error> {
                let mut members = Members::default();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    members.set(&name, value);
                }
                Ok(members)
            }
        }
        d.deserialize_map(Pairs)
    }
}

/// A result that came and was taken.
#[derive(Clone, Serialize, Deserialize)]
pub struct CollectionResult {
    /// Counts from one, without gaps. No reply shows it.
    pub number: u64,
    /// Whose it is.
    pub officer: String,
    /// When it came, in milliseconds since 1970.
    pub at_ms: i64,
    /// The fields as sent, under the document's names and in its order.
    pub fields: Fields,
}

/// What makes two results look like one.
pub(super) type Likeness<'a> = (&'a str, Vec<&'a str>);

impl CollectionResult {
    /// The field of that name, as sent; empty when there is none.
    pub fn get(&self, name: &str) -> &str {
        self.fields.get(name)
    }

    pub(super) fn likeness(&self) -> Likeness<'_> {
        (&self.officer, told(&self.fields).collect())
    }
}

/// All that a result says: every field but the hash.
pub(super) fn told(fields: &Fields) -> impl Iterator<Item = &str> {
    fields.iter().filter(|(name, _)| *name != "hashing").map(|(_, value)| value)
}
