//! What comes out of `fit`: within the limits, upright, clean, the same every time.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod made;

use made::{PLACE, exif, find, jpeg, noise, page};
use satchel_photo::{Fault, Feature, Fitted, Kind, Limits, Progress, Warning, fit, head, thumbnail};
use std::io::Cursor;

fn fitted(bytes: &[u8], limits: &Limits) -> Result<Fitted, Fault> {
    fit(Cursor::new(bytes), limits, &mut |_| true)
}

fn pixel(jpeg: &[u8], x: f64, y: f64) -> [u8; 3] {
    let mut decoder = jpeg_decoder::Decoder::new(jpeg);
    let pixels = decoder.decode().unwrap();
    let info = decoder.info().unwrap();
    let (w, h) = (usize::from(info.width), usize::from(info.height));
    let at = ((h as f64 * y) as usize * w + (w as f64 * x) as usize) * 3;
    [pixels[at], pixels[at + 1], pixels[at + 2]]
}

fn red([r, g, b]: [u8; 3]) -> bool {
    r > 150 && g < 80 && b < 80
}

#[test]
fn a_clean_picture_within_the_limits_stays_as_it_is() {
    let source = jpeg(&page(900, 700), 900, 700, &[]);
    let kept = fitted(&source, &Limits::default()).unwrap();
    assert!(kept.kept && kept.quality.is_none());
    assert_eq!(kept.jpeg, source);
    assert_eq!(kept.before, kept.after);
    assert_eq!(kept.warnings, []);
    let smaller = fitted(&source, &Limits { edge: 899, ..Limits::default() }).unwrap();
    assert!(!smaller.kept);
    assert_eq!(smaller.width, 899);
}

#[test]
fn a_byte_behind_the_end_marker_is_not_sent_on() {
    let source = jpeg(&page(90, 70), 90, 70, &[]);
    let with_film = [&source[..], b"a film"].concat();
    let made = fitted(&with_film, &Limits::default()).unwrap();
    assert!(!made.kept && find(&made.jpeg, b"a film").is_none());
}

#[test]
fn every_orientation_comes_out_upright_and_without_its_metadata() {
    for orientation in 1..=8 {
        // The red corner, as it lies in a file of this orientation.
        let corner = [(0.1, 0.1); 9];
        let source = jpeg(
            &page(160, 120),
            160,
            120,
            &[exif(orientation), b"http://ns.adobe.com/xap/1.0/\0<x/>".to_vec()],
        );
        assert!(find(&source, PLACE).is_some());
        assert_eq!(head(Cursor::new(&source)).unwrap().orientation.number(), orientation as u8);
        let made = fitted(&source, &Limits::default()).unwrap();
        assert!(!made.kept);
        assert_eq!((made.width, made.height), if orientation < 5 { (160, 120) } else { (120, 160) });
        for secret in [PLACE, b"Exif", b"adobe", b"\xff\xe1", b"\xff\xe2", b"\xff\xfe"] {
            assert_eq!(find(&made.jpeg, secret), None);
        }
        let (x, y) = corner[usize::from(orientation)];
        // Where the top left of what is stored is to be seen.
        let (x, y) = match orientation {
            2 | 6 => (1.0 - x, y),
            3 | 7 => (1.0 - x, 1.0 - y),
            4 | 8 => (x, 1.0 - y),
            _ => (x, y),
        };
        assert!(red(pixel(&made.jpeg, x, y)), "orientation {orientation}");
        assert!(red(pixel(&thumbnail(&source, 64).unwrap(), x, y)));
    }
}

#[test]
fn what_cannot_be_compressed_meets_every_limit_the_same_way_twice() {
    let source = jpeg(&noise(1200, 900), 1200, 900, &[]);
    for bytes in [20_000, 60_000, 150_000, 300_000, 600_000, 2 << 20] {
        let limits = Limits { bytes, ..Limits::default() };
        let mut passes = 0;
        let made = fit(Cursor::new(&source), &limits, &mut |progress| {
            passes += u32::from(matches!(progress, Progress::Encoding { .. }));
            true
        });
        let made = made.unwrap();
        assert!(made.jpeg.len() as u64 <= bytes && made.after.bytes == made.jpeg.len() as u64);
        assert!(
            made.jpeg.len() as u64 * 2 > bytes || made.kept || made.quality == Some(88),
            "wasted: {made:?}"
        );
        assert!(passes <= 11);
        assert_eq!(made.jpeg, fitted(&source, &limits).unwrap().jpeg);
        assert_eq!(
            jpeg_decoder::Decoder::new(&made.jpeg[..]).decode().unwrap().len(),
            (made.width * made.height * 3) as usize
        );
    }
    let none = fitted(&source, &Limits { bytes: 500, ..Limits::default() });
    assert!(matches!(none, Err(Fault::DoesNotFit { smallest }) if smallest > 500));
}

