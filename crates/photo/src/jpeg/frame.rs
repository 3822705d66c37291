//! The frame header: size, colours, and how the blocks lie.

use super::idct::Edge;
use crate::fault::Feature;
use crate::input::Input;
use crate::{Fault, Limits};

/// How blocks are coded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Coding {
    Sequential,
    Progressive,
}

/// One colour component.
#[derive(Clone, Copy, Debug)]
pub(super) struct Component {
    pub(super) id: u8,
    /// Blocks in a unit of the interleaved scan, across and down.
    pub(super) h: usize,
    pub(super) v: usize,
    pub(super) quantiser: u8,
    /// Samples.
    pub(super) width: usize,
    pub(super) height: usize,
    /// Blocks that hold samples.
    pub(super) across: usize,
    pub(super) down: usize,
    /// Blocks with those that fill up the last unit.
    pub(super) padded_across: usize,
    pub(super) padded_down: usize,
}

/// What a SOF segment says.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub(super) coding: Coding,
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) components: Vec<Component>,
    /// Units of an interleaved scan.
    pub(super) units_across: usize,
    pub(super) units_down: usize,
}

impl Frame {
    /// Reads the segment after its length, which is `length`.
    pub(super) fn read(code: u8, length: usize, input: &mut Input<'_>) -> Result<Self, Fault> {
        let coding = coding(code)?;
        let [precision, h1, h0, w1, w0, count] = input.array()?;
        let (width, height) = (u16::from_be_bytes([w1, w0]), u16::from_be_bytes([h1, h0]));
        match (precision, height, width, count) {
            (8, 0, _, _) => return Err(Fault::Unsupported(Feature::HeightLater)),
            (8, _, 0, _) => return Err(Fault::Damaged("size")),
            (8, _, _, 1 | 3) => {}
            (8, _, _, 4) => return Err(Fault::Unsupported(Feature::Cmyk)),
            (8, ..) => return Err(Fault::Unsupported(Feature::Components)),
            _ => return Err(Fault::Unsupported(Feature::TwelveBit)),
        }
        if length != 6 + 3 * usize::from(count) {
            return Err(Fault::Damaged("frame header"));
        }
        let raw = (0..count).map(|_| input.array::<3>()).collect::<Result<Vec<_>, _>>()?;
        Self::lay_out(coding, usize::from(width), usize::from(height), &raw)
    }

    fn lay_out(coding: Coding, width: usize, height: usize, raw: &[[u8; 3]]) -> Result<Self, Fault> {
        // A single component's blocks lie in plain rows whatever its factors say.
        let factors =
            |hv: u8| if raw.len() == 1 { (1, 1) } else { (usize::from(hv >> 4), usize::from(hv & 15)) };
        let all = || raw.iter().map(|[_, hv, _]| factors(*hv));
        let blocks: usize = all().map(|(h, v)| h * v).sum();
        if blocks > 10 || all().any(|(h, v)| !(1..=4).contains(&h) || !(1..=4).contains(&v)) {
            return Err(Fault::Damaged("sampling factors"));
        }
        let (most_h, most_v) = all().fold((1, 1), |(a, b), (h, v)| (a.max(h), b.max(v)));
        let (units_across, units_down) = (width.div_ceil(8 * most_h), height.div_ceil(8 * most_v));
        let component = |[id, hv, quantiser]: [u8; 3]| {
            let (h, v) = factors(hv);
            let (width, height) = ((width * h).div_ceil(most_h), (height * v).div_ceil(most_v));
            let (across, down) = (width.div_ceil(8), height.div_ceil(8));
            let (padded_across, padded_down) = (units_across * h, units_down * v);
            Component { id, h, v, quantiser, width, height, across, down, padded_across, padded_down }
        };
        let components = raw.iter().map(|raw| component(*raw)).collect();
        Ok(Self { coding, width, height, components, units_across, units_down })
    }

    pub(super) fn pixels(&self) -> u64 {
        self.width as u64 * self.height as u64
    }

    /// Bytes of all coefficients.
    fn whole(&self) -> u64 {
        self.components.iter().map(|c| (c.padded_across * c.padded_down) as u64 * 128).sum()
    }

    pub(super) fn check_pixels(&self, limits: &Limits) -> Result<(), Fault> {
        let (pixels, limit) = (self.pixels(), limits.pixels);
        if pixels > limit { Err(Fault::TooManyPixels { pixels, limit }) } else { Ok(()) }
    }

    /// May all coefficients be held?
    pub(super) fn check_whole(&self, limits: &Limits) -> Result<(), Fault> {
        let (pixels, whole) = (self.pixels(), self.whole());
        let limit =
            (u128::from(limits.whole) * u128::from(pixels)).checked_div(u128::from(whole)).unwrap_or(0);
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        if whole > limits.whole { Err(Fault::Progressive { pixels, limit }) } else { Ok(()) }
    }
}

impl Component {
    /// The smallest block edge that still gives at least `to` samples.
    pub(super) fn edge_for(&self, to: (usize, usize)) -> Edge {
        let enough = |edge: &Edge| {
            let (width, height) = self.size_at(*edge);
            width >= to.0 && height >= to.1
        };
        Edge::ALL.into_iter().find(enough).unwrap_or(Edge::Eight)
    }

    /// Samples across and down when blocks are read at `edge`.
    pub(super) fn size_at(&self, edge: Edge) -> (usize, usize) {
        ((self.width * edge as usize).div_ceil(8), (self.height * edge as usize).div_ceil(8))
    }
}

fn coding(code: u8) -> Result<Coding, Fault> {
    match code {
        0xc0 | 0xc1 => Ok(Coding::Sequential),
        0xc2 => Ok(Coding::Progressive),
        0xc3 => Err(Fault::Unsupported(Feature::Lossless)),
        0xc5..=0xc7 => Err(Fault::Unsupported(Feature::Hierarchical)),
        _ => Err(Fault::Unsupported(Feature::Arithmetic)),
    }
}
