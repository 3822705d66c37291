//! A picture read strip by strip: a row of units is decoded, reduced and forgotten. Memory does not grow with the
//! picture's height.

use super::bits::Bits;
use super::block::{Block, sequential};
use super::frame::{Component, Frame};
use super::huffman::Huffman;
use super::idct::{Edge, Idct};
use super::scan::{Part, Visit};
use super::tables::Tables;
use crate::Fault;
use crate::plane::{Plane, Reducer};

/// One component on its way from blocks to a plane.
pub(super) struct Lane {
    idct: Idct,
    edge: usize,
    /// Block rows of a strip.
    rows: usize,
    stride: usize,
    strip: Vec<u8>,
    reducer: Reducer,
}

impl Lane {
    pub(super) fn new(component: &Component, quantisers: &[u16; 64], to: (usize, usize)) -> Self {
        let edge: Edge = component.edge_for(to);
        let (pixels, rows) = (edge as usize, component.v);
        let stride = component.padded_across * pixels;
        Self {
            idct: Idct::new(edge, quantisers),
            edge: pixels,
            rows,
            stride,
            strip: vec![0; stride * rows * pixels],
            reducer: Reducer::new(component.size_at(edge), to),
        }
    }

    /// Puts a block into the strip; `y` may count from the picture's top.
    pub(super) fn put(&mut self, block: &Block, more_than_mean: bool, x: usize, y: usize) {
        let at = (y % self.rows) * self.edge * self.stride + x * self.edge;
        let Some(out) = self.strip.get_mut(at..) else { return };
        if more_than_mean {
            self.idct.run(block, out, self.stride);
        } else {
            self.idct.flat(block[0], out, self.stride);
        }
    }

    /// The strip is complete.
    pub(super) fn flush(&mut self) {
        self.strip.chunks_exact(self.stride).for_each(|row| self.reducer.push(row));
    }

    pub(super) fn finish(self) -> Result<Plane, Fault> {
        self.reducer.finish().ok_or(Fault::CutShort)
    }
}

/// Reads the one scan of a baseline picture.
pub(super) struct Strips<'t> {
    tables: Vec<(&'t Huffman, &'t Huffman)>,
    means: [i32; 4],
    lanes: Vec<Lane>,
    block: Block,
}

impl<'t> Strips<'t> {
    pub(super) fn new(tables: &'t Tables, parts: &[Part], lanes: Vec<Lane>) -> Result<Self, Fault> {
        let tables =
            parts.iter().map(|p| Ok((tables.dc(p.dc)?, tables.ac(p.ac)?))).collect::<Result<_, Fault>>()?;
        Ok(Self { tables, means: [0; 4], lanes, block: [0; 64] })
    }

    pub(super) fn lanes(self) -> Vec<Lane> {
        self.lanes
    }
}

impl Visit for Strips<'_> {
    fn block(&mut self, bits: &mut Bits<'_, '_>, part: usize, x: usize, y: usize) -> Result<(), Fault> {
        let (Some(tables), Some(lane)) = (self.tables.get(part), self.lanes.get_mut(part)) else {
            return Err(Fault::Damaged("scan header"));
        };
        let more = sequential(bits, *tables, &mut self.means[part & 3], &mut self.block)?;
        lane.put(&self.block, more, x, y);
        if more {
            self.block = [0; 64];
        }
        Ok(())
    }

    fn restart(&mut self) {
        self.means = [0; 4];
    }

    fn row(&mut self, _y: usize) -> Result<(), Fault> {
        self.lanes.iter_mut().for_each(Lane::flush);
        Ok(())
    }
}

/// The lanes of a picture that is to be `to` large, chroma at half of it.
pub(super) fn lanes(frame: &Frame, tables: &Tables, to: (usize, usize)) -> Result<Vec<Lane>, Fault> {
    let half = (to.0.div_ceil(2), to.1.div_ceil(2));
    let lane = |(i, component): (usize, &Component)| {
        Ok(Lane::new(component, tables.quantisers(component.quantiser)?, if i == 0 { to } else { half }))
    };
    frame.components.iter().enumerate().map(lane).collect()
}
