//! A photograph made to fit.
//!
//! **The search.** The picture is decoded once, at the largest edge allowed. 1. The highest quality: if it fits, done (most
//! photographs). 2. The lowest: if that fits, up to three between, where the size, taken as linear in the quality,
//! says that it should just fit; the best that fits is taken. 3. If not even the lowest fits, the edge is reduced
//! by the root of what it is too large by, a twentieth more, and the lowest is tried again; then 2. At most 11 encodes, of
//! which a photograph needs one or two; the same bytes in give the same bytes out, on every machine.

use crate::encode::{self, Encoded};
use crate::input::{Input, Source};
use crate::picture::Picture;
use crate::plane::{Plane, Reducer};
use crate::{
    Fault, Fitted, Head, Kind, Limits, Orientation, Progress, Size, jpeg, kind, measure, picture, png,
};
use std::io::{self, Cursor, Read as _};

/// Below this edge nothing can be read any more.
const SMALLEST: usize = 64;

/// A source, read and upright.
struct Opened {
    head: Head,
    before: Size,
    picture: Picture,
    /// The file's bytes, where they can stay as they are.
    keep: Option<Vec<u8>>,
}

pub(crate) fn fit(
    source: &mut dyn Source,
    limits: &Limits,
    progress: &mut dyn FnMut(Progress) -> bool,
) -> Result<Fitted, Fault> {
    let Opened { head, before, picture, keep } = open(source, limits, limits.edge, progress)?;
    let warnings = measure::warnings(&picture.luma, head.width.max(head.height));
    let (width, height) = size(&picture);
    let (jpeg, width, height, quality) = match keep {
        Some(jpeg) => (jpeg, width, height, None),
        None => {
            let found = search(picture, limits, progress)?;
            (found.jpeg, found.width, found.height, Some(found.quality))
        }
    };
    let after = Size { bytes: jpeg.len() as u64, width, height };
    Ok(Fitted { jpeg, width, height, quality, kept: quality.is_none(), before, after, warnings })
}

pub(crate) fn thumbnail(jpeg: &[u8], edge: u32) -> Result<Vec<u8>, Fault> {
    let opened = open(&mut Cursor::new(jpeg), &Limits::default(), edge, &mut |_| true)?;
    let encoded = encode::encode(&opened.picture, 80, u64::MAX)?;
    encoded.jpeg.ok_or(Fault::Damaged("size"))
}

fn size(picture: &Picture) -> (u32, u32) {
    let (width, height) = picture.size();
    (width as u32, height as u32)
}

/// Reads the source. One that is small enough to stay as it is is read into memory first: what is checked is what is kept.
fn open(
    source: &mut dyn Source,
    limits: &Limits,
    edge: u32,
    progress: &mut dyn FnMut(Progress) -> bool,
) -> Result<Opened, Fault> {
    let total = source.seek(io::SeekFrom::End(0))?;
    source.rewind()?;
    if total == 0 {
        return Err(Fault::Empty);
    }
    if total > limits.bytes {
        return read(&mut Input::new(source, progress)?, limits, edge).map(|(opened, _)| opened);
    }
    let mut bytes = Vec::new();
    io::Read::take(&mut *source, total).read_to_end(&mut bytes)?;
    let (opened, clean) = read(&mut Input::new(&mut Cursor::new(&bytes), progress)?, limits, edge)?;
    Ok(Opened { keep: clean.then_some(bytes), ..opened })
}

/// The picture, and whether the file could stay as it is.
fn read(input: &mut Input<'_>, limits: &Limits, edge: u32) -> Result<(Opened, bool), Fault> {
    let (head, picture, clean) = match sniffed(input)? {
        Kind::Jpeg => {
            let read = jpeg::read(input, limits, edge)?;
            let small = read.head.width.max(read.head.height) <= edge;
            let clean = small && !read.has_metadata && read.head.orientation == Orientation::UPRIGHT;
            (read.head, read.picture, clean)
        }
        Kind::Png => {
            let (head, picture) = png::read(input, limits, edge)?;
            (head, picture, false)
        }
        other => return Err(Fault::NotAPicture(other)),
    };
    let picture = picture.turned(head.orientation);
    let before = Size { bytes: input.total(), width: head.width, height: head.height };
    Ok((Opened { head, before, picture, keep: None }, clean))
}

/// What the source is; nothing of it is used up.
pub(crate) fn sniffed(input: &mut Input<'_>) -> Result<Kind, Fault> {
    if input.more()? { Ok(kind::sniff(input.ahead())) } else { Err(Fault::Empty) }
}

