//! Papers that tests hand in.

use std::path::PathBuf;

/// The seed's own PDF.
pub const PDF: &[u8] = include_bytes!("../../crates/photo/tests/data/seed.pdf");

/// A small picture.
pub const PICTURE: &[u8] = include_bytes!("../scenarios/papers/house.png");

/// Where the PDF lies.
#[must_use]
pub fn pdf_file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../crates/photo/tests/data/seed.pdf")
}

/// The PDF with a comment in it: another file, and as long as one likes.
#[must_use]
pub fn pdf_with(comment: &[u8]) -> Vec<u8> {
    // A PDF ends with where its table stands: what is put before that says it once more.
    let end = PDF.windows(9).rposition(|word| word == b"startxref").unwrap_or_default();
    [PDF, b"\n% ", comment, b"\n", &PDF[end..]].concat()
}
