//! What the collection service says: a late payer's row, and the reply to a result.

use super::loose;
use satchel::collection::Task;
use satchel::collection::wire::{Said, said, task};
use satchel::text::amount::Amount;
use serde_json::Value;

/// A row is read as what it holds and keeps what it does not understand; only `00` is a yes.
pub(super) fn tasks(data: &[u8]) {
    // Half of a pair, escaped, is no text to this reader; the library looks at the code alone.
    if let (true, Ok(reply)) = (said(data) == Said::Yes, serde_json::from_slice::<Value>(data)) {
        assert_eq!(loose(reply.get("respon_code")).as_deref(), Some("00"));
    }
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(amount) = text.parse::<Amount>() {
        let again: Amount = amount.to_string().parse().expect("what is written can be read");
        assert_eq!(again, amount);
        assert!(!text.contains(['e', 'E', ',', '+', ' ']));
    }
    let Ok(row) = task(text) else { return };
    assert!(!row.contract.is_empty() && row.phones.len() <= 4 && row.raw == text);
    let kept = serde_json::to_string(&row).expect("it can be kept");
    let read: Task = serde_json::from_str(&kept).expect("what is kept can be read");
    assert_eq!(Task { raw: row.raw.clone(), ..read }, row);
    // The same of a row: the library keeps it as it came.
    let Ok(Value::Object(sent)) = serde_json::from_str(text) else { return };
    for (name, amount) in [("total_amount", row.total), ("penalty", row.penalty), ("osar", row.outstanding)] {
        let there = sent.get(name).is_some_and(|value| !value.is_null() && value != "");
        assert_eq!(there, amount.is_some() || row.unread.iter().any(|unread| unread == name), "{name}");
    }
    assert!(row.unread.iter().all(|name| sent.contains_key(name)));
}
