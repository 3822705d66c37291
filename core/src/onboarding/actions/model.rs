//! What the bank asks for, as the app sees it.

use super::options::Choice;
use crate::prospect::shows;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Something that the bank asks for: a paper, a date, an answer. All texts are the bank's own.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    /// `UserActionIdentifier`: names it to the bank, and in any later list.
    pub identifier: String,
    /// `UserActionName`: what kind of question it is, as the bank calls it; many people are asked the same.
    pub name: String,
    /// The bank's number of the person whom it is about.
    pub party: Option<String>,
    /// The bank's `Application_id` of the application that it is about: from the identifier, where that has the form
    /// `NAME_PARTY_APPLICATION` and agrees with the rest, else from `CategoryMetadata`.
    pub application: Option<String>,
    /// The name of the group in which it was listed.
    pub group: String,
    /// Where it stands at the bank.
    pub status: Status,
    /// Its title, placeholders filled; its name where it has none.
    pub title: String,
    /// The title as the bank wrote it.
    pub title_raw: String,
    /// `Description`; may be empty. Plain text.
    pub description: String,
    /// The information text as HTML that is safe to show; may be empty.
    pub information_html: String,
    /// The information text without HTML; may be empty.
    pub information_text: String,
    /// `AssistTitle`: a second title that helps; may be empty.
    pub assist_title: String,
    /// What kind of answer is wanted.
    pub kind: Kind,
    /// The options of a choice; empty for all else.
    pub options: Vec<Choice>,
    /// More than one option may be chosen.
    pub many: bool,
    /// How a date is to be written; `None` where none is asked for.
    pub date_form: Option<DateForm>,
    /// Whom it concerns.
    pub level: Level,
    /// It may be left out.
    pub skippable: bool,
    /// The bank looks at the answer.
    pub needs_review: bool,
    /// It has to be done before the application goes on.
    pub prerequirement: bool,
    /// The name of the person whom it is about, where the bank gives one.
    pub applies_to: Option<String>,
    /// The JSON as it came, with all that is not read. Not part of what is kept as `Action`: the store has its own place
    /// for it.
    #[serde(skip)]
    pub raw: String,
}
shows!(Action { kind, status, level, skippable, needs_review, prerequirement });

/// Where an action stands at the bank.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// It waits for an answer.
    Created,
    /// It has one.
    Submitted,
    /// A status that this library does not know, as it is spelt; empty where there is none.
    Other(String),
}

/// What kind of answer is wanted.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// Papers.
    DocumentUpload,
    /// A text.
    Text,
    /// A date.
    Date,
    /// One of the options, or several.
    Choice,
    /// A kind that this library does not know, as it is spelt; it is answered by a text.
    Other(String),
}

/// Whom an action concerns.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Level {
    /// One of those who apply.
    Applicant,
    /// The application as a whole.
    Application,
    /// A person or firm.
    Entity,
    /// A level that this library does not know, as it is spelt; empty where there is none.
    Other(String),
}

/// How a date is written in an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum DateForm {
    /// `DD/MM/YYYY`.
    Day,
    /// `MM/YYYY`.
    Month,
}

/// `Debug` without the bank's own words.
macro_rules! named {
    ($type:ident: $($known:ident),+) => {
        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $($type::$known => stringify!($known),)+ $type::Other(_) => "Other(…)" })
            }
        }

        impl $type {
            /// What the bank's word means, whatever its case.
            #[must_use]
            pub fn of(word: &str) -> Self {
                $(if word.trim().eq_ignore_ascii_case(stringify!($known)) {
                    return $type::$known;
                })+
                $type::Other(word.to_owned())
            }
        }
    };
}
named!(Status: Created, Submitted);
named!(Level: Applicant, Application, Entity);
named!(Kind: DocumentUpload, Text, Date, Choice);

/// An entry of a list that is there and cannot be read: it is kept, counted and shown as unknown, and costs no other.
#[derive(Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The name of the group in which it was listed.
    pub group: String,
    /// Its `UserActionIdentifier`, if that much of it can be read.
    pub identifier: Option<String>,
    /// The JSON as it came.
    pub raw: String,
}
shows!(Unreadable {});
