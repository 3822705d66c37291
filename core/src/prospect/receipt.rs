//! The digest of a list: each row by itself, combined without order, over what the server can return.

use super::{Field, Fields, Kind, rows};
use crate::error::Result;
use crate::store::hex;
use aws_lc_rs::digest::{SHA256, digest};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

/// Counts and digest of a list.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Digest {
    /// Rows.
    pub rows: u64,
    /// Of these, rows that both sides hold alike and that have nothing unsent.
    pub agreed: u64,
    /// Hex.
    pub sha256: String,
}

/// Adds rows up.
#[derive(Default)]
pub(super) struct Sum {
    rows: u64,
    bytes: [u8; 32],
    /// One row's bytes, used again for each.
    row: Vec<u8>,
}

impl Sum {
    /// One row. Dates count as the server keeps them: to the second, promotion days without their time. When the
    /// record was made is its identity and stays as it is here (see `merge`): whether the server keeps it is said apart.
    pub fn add(&mut self, code: &str, fields: &Fields, v100: bool) {
        self.row.clear();
        self.row.extend(code.as_bytes());
        for field in Field::ALL.into_iter().filter(|f| *f != Field::CreatedAt && f.known(v100)) {
            let value = fields.get(field);
            let kept = match field.kind() {
                Kind::DateTime => value.get(..19).unwrap_or(value),
                Kind::Day => value.get(..10).unwrap_or(value),
                _ => value,
            };
            self.row.extend((kept.len() as u32).to_be_bytes());
            self.row.extend(kept.as_bytes());
        }
        self.rows += 1;
        self.bytes.iter_mut().zip(digest(&SHA256, &self.row).as_ref()).for_each(|(sum, byte)| *sum ^= byte);
    }

    /// The digest, once all rows are in.
    pub fn digest(&self, agreed: u64) -> Digest {
        let sha256 = hex(&self.bytes);
        Digest { rows: self.rows, agreed, sha256 }
    }
}

/// What this tablet holds as agreed, with nothing unsent.
pub(crate) fn held(conn: &Connection, v100: bool) -> Result<Digest> {
    let mut sum = Sum::default();
    rows::each_agreed(conn, |code, base| {
        sum.add(code, &serde_json::from_str(base)?, v100);
        Ok(())
    })?;
    let rows = sum.rows;
    Ok(sum.digest(rows))
}
