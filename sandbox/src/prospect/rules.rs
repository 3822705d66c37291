//! What the service refuses, and how it answers when it refuses a part. The document says little of this, so that
//! every choice is a switch.

use super::dates::Civil;
use super::wire::DATES;
use crate::fields::Fields;
use serde::{Deserialize, Serialize};

/// What becomes of an upload that has good entries and refused ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mixed {
    /// The good ones are kept; the outer `ERR` is `Succeed`.
    #[default]
    Kept,
    /// None is kept; every entry says so.
    AllRefused,
    /// None is kept; only the refused ones are in the reply.
    OnlyErrorsListed,
}

/// What a download of one unknown code gives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unknown {
    /// Success with an empty list.
    #[default]
    EmptyList,
    /// "Code is not found" with a null list.
    NotFound,
}

/// Switches of the prospect service that are no faults but ways in which a real server may be set up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Answers as V1.0.0 did: without `OccupationType` and `COCommends`.
    pub v1_0_0: bool,
    /// See [`Mixed`].
    pub mixed: Mixed,
    /// See [`Unknown`].
    pub unknown_code: Unknown,
    /// Refuses an entry without a phone, or with a letter in it.
    pub check_phone: bool,
    /// A `NameEn` that makes the service refuse the whole call; empty: none.
    pub poison: String,
    /// The first part of a new code: `2947` in `2947-1`.
    pub branch: String,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            v1_0_0: false,
            mixed: Mixed::default(),
            unknown_code: Unknown::default(),
            check_phone: true,
            poison: "POISON".to_owned(),
            branch: "2947".to_owned(),
        }
    }
}

impl Settings {
    /// Whether one of the entries spoils the whole call.
    pub(super) fn spoilt(&self, entries: &[Fields]) -> bool {
        !self.poison.is_empty() && entries.iter().any(|entry| entry.get("NameEn") == self.poison)
    }

    /// Why an entry is refused by itself.
    pub(super) fn refuse(&self, entry: &Fields) -> Option<String> {
        let phone = entry.get("Phone");
        if self.check_phone && (phone.trim().is_empty() || phone.chars().any(char::is_alphabetic)) {
            return Some("Phone is invalid".to_owned());
        }
        if entry.get("CreateDateClient").is_empty() {
            return Some("CreateDateClient is required".to_owned());
        }
        let bad = |name: &&&str| !entry.get(name).is_empty() && Civil::read(entry.get(name)).is_none();
        DATES.iter().find(bad).map(|name| format!("{name} is invalid"))
    }
}
