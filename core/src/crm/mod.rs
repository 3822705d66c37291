//! The bank's CRMs, one folder each; what they share is here: their records, as the book knows them.

pub mod vbot;

pub(crate) mod objects;
pub(crate) mod standing;

pub use crate::record::CrmObjectId;
pub use objects::Life;
