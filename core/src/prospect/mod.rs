//! The officer's prospects.
mod field;
pub use field::{Field, Fields, Kind};
