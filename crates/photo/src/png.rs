//! PNG, read row by row with the `png` library, after a walk over its chunks: what was cut off or changed on the way is
//! found before anything is decoded.

use crate::exif::{self, Orientation};
use crate::fault::Feature;
use crate::input::Input;
use crate::picture::{self, Picture};
use crate::plane::{Plane, Reducer};
use crate::{Colour, Fault, Head, Kind, Limits};
use std::io::Seek;

/// EXIF is small; more is passed over.
const MOST_EXIF: u64 = 64 << 10;

/// Reads the header alone; the orientation, which may stand anywhere, is not looked for.
pub(crate) fn head(input: &mut Input<'_>) -> Result<Head, Fault> {
    input.array::<8>()?;
    let [length, name] = [u32::from_be_bytes(input.array()?), u32::from_be_bytes(input.array()?)];
    if length != 13 || name.to_be_bytes() != *b"IHDR" {
        return Err(Fault::Damaged("PNG header"));
    }
    let body: [u8; 13] = input.array()?;
    let mut crc = crc32fast::Hasher::new();
    crc.update(b"IHDR");
    crc.update(&body);
    if u32::from_be_bytes(input.array()?) != crc.finalize() {
        return Err(Fault::Damaged("PNG checksum"));
    }
    let [w3, w2, w1, w0, h3, h2, h1, h0, _, colour, _, _, interlaced] = body;
    let (width, height) = (u32::from_be_bytes([w3, w2, w1, w0]), u32::from_be_bytes([h3, h2, h1, h0]));
    if width == 0 || height == 0 {
        return Err(Fault::Damaged("PNG header"));
    }
    Ok(Head {
        kind: Kind::Png,
        width,
        height,
        pixels: u64::from(width) * u64::from(height),
        progressive: interlaced != 0,
        orientation: Orientation::UPRIGHT,
        colour: if colour & 2 == 0 { Colour::Grey } else { Colour::Colour },
    })
}

/// Every chunk to the end, with its checksum; in memory one piece at a time.
fn walk(input: &mut Input<'_>) -> Result<Head, Fault> {
    let mut head = head(input)?;
    let mut data = false;
    loop {
        let (length, name) = (u64::from(u32::from_be_bytes(input.array()?)), input.array::<4>()?);
        if length > i32::MAX as u64 || !name.iter().all(u8::is_ascii_alphabetic) {
            return Err(Fault::Damaged("PNG chunk"));
        }
        let mut crc = crc32fast::Hasher::new();
        crc.update(&name);
        let mut exif = Vec::new();
        input.pass(length, |piece| {
            crc.update(piece);
            if name == *b"eXIf" && length <= MOST_EXIF {
                exif.extend_from_slice(piece);
            }
        })?;
        if u32::from_be_bytes(input.array()?) != crc.finalize() {
            return Err(Fault::Damaged("PNG checksum"));
        }
        match &name {
            b"acTL" => return Err(Fault::Unsupported(Feature::Animation)),
            b"IHDR" => return Err(Fault::Damaged("PNG chunk")),
            b"IDAT" => data = true,
            b"eXIf" => head.orientation = exif::orientation(&exif).unwrap_or(head.orientation),
            b"IEND" if data => return Ok(head),
            b"IEND" => return Err(Fault::CutShort),
            _ => {}
        }
    }
}

/// Reads the picture with its largest edge at most `edge`, not yet turned. What is transparent becomes white.
pub(crate) fn read(input: &mut Input<'_>, limits: &Limits, edge: u32) -> Result<(Head, Picture), Fault> {
    let head = walk(input)?;
    if head.pixels > limits.pixels || head.width.max(head.height) > u32::from(u16::MAX) {
        return Err(Fault::TooManyPixels { pixels: head.pixels, limit: limits.pixels });
    }
    input.rewind()?;
    let mut decoder = png::Decoder::new_with_limits(input, png::Limits { bytes: 8 << 20 });
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    let mut reader = decoder.read_info().map_err(fault)?;
    let samples = reader.output_color_type().0.samples();
    let mut rows = Rows::new(&head, samples, edge);
    if head.progressive {
        let size = head.pixels * samples as u64;
        if size > limits.whole {
            let limit = limits.whole / samples as u64;
            return Err(Fault::Progressive { pixels: head.pixels, limit });
        }
        let mut whole = vec![0; reader.output_buffer_size().ok_or(Fault::Damaged("PNG header"))?];
        reader.next_frame(&mut whole).map_err(fault)?;
        whole.chunks_exact(head.width as usize * samples).for_each(|row| rows.push(row));
    } else {
        while let Some(row) = reader.next_row().map_err(fault)? {
            rows.push(row.data());
        }
    }
    Ok((head, rows.finish()?))
}

fn fault(error: png::DecodingError) -> Fault {
    match error {
        png::DecodingError::IoError(error) => {
            let ours = error.get_ref().and_then(|inner| inner.downcast_ref::<Fault>()).copied();
            ours.unwrap_or_else(|| Fault::from(error))
        }
        png::DecodingError::LimitsExceeded => Fault::Bomb("PNG"),
        _ => Fault::Damaged("PNG data"),
    }
}

/// Rows of pixels on their way into planes.
struct Rows {
    /// Samples a pixel: grey, grey and alpha, colour, colour and alpha.
    samples: usize,
    reducers: Vec<Reducer>,
    row: [Vec<u8>; 3],
}

impl Rows {
    fn new(head: &Head, samples: usize, edge: u32) -> Self {
        let from = (head.width as usize, head.height as usize);
        let to = picture::fitted(from, edge);
        let half = (to.0.div_ceil(2), to.1.div_ceil(2));
        let planes: &[_] = if samples < 3 { &[to] } else { &[to, half, half] };
        Self {
            samples,
            reducers: planes.iter().map(|to| Reducer::new(from, *to)).collect(),
            row: Default::default(),
        }
    }

    fn push(&mut self, row: &[u8]) {
        self.row.iter_mut().for_each(Vec::clear);
        let [first, second, third] = &mut self.row;
        match self.samples {
            1 => first.extend_from_slice(row),
            2 => first.extend(row.as_chunks().0.iter().map(|[grey, alpha]| over_white(*grey, *alpha))),
            3 => row.as_chunks().0.iter().for_each(|[r, g, b]| colour([*r, *g, *b], first, second, third)),
            _ => row.as_chunks().0.iter().for_each(|[r, g, b, alpha]| {
                colour([*r, *g, *b].map(|c| over_white(c, *alpha)), first, second, third);
            }),
        }
        self.reducers.iter_mut().zip(&self.row).for_each(|(reducer, row)| reducer.push(row));
    }

    fn finish(self) -> Result<Picture, Fault> {
        let planes: Option<Vec<Plane>> = self.reducers.into_iter().map(Reducer::finish).collect();
        Picture::new(planes.ok_or(Fault::CutShort)?)
    }
}

fn over_white(sample: u8, alpha: u8) -> u8 {
    let (sample, alpha) = (u32::from(sample), u32::from(alpha));
    ((sample * alpha + 255 * (255 - alpha) + 127) / 255) as u8
}

#[inline]
fn colour([r, g, b]: [u8; 3], luma: &mut Vec<u8>, blue: &mut Vec<u8>, red: &mut Vec<u8>) {
    let (y, cb, cr) = jpeg_encoder::rgb_to_ycbcr(r, g, b);
    luma.push(y);
    blue.push(cb);
    red.push(cr);
}
