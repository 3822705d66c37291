//! The chapters of the day.

mod evening;
mod hard_questions;
mod onboarding_day;
mod one_by_one;
mod storm;
mod two_tablets;
mod villages;

pub use evening::evening;
pub use hard_questions::hard_questions;
pub use onboarding_day::onboarding_day;
pub use one_by_one::one_by_one;
pub use storm::storm;
pub use two_tablets::two_tablets;
pub use villages::villages;
