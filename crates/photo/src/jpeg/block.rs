//! One block of coefficients out of the entropy-coded data, in each of the ways JPEG has.

use super::bits::Bits;
use super::huffman::Huffman;
use crate::Fault;

pub(super) type Block = [i16; 64];

/// Where the coefficient at each place of the zigzag stands in its block.
pub(super) const ZIGZAG: [u8; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7,
    14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39,
    46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/// The part of the coefficients that a progressive scan brings.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Band {
    /// First and last place in the zigzag.
    pub(super) from: usize,
    pub(super) to: usize,
    /// The bit reached before (0: none), and the one reached with it.
    pub(super) before: u32,
    pub(super) bit: u32,
}

#[inline]
fn put(block: &mut Block, at: usize, value: i16) {
    block[usize::from(ZIGZAG[at & 63]) & 63] = value;
}

/// The mean's difference to the last block's.
#[inline]
fn difference(bits: &mut Bits<'_, '_>, dc: &Huffman) -> Result<i32, Fault> {
    bits.refill()?;
    match dc.symbol(bits)? {
        size @ 0..=15 => Ok(bits.number(u32::from(size))),
        _ => Err(Fault::Damaged("coefficient")),
    }
}

/// A whole block of a sequential picture, into one that is zero. True: it has more than its mean.
pub(super) fn sequential(
    bits: &mut Bits<'_, '_>,
    (dc, ac): (&Huffman, &Huffman),
    mean: &mut i32,
    block: &mut Block,
) -> Result<bool, Fault> {
    *mean = mean.wrapping_add(difference(bits, dc)?);
    block[0] = *mean as i16;
    let mut at = 1;
    while at < 64 {
        bits.refill()?;
        if let Some((zeros, number)) = ac.whole(bits) {
            at += zeros;
            put(block, at, number);
            at += 1;
            continue;
        }
        let symbol = ac.symbol(bits)?;
        let (zeros, size) = (usize::from(symbol >> 4), u32::from(symbol & 15));
        if size == 0 && zeros < 15 {
            return Ok(at > 1);
        }
        at += zeros;
        if size > 0 {
            put(block, at, bits.number(size) as i16);
        }
        at += 1;
    }
    if at == 64 { Ok(true) } else { Err(Fault::Damaged("coefficient")) }
}

/// The mean's high bits.
pub(super) fn first_mean(
    bits: &mut Bits<'_, '_>,
    dc: &Huffman,
    mean: &mut i32,
    bit: u32,
    block: &mut Block,
) -> Result<(), Fault> {
    *mean = mean.wrapping_add(difference(bits, dc)?);
    block[0] = mean.wrapping_shl(bit) as i16;
    Ok(())
}

/// The mean's next bit.
pub(super) fn next_mean(bits: &mut Bits<'_, '_>, bit: u32, block: &mut Block) -> Result<(), Fault> {
    if bits.bit()? {
        block[0] |= 1 << bit;
    }
    Ok(())
}

/// The high bits of a band. `empty` counts the blocks to come that have nothing in the band.
pub(super) fn first_band(
    bits: &mut Bits<'_, '_>,
    ac: &Huffman,
    band: Band,
    empty: &mut u32,
    block: &mut Block,
) -> Result<(), Fault> {
    if *empty > 0 {
        *empty -= 1;
        return Ok(());
    }
    let mut at = band.from;
    while at <= band.to {
        bits.refill()?;
        let symbol = ac.symbol(bits)?;
        let (zeros, size) = (usize::from(symbol >> 4), u32::from(symbol & 15));
        if size == 0 && zeros < 15 {
            *empty = run(bits, zeros) - 1;
            return Ok(());
        }
        at += zeros;
        if size > 0 {
            put(block, at, bits.number(size).wrapping_shl(band.bit) as i16);
        }
        at += 1;
    }
    if at == band.to + 1 { Ok(()) } else { Err(Fault::Damaged("coefficient")) }
}

/// How many blocks have nothing more in the band, this one counted.
fn run(bits: &mut Bits<'_, '_>, size: usize) -> u32 {
    (1 << size) + bits.take(size as u32) as u32
}

/// The next bit of a band: one for each coefficient that is not zero, and the coefficients that begin with it.
pub(super) fn next_band(
    bits: &mut Bits<'_, '_>,
    ac: &Huffman,
    band: Band,
    empty: &mut u32,
    block: &mut Block,
) -> Result<(), Fault> {
    let mut at = band.from;
    while *empty == 0 && at <= band.to {
        bits.refill()?;
        let symbol = ac.symbol(bits)?;
        let (zeros, size) = (usize::from(symbol >> 4), symbol & 15);
        let new = match size {
            0 if zeros < 15 => {
                *empty = run(bits, zeros);
                break;
            }
            0 => 0,
            1 if bits.take(1) == 1 => 1 << band.bit,
            1 => -(1 << band.bit),
            _ => return Err(Fault::Damaged("coefficient")),
        };
        at = refine(bits, band, at, Some(zeros), block)?;
        if new != 0 && at <= band.to {
            put(block, at, new);
        }
        at += 1;
    }
    if *empty > 0 {
        refine(bits, band, at, None, block)?;
        *empty -= 1;
    }
    Ok(())
}

/// Gives coefficients that are not zero their next bit, until `zeros` zeros are passed: stops at the zero behind them.
fn refine(
    bits: &mut Bits<'_, '_>,
    band: Band,
    from: usize,
    zeros: Option<usize>,
    block: &mut Block,
) -> Result<usize, Fault> {
    let mut left = zeros;
    for at in from..=band.to {
        let value = &mut block[usize::from(ZIGZAG[at & 63]) & 63];
        if *value == 0 {
            match &mut left {
                Some(0) => return Ok(at),
                Some(left) => *left -= 1,
                None => {}
            }
        } else if bits.bit()? && *value & 1 << band.bit == 0 {
            *value = value.wrapping_add(if *value > 0 { 1 << band.bit } else { -(1 << band.bit) });
        }
    }
    Ok(band.to + 1)
}
