//! JSON looked at value by value, each as forgivingly as it deserves: the replies of remotes that spell a number as a text,
//! a yes as a word, and lack what they promise.

mod lists;
mod object;
mod whole;

pub use lists::ListFailure;
pub(crate) use lists::read_lists;
pub(crate) use object::{Object, scalar};
pub use whole::whole;
