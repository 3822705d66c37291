//! Papers as a customer brings them: the seed's own PDF, and photographs that are drawn here.

use crate::Result;
use jpeg_encoder::{ColorType, Encoder};

/// The one that the bank's own document shows.
pub const SEED_PDF: &[u8] = include_bytes!("../../crates/photo/tests/data/seed.pdf");

/// The beginning of a PNG.
pub const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

const WIDTH: u16 = 1600;
const HEIGHT: u16 = 1200;

/// A photograph of a form on a table: a light sheet with dark lines of writing, on wood. `which` makes each another one.
pub fn photograph(which: u32) -> Result<Vec<u8>> {
    let mut rgb = Vec::with_capacity(usize::from(WIDTH) * usize::from(HEIGHT) * 3);
    let mut grain = which.wrapping_mul(0x9e37_79b9) | 1;
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            grain = grain.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = (grain >> 28) as u8;
            let sheet = (200..1400).contains(&x) && (100..1100).contains(&y);
            let written = sheet && y % 40 < 6 && (x / 7 + y / 40 * 13 + which as u16) % 5 > 1;
            let colour = match (sheet, written) {
                (_, true) => [30, 32, 60],
                (true, _) => [225, 222, 210],
                _ => [120, 84, 50],
            };
            rgb.extend(colour.map(|part: u8| part.saturating_add(noise)));
        }
    }
    let mut jpeg = Vec::new();
    Encoder::new(&mut jpeg, 92).encode(&rgb, WIDTH, HEIGHT, ColorType::Rgb)?;
    Ok(jpeg)
}
