//! Papers: attached while the customer is at the table, kept encrypted in the book, carried to the bank whole or not at
//! all.

mod attach;
pub(crate) mod chunks;
mod model;
pub(crate) mod rows;
mod source;
mod verbs;

pub use model::{Attached, Document, Measure, Paper, Warning};
pub use rows::PaperStage;
pub use source::{PaperWriter, Source, Written};
pub(crate) use verbs::prune;
