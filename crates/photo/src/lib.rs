//! Makes a photograph fit to be sent to a bank that takes 2 MB a file, while the customer is still at the table; and
//! tells whether a PDF can be sent as it is.
//!
//! [`fit`] takes a JPEG or PNG and gives an upright JPEG within [`Limits`], without a word of what the camera wrote
//! beside the pixels: no place, no time, no device. Colour profiles go too: the colours are taken for sRGB, and those of a
//! wide-gamut camera come out a little pale. A picture that was cut off is never taken for whole. Memory stays below
//! 64 MiB for every source; [`head`] tells from the first bytes what will be refused.
//!
//! Nothing here opens a file, keeps a clock or has chance of its own: the same bytes in give the same bytes out.
//!
//! ```
//! # let paper = jpeg(640, 480);
//! let limits = satchel_photo::Limits { edge: 320, ..Default::default() };
//! let fitted = satchel_photo::fit(&mut std::io::Cursor::new(paper), &limits, &mut |_| true)?;
//! assert_eq!((fitted.width, fitted.height), (320, 240));
//! # fn jpeg(width: u16, height: u16) -> Vec<u8> {
//! #     let mut out = Vec::new();
//! #     let samples = vec![200; usize::from(width) * usize::from(height)];
//! #     let encoder = jpeg_encoder::Encoder::new(&mut out, 80);
//! #     encoder.encode(&samples, width, height, jpeg_encoder::ColorType::Luma).unwrap();
//! #     out
//! # }
//! # Ok::<(), satchel_photo::Fault>(())
//! ```

#![forbid(unsafe_code)]

mod encode;
mod exif;
mod fault;
mod fit;
mod input;
mod jpeg;
mod kind;
mod limits;
mod measure;
mod pdf;
mod picture;
mod plane;
mod png;

pub use exif::Orientation;
pub use fault::{Fault, Feature};
pub use kind::{Kind, SNIFF_BYTES, sniff};
pub use limits::Limits;
pub use measure::{BLACK, BLURRED, BRIGHT, DARK, TOO_SMALL, WHITE};
pub use pdf::{Pdf, pdf};

use std::io::{Read, Seek};

/// What a picture's header says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Head {
    /// JPEG or PNG.
    pub kind: Kind,
    /// Pixels across, as stored: before it is turned upright.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// All pixels.
    pub pixels: u64,
    /// Stored in passes over the whole picture: progressive JPEG, interlaced PNG.
    pub progressive: bool,
    /// Which way up it is. A PNG's stands anywhere in the file: [`head`] gives it as upright, [`fit`] finds it.
    pub orientation: Orientation,
    /// Its colours.
    pub colour: Colour,
}

/// Colours of a picture that is taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Colour {
    /// Shades of grey.
    Grey,
    /// Colours.
    Colour,
}

/// How far [`fit`] is. Told at least every 64 KiB of the source and before each encode.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Progress {
    /// Reading the source; a PNG is read twice.
    Reading {
        /// Of the source's bytes.
        percent: u8,
    },
    /// Encoding.
    Encoding {
        /// Which try, from 1.
        pass: u32,
    },
}

/// A picture's size.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Size {
    /// Bytes of the file.
    pub bytes: u64,
    /// Pixels across, as stored.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
}

/// A picture that fits.
#[derive(Clone, PartialEq)]
pub struct Fitted {
    /// The JPEG.
    pub jpeg: Vec<u8>,
    /// Pixels across, upright.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// The quality it was encoded with; none if it was kept.
    pub quality: Option<u8>,
    /// The source fitted, was upright and had no metadata: `jpeg` is the source, byte for byte.
    pub kept: bool,
    /// The source.
    pub before: Size,
    /// The result.
    pub after: Size,
    /// What an eye may find wrong with it.
    pub warnings: Vec<Warning>,
}

impl std::fmt::Debug for Fitted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = f.debug_struct("Fitted");
        out.field("before", &self.before).field("after", &self.after).field("quality", &self.quality);
        out.field("warnings", &self.warnings).finish_non_exhaustive()
    }
}

/// What may be wrong with a picture. Never a refusal: a person looks and decides.
#[derive(Clone, Copy, PartialEq, Debug)]
#[non_exhaustive]
pub enum Warning {
    /// The source's largest edge, in pixels, is below [`TOO_SMALL`].
    TooSmall {
        /// The edge.
        edge: u32,
    },
    /// Nothing in it is sharp. The measure is the variance of the Laplacian (four neighbours) on a grey copy of at most
    /// 1024 pixels an edge, and below [`BLURRED`].
    Blurred {
        /// The variance.
        measure: f64,
    },
    /// Nearly black. The measure is the share of pixels darker than [`BLACK`], and at least [`DARK`].
    Dark {
        /// The share, 0 to 1.
        measure: f64,
    },
    /// Nearly white. The measure is the share of pixels brighter than [`WHITE`], and at least [`BRIGHT`].
    Bright {
        /// The share, 0 to 1.
        measure: f64,
    },
}

/// What the header says; reads no pixel. A few kilobytes are read, or as much metadata as stands before the pixels.
///
/// # Errors
/// `Empty`, `NotAPicture`, `CutShort` or `Damaged` within the header, `Unsupported`, `Read`.
pub fn head(mut source: impl Read + Seek) -> Result<Head, Fault> {
    let mut go_on = |_| true;
    let mut input = input::Input::new(&mut source, &mut go_on)?;
    match fit::sniffed(&mut input)? {
        Kind::Jpeg => jpeg::head(&mut input),
        Kind::Png => png::head(&mut input),
        other => Err(Fault::NotAPicture(other)),
    }
}

/// Makes a JPEG or PNG fit: upright, without metadata, within the limits (how is told in the limits' words). Returns when
/// all of the source was read and checked. `progress` returning false stops it at the next piece.
///
/// # Errors
/// Everything but `EncryptedPdf` and `NoPages`. What is refused from the header is refused before a pixel is read.
pub fn fit(
    mut source: impl Read + Seek,
    limits: &Limits,
    progress: &mut dyn FnMut(Progress) -> bool,
) -> Result<Fitted, Fault> {
    fit::fit(&mut source, limits, progress)
}

/// A small JPEG of a JPEG, its largest edge `edge` at most, upright and without metadata.
///
/// # Errors
/// As [`fit`] with the default limits.
pub fn thumbnail(jpeg: &[u8], edge: u32) -> Result<Vec<u8>, Fault> {
    fit::thumbnail(jpeg, edge)
}
