//! Satchel.
