//! Collection: late payers as the bank lists them, and what the officer records of her visits and calls.
//!
//! The rooms are a prospect's: [`wire`] spells the two operations as the service does, `model` is what the app sees, and
//! `check` looks at what the officer typed (these are pure); `rows` and `download` write it down; `effect` is the outbox's
//! door, `judge` and `moved` what stands behind it. The officer's verbs are in `results`, the list's order in `list`.
//!
//! A result moves money and nothing at the bank can be read back to prove it: one whose answer was lost is never sent again
//! but by the officer's word. Each result stands by itself, with the time of its visit: one that asks holds up no other.

mod check;
mod download;
mod effect;
mod judge;
mod list;
mod model;
mod results;
mod rows;
mod secrets;
pub(crate) mod standing;
#[doc(hidden)]
pub mod wire;

pub use crate::record::{CollectionResultId, TaskId};
pub use effect::CollectionRemote;
pub use list::{TaskCursor, TaskPage, TaskQuery};
pub use model::{CollectionResult, Recorded, ResultFields, ResultStage, Task, TaskListed};
pub use secrets::CollectionSecrets;

/// The collection service's name in entries, sessions, feed and errors.
pub const COLLECTION: &str = "collection";
