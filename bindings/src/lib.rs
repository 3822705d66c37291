//! Satchel for Kotlin and Swift: everything that the core offers, one method for one method.
//!
//! Each method does the same three things: it turns what was handed in into the core's types, runs the core's method on
//! the library's own threads, and turns the answer back. Nothing is decided here.
//!
//! **Callers that go away.** What changes something is a promise: it goes on and is on disk even when the coroutine or
//! task that waits for it is cancelled. What only waits or reads (feed, download, drain) ends with its caller.
//!
//! **Numbers.** Counts and identities are signed 64-bit numbers, sizes are bytes, moments are instants. Lengths
//! of time are durations where they come out, and milliseconds (a negative one is none) where they go in. A civil time (`CivilDateTime`) is what the bank's clocks on the wall show: it has no zone.

mod collection;
mod error;
mod host;
mod onboarding;
#[cfg(feature = "panic-button")]
mod panic_button;
mod panics;
mod prospects;
mod run;
mod satchel;
mod stop;
mod tablet;
mod types;
mod vbot;

pub use collection::CollectionDesk;
pub use error::{FieldProblem, SatchelError};
pub use host::{KeyVault, ServerTrust, TrustVerdict, VaultError, VaultReceipt};
pub use onboarding::{Onboarding, PaperWriter};
#[cfg(feature = "panic-button")]
pub use panic_button::PanicButton;
pub use satchel::{Satchel, Watch};
pub use stop::Stop;
pub use tablet::{Book, list_books, salvage_book, set_aside_book};
pub use types::*;
pub use vbot::Vbot;

uniffi::setup_scaffolding!("satchel");
