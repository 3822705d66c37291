//! Errors as the format spells them: a code, and the arguments that are safe to show.

use satchel::Error;
use satchel::error::Problem;
use serde_json::{Value, json};

/// An error as a step's value.
pub(super) fn of(error: &Error) -> Value {
    match error {
        Error::InvalidInput { field, problem } => {
            json!({ "error": "invalid_input", "field": field, "problem": word(problem) })
        }
        Error::NotFound { what } => json!({ "error": "not_found", "what": what }),
        Error::NotPossible { why } => json!({ "error": "not_possible", "why": why }),
        Error::Locked => json!({ "error": "locked" }),
        Error::KeyUnavailable(_) => json!({ "error": "key_unavailable" }),
        Error::KeyLost { .. } => json!({ "error": "key_lost" }),
        Error::StoreDamaged { place, .. } => json!({ "error": "store_damaged", "place": place }),
        Error::SchemaTooNew { .. } => json!({ "error": "schema_too_new" }),
        Error::DiskFull => json!({ "error": "disk_full" }),
        Error::Remote { remote, trouble } => {
            json!({ "error": "remote", "remote": remote, "trouble": trouble.code() })
        }
        Error::Internal { place, .. } => json!({ "error": "internal", "place": place }),
        _ => json!({ "error": "unknown" }),
    }
}

fn word(problem: &Problem) -> &'static str {
    match problem {
        Problem::Missing => "missing",
        Problem::TooLong { .. } => "too_long",
        Problem::ControlCharacter => "control_character",
        Problem::Form { .. } => "form",
        Problem::NotInList => "not_in_list",
        Problem::ReadOnly => "read_only",
        Problem::Twice => "twice",
        _ => "unknown",
    }
}
