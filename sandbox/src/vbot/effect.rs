//! What the ledger says of each change.

use super::model::Row;
use crate::fields::Fields;
use crate::ledger::{Effect, digest};

/// A row made, written, renamed or deleted: its natural key is its kind, its fields are the texts of its body.
pub(super) fn of(kind: &str, row: &Row) -> Effect {
    let mut fields = Fields::new();
    for (name, value) in &row.members {
        fields.set(name.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    }
    Effect {
        kind: kind.to_owned(),
        code: row.code.clone(),
        natural_key: row.kind.word().to_owned(),
        client_ref: String::new(),
        digest: digest(row.members.iter().map(|(_, value)| value.as_str().unwrap_or_default())),
        fields,
    }
}
