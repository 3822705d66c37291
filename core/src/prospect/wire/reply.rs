//! The small replies: to an upload and to a reject. The caller has bounded their size.

use super::Undecodable;
use super::loose::{Loose, Object, One};
use crate::prospect::{ProspectId, shows};
use serde::{Deserialize, Deserializer};

/// What every reply of this service ends with.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct Tail {
    /// `Succeed`, or `Error`.
    #[serde(rename = "ERR", deserialize_with = "text")]
    pub err: String,
    /// The server's words, for the officer's eyes.
    #[serde(rename = "SMS", default, deserialize_with = "text")]
    pub sms: String,
    /// A code; `None` when it was null, empty or absent.
    #[serde(rename = "ERRCode", default, deserialize_with = "code")]
    pub err_code: Option<String>,
}
shows!(Tail {});

impl Tail {
    /// The server said yes.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        self.err == "Succeed" && !self.session_expired()
    }

    /// The server said no, in the one word that the document has for it. Anything else is neither yes nor no.
    #[must_use]
    pub fn refused(&self) -> bool {
        self.err == "Error" && !self.session_expired()
    }

    /// The server said that the session is invalid or has expired.
    #[must_use]
    pub fn session_expired(&self) -> bool {
        self.err_code.as_deref() == Some("00009")
    }
}

/// The reply to an upload.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct AddReply {
    /// For the call as a whole.
    #[serde(flatten)]
    pub tail: Tail,
    /// One for each prospect; `None` when the list was null or absent.
    #[serde(rename = "ProspectAddSMSRS", default, deserialize_with = "entries")]
    pub entries: Option<Vec<AddEntry>>,
}
shows!(AddReply { tail });

impl AddReply {
    /// The one answer to that prospect. None, or more than one, is no answer: its outcome is unknown.
    #[must_use]
    pub fn answer(&self, id: ProspectId) -> Option<&AddEntry> {
        let mut answers = self.entries.iter().flatten().filter(|entry| entry.id() == Some(id));
        answers.next().filter(|_| answers.next().is_none())
    }
}

/// The answer to one prospect of an upload.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct AddEntry {
    /// `Succeed`, or `Error`.
    #[serde(rename = "ERR", deserialize_with = "text")]
    pub err: String,
    /// The server's words, for the officer's eyes.
    #[serde(rename = "SMS", default, deserialize_with = "text")]
    pub sms: String,
    /// The `ProspectClientID` that was sent.
    #[serde(rename = "ProspectClientID", default, deserialize_with = "text")]
    pub client_id: String,
    /// The prospect's code: made by the server on create. Empty when it gave none.
    #[serde(rename = "Code", default, deserialize_with = "text")]
    pub code: String,
}
shows!(AddEntry {});

impl AddEntry {
    /// The server said yes to this prospect.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        self.err == "Succeed"
    }

    /// The server said no to this prospect, in the one word that the document has for it.
    #[must_use]
    pub fn refused(&self) -> bool {
        self.err == "Error"
    }

    /// Which prospect it answers.
    #[must_use]
    pub fn id(&self) -> Option<ProspectId> {
        self.client_id.parse().ok().map(ProspectId)
    }
}

/// Reads the reply to an upload.
///
/// # Errors
/// [`Undecodable`].
pub fn parse_add(plaintext: &[u8]) -> Result<AddReply, Undecodable> {
    parse(plaintext)
}

/// Reads the reply to a reject.
///
/// # Errors
/// [`Undecodable`].
pub fn parse_tail(plaintext: &[u8]) -> Result<Tail, Undecodable> {
    parse(plaintext)
}

fn parse<T: for<'de> Deserialize<'de>>(plaintext: &[u8]) -> Result<T, Undecodable> {
    serde_json::from_slice::<One<T>>(plaintext).map(|one| one.0).map_err(|_| Undecodable)
}

fn text<'de, D: Deserializer<'de>>(d: D) -> Result<String, D::Error> {
    Loose::deserialize(d).map(|text| text.0)
}

fn code<'de, D: Deserializer<'de>>(d: D) -> Result<Option<String>, D::Error> {
    text(d).map(|code| Some(code).filter(|c| !c.is_empty()))
}

fn entries<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Vec<AddEntry>>, D::Error> {
    let list = Option::<Vec<Object<AddEntry>>>::deserialize(d)?;
    Ok(list.map(|list| list.into_iter().map(|entry| entry.0).collect()))
}
