//! Streams of a PDF that hold its structure, unpacked within a bound.

use super::object::{Dict, Object};
use crate::Fault;
use flate2::{Decompress, FlushDecompress, Status};

/// The stream's content: plain, or deflated with or without PNG's row prediction. `room` bytes are left for it and for all
/// that will be unpacked after it.
pub(super) fn unpack(dict: &Dict<'_>, raw: &[u8], room: &mut usize) -> Result<Vec<u8>, Fault> {
    let filters: &[Object<'_>] = match dict.get("Filter") {
        None => &[],
        Some(Object::Array(filters)) => filters,
        Some(filter) => std::slice::from_ref(filter),
    };
    match filters {
        [] => Ok(raw.to_vec()),
        [Object::Name(b"FlateDecode" | b"Fl")] => {
            let parameters = match dict.get("DecodeParms") {
                Some(Object::Array(all)) => all.first(),
                other => other,
            };
            predicted(
                inflate(raw, room)?,
                if let Some(Object::Dict(dict)) = parameters { Some(dict) } else { None },
            )
        }
        _ => Err(Fault::Damaged("PDF filter")),
    }
}

fn inflate(raw: &[u8], room: &mut usize) -> Result<Vec<u8>, Fault> {
    let mut state = Decompress::new(true);
    let mut out = Vec::with_capacity(64 << 10);
    loop {
        let used = usize::try_from(state.total_in()).unwrap_or(usize::MAX);
        let (rest, before) = (raw.get(used..).unwrap_or_default(), out.len());
        let status = state.decompress_vec(rest, &mut out, FlushDecompress::None);
        match status.map_err(|_| Fault::Damaged("PDF stream"))? {
            Status::StreamEnd => {
                *room = room.saturating_sub(out.len());
                return Ok(out);
            }
            _ if out.len() >= *room => return Err(Fault::Bomb("PDF stream")),
            _ if out.len() < out.capacity() && out.len() == before => return Err(Fault::CutShort),
            _ => out.reserve(64 << 10),
        }
    }
}

fn predicted(data: Vec<u8>, parameters: Option<&Dict<'_>>) -> Result<Vec<u8>, Fault> {
    let number = |key, default| parameters.and_then(|p| p.number(key)).unwrap_or(default);
    match number("Predictor", 1) {
        1 => return Ok(data),
        10..=15 => {}
        _ => return Err(Fault::Damaged("PDF predictor")),
    }
    let bits = number("Colors", 1).saturating_mul(number("BitsPerComponent", 8));
    let width = bits.saturating_mul(number("Columns", 1)).saturating_add(7) / 8;
    let (bpp, width) = match (usize::try_from((bits + 7) / 8), usize::try_from(width)) {
        (Ok(bpp @ 1..=64), Ok(width @ 1..=65_536)) => (bpp, width),
        _ => return Err(Fault::Damaged("PDF predictor")),
    };
    let mut above = vec![0; width];
    let mut out = Vec::with_capacity(data.len());
    for row in data.chunks_exact(width + 1) {
        let Some((kind, row)) = row.split_first() else { break };
        let start = out.len();
        for (x, raw) in row.iter().enumerate() {
            let left = if x < bpp { 0 } else { out.get(start + x - bpp).copied().unwrap_or(0) };
            let up = above.get(x).copied().unwrap_or(0);
            let corner = if x < bpp { 0 } else { above.get(x - bpp).copied().unwrap_or(0) };
            out.push(raw.wrapping_add(guess(*kind, left, up, corner)?));
        }
        above.copy_from_slice(out.get(start..start + width).ok_or(Fault::Damaged("PDF predictor"))?);
    }
    Ok(out)
}

fn guess(kind: u8, left: u8, up: u8, corner: u8) -> Result<u8, Fault> {
    Ok(match kind {
        0 => 0,
        1 => left,
        2 => up,
        3 => ((u16::from(left) + u16::from(up)) / 2) as u8,
        4 => {
            let target = i16::from(left) + i16::from(up) - i16::from(corner);
            let mut near = [left, up, corner];
            near.sort_by_key(|value| (target - i16::from(*value)).abs());
            near[0]
        }
        _ => return Err(Fault::Damaged("PDF predictor")),
    })
}
