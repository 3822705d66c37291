//! What the app hands in at sign-in: no document of the bank has a login call.

use crate::error::{Error, Problem, Result};
use crate::net::basic::sendable;
use crate::world::Secret;
use serde::{Deserialize, Serialize};

/// The longest token, in characters: what a server still takes in a head.
const LONGEST: usize = 8192;

/// The officer's access token for VBot. `Debug` does not show it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct VbotSecrets {
    /// What follows `Bearer` in the `Authorization` header.
    pub token: Secret<String>,
}

impl VbotSecrets {
    /// As kept in the book.
    pub(crate) fn checked(&self) -> Result<String> {
        sendable("token", &self.token, LONGEST)?;
        let printable = self.token.reveal().bytes().all(|b| (b'!'..=b'~').contains(&b));
        match (self.token.reveal().is_empty(), printable) {
            (true, _) => Err(Error::invalid("token", Problem::Missing)),
            (_, false) => Err(Error::invalid("token", Problem::Form { expected: "printable ASCII" })),
            _ => serde_json::to_string(self).map_err(|_| Error::internal("secrets")),
        }
    }

    pub(crate) fn parse(kept: &Secret<String>) -> Result<Self> {
        Ok(serde_json::from_str(kept.reveal())?)
    }

    /// The `Authorization` header.
    pub(crate) fn bearer(&self) -> Secret<String> {
        Secret::new(format!("Bearer {}", self.token.reveal()))
    }
}
