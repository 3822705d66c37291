//! What the app hands in at sign-in: no document of the bank has a login call.

use crate::error::{Error, Problem, Result};
use crate::net::basic;
use crate::net::envelope::Envelope;
use crate::world::Secret;
use serde::{Deserialize, Serialize};

/// The longest user name, password or session, in characters: what a server still takes in a head.
const LONGEST: usize = 4096;

/// The officer's secrets for the prospect service. `Debug` shows none of them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ProspectSecrets {
    /// HTTP Basic user name; also `msgid` unless the profile says otherwise.
    pub user: Secret<String>,
    /// HTTP Basic password.
    pub password: Secret<String>,
    /// The login session (`p` in the query).
    pub session: Secret<String>,
    /// The envelope's pre-shared key: 16, 24 or 32 bytes.
    pub key: Secret<Vec<u8>>,
    /// The envelope's IV: 16 bytes.
    pub iv: Secret<Vec<u8>>,
}

impl ProspectSecrets {
    /// As kept in the book.
    pub(crate) fn checked(&self) -> Result<String> {
        self.envelope()?;
        basic::check(&self.user, &self.password, LONGEST)?;
        basic::sendable("session", &self.session, LONGEST)?;
        serde_json::to_string(self).map_err(|_| Error::internal("secrets"))
    }

    pub(crate) fn parse(kept: &Secret<String>) -> Result<Self> {
        Ok(serde_json::from_str(kept.reveal())?)
    }

    pub(crate) fn envelope(&self) -> Result<Envelope> {
        let bad = |field, expected| Error::invalid(field, Problem::Form { expected });
        let iv: [u8; 16] = self.iv.reveal().as_slice().try_into().map_err(|_| bad("iv", "16 bytes"))?;
        Envelope::new(self.key.reveal(), &iv).map_err(|_| bad("key", "16, 24 or 32 bytes"))
    }

    /// The `Authorization` header.
    pub(crate) fn basic(&self) -> Secret<String> {
        basic::header(&self.user, &self.password)
    }
}