#[test]
fn what_is_not_taken_says_what_it_is() {
    let limits = Limits::default();
    let refused = |bytes: &[u8]| fitted(bytes, &limits).err();
    assert_eq!(refused(b""), Some(Fault::Empty));
    assert_eq!(refused(b"\0\0\0\x18ftypheic...."), Some(Fault::NotAPicture(Kind::Heic)));
    assert_eq!(refused(b"%PDF-1.5"), Some(Fault::NotAPicture(Kind::Pdf)));
    let mut cmyk = Vec::new();
    jpeg_encoder::Encoder::new(&mut cmyk, 80)
        .encode(&[9; 400], 10, 10, jpeg_encoder::ColorType::Cmyk)
        .unwrap();
    assert_eq!(refused(&cmyk), Some(Fault::Unsupported(Feature::Cmyk)));
    let mut source = jpeg(&page(64, 64), 64, 64, &[]);
    let frame = find(&source, b"\xff\xc0").unwrap();
    for (code, feature) in
        [(0xc3, Feature::Lossless), (0xc5, Feature::Hierarchical), (0xc9, Feature::Arithmetic)]
    {
        source[frame + 1] = code;
        assert_eq!(refused(&source), Some(Fault::Unsupported(feature)));
    }
    source[frame + 1] = 0xc0;
    source[frame + 4] = 12;
    assert_eq!(refused(&source), Some(Fault::Unsupported(Feature::TwelveBit)));
}

#[test]
fn pixel_bombs_are_refused_from_the_header() {
    let mut source = jpeg(&page(64, 64), 64, 64, &[]);
    let frame = find(&source, b"\xff\xc0").unwrap();
    source[frame + 5..frame + 9].fill(0xff);
    let pixels = 65_535 * 65_535;
    let limits = Limits::default();
    assert_eq!(fitted(&source, &limits).err(), Some(Fault::TooManyPixels { pixels, limit: limits.pixels }));
    assert_eq!(head(Cursor::new(&source)).unwrap().pixels, pixels);
    // 36 megapixels said to be progressive, 4:4:4.
    source[frame + 5..frame + 9].copy_from_slice(&[0x17, 0x70, 0x17, 0x70]);
    source[frame + 1] = 0xc2;
    assert!(head(Cursor::new(&source)).unwrap().progressive);
    let scan = find(&source, b"\xff\xda").unwrap();
    source.splice(scan.., *b"\xff\xda\0\x0c\x03\0\0\x01\x11\x02\x11\0\0\0\xff\xd9");
    let refused = fitted(&source, &limits).err();
    assert!(
        matches!(refused, Some(Fault::Progressive { pixels: 36_000_000, limit: 8_000_000..9_000_000 })),
        "{refused:?}"
    );
}

#[test]
fn a_caller_who_says_stop_is_heard() {
    let source = jpeg(&noise(400, 300), 400, 300, &[exif(1)]);
    assert_eq!(fit(Cursor::new(&source), &Limits::default(), &mut |_| false).err(), Some(Fault::Cancelled));
    let at_encode = |progress| !matches!(progress, Progress::Encoding { .. });
    assert_eq!(
        fit(Cursor::new(&source), &Limits::default(), &mut { at_encode }).err(),
        Some(Fault::Cancelled)
    );
}

#[test]
fn a_small_picture_is_warned_of() {
    let made = fitted(&jpeg(&page(300, 200), 300, 200, &[]), &Limits::default()).unwrap();
    assert_eq!(made.warnings, [Warning::TooSmall { edge: 300 }]);
}

#[test]
fn a_failing_source_is_a_read_fault() {
    struct Failing;
    impl std::io::Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::PermissionDenied.into())
        }
    }
    impl std::io::Seek for Failing {
        fn seek(&mut self, _: std::io::SeekFrom) -> std::io::Result<u64> {
            Ok(9)
        }
    }
    let refused = fit(Failing, &Limits::default(), &mut |_| true).err();
    assert_eq!(refused, Some(Fault::Read(std::io::ErrorKind::PermissionDenied)));
}
