//! An entry says: *this must reach that remote*. States, effects, lanes: the words of the outbox.

use crate::error::{Error, Result};
use crate::world::Steady;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::{Deserialize, Serialize};

/// An entry's number in its book.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EntryId(pub i64);

/// Makes an enum that is kept as its word in the database and shown as that word.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// Every one.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The word it is kept and shown as.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }
        }

        impl ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(self.word().into())
            }
        }

        impl FromSql for $name {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                match value.as_str()? { $($word => Ok($name::$variant),)+ _ => Err(FromSqlError::InvalidType) }
            }
        }
    };
}
pub(crate) use words;

words! {
    /// Where an entry is.
    State {
        /// Waits to be sent (again); nothing of it is on its way.
        Ready = "ready",
        /// The intent is durable and the call may be under way.
        Sending = "sending",
        /// Sent or perhaps sent; the outcome is not known. Read back after the quiet period, never blindly resent.
        Doubtful = "doubtful",
        /// Only the officer can say.
        Asks = "asks",
        /// The server has it, proven.
        Done = "done",
        /// The server said no to this entry; an edit makes it ready again.
        Refused = "refused",
        /// What it comes after is refused, asks or closed.
        Blocked = "blocked",
        /// Ended by the officer's word or by another way; kept, and seen in `history`.
        Closed = "closed",
        /// Cannot be decoded; kept, and seen in `waiting` and `history`.
        SetAside = "set_aside",
    }
}

impl State {
    /// Nothing more will happen to it by itself or by an edit.
    #[must_use]
    pub fn settled(self) -> bool {
        matches!(self, State::Done | State::Closed)
    }
}

words! {
    /// What a repeated or lost call does at the server.
    Effect {
        /// An update or delete under the server's code: reading shows whether it is needed again.
        Replace = "replace",
        /// Makes something new: a blind repeat makes a double.
        Create = "create",
        /// Money-like, without any proof: in doubt means ask.
        Once = "once",
    }
}

words! {
    /// Small decisions go before photos.
    NetClass {
        /// Text: goes over any link.
        Small = "small",
        /// Photos and papers: may wait for an unmetered link.
        Bulk = "bulk",
    }
}

/// Why an entry is where it is: a stable code, and the server's own words where it gave any.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Stable and safe to log; apps translate it.
    pub code: String,
    /// What the server wrote. For the officer's eyes: never logged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
}

impl Reason {
    /// A code alone.
    #[must_use]
    pub fn code(code: &str) -> Self {
        Self { code: code.to_owned(), words: None }
    }

    /// A code with the server's words.
    #[must_use]
    pub fn said(code: &str, words: &str) -> Self {
        Self { code: code.to_owned(), words: Some(words.to_owned()) }
    }
}

impl std::fmt::Debug for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Reason({})", self.code)
    }
}

/// What decides about an entry, without what it carries: the head of its lane as `plan` sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Head {
    /// Which entry.
    pub id: EntryId,
    /// The remote's own word: `create`, `update`, `reject`.
    pub verb: String,
    /// What a repeat would do.
    pub effect: Effect,
    /// Whose session it goes in.
    pub author: String,
    /// Where it is.
    pub state: State,
    /// How often it was begun.
    pub attempt: i64,
    /// Not before.
    pub due: Option<Steady>,
    /// The last move; for `Doubtful` when the socket was closed.
    pub since: Steady,
    /// Sent by itself from now on.
    pub alone: bool,
    /// How often it was in doubt.
    pub doubts: i64,
    /// Why it is where it is.
    pub reason: Option<Reason>,
}

/// A whole entry.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What decides.
    pub head: Head,
    /// Which remote.
    pub remote: String,
    /// Entries of a lane leave in order.
    pub lane: String,
    /// Small or bulk.
    pub class: NetClass,
    /// The entry it waits for.
    pub after: Option<EntryId>,
    /// What to send, where the row's current state is not it (JSON).
    pub body: Option<Payload>,
    /// The fields as sent in the last attempt (JSON).
    pub sent: Option<Payload>,
    /// The row's revision that `sent` holds.
    pub sent_rev: Option<i64>,
    /// Unix ms of the last attempt's start.
    pub sent_wall: Option<i64>,
    /// Unix ms of the last move.
    pub since_wall: i64,
    /// Unix ms when it was made.
    pub made_wall: i64,
    /// What proved it done; for one that asks, the rows shown with the question (JSON).
    pub receipt: Option<Payload>,
}

/// JSON that holds personal data: `Debug` prints `…`.
#[derive(Clone, PartialEq, Eq)]
pub struct Payload(pub String);

impl std::fmt::Debug for Payload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

impl Payload {
    /// Reads it.
    ///
    /// # Errors
    /// `StoreDamaged` when it is not what this version writes; the caller sets the entry aside.
    pub fn decode<T: for<'de> Deserialize<'de>>(&self) -> Result<T> {
        serde_json::from_str(&self.0).map_err(Error::from)
    }

    /// Writes it.
    ///
    /// # Errors
    /// `Internal` when the value cannot be JSON.
    pub fn encode<T: Serialize>(value: &T) -> Result<Self> {
        serde_json::to_string(value).map(Payload).map_err(|_| Error::internal("payload"))
    }
}
