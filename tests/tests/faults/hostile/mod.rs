//! What a host hands in that no host should (fault 24).

pub(crate) mod arguments;
pub(crate) mod crowd;
pub(crate) mod fields;
