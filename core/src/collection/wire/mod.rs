//! The collection service's JSON: exactly the seed's names.

mod result;
mod task;

pub use result::{Said, hashing, said};
pub(super) use result::{Sent, body};
pub use task::{LONGEST, NotATask, task};
