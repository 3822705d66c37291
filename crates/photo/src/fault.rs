//! Why a file was not taken: codes and numbers, nothing out of the file, so safe to log.

use crate::Kind;
use std::io;

/// Why a file was not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The file has no bytes.
    #[error("empty")]
    Empty,
    /// Not a JPEG or PNG (or, asked for a PDF, not a PDF): what its first bytes say it is.
    #[error("not the kind of file that is taken: {0:?}")]
    NotAPicture(Kind),
    /// The file ends, or its data do, before the picture or document does. Take or scan it again.
    #[error("cut short")]
    CutShort,
    /// The bytes contradict themselves.
    #[error("damaged: {0}")]
    Damaged(&'static str),
    /// More pixels than the limit, or an edge of more than 65,535; known from the header alone.
    #[error("{pixels} pixels, {limit} at most")]
    TooManyPixels {
        /// What the header says.
        pixels: u64,
        /// [`crate::Limits::pixels`].
        limit: u64,
    },
    /// Stored in passes over the whole picture (progressive JPEG, interlaced PNG) and too large to be held whole;
    /// known from the header alone. Saved as a baseline JPEG it could be taken.
    #[error("progressive with {pixels} pixels, {limit} at most")]
    Progressive {
        /// What the header says.
        pixels: u64,
        /// What [`crate::Limits::whole`] is enough for with this picture's colours.
        limit: u64,
    },
    /// A form of picture that cameras do not make and this crate does not read.
    #[error("unsupported: {0:?}")]
    Unsupported(Feature),
    /// Even at the lowest quality and smallest edge it is larger than the limit.
    #[error("does not fit: {smallest} bytes at the least")]
    DoesNotFit {
        /// The smallest that was reached, in bytes.
        smallest: u64,
    },
    /// The PDF is encrypted: the bank could not read it. Save it without a password.
    #[error("the PDF is encrypted")]
    EncryptedPdf,
    /// The PDF has no page.
    #[error("the PDF has no pages")]
    NoPages,
    /// Small on disk and enormous in memory, or nested or linked without end: made to do harm.
    #[error("would take too much memory or time: {0}")]
    Bomb(&'static str),
    /// Reading the source failed.
    #[error("read failed: {0}")]
    Read(io::ErrorKind),
    /// The caller said stop.
    #[error("cancelled")]
    Cancelled,
}

/// What is not read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Feature {
    /// Four inks, as for a printing press.
    Cmyk,
    /// A JPEG of red, green and blue planes.
    RgbPlanes,
    /// A number of colour components that no colour model has.
    Components,
    /// More than 8 bits a sample in a JPEG.
    TwelveBit,
    /// Lossless JPEG.
    Lossless,
    /// Hierarchical JPEG.
    Hierarchical,
    /// Arithmetic coding.
    Arithmetic,
    /// A JPEG whose height is told after its pixels.
    HeightLater,
    /// An animation.
    Animation,
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::CutShort,
            kind => Self::Read(kind),
        }
    }
}
