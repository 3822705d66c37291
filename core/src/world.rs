//! Everything that is not deterministic, as parameters.

pub mod http;
