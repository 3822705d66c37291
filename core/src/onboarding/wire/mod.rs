//! The onboarding service's JSON: exactly the seed's names.
//!
//! Requests are written compact, in the order of the seed's samples. Replies are read with tolerance where the seed shows
//! or allows variety (numbers for texts, texts for numbers, a float for a whole number, keys it does not name) and with
//! none where a guess could be taken for an answer: a key twice, something behind the end, a yes without what it promises.

mod reply;
mod request;

pub(super) use reply::judged;
pub use reply::{Answered, Created, Refusal, Tail, Uploaded, Verdict, answered, created, updated, uploaded};
pub use request::{
    ApplicantType, Create, Operation, PRE_REQUIREMENTS, Person, SUBMITTED, Submit, Update, create, list,
    submit, update,
};

#[cfg(test)]
mod tests;
