//! The outbox.
pub mod entry;
