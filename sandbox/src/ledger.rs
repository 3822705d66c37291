//! The ledger: an append-only record of every committed effect, for auditing what was lost and what was done twice.

use crate::fields::Fields;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What executing a call changed, as the remote reports it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Effect {
    /// `create`, `update`, `reject`, …
    pub kind: String,
    /// The remote's own id of what was changed.
    pub code: String,
    /// The natural key as sent; for a prospect its `CreateDateClient`.
    pub natural_key: String,
    /// The sender's reference as sent; for a prospect its `ProspectClientID`.
    pub client_ref: String,
    /// SHA-256 over what identifies the record besides its key (names, phone), lower-case hex.
    pub digest: String,
    /// The fields as sent.
    pub fields: Fields,
}

/// What became of the reply to the request that had the effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It was put on the wire whole.
    Sent,
    /// It was put on the wire, but so that the client cannot trust it.
    Damaged,
    /// The client got none.
    Lost,
    /// There was no request: the change was made at the server or by another device.
    Elsewhere,
}

/// One committed effect.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LedgerEntry {
    /// Counts from one, without gaps.
    pub seq: u64,
    /// When it was committed, in milliseconds since 1970.
    pub at_ms: i64,
    /// The remote system.
    pub remote: String,
    /// The endpoint; `control` for a change made at the server.
    pub endpoint: String,
    /// Whose data.
    pub officer: String,
    /// The request's number; 0 for a change made at the server.
    pub request: u64,
    /// Whether it was committed after the connection was gone.
    pub late: bool,
    /// What became of the reply. The one thing about an entry that may still change.
    pub reply: Fate,
    /// What was changed.
    #[serde(flatten)]
    pub effect: Effect,
}

/// Where an effect comes from.
#[derive(Clone, Copy)]
pub(crate) struct Origin<'a> {
    pub remote: &'a str,
    pub endpoint: &'a str,
    pub officer: &'a str,
    pub request: u64,
    pub late: bool,
    pub reply: Fate,
    pub at_ms: i64,
}

#[derive(Default)]
pub(crate) struct Ledger {
    entries: Vec<LedgerEntry>,
    unsaved: BTreeSet<u64>,
}

impl Ledger {
    pub fn entries(&self) -> &[LedgerEntry] {
        &self.entries
    }

    /// The entries numbered above `seq`.
    pub fn after(&self, seq: u64) -> &[LedgerEntry] {
        let start = usize::try_from(seq).unwrap_or(usize::MAX).min(self.entries.len());
        &self.entries[start..]
    }

    pub fn append(&mut self, from: Origin<'_>, effect: Effect) -> u64 {
        let seq = self.entries.len() as u64 + 1;
        self.unsaved.insert(seq);
        self.entries.push(LedgerEntry {
            seq,
            at_ms: from.at_ms,
            remote: from.remote.to_owned(),
            endpoint: from.endpoint.to_owned(),
            officer: from.officer.to_owned(),
            request: from.request,
            late: from.late,
            reply: from.reply,
            effect,
        });
        seq
    }

    /// The client left before the reply to `request` was written.
    pub fn reply_lost(&mut self, request: u64) {
        for entry in self.entries.iter_mut().rev().take(LOOK_BACK) {
            if entry.request == request && entry.reply == Fate::Sent {
                entry.reply = Fate::Lost;
                self.unsaved.insert(entry.seq);
            }
        }
    }

    pub fn unsaved(&mut self) -> Vec<LedgerEntry> {
        let changed = std::mem::take(&mut self.unsaved);
        changed.iter().filter_map(|seq| self.entries.get(*seq as usize - 1).cloned()).collect()
    }

    pub fn restore(&mut self, entries: Vec<LedgerEntry>) {
        self.entries = entries;
    }
}

/// A client that leaves has left recently.
const LOOK_BACK: usize = 10_000;

/// SHA-256 over the parts, each ended by a zero byte, as lower-case hex.
pub(crate) fn digest<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut context = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
    for part in parts {
        context.update(part.as_bytes());
        context.update(&[0]);
    }
    hex(context.finish().as_ref())
}

/// SHA-256 of bytes, as lower-case hex.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes).as_ref())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
