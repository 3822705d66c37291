//! Ways in which a real server may be set up. The document leaves all of this open.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Which actions an application starts with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// Two papers a person, one more paper, a text, a date and a choice.
    #[default]
    Usual,
    /// Those of the document's sample: two papers a person, one more paper, a text.
    Sample,
    /// None.
    Nothing,
}

/// Switches of the onboarding service that are no faults.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The header that carries the session.
    pub session_header: String,
    /// More headers that every call must carry, each with its value.
    pub required_headers: BTreeMap<String, String>,
    /// A bad request gets HTTP 400 instead of 200.
    pub http_400: bool,
    /// The reply to createProspectProfile has a `Party_Id`.
    pub party_id: bool,
    /// See [`Start`].
    pub start: Start,
    /// A submitted action leaves the list of actions.
    pub submitted_leave: bool,
    /// `isPre` `"true"` lists the prerequirements alone instead of all actions.
    pub strict_is_pre: bool,
    /// An action that is submitted already takes no other answer.
    pub refuse_second_answer: bool,
    /// updateProspectProfile under an `Index` that is known updates that co-applicant instead of adding one.
    pub index_is_key: bool,
    /// An `EntityId` that no application bears is refused; else the officer's newest application is meant.
    pub known_entities_only: bool,
    /// The largest file, in bytes.
    pub file_limit: u64,
    /// Fields of a profile that must not be empty.
    pub required: Vec<String>,
    /// A `FirstName` that makes the service refuse a profile; empty: none.
    pub poison: String,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            session_header: "x-session".to_owned(),
            required_headers: BTreeMap::new(),
            http_400: false,
            party_id: true,
            start: Start::default(),
            submitted_leave: false,
            strict_is_pre: false,
            refuse_second_answer: false,
            index_is_key: true,
            known_entities_only: false,
            file_limit: 2 * 1024 * 1024,
            required: vec!["FirstName".to_owned()],
            poison: "POISON".to_owned(),
        }
    }
}
