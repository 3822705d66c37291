//! What is sent, before the envelope.

use crate::error::{Error, Result};
use crate::prospect::{Field, Fields, ProspectId};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

/// One prospect of an upload. It holds personal data and has no `Debug`.
#[derive(Clone, Copy)]
pub struct Item<'a> {
    /// Goes out as `ProspectClientID` and is echoed in the answer.
    pub id: ProspectId,
    /// `None`: create. Given: update the prospect of that code.
    pub code: Option<&'a str>,
    /// The values.
    pub fields: &'a Fields,
}

/// The plaintext of a ProspectAddV2 request: every item with all its fields, in the contract's order. To a V1.0.0
/// server the two fields it does not know are left out.
///
/// # Errors
/// `Internal` if the text cannot be written.
pub fn upload(items: &[Item<'_>], v100: bool) -> Result<Vec<u8>> {
    #[derive(Serialize)]
    struct Upload<'a> {
        #[serde(rename = "ProspectDataList")]
        list: Vec<Spelt<'a>>,
    }
    let list = items.iter().map(|item| Spelt { item: *item, v100 }).collect();
    encode(&Upload { list })
}

/// The plaintext of a ProspectReject request.
///
/// # Errors
/// As [`upload`].
pub fn reject(code: &str) -> Result<Vec<u8>> {
    encode(&serde_json::json!({ "ProspectCode": code }))
}

/// The plaintext of a ProspectGetV2 request: one prospect by its code, or all of the user's.
///
/// # Errors
/// As [`upload`].
pub fn download(code: Option<&str>) -> Result<Vec<u8>> {
    encode(&serde_json::json!({ "criteriaValue": code.unwrap_or_default() }))
}

fn encode(body: &impl Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(body).map_err(|_| Error::internal("request"))
}

struct Spelt<'a> {
    item: Item<'a>,
    v100: bool,
}

impl Serialize for Spelt<'_> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let Item { id, code, fields } = self.item;
        let mut map = s.serialize_map(None)?;
        for field in Field::ALL.into_iter().filter(|f| f.known(self.v100)) {
            // The two that are the record's identity stand where the contract has them.
            match field {
                Field::CollateralStatus => map.serialize_entry("Code", code.unwrap_or_default())?,
                Field::Status => map.serialize_entry("ProspectClientID", &id.0.to_string())?,
                _ => {}
            }
            map.serialize_entry(field.wire(), fields.get(field))?;
        }
        map.end()
    }
}
