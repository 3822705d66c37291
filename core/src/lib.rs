//! Satchel: the offline-first core of a loan officer's tablet app.
#![doc = include_str!("story.md")]

mod asks;
pub(crate) mod book;
pub mod collection;
pub mod crm;
mod diagnostics;
mod drain;
pub mod error;
pub mod export;
pub mod feed;
mod health;
#[doc(hidden)]
pub mod json;
pub mod net;
pub mod onboarding;
pub mod outbox;
mod overview;
pub mod profile;
pub mod prospect;
mod receipt;
pub mod record;
pub(crate) mod restored;
mod satchel;
pub mod seal;
mod stamp;
pub mod standing;
pub mod store;
pub mod text;
pub mod world;

pub use asks::{Ask, AskedAbout, Decision};
pub use book::Progress;
pub use diagnostics::BUILD;
pub use drain::{DrainReport, WhyStopped};
pub use error::{Error, Result};
pub use health::{Concern, Health};
pub use outbox::KeyTrust;
pub use overview::{Summary, Waiting};
pub use prospect::PROSPECT;
pub use receipt::Receipt;
pub use satchel::{Satchel, Watch};
pub use stamp::{Question, Stamp};

/// The README's example is run as a test.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
