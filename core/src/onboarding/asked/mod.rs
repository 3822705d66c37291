//! What the bank asks, and what the officer answers: kept, merged with each new list, never taken away.

pub(crate) mod list;
pub(crate) mod rows;
mod stage;
mod verbs;

pub use rows::ActionStage;
pub use verbs::{Asking, Query};