struct Found {
    jpeg: Vec<u8>,
    width: u32,
    height: u32,
    quality: u8,
}

/// The search: see the module's text.
fn search(
    mut picture: Picture,
    limits: &Limits,
    progress: &mut dyn FnMut(Progress) -> bool,
) -> Result<Found, Fault> {
    let mut pass = 0;
    let mut encode = |picture: &Picture, quality: u8| {
        pass += 1;
        if !progress(Progress::Encoding { pass }) {
            return Err(Fault::Cancelled);
        }
        encode::encode(picture, quality, limits.bytes)
    };
    let (low, high) = (*limits.quality.start(), *limits.quality.end());
    let best = encode(&picture, high)?;
    if let Some(jpeg) = best.jpeg {
        return Ok(found(&picture, jpeg, high));
    }
    let mut too_large = (high, best.size);
    let mut smallest = best.size;
    for _ in 0..6 {
        let Encoded { size, jpeg } = encode(&picture, low)?;
        smallest = smallest.min(size);
        if let Some(jpeg) = jpeg {
            let (jpeg, quality) = between(&picture, limits.bytes, (low, jpeg), too_large, &mut encode)?;
            return Ok(found(&picture, jpeg, quality));
        }
        let Some(reduced) = reduced(&picture, limits.bytes as f64 / size as f64) else { break };
        // The highest quality's size goes down with the pixels.
        too_large = (high, u64::MAX);
        picture = reduced;
    }
    Err(Fault::DoesNotFit { smallest })
}

fn found(picture: &Picture, jpeg: Vec<u8>, quality: u8) -> Found {
    let (width, height) = size(picture);
    Found { jpeg, width, height, quality }
}

/// The best quality between one that fits and one that does not, as far as three encodes tell.
fn between(
    picture: &Picture,
    limit: u64,
    (mut fits, mut jpeg): (u8, Vec<u8>),
    mut too_large: (u8, u64),
    encode: &mut dyn FnMut(&Picture, u8) -> Result<Encoded, Fault>,
) -> Result<(Vec<u8>, u8), Fault> {
    for _ in 0..3 {
        let Some(quality) = guess((fits, jpeg.len() as u64), too_large, limit) else { break };
        let encoded = encode(picture, quality)?;
        match encoded.jpeg {
            Some(better) => (fits, jpeg) = (quality, better),
            None => too_large = (quality, encoded.size),
        }
    }
    Ok((jpeg, fits))
}

/// A quality strictly between the two, where the size should just be the limit; none if there is none between, or what
/// fits fills nine tenths already.
fn guess(fits: (u8, u64), too_large: (u8, u64), limit: u64) -> Option<u8> {
    let (low, high) = (fits.0 + 1, too_large.0.checked_sub(1)?);
    if low > high || fits.1 * 10 >= limit * 9 {
        return None;
    }
    // Sizes grow faster than linearly: the guess is low rather than high. Integers: the same on every machine.
    let span = u64::from(too_large.0 - fits.0);
    let (room, gap) = (limit.saturating_sub(fits.1), too_large.1.saturating_sub(fits.1).max(1));
    let step = (u128::from(span) * u128::from(room) / u128::from(gap)) as u64;
    let step = if too_large.1 == u64::MAX { span / 2 } else { step };
    Some((u64::from(fits.0) + step).clamp(u64::from(low), u64::from(high)) as u8)
}

/// The picture with about `share` of its bytes, and a little less.
fn reduced(picture: &Picture, share: f64) -> Option<Picture> {
    let (width, height) = picture.size();
    let edge = (width.max(height) as f64 * share.clamp(0.01, 1.0).sqrt() * 0.95) as usize;
    if edge < SMALLEST {
        return None;
    }
    let to = picture::fitted((width, height), edge as u32);
    let half = (to.0.div_ceil(2), to.1.div_ceil(2));
    let luma = smaller(&picture.luma, to)?;
    let chroma = match &picture.chroma {
        Some([blue, red]) => Some([smaller(blue, half)?, smaller(red, half)?]),
        None => None,
    };
    Some(Picture { luma, chroma })
}

fn smaller(plane: &Plane, to: (usize, usize)) -> Option<Plane> {
    let mut reducer = Reducer::new((plane.width, plane.height), to);
    (0..plane.height).for_each(|y| reducer.push(plane.row(y)));
    reducer.finish()
}
