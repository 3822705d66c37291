//! What the ledger says of each change.

use super::model::{CollectionResult, Task, told};
use crate::fields::Fields;
use crate::ledger::{Effect, digest};

/// A result taken: its code is its number, its natural key the contract. The digest is over every field but the
/// hash, in the document's order.
pub(super) fn result(result: &CollectionResult) -> Effect {
    Effect {
        kind: "result".to_owned(),
        code: result.number.to_string(),
        natural_key: result.get("account_no").to_owned(),
        client_ref: result.get("collection_date").to_owned(),
        digest: digest(told(&result.fields)),
        fields: result.fields.clone(),
    }
}

/// A task made, changed or taken away; of its members only a few, since there may be thousands.
pub(super) fn task(kind: &str, task: &Task) -> Effect {
    let mut fields = Fields::new();
    for name in ["contract_no", "name", "total_amount"] {
        fields.set(name, task.get(name));
    }
    Effect {
        kind: kind.to_owned(),
        code: task.contract_no().to_owned(),
        natural_key: task.contract_no().to_owned(),
        client_ref: String::new(),
        digest: digest([task.get("name"), task.get("total_amount")]),
        fields,
    }
}
