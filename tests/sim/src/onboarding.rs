//! Onboarding in a schedule: people who apply, what the bank asks of them, and the papers they bring. What the officers do
//! with it, what the auditor reads in the bank's ledger, and what must be true in the end.

mod acts;
mod audit;
mod compare;
mod notes;

pub use acts::{answer, step};
pub use notes::Onboarded;
