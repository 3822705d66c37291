//! What the service holds: applications with their people, actions, documents.

use super::shown::Shown;
use crate::fields::Fields;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// An application and the people in it.
#[derive(Clone, Serialize, Deserialize)]
pub struct Application {
    /// The `Application_id` the server gave it, such as `3X88WLM`.
    pub id: String,
    /// What updateProspectProfile calls it in `EntityId`; no reply shows it.
    pub entity: String,
    /// Whose it is.
    pub officer: String,
    /// When it was made, in milliseconds since 1970.
    pub made_ms: i64,
    /// When it or one of its people was last changed, in milliseconds since 1970.
    pub changed_ms: i64,
    /// The applicant, then the co-applicants in the order in which they came.
    pub people: Vec<Person>,
}

/// An applicant or co-applicant.
#[derive(Clone, Serialize, Deserialize)]
pub struct Person {
    /// The `Party_Id` the server gave them, such as `1778258145`.
    pub party: String,
    /// The fields as last sent, under the document's names; numbers and booleans as texts, null as nothing.
    pub fields: Fields,
}

impl Application {
    /// The applicant.
    pub fn applicant(&self) -> Option<&Person> {
        self.people.first()
    }

    /// Everybody else.
    pub fn co_applicants(&self) -> &[Person] {
        self.people.get(1..).unwrap_or_default()
    }
}

/// What makes two people look like one.
pub(super) type Likeness<'a> = [&'a str; 4];

impl Person {
    /// The field of that name, as sent; empty when there is none.
    pub fn get(&self, name: &str) -> &str {
        self.fields.get(name)
    }

    /// First and last name.
    pub fn name(&self) -> String {
        format!("{} {}", self.get("FirstName"), self.get("LastName"))
    }

    pub(super) fn likeness(&self) -> Likeness<'_> {
        ["FirstName", "LastName", "DateOfBirth", "MobileNumber"].map(|name| self.get(name))
    }
}

/// Something the bank wants: a paper, or an answer.
#[derive(Clone, Serialize, Deserialize)]
pub struct Action {
    /// The id that the reply to its answer gives.
    pub id: String,
    /// Whose it is.
    pub officer: String,
    /// The application it belongs to.
    pub application: String,
    /// Whether the bank took it back: it is kept, but no longer listed.
    pub withdrawn: bool,
    /// The last answer; empty when there was none, or an empty one.
    pub response: String,
    /// Who answered last: an officer, or `someone else`; empty when nobody did.
    pub answered_by: String,
    /// When it was made, in milliseconds since 1970.
    pub made_ms: i64,
    /// When it was last changed, in milliseconds since 1970.
    pub changed_ms: i64,
    /// As getUserActions shows it.
    pub shown: Shown,
}

impl Action {
    /// The `UserActionIdentifier`: `NAME_PARTY_APPLICATION`.
    pub fn identifier(&self) -> &str {
        &self.shown.identifier
    }

    /// `Created`, `Submitted`, …
    pub fn status(&self) -> &str {
        &self.shown.status
    }
}

/// The status of an action that waits for its answer.
pub(super) const CREATED: &str = "Created";
/// The status of an action that has it.
pub(super) const SUBMITTED: &str = "Submitted";
/// Who answers when it is not the officer.
pub(super) const SOMEONE_ELSE: &str = "someone else";

/// A file that was uploaded. Serialising it leaves its bytes out.
#[derive(Clone, Serialize, Deserialize)]
pub struct Document {
    /// The `documentId` the server gave it, a UUID.
    pub id: String,
    /// Whose it is.
    pub officer: String,
    /// The `UserActionIdentifier` it was uploaded for.
    pub action: String,
    /// Its `fileName`.
    pub name: String,
    /// Its `fileType`, as sent.
    pub content_type: String,
    /// Its `fileInfo`.
    pub info: String,
    /// Its `fileClientId`.
    pub client_id: i64,
    /// Its size in bytes.
    pub size: u64,
    /// SHA-256 of its bytes, lower-case hex.
    pub sha256: String,
    /// When it came, in milliseconds since 1970.
    pub at_ms: i64,
    #[serde(skip, default = "nothing")]
    pub(super) bytes: Arc<[u8]>,
}

fn nothing() -> Arc<[u8]> {
    Arc::from([])
}

impl Document {
    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}
