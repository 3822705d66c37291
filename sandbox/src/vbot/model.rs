//! What the service holds.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The kinds of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A customer.
    Customer,
    /// A status.
    Status,
    /// A type.
    Type,
    /// A group.
    Group,
    /// A field.
    Field,
}

impl Kind {
    /// Every one.
    pub const ALL: [Kind; 5] = [Kind::Customer, Kind::Status, Kind::Type, Kind::Group, Kind::Field];

    /// The word on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Customer => "customer",
            Kind::Status => "status",
            Kind::Type => "type",
            Kind::Group => "group",
            Kind::Field => "field",
        }
    }
}

/// A row.
#[derive(Clone, Serialize, Deserialize)]
pub struct Row {
    /// Who made it.
    pub officer: String,
    /// What it is.
    pub kind: Kind,
    /// By which the caller knows it.
    pub code: String,
    /// The body that it was written with last, but for what names it.
    pub members: Map<String, Value>,
    /// Whether it was deleted.
    pub removed: bool,
    /// When it was made, in milliseconds since 1970.
    pub made_ms: i64,
    /// When it was last changed, in milliseconds since 1970.
    pub changed_ms: i64,
}

impl Row {
    /// The text of a member; empty when there is none, or it is no text.
    pub fn get(&self, name: &str) -> &str {
        self.members.get(name).and_then(Value::as_str).unwrap_or_default()
    }
}
