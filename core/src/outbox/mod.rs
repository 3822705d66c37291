//! The outbox.
pub mod backoff;
pub mod entry;
pub mod plan;
pub mod policy;
