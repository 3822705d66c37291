//! The tables that segments define and scans refer to.

use super::block::ZIGZAG;
use super::huffman::Huffman;
use crate::Fault;

/// Tables by their numbers, 0 to 3.
#[derive(Default)]
pub(super) struct Tables {
    quantisers: [Option<Box<[u16; 64]>>; 4],
    dc: [Option<Huffman>; 4],
    ac: [Option<Huffman>; 4],
    /// Units between restarts; 0: none.
    pub(super) interval: u32,
}

fn find<T>(tables: &[Option<T>; 4], number: usize) -> Result<&T, Fault> {
    tables.get(number).and_then(Option::as_ref).ok_or(Fault::Damaged("missing table"))
}

impl Tables {
    pub(super) fn dc(&self, number: usize) -> Result<&Huffman, Fault> {
        find(&self.dc, number)
    }

    pub(super) fn ac(&self, number: usize) -> Result<&Huffman, Fault> {
        find(&self.ac, number)
    }

    /// In natural order.
    pub(super) fn quantisers(&self, number: u8) -> Result<&[u16; 64], Fault> {
        find(&self.quantisers, usize::from(number)).map(|table| &**table)
    }

    /// Takes a DHT segment's body.
    pub(super) fn define_huffman(&mut self, mut body: &[u8]) -> Result<(), Fault> {
        let damaged = Fault::Damaged("Huffman table");
        while let Some((class, rest)) = body.split_first() {
            let (counts, rest) = rest.split_first_chunk::<16>().ok_or(damaged)?;
            let symbols = counts.iter().map(|c| usize::from(*c)).sum();
            let (symbols, rest) = rest.split_at_checked(symbols).ok_or(damaged)?;
            let tables = if class >> 4 == 0 { &mut self.dc } else { &mut self.ac };
            let place = tables.get_mut(usize::from(class & 15)).ok_or(damaged)?;
            *place = Some(Huffman::new(*counts, symbols.to_vec())?);
            body = rest;
        }
        Ok(())
    }

    /// Takes a DQT segment's body.
    pub(super) fn define_quantisers(&mut self, mut body: &[u8]) -> Result<(), Fault> {
        let damaged = Fault::Damaged("quantisers");
        while let Some((class, rest)) = body.split_first() {
            let width = if class >> 4 == 0 { 1 } else { 2 };
            let (values, rest) = rest.split_at_checked(64 * width).ok_or(damaged)?;
            let mut table = Box::new([0; 64]);
            for (value, at) in values.chunks_exact(width).zip(ZIGZAG) {
                table[usize::from(at) & 63] = value.iter().fold(0, |sum, byte| sum << 8 | u16::from(*byte));
            }
            *self.quantisers.get_mut(usize::from(class & 15)).ok_or(damaged)? = Some(table);
            body = rest;
        }
        Ok(())
    }
}
