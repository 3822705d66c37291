use super::*;
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use proptest::prelude::*;
use std::io::Cursor;

/// Smooth shades, edges, and a little noise.
fn samples(width: u16, height: u16, channels: usize) -> Vec<u8> {
    let mut noise = 12_345u32;
    let mut out = Vec::new();
    for i in 0..usize::from(width) * usize::from(height) {
        let (x, y) = (i % usize::from(width), i / usize::from(width));
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let ink = if x / 5 % 4 == 0 && y / 7 % 3 == 0 { 90 } else { 0 };
        (0..channels).for_each(|c| {
            out.push((60 + x * (c + 1) / 2 % 120 + y % 60 / 2 + (noise >> 28) as usize + ink).min(255) as u8)
        });
    }
    out
}

type Shape = (ColorType, SamplingFactor, bool, u16);

fn made(width: u16, height: u16, (colour, sampling, progressive, restart): Shape) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, 85);
    encoder.set_sampling_factor(sampling);
    encoder.set_progressive(progressive);
    if restart > 0 {
        encoder.set_restart_interval(restart);
    }
    let channels = if colour == ColorType::Rgb { 3 } else { 1 };
    encoder.encode(&samples(width, height, channels), width, height, colour).unwrap();
    out
}

fn shapes() -> Vec<Shape> {
    use SamplingFactor as S;
    let mut all = Vec::new();
    for progressive in [false, true] {
        for restart in [0, 3] {
            all.push((ColorType::Luma, S::F_1_1, progressive, restart));
            all.extend(
                [S::F_1_1, S::F_2_2, S::F_2_1, S::F_1_2, S::F_4_1]
                    .map(|s| (ColorType::Rgb, s, progressive, restart)),
            );
        }
    }
    all
}

fn read_all(jpeg: &[u8], edge: u32) -> Result<Read, Fault> {
    let (mut source, mut go_on) = (Cursor::new(jpeg), |_| true);
    read(&mut Input::new(&mut source, &mut go_on)?, &Limits::default(), edge)
}

/// Luma, by the other implementation.
fn reference(jpeg: &[u8]) -> Vec<f64> {
    let mut decoder = jpeg_decoder::Decoder::new(jpeg);
    let pixels = decoder.decode().unwrap();
    match decoder.info().unwrap().pixel_format {
        jpeg_decoder::PixelFormat::L8 => pixels.into_iter().map(f64::from).collect(),
        _ => {
            let luma = |p: &[u8]| 0.299 * f64::from(p[0]) + 0.587 * f64::from(p[1]) + 0.114 * f64::from(p[2]);
            pixels.chunks_exact(3).map(luma).collect()
        }
    }
}

fn mean_difference(a: &[u8], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (f64::from(*a) - b).abs()).sum::<f64>() / a.len() as f64
}

#[test]
fn every_form_reads_as_another_decoder_reads_it() {
    for shape in shapes() {
        for (width, height) in [(1, 1), (8, 8), (17, 31), (131, 97)] {
            let jpeg = made(width, height, shape);
            let ours = read_all(&jpeg, 5000).unwrap_or_else(|f| panic!("{shape:?} {width}: {f}"));
            let off = mean_difference(&ours.picture.luma.samples, &reference(&jpeg));
            assert!(off < 0.8, "{shape:?} {width}×{height} is off by {off}");
            assert!(!ours.has_metadata);
            assert_eq!(ours.picture.chroma.is_some(), shape.0 == ColorType::Rgb);
        }
    }
}

#[test]
fn reduced_reading_is_near_the_mean_of_the_whole() {
    for shape in shapes() {
        let jpeg = made(320, 240, shape);
        let whole = read_all(&jpeg, 320).unwrap().picture;
        for edge in [200, 160, 90, 40, 7] {
            let ours = read_all(&jpeg, edge).unwrap().picture;
            let to = ours.size();
            assert_eq!(to.0, edge as usize);
            let mut mean = crate::plane::Reducer::new(whole.size(), to);
            (0..240).for_each(|y| mean.push(whole.luma.row(y)));
            let mean: Vec<f64> = mean.finish().unwrap().samples.into_iter().map(f64::from).collect();
            let off = mean_difference(&ours.luma.samples, &mean);
            assert!(off < 4.0, "{shape:?} at {edge} is off by {off}");
        }
    }
}

#[test]
fn no_beginning_of_a_picture_is_taken_for_the_whole() {
    for shape in shapes() {
        let jpeg = made(33, 25, shape);
        for end in 0..jpeg.len() {
            let cut = read_all(&jpeg[..end], 100).map(|_| ());
            assert!(cut.is_err(), "{shape:?} cut at {end} of {}", jpeg.len());
        }
    }
}

#[test]
fn data_that_end_before_an_end_marker_are_cut_short_too() {
    for shape in shapes() {
        let jpeg = made(64, 48, shape);
        let half = [&jpeg[..jpeg.len() - jpeg.len() / 5], b"\xff\xd9"].concat();
        assert!(read_all(&half, 100).is_err(), "{shape:?}");
    }
}

#[test]
fn a_lost_restart_marker_is_damage() {
    let jpeg = made(64, 48, (ColorType::Luma, SamplingFactor::F_1_1, false, 3));
    let at = jpeg.windows(2).position(|w| w == b"\xff\xd1").unwrap();
    let lost = [&jpeg[..at], &jpeg[at + 2..]].concat();
    assert!(read_all(&lost, 100).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]
    #[test]
    fn damaged_pictures_are_read_or_refused_without_harm(
        shape in 0usize..24,
        hits in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut jpeg = made(45, 37, shapes()[shape]);
        for (at, byte) in hits {
            let at = at.index(jpeg.len());
            jpeg[at] = byte;
        }
        for edge in [3, 30, 5000] {
            let _ = read_all(&jpeg, edge);
        }
    }
}
