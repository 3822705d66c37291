//! Ways in which a real server may be set up. The document leaves all of this open.

use serde::{Deserialize, Serialize};

/// Which tasks an officer starts with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// The two of the document's sample.
    #[default]
    Sample,
    /// None.
    Nothing,
}

/// Switches of the collection service that are no faults.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// What follows `account_no` in the text that `hashing` is the SHA-256 of.
    pub hash_key: String,
    /// A refused result gets HTTP 400 instead of 200.
    pub http_400: bool,
    /// See [`Start`].
    pub start: Start,
    /// A result for an `account_no` that is none of the officer's tasks is refused.
    pub known_tasks_only: bool,
    /// An `account_no` whose result is refused; empty: none.
    pub poison: String,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            hash_key: "sandbox-hash-key".to_owned(),
            http_400: false,
            start: Start::default(),
            known_tasks_only: false,
            poison: "POISON".to_owned(),
        }
    }
}
