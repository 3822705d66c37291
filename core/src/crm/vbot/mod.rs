//! VBot: customers, and the statuses, types, groups and fields that they have there.
//!
//! The service cannot be read, and numbers no error. Each record has a code, and the code is the caller's own: a create whose
//! answer was lost is settled by an *update* under its code, which only works where it had arrived. That proves something only
//! for a code that nobody else can have: one that this book has drawn. Of a code that somebody typed the officer is asked.

mod effect;
mod model;
mod moved;
mod secrets;
mod verbs;
#[doc(hidden)]
pub mod wire;

pub use effect::VbotRemote;
pub use model::{CustomField, Customer, Kind, VbotFields, VbotObject};
pub use secrets::VbotSecrets;

/// VBot's name in entries, sessions, feed and errors.
pub const VBOT: &str = "vbot";
