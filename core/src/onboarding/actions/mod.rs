//! What the bank asks for: its lists read, its questions shown, the officer's answers checked and spelt.
//!
//! Pure: values in, values out. [`read_list`] takes a reply apart as it comes, [`decode`] reads one entry of it, [`check`]
//! and [`response`] are for answers, [`merge`] says what a new list means for what the tablet has, [`by_group`],
//! [`by_person`] and [`to_do`] are the orders in which it is shown.
//!
//! ```
//! use satchel::onboarding::actions::{Kind, progress, read_list};
//! let reply = br#"{"Income":[{"UserActionIdentifier":"Proof_1_A","ActionMetaData":{"UserActionType":"DocumentUpload",
//!     "Title":"Papers of %FirstName%","DynamicData":{"FirstName":"Virat"}}}],"count":1,"opstatus":0}"#;
//! let mut actions = vec![];
//! read_list(&reply[..], |listed| {
//!     actions.extend(listed);
//!     Ok::<_, std::convert::Infallible>(())
//! })?;
//! assert_eq!((&*actions[0].title, &actions[0].kind), ("Papers of Virat", &Kind::DocumentUpload));
//! assert_eq!(progress(&actions).percent(), 0);
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

mod answer;
mod decode;
mod html;
mod list;
mod merge;
mod model;
mod options;
mod title;
mod views;

pub use crate::json::ListFailure;
pub use answer::{Answer, Wrong, check, response};
pub use decode::{ACTION_BYTES, decode};
pub use html::{Information, information};
pub use list::{List, Listed, read_list};
pub use merge::{Fate, Merged, Mine, Row, Theirs, merge};
pub use model::{Action, DateForm, Kind, Level, Status, Unreadable};
pub use options::{Choice, MOST_OPTIONS};
pub use title::{LONGEST_TITLE, fill};
pub use views::{Asked, Mark, Progress, Section, by_group, by_person, progress, to_do};
