//! What support asks for: codes, counts and times, to be shown and shared.

use crate::error::{Error, Result};
use crate::satchel::Satchel;
use serde_json::{Value, json};

/// Which build of the library this is: the version, and what the release command says of the sources.
pub const BUILD: &str = match option_env!("SATCHEL_BUILD") {
    Some(build) => build,
    None => concat!(env!("CARGO_PKG_VERSION"), "-dev"),
};

impl Satchel {
    /// Versions, the book in numbers, what wants attention. No personal data, no secret, no address; the reason of a paused
    /// remote is as the app said it.
    ///
    /// # Errors
    /// The store's.
    pub async fn diagnostics(&self) -> Result<Value> {
        let (summary, health) = (self.summary().await?, self.health().await?);
        let value = |value: serde_json::Result<Value>| value.map_err(|_| Error::internal("diagnostics"));
        Ok(json!({
            "build": BUILD,
            "sqlite": rusqlite::version(),
            "summary": value(serde_json::to_value(&summary))?,
            "health": value(serde_json::to_value(&health))?,
        }))
    }
}
