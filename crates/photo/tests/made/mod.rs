//! Pictures made by the tests themselves.
#![expect(clippy::unwrap_used, reason = "helpers of tests are tests")]
#![allow(dead_code, reason = "each test uses a part")]

use jpeg_encoder::{ColorType, Encoder};

/// An upright page: lines of small boxes, a corner of its own colour at the top left.
pub fn page(width: usize, height: usize) -> Vec<u8> {
    let pixel = |i: usize| {
        let (x, y) = (i % width, i / width);
        match (x < width / 4 && y < height / 4, y % 24 < 10 && x % 14 < 7) {
            (true, _) => [200, 20, 20],
            (_, true) => [40, 45, 50],
            _ => [230, 228, 220],
        }
    };
    (0..width * height).flat_map(pixel).collect()
}

/// What nothing can compress.
pub fn noise(width: usize, height: usize) -> Vec<u8> {
    let mut state = 7u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 56) as u8
    };
    (0..width * height * 3).map(|_| next()).collect()
}

/// A JPEG of red, green and blue samples, with APP1 segments.
pub fn jpeg(rgb: &[u8], width: usize, height: usize, app1: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, 90);
    app1.iter().for_each(|body| encoder.add_app_segment(1, body.clone()).unwrap());
    encoder.encode(rgb, width as u16, height as u16, ColorType::Rgb).unwrap();
    out
}

/// What stands in [`exif`] for where the picture was taken.
pub const PLACE: &[u8] = b"11.5564N 104.9282E";

/// EXIF with an orientation, and a place.
pub fn exif(orientation: u16) -> Vec<u8> {
    let mut out = b"Exif\0\0MM\0*\0\0\0\x08\0\x02\x01\x12\0\x03\0\0\0\x01".to_vec();
    out.extend(orientation.to_be_bytes());
    out.extend(b"\0\0\x88\x25\0\x02\0\0\0\x12\0\0\0\x26\0\0\0\0");
    out.extend(PLACE);
    out
}

/// A PNG.
pub fn png(samples: &[u8], width: u32, height: u32, colour: png::ColorType) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, width, height);
    encoder.set_color(colour);
    encoder.write_header().unwrap().write_image_data(samples).unwrap();
    out
}

/// A PNG's chunk.
pub fn chunk(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let mut crc = crc32fast::Hasher::new();
    crc.update(name);
    crc.update(body);
    [&(body.len() as u32).to_be_bytes()[..], name, body, &crc.finalize().to_be_bytes()].concat()
}

pub fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|w| w == what)
}
