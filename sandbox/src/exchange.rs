//! The last requests, decoded, with what was answered and what the faults did.

use serde::Serialize;
use std::collections::VecDeque;

/// One request and its answer.
#[derive(Clone, Serialize)]
pub struct Exchange {
    /// The request's number, from one.
    pub id: u64,
    /// When it came, in milliseconds since 1970.
    pub at_ms: i64,
    /// The endpoint, or the path if there is none.
    pub endpoint: String,
    /// Whose session it came in; empty if it was not accepted.
    pub officer: String,
    /// The decoded body, shortened.
    pub asked: String,
    /// The reply before it was sealed, shortened; empty if there was none.
    pub answered: String,
    /// The reply's HTTP status; none if there was no reply.
    pub status: Option<u16>,
    /// What happened to the reply on its way, in a word or two.
    pub delivery: String,
    /// The faults that fired.
    pub fired: Vec<&'static str>,
    /// Ledger numbers of what it committed.
    pub committed: Vec<u64>,
}

/// How many requests are kept.
const KEPT: usize = 300;
/// How much of a body is kept.
const TEXT: usize = 8 * 1024;

#[derive(Default)]
pub(crate) struct Exchanges(VecDeque<Exchange>);

impl Exchanges {
    pub fn push(&mut self, exchange: Exchange) {
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        self.0.push_back(exchange);
    }

    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Exchange> {
        self.0.iter()
    }

    pub fn get_mut(&mut self, id: u64) -> Option<&mut Exchange> {
        self.0.iter_mut().rev().find(|e| e.id == id)
    }
}

/// The start of a text, so that one giant body does not fill the memory.
pub(crate) fn shortened(text: &str) -> String {
    match text.char_indices().nth(TEXT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
