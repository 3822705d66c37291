//! PNG in, JPEG out.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod made;

use ::png::ColorType;
use made::{PLACE, chunk, exif, find, page, png};
use proptest::prelude::*;
use satchel_photo::{Fault, Feature, Fitted, Limits, fit};
use std::io::Cursor;

fn fitted(bytes: &[u8]) -> Result<Fitted, Fault> {
    fit(Cursor::new(bytes), &Limits::default(), &mut |_| true)
}

fn small() -> Vec<u8> {
    png(&page(40, 30), 40, 30, ColorType::Rgb)
}

/// With a chunk behind the header.
fn with(png: &[u8], chunk: &[u8]) -> Vec<u8> {
    [&png[..33], chunk, &png[33..]].concat()
}

#[test]
fn every_colour_model_is_read() {
    let rgb = page(120, 90);
    let grey: Vec<u8> = rgb.chunks(3).map(|p| p[1]).collect();
    let rgba: Vec<u8> = rgb.chunks(3).flat_map(|p| [p[0], p[1], p[2], 255]).collect();
    let grey_alpha: Vec<u8> = grey.iter().flat_map(|g| [*g, 255]).collect();
    let all = [
        (ColorType::Rgb, &rgb, 3),
        (ColorType::Rgba, &rgba, 3),
        (ColorType::Grayscale, &grey, 1),
        (ColorType::GrayscaleAlpha, &grey_alpha, 1),
    ];
    for (colour, samples, channels) in all {
        let made = fitted(&png(samples, 120, 90, colour)).unwrap();
        let out = jpeg_decoder::Decoder::new(&made.jpeg[..]).decode().unwrap();
        let expected = if channels == 3 { &rgb } else { &grey };
        assert_eq!(out.len(), expected.len());
        let off: u32 = out.iter().zip(expected).map(|(a, b)| u32::from(a.abs_diff(*b))).sum();
        assert!(off / (out.len() as u32) < 8, "{colour:?} is off by {off}");
    }
}

/// Grey, in Adam7's seven passes.
fn interlaced(width: usize, height: usize, sample: impl Fn(usize, usize) -> u8) -> Vec<u8> {
    let passes =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];
    let mut raw = Vec::new();
    for (x0, y0, dx, dy) in passes.into_iter().filter(|(x0, ..)| *x0 < width) {
        for y in (y0..height).step_by(dy) {
            raw.push(0);
            raw.extend((x0..width).step_by(dx).map(|x| sample(x, y)));
        }
    }
    let mut data = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut data, &raw).unwrap();
    let size = [(width as u32).to_be_bytes(), (height as u32).to_be_bytes()].concat();
    let header = chunk(b"IHDR", &[&size[..], &[8, 0, 0, 0, 1]].concat());
    [&small()[..8], &header, &chunk(b"IDAT", &data.finish().unwrap()), &chunk(b"IEND", &[])].concat()
}

#[test]
fn an_interlaced_picture_is_read_whole_within_its_limit() {
    let sample = |x: usize, y: usize| (x * 3 + y * 2) as u8;
    let source = interlaced(50, 40, sample);
    let made = fitted(&source).unwrap();
    let out = jpeg_decoder::Decoder::new(&made.jpeg[..]).decode().unwrap();
    let off = out.iter().enumerate().map(|(i, s)| s.abs_diff(sample(i % 50, i / 50)));
    assert!(off.max().unwrap() < 12);
    let limits = Limits { whole: 1999, ..Limits::default() };
    let refused = fit(Cursor::new(&source), &limits, &mut |_| true).err();
    assert_eq!(refused, Some(Fault::Progressive { pixels: 2000, limit: 1999 }));
}

#[test]
fn what_is_transparent_becomes_white() {
    let clear: Vec<u8> = (0..100).flat_map(|_| [0, 0, 0, 0]).collect();
    let made = fitted(&png(&clear, 10, 10, ColorType::Rgba)).unwrap();
    let out = jpeg_decoder::Decoder::new(&made.jpeg[..]).decode().unwrap();
    assert!(out.iter().all(|s| *s > 250));
}

#[test]
fn its_orientation_is_applied_and_its_metadata_gone() {
    let source = with(&small(), &chunk(b"eXIf", &exif(6)[6..]));
    let source = with(&source, &chunk(b"tEXt", b"Comment\0at home"));
    let made = fitted(&source).unwrap();
    assert_eq!((made.width, made.height), (30, 40));
    assert!(find(&made.jpeg, PLACE).is_none() && find(&made.jpeg, b"home").is_none());
}

#[test]
fn no_beginning_is_taken_for_the_whole_and_no_changed_bit_passes() {
    let whole = small();
    for end in 0..whole.len() {
        assert!(fitted(&whole[..end]).is_err(), "cut at {end}");
    }
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        assert!(fitted(&changed).is_err(), "changed at {at}");
    }
    assert!(fitted(&[&whole[..], b"and more"].concat()).is_ok());
}

#[test]
fn bombs_are_refused_or_cost_nothing() {
    let header = |width: u32, height: u32| {
        let size = [width.to_be_bytes(), height.to_be_bytes()].concat();
        chunk(b"IHDR", &[&size[..], &[8, 6, 0, 0, 0]].concat())
    };
    let bomb = |width, height| {
        [&small()[..8], &header(width, height), &chunk(b"IDAT", &[0x78, 0x9c]), &chunk(b"IEND", &[])].concat()
    };
    assert!(matches!(fitted(&bomb(50_000, 50_000)), Err(Fault::TooManyPixels { pixels: 2_500_000_000, .. })));
    assert!(matches!(fitted(&bomb(100_000_000, 1)), Err(Fault::TooManyPixels { .. })));
    // A megabyte of nothing packed into text: passed over.
    let text = [b"a\0\0".to_vec(), vec![0; 5000]].concat();
    assert!(fitted(&with(&small(), &chunk(b"zTXt", &text))).is_ok());
    let film = chunk(b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0]);
    assert_eq!(fitted(&with(&small(), &film)).err(), Some(Fault::Unsupported(Feature::Animation)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn damaged_data_under_good_checksums_are_read_or_refused_without_harm(
        at in any::<proptest::sample::Index>(), byte in any::<u8>(), seed in any::<[u8; 5]>(),
    ) {
        let whole = small();
        let idat = find(&whole, b"IDAT").unwrap();
        let length = u32::from_be_bytes(*whole[idat - 4..].first_chunk().unwrap()) as usize;
        let mut data = whole[idat + 4..idat + 4 + length].to_vec();
        let at = at.index(data.len());
        data[at] = byte;
        let _ = fitted(&[&whole[..33], &chunk(b"IDAT", &data), &chunk(b"IEND", &[])].concat());
        let size = [0, 0, 0, 40, 0, 0, 0, 30];
        let header = chunk(b"IHDR", &[&size[..], &seed.map(|s| s % 17)].concat());
        let _ = fitted(&[&whole[..8], &header, &whole[33..]].concat());
    }
}
