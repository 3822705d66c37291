//! Papers: where they come from, and what is known of them.

use super::{count, instant};
use crate::error::SatchelError;
use satchel::onboarding::{self as core, PaperStage};
use std::fs::File;
use std::time::SystemTime;

/// Where a paper comes from. A captured file is removed once it is attached; no other source is ever changed. For bytes that
/// are in no file there is `Onboarding.writePaper`.
#[derive(Clone, PartialEq, uniffi::Enum)]
pub enum PaperSource {
    /// A plain file. (Not a link, not a folder.)
    Path {
        /// Its path.
        path: String,
    },
    /// An open file, such as a content provider gives; read from its beginning. It stays the app's, to be closed by it once
    /// the call has returned.
    Descriptor {
        /// Its number.
        fd: i32,
    },
    /// What the camera has written into a slot of `captureSlot`.
    Captured {
        /// The slot's name.
        slot: String,
    },
}

impl PaperSource {
    pub(crate) fn core(self) -> Result<core::Source, SatchelError> {
        Ok(match self {
            PaperSource::Path { path } => core::Source::Path(path.into()),
            PaperSource::Captured { slot } => core::Source::Captured(slot),
            PaperSource::Descriptor { fd } => core::Source::File(duplicate(fd)?),
        })
    }
}

/// The same open file under a number of our own, so that the app may close its own whenever it likes.
fn duplicate(fd: i32) -> Result<File, SatchelError> {
    let bad = || SatchelError::form("source", "an open file");
    if fd < 0 {
        return Err(bad());
    }
    // SAFETY: the number is used for one `dup`, which says so when no file is open under it; -1 was refused above.
    let borrowed = unsafe { std::os::fd::BorrowedFd::borrow_raw(fd) };
    borrowed.try_clone_to_owned().map(File::from).map_err(|_| bad())
}

/// Where the camera writes a photo to.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct CaptureSlot {
    /// Its name, for `PaperSource.Captured`. Keep it while the camera is open.
    pub slot: String,
    /// The path for the camera.
    pub path: String,
}

/// A picture's or file's measure.
#[derive(Clone, Copy, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Measure {
    /// Bytes.
    pub bytes: i64,
    /// Pixels across; 0 for what is no picture.
    pub width: i64,
    /// Pixels down; 0 for what is no picture.
    pub height: i64,
}

impl From<core::Measure> for Measure {
    fn from(m: core::Measure) -> Self {
        Measure { bytes: count(m.bytes), width: m.width.into(), height: m.height.into() }
    }
}

/// What was seen on a paper that the officer may want to take again while the customer is still there. Nothing is refused
/// because of it.
#[derive(Clone, Copy, PartialEq, Debug, uniffi::Enum)]
pub enum PaperWarning {
    /// Its largest edge has so few pixels.
    TooSmall {
        /// Pixels.
        edge: i64,
    },
    /// It has hardly a sharp edge.
    Blurred {
        /// How sharp, 0 and up.
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

impl From<core::Warning> for PaperWarning {
    fn from(w: core::Warning) -> Self {
        match w {
            core::Warning::TooSmall { edge } => PaperWarning::TooSmall { edge: edge.into() },
            core::Warning::Blurred { sharpness } => PaperWarning::Blurred { sharpness },
            core::Warning::Dark { share } => PaperWarning::Dark { share },
            core::Warning::Bright { share } => PaperWarning::Bright { share },
        }
    }
}

/// Where a paper stands as a record, whatever waits to be sent.
#[uniffi::remote(Enum)]
pub enum PaperStage {
    /// Waits to be sent, or may have been.
    Live,
    /// The bank has it.
    Delivered,
    /// Taken back or given up.
    Withdrawn,
}

/// A paper. Personal data.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Document {
    /// Its number in this book.
    pub id: i64,
    /// The number of the action that it is for.
    pub action: i64,
    /// Its name as it is sent.
    pub name: String,
    /// What the officer says about it.
    pub info: String,
    /// Its type as it is sent: `image/jpeg`, `application/pdf`.
    pub mime: String,
    /// Hex SHA-256 of the bytes that are sent.
    pub sha256: String,
    /// As it was handed in.
    pub before: Measure,
    /// As it is sent.
    pub after: Measure,
    /// Pages of a PDF; 0 for a picture.
    pub pages: i64,
    /// What the officer may want to look at.
    pub warnings: Vec<PaperWarning>,
    /// Where it stands.
    pub stage: PaperStage,
    /// The bank's `documentId`, once it gave one.
    pub document_id: Option<String>,
    /// Delivered long ago: its bytes are no longer here.
    pub pruned: bool,
    /// When it was attached.
    pub made: SystemTime,
}

impl From<core::Document> for Document {
    fn from(d: core::Document) -> Self {
        Document {
            id: d.id.0,
            action: d.action.0,
            name: d.name,
            info: d.info,
            mime: d.mime,
            sha256: d.sha256,
            before: d.paper.before.into(),
            after: d.paper.after.into(),
            pages: d.paper.pages.into(),
            warnings: d.paper.warnings.into_iter().map(PaperWarning::from).collect(),
            stage: d.stage,
            document_id: d.document_id,
            pruned: d.pruned,
            made: instant(d.made_wall),
        }
    }
}

/// A paper just attached. Personal data.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Attached {
    /// It, with its measures before and after and its warnings.
    pub document: Document,
    /// Papers of this book with the same bytes: a hint, nothing was refused because of it.
    pub same: Vec<i64>,
}

impl From<core::Attached> for Attached {
    fn from(a: core::Attached) -> Self {
        Attached { document: a.document.into(), same: a.same.into_iter().map(|id| id.0).collect() }
    }
}
