//! Text as officers write it and as the remotes date it: the key that search compares, and civil date-times.
//!
//! Everything here is a pure function of its arguments. What was typed is stored elsewhere, untouched.

pub mod amount;
pub mod civil;
pub mod search_key;

mod khmer;
