//! A picture whose coefficients are held until the last scan has come: progressive, or its components one by one.

use super::bits::Bits;
use super::block::{Band, Block, first_band, first_mean, next_band, next_mean, sequential};
use super::frame::{Coding, Frame};
use super::scan::{Part, Scan, Visit};
use super::strip::Lane;
use super::tables::Tables;
use crate::Fault;

/// All coefficients, and how far each has come.
pub(super) struct Whole {
    components: Vec<Coefficients>,
}

struct Coefficients {
    across: usize,
    blocks: Vec<Block>,
    /// The bit that each place of the zigzag has reached; none before its first scan.
    reached: [Option<u32>; 64],
}

impl Whole {
    /// Takes the memory; [`Frame::check_whole`] has been asked.
    pub(super) fn new(frame: &Frame) -> Self {
        let components = frame.components.iter().map(|c| Coefficients {
            across: c.padded_across,
            blocks: vec![[0; 64]; c.padded_across * c.padded_down],
            reached: [None; 64],
        });
        Self { components: components.collect() }
    }

    /// Makes ready for a scan: it must go on where the last one of its band ended.
    pub(super) fn scan<'w>(
        &'w mut self,
        coding: Coding,
        scan: &'w Scan,
        tables: &'w Tables,
    ) -> Result<Scanning<'w>, Fault> {
        let band = scan.band;
        for part in &scan.parts {
            let component = self.components.get_mut(part.component).ok_or(Fault::Damaged("scan header"))?;
            let reached = component.reached.get_mut(band.from..=band.to).unwrap_or_default();
            let expected = (band.before > 0).then_some(band.before);
            if reached.iter().any(|r| *r != expected) {
                return Err(Fault::Damaged("scan order"));
            }
            reached.fill(Some(band.bit));
        }
        Ok(Scanning { whole: self, coding, parts: &scan.parts, band, tables, means: [0; 4], empty: 0 })
    }

    /// Every mean is there, and every band that was begun is there to its last bit.
    pub(super) fn check(&self) -> Result<(), Fault> {
        let complete =
            |c: &Coefficients| c.reached[0].is_some() && c.reached.iter().all(|r| r.unwrap_or(0) == 0);
        if self.components.iter().all(complete) { Ok(()) } else { Err(Fault::CutShort) }
    }

    /// Everything through the lanes, strip by strip.
    pub(super) fn render(self, frame: &Frame, lanes: &mut [Lane]) {
        for ((coefficients, component), lane) in self.components.into_iter().zip(&frame.components).zip(lanes)
        {
            for (y, row) in coefficients.blocks.chunks_exact(coefficients.across.max(1)).enumerate() {
                row.iter().enumerate().for_each(|(x, block)| lane.put(block, true, x, y));
                if (y + 1) % component.v == 0 {
                    lane.flush();
                }
            }
        }
    }
}

/// One scan on its way into the coefficients.
pub(super) struct Scanning<'w> {
    whole: &'w mut Whole,
    coding: Coding,
    parts: &'w [Part],
    band: Band,
    tables: &'w Tables,
    means: [i32; 4],
    empty: u32,
}

impl Visit for Scanning<'_> {
    fn block(&mut self, bits: &mut Bits<'_, '_>, part: usize, x: usize, y: usize) -> Result<(), Fault> {
        let (parts, tables, band) = (self.parts, self.tables, self.band);
        let lost = Fault::Damaged("scan header");
        let Part { component, dc, ac } = *parts.get(part).ok_or(lost)?;
        let component = self.whole.components.get_mut(component).ok_or(lost)?;
        let block = component.blocks.get_mut(y * component.across + x).ok_or(lost)?;
        let (mean, empty) = (&mut self.means[part & 3], &mut self.empty);
        match (self.coding, band.from, band.before) {
            (Coding::Sequential, ..) => {
                sequential(bits, (tables.dc(dc)?, tables.ac(ac)?), mean, block).map(|_| ())
            }
            (_, 0, 0) => first_mean(bits, tables.dc(dc)?, mean, band.bit, block),
            (_, 0, _) => next_mean(bits, band.bit, block),
            (_, _, 0) => first_band(bits, tables.ac(ac)?, band, empty, block),
            _ => next_band(bits, tables.ac(ac)?, band, empty, block),
        }
    }

    fn restart(&mut self) {
        (self.means, self.empty) = ([0; 4], 0);
    }
}
