//! Satchel: the offline-first core of a loan officer's tablet app.
#![doc = include_str!("story.md")]

pub(crate) mod book;
pub mod error;
pub mod feed;
pub mod net;
pub mod outbox;
pub mod profile;
pub mod prospect;
pub(crate) mod restored;
mod satchel;
pub mod standing;
pub mod store;
pub mod text;
pub mod world;

pub use error::{Error, Result};
pub use satchel::{DrainReport, PROSPECT, Satchel, WhyStopped};
