//! Feature `panic-button`: a panic on demand, for the tests of the other sides. No library that is shipped has it: what is
//! packaged is built without, and its symbols are looked through.

use crate::error::SatchelError;
use crate::run::promise;

/// Panics when it is told to. For tests; not in the library that apps get.
///
/// @suppress
#[derive(Default, uniffi::Object)]
pub struct PanicButton;

#[uniffi::export]
impl PanicButton {
    /// One that waits to be pressed.
    #[uniffi::constructor]
    pub fn new() -> Self {
        PanicButton
    }

    /// Panics, saying `text`, where every call that changes a book does its work.
    ///
    /// Throws `Internal`, always.
    pub async fn press(&self, text: String) -> Result<(), SatchelError> {
        promise(async move { panic!("{text}") }).await
    }
}
