//! Satchel.
pub mod error;
pub mod outbox;
pub mod profile;
pub mod prospect;
pub mod text;
pub mod world;
