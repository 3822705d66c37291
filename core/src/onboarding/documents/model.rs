//! What the app sees of a paper.

use super::rows::{PaperStage, Row};
use crate::prospect::shows;
use crate::record::{ActionId, DocumentId};
use serde::{Deserialize, Serialize};

/// A picture's or file's measure.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Measure {
    /// Bytes.
    pub bytes: u64,
    /// Pixels across; 0 for what is no picture.
    pub width: u32,
    /// Pixels down; 0 for what is no picture.
    pub height: u32,
}

/// What was seen on a paper that the officer may want to take again while the customer is still there. Nothing is refused
/// because of it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "warning")]
pub enum Warning {
    /// Its largest edge has so few pixels.
    TooSmall {
        /// Pixels.
        edge: u32,
    },
    /// It has hardly a sharp edge.
    Blurred {
        /// How sharp, 0 and up; see `satchel-photo`.
        sharpness: f64,
    },
    /// Nearly all of it is black.
    Dark {
        /// The share of dark pixels, 0 to 1.
        share: f64,
    },
    /// Nearly all of it is white.
    Bright {
        /// The share of white pixels, 0 to 1.
        share: f64,
    },
}

/// What is known of a paper from looking at it.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Paper {
    /// As it was handed in.
    pub before: Measure,
    /// As it is sent.
    pub after: Measure,
    /// Hex SHA-256 of what was handed in.
    pub source_sha256: String,
    /// Pages of a PDF; 0 for a picture.
    pub pages: u32,
    /// What the officer may want to look at.
    pub warnings: Vec<Warning>,
}

/// A paper.
#[derive(Clone, PartialEq)]
pub struct Document {
    /// Its number in this book.
    pub id: DocumentId,
    /// What it is for.
    pub action: ActionId,
    /// Its name as it is sent.
    pub name: String,
    /// What the officer says about it.
    pub info: String,
    /// Its type as it is sent: `image/jpeg`, `application/pdf`.
    pub mime: String,
    /// Hex SHA-256 of the bytes that are sent.
    pub sha256: String,
    /// Measures and warnings.
    pub paper: Paper,
    /// Where it stands.
    pub stage: PaperStage,
    /// The bank's `documentId`, once it gave one.
    pub document_id: Option<String>,
    /// Delivered long ago: its bytes are no longer here.
    pub pruned: bool,
    /// When it was attached, unix ms.
    pub made_wall: i64,
}
shows!(Document { id, action, mime, paper, stage, pruned, made_wall });

impl From<Row> for Document {
    fn from(row: Row) -> Self {
        Document {
            id: row.id,
            action: row.action,
            name: row.name,
            info: row.info,
            mime: row.mime,
            sha256: row.sha256,
            paper: row.paper,
            stage: row.stage,
            document_id: row.document_id,
            pruned: row.pruned,
            made_wall: row.made_wall,
        }
    }
}

/// A paper just attached.
#[derive(Clone, PartialEq, Debug)]
pub struct Attached {
    /// It, with its measures before and after and its warnings.
    pub document: Document,
    /// Papers of this book with the same bytes: a hint, nothing was refused because of it.
    pub same: Vec<DocumentId>,
}
