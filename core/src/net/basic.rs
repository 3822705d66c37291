//! HTTP Basic: two of the remotes ask for it.

use crate::error::{Error, Problem, Result};
use crate::world::Secret;
use base64::{Engine, engine::general_purpose::STANDARD};

/// Can these be sent? At most `most` characters each.
///
/// # Errors
/// `InvalidInput` in `user` or `password`.
pub(crate) fn check(user: &Secret<String>, password: &Secret<String>, most: usize) -> Result<()> {
    for (field, value) in [("user", user), ("password", password)] {
        sendable(field, value, most)?;
    }
    if user.reveal().contains(':') {
        // Basic ends the name there, and the bank would see somebody else.
        return Err(Error::invalid("user", Problem::Form { expected: "a name without a colon" }));
    }
    Ok(())
}

/// Is it a text that a head can hold?
///
/// # Errors
/// `InvalidInput` in `field`.
pub(crate) fn sendable(field: &'static str, value: &Secret<String>, most: usize) -> Result<()> {
    if value.reveal().chars().nth(most).is_some() {
        return Err(Error::invalid(field, Problem::TooLong { max: most }));
    }
    match value.reveal().chars().any(char::is_control) {
        true => Err(Error::invalid(field, Problem::ControlCharacter)),
        false => Ok(()),
    }
}

/// The `Authorization` header.
pub(crate) fn header(user: &Secret<String>, password: &Secret<String>) -> Secret<String> {
    let pair = zeroize::Zeroizing::new(format!("{}:{}", user.reveal(), password.reveal()));
    Secret::new(format!("Basic {}", STANDARD.encode(pair.as_bytes())))
}
