//! The prospect service's JSON: exactly the contract's names, inside the envelope.
//!
//! Requests are written compact. Replies are read with tolerance where the contract shows or allows variety (numbers
//! for strings, null for empty, keys it does not name) and with none where a guess could be taken for an answer:
//! a key twice, a reply of two parts, a number that does not survive decoding. Every way of not understanding a reply
//! is the one opaque [`Undecodable`]; a row of a download that cannot be read costs itself alone ([`Unreadable`]).

mod download;
mod loose;
mod reply;
mod request;

pub use crate::net::envelope::Undecodable;
pub use download::{Downloaded, ROW_BYTES, ReadFailure, Unreadable, read_rows};
pub use reply::{AddEntry, AddReply, Tail, parse_add, parse_tail};
pub use request::{Item, download, reject, upload};

#[cfg(test)]
mod tests;
