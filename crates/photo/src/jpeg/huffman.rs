//! Huffman tables: ten bits are looked up at once, longer codes are searched.

use super::bits::Bits;
use crate::Fault;

const LOOK: u32 = 10;
const SIZE: usize = 1 << LOOK;

/// A table, as a DHT segment gives it.
pub(super) struct Huffman {
    /// Length of a code and its symbol, `length << 8 | symbol`; 0 where the code is longer.
    short: Box<[u16; SIZE]>,
    /// Where a code and the small number behind it fit together: `number << 8 | zeros before it << 4 | bits`; else 0.
    whole: Box<[i16; SIZE]>,
    /// For each length from 1: its first code, how many there are, and where their symbols begin.
    lengths: [(u32, u32, u32); 16],
    symbols: Vec<u8>,
}

impl Huffman {
    pub(super) fn new(counts: [u8; 16], symbols: Vec<u8>) -> Result<Self, Fault> {
        let mut table = Self {
            short: Box::new([0; SIZE]),
            whole: Box::new([0; SIZE]),
            lengths: [(0, 0, 0); 16],
            symbols,
        };
        let (mut code, mut at) = (0u32, 0u32);
        for (length, (count, entry)) in (1..).zip(counts.iter().zip(&mut table.lengths)) {
            let count = u32::from(*count);
            *entry = (code, count, at);
            if code + count > 1 << length {
                return Err(Fault::Damaged("Huffman table"));
            }
            (code, at) = ((code + count) << 1, at + count);
        }
        table.fill_short();
        table.fill_whole();
        Ok(table)
    }

    fn fill_short(&mut self) {
        for (length, (first, count, at)) in (1..=LOOK).zip(self.lengths) {
            for i in 0..count {
                let symbol = self.symbols.get((at + i) as usize).copied().unwrap_or(0);
                let from = ((first + i) << (LOOK - length)) as usize;
                let to = from + (1 << (LOOK - length));
                let entry = (length as u16) << 8 | u16::from(symbol);
                self.short.get_mut(from..to).unwrap_or_default().fill(entry);
            }
        }
    }

    fn fill_whole(&mut self) {
        for (bits, (short, whole)) in self.short.iter().zip(self.whole.iter_mut()).enumerate() {
            let (length, zeros, size) =
                (u32::from(short >> 8), (short >> 4 & 15) as i16, u32::from(short & 15));
            if length == 0 || size == 0 || length + size > LOOK {
                continue;
            }
            let number = (bits as i32) >> (LOOK - length - size) & ((1 << size) - 1);
            let number = if number < 1 << (size - 1) { number - (1 << size) + 1 } else { number };
            if let Ok(number) = i8::try_from(number) {
                *whole = i16::from(number) << 8 | zeros << 4 | (length + size) as i16;
            }
        }
    }

    /// The next symbol, of the bits made available.
    #[inline]
    pub(super) fn symbol(&self, bits: &mut Bits<'_, '_>) -> Result<u8, Fault> {
        let entry = self.short[bits.peek(LOOK) & (SIZE - 1)];
        if entry != 0 {
            bits.used(u32::from(entry >> 8));
            return Ok(entry as u8);
        }
        self.long_symbol(bits)
    }

    fn long_symbol(&self, bits: &mut Bits<'_, '_>) -> Result<u8, Fault> {
        for (length, (first, count, at)) in (1..).zip(self.lengths).skip(LOOK as usize) {
            let past = (bits.peek(length) as u32).wrapping_sub(first);
            if past < count {
                bits.used(length);
                let symbol = self.symbols.get((at + past) as usize);
                return symbol.copied().ok_or(Fault::Damaged("Huffman table"));
            }
        }
        // Zeros made up behind the end are not always a code.
        bits.used(16);
        bits.check()?;
        Err(Fault::Damaged("Huffman code"))
    }

    /// A code with its number, where ten bits hold both: zeros before it, the number.
    #[inline]
    pub(super) fn whole(&self, bits: &mut Bits<'_, '_>) -> Option<(usize, i16)> {
        let entry = self.whole[bits.peek(LOOK) & (SIZE - 1)];
        if entry == 0 {
            return None;
        }
        bits.used((entry & 15) as u32);
        Some(((entry >> 4 & 15) as usize, entry >> 8))
    }
}
