//! The officer's prospects: what the app sees, how they lie in the book, how they are merged with what the server holds.
//!
//! Each room does one thing. [`check`] looks at what was typed, [`rows`] writes it down, [`wire`] spells it as the
//! service does, [`merge`] puts two versions together, [`matching`] says whether a create arrived, [`list`] finds
//! and [`draft`] keeps half-typed forms. All but `rows`, `list` and `draft` are pure.

// The hidden ones are open for this crate's own tests alone: no part of its promise.

mod apply;
#[doc(hidden)]
pub mod check;
pub mod decide;
mod download;
#[doc(hidden)]
pub mod draft;
pub(crate) mod effect;
mod field;
mod handover;
mod judge;
#[doc(hidden)]
pub mod list;
#[doc(hidden)]
pub mod matching;
#[doc(hidden)]
pub mod merge;
mod model;
mod moved;
pub(crate) mod receipt;
#[doc(hidden)]
pub mod rows;
mod secrets;
mod settle;
pub(crate) mod standing;
mod take;
mod verbs;
#[doc(hidden)]
pub mod wire;

pub use crate::record::ProspectId;
pub use decide::NearRow;
pub(crate) use download::sweep_leftovers;
pub use draft::{About, Draft, DraftInfo};
pub use effect::ProspectRemote;
pub use field::{Field, Fields, Kind};
pub use handover::{LeftOver, Origin, TakenOver};
pub use list::{Cursor, Listed, Page, Query, Why};
pub use merge::Choice;
pub use model::{Conflict, FieldChange, FieldConflict, Intent, Life, Prospect, ServerFields};
pub use secrets::ProspectSecrets;
pub use verbs::{Added, TakenBack};

/// The prospect service's name in entries, sessions, feed and errors.
pub const PROSPECT: &str = "prospect";

/// `Debug` for a type that holds personal data: the fields named here are safe to log, the rest is not shown.
macro_rules! shows {
    ($type:ident { $($field:ident),* $(,)? }) => {
        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($type))$(.field(stringify!($field), &self.$field))*.finish_non_exhaustive()
            }
        }
    };
}
pub(crate) use shows;
