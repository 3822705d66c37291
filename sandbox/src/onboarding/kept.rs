//! A document as the state file holds it.

use super::model::Document;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::de::Error;
use serde::{Deserialize, Serialize};

/// A document and its bytes.
#[derive(Serialize, Deserialize)]
pub(super) struct Kept {
    document: Document,
    contents: String,
}

impl Kept {
    pub fn of(document: &Document) -> Kept {
        Kept { document: document.clone(), contents: STANDARD.encode(document.bytes()) }
    }

    pub fn document(self) -> Result<Document, serde_json::Error> {
        let bytes = STANDARD.decode(&self.contents).map_err(serde_json::Error::custom)?;
        Ok(Document { bytes: bytes.into(), ..self.document })
    }
}
