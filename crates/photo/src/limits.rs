//! What may come in and what may go out.

use std::ops::RangeInclusive;

/// What may come in and what may go out. The defaults are a bank's that takes 2 MiB a file, and keep the peak memory
/// below 64 MiB for every picture.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Limits {
    /// The result's largest size in bytes.
    pub bytes: u64,
    /// The result's largest edge in pixels; a picture is never made larger.
    pub edge: u32,
    /// The most pixels a source may have.
    pub pixels: u64,
    /// The most memory, in bytes, for a source that has to be held whole while it is read: a progressive JPEG (3 bytes a
    /// pixel with 4:2:0, 6 with 4:4:4), an interlaced PNG (3, or 4 with transparency).
    pub whole: u64,
    /// JPEG qualities to search, 1 to 100: the highest is tried first, below the lowest the edge shrinks instead.
    pub quality: RangeInclusive<u8>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 2 << 20, edge: 2560, pixels: 120_000_000, whole: 48 << 20, quality: 55..=88 }
    }
}
