//! Onboarding: people who apply, what the bank asks of them, and the papers they bring.
//!
//! The rooms are a prospect's: [`wire`] spells the six operations as the service does, [`actions`] understands what the
//! bank asks and checks answers, [`papers`] looks at what is to be attached (these are pure); `rows`, `asked` and
//! `documents` write it all down; `effect` is the table of verbs and the outbox's door, `encode`, `judge` and `moved` what
//! stands behind it. The officer's verbs are in `applicants`, `asked/verbs`, `documents/attach` and `documents/verbs`.

pub mod actions;
mod applicants;
mod asked;
mod documents;
mod effect;
mod encode;
mod judge;
mod moved;
#[doc(hidden)]
pub mod papers;
mod person;
mod rows;
mod secrets;
pub(crate) mod standing;
#[doc(hidden)]
pub mod wire;

pub use crate::record::{ActionId, ApplicationId, CoApplicantId, DocumentId};
pub use applicants::{Application, CoApplicant};
pub use asked::{ActionStage, Asking, Query};
pub use documents::{Attached, Document, Measure, Paper, PaperStage, PaperWriter, Source, Warning, Written};
pub use effect::OnboardingRemote;
pub(crate) use effect::{profile, sweep_leftovers};
pub use person::Person;
pub use rows::Stage;
pub(crate) use rows::prospect_moved;
pub use secrets::OnboardingSecrets;

/// The onboarding service's name in entries, sessions, feed and errors.
pub const ONBOARDING: &str = "onboarding";
