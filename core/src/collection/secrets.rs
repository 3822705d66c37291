//! What the app hands in at sign-in: no document of the bank has a login call.

use crate::error::{Error, Problem, Result};
use crate::net::basic;
use crate::world::Secret;
use serde::{Deserialize, Serialize};

/// The longest of them, in characters: the seed's table says it of user name and password.
const LONGEST: usize = 255;

/// The officer's secrets for the collection service. `Debug` shows none of them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CollectionSecrets {
    /// HTTP Basic user name.
    pub user: Secret<String>,
    /// HTTP Basic password.
    pub password: Secret<String>,
    /// The HashKey that each result is hashed with.
    pub hash_key: Secret<String>,
}

impl CollectionSecrets {
    /// As kept in the book.
    pub(crate) fn checked(&self) -> Result<String> {
        basic::check(&self.user, &self.password, LONGEST)?;
        basic::sendable("hash_key", &self.hash_key, LONGEST)?;
        if self.hash_key.reveal().is_empty() {
            return Err(Error::invalid("hash_key", Problem::Missing));
        }
        serde_json::to_string(self).map_err(|_| Error::internal("secrets"))
    }

    pub(crate) fn parse(kept: &Secret<String>) -> Result<Self> {
        Ok(serde_json::from_str(kept.reveal())?)
    }

    /// The `Authorization` header.
    pub(crate) fn basic(&self) -> Secret<String> {
        basic::header(&self.user, &self.password)
    }
}
