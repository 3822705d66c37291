//! A scan: which components it brings, and its blocks one after the other with the restarts between them.

use super::bits::Bits;
use super::block::Band;
use super::frame::{Coding, Component, Frame};
use crate::Fault;
use crate::input::Input;

/// A component's part in a scan.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    /// Which of the frame's components.
    pub(super) component: usize,
    pub(super) dc: usize,
    pub(super) ac: usize,
}

/// What an SOS segment says.
#[derive(Clone, Debug)]
pub(super) struct Scan {
    pub(super) parts: Vec<Part>,
    pub(super) band: Band,
}

impl Scan {
    /// Reads the segment after its length, which is `length`.
    pub(super) fn read(frame: &Frame, length: usize, input: &mut Input<'_>) -> Result<Self, Fault> {
        let damaged = Fault::Damaged("scan header");
        let count = usize::from(input.byte()?);
        if !(1..=frame.components.len()).contains(&count) || length != 4 + 2 * count {
            return Err(damaged);
        }
        let mut parts: Vec<Part> = Vec::new();
        for _ in 0..count {
            let [id, tables] = input.array()?;
            let component = frame.components.iter().position(|c| c.id == id).ok_or(damaged)?;
            if parts.iter().any(|p| p.component >= component) {
                return Err(damaged);
            }
            parts.push(Part { component, dc: usize::from(tables >> 4), ac: usize::from(tables & 15) });
        }
        let [from, to, bits] = input.array()?;
        let band = Band {
            from: usize::from(from),
            to: usize::from(to),
            before: u32::from(bits >> 4),
            bit: u32::from(bits & 15),
        };
        let whole = Band { from: 0, to: 63, before: 0, bit: 0 };
        match frame.coding {
            // What a sequential scan says here has no meaning.
            Coding::Sequential => Ok(Self { parts, band: whole }),
            Coding::Progressive if band.makes_sense(count) => Ok(Self { parts, band }),
            Coding::Progressive => Err(damaged),
        }
    }
}

impl Band {
    fn makes_sense(&self, parts: usize) -> bool {
        let place =
            if self.from == 0 { self.to == 0 } else { parts == 1 && self.from <= self.to && self.to < 64 };
        let bit =
            if self.before == 0 { self.bit <= 13 } else { self.before == self.bit + 1 && self.bit <= 12 };
        place && bit
    }
}

/// What happens to the blocks of a scan.
pub(super) trait Visit {
    /// The next block: of the scan's part `part`, in the component's block column `x` and row `y`.
    fn block(&mut self, bits: &mut Bits<'_, '_>, part: usize, x: usize, y: usize) -> Result<(), Fault>;
    /// What was learned from earlier blocks is forgotten.
    fn restart(&mut self);
    /// A row of units is complete.
    fn row(&mut self, _y: usize) -> Result<(), Fault> {
        Ok(())
    }
}

/// Visits every block of a scan. Returns the code of the marker behind it.
///
/// # Errors
/// `CutShort` where the data end before the blocks do, `Damaged` where a restart marker is missing.
pub(super) fn visit(
    input: &mut Input<'_>,
    frame: &Frame,
    parts: &[Part],
    interval: u32,
    visitor: &mut impl Visit,
) -> Result<u8, Fault> {
    let components: Vec<Component> =
        parts.iter().filter_map(|p| frame.components.get(p.component)).copied().collect();
    let (across, down) = match components.as_slice() {
        [one] => (one.across, one.down),
        _ => (frame.units_across, frame.units_down),
    };
    let mut bits = Bits::new(input);
    let (mut left, mut number) = (interval, 0);
    for y in 0..down {
        for x in 0..across {
            if interval > 0 && left == 0 {
                if bits.marker()? != 0xd0 + number {
                    return Err(Fault::Damaged("restart marker"));
                }
                (left, number) = (interval, (number + 1) % 8);
                visitor.restart();
            }
            left = left.saturating_sub(1);
            unit(&mut bits, &components, (x, y), visitor)?;
        }
        bits.check()?;
        visitor.row(y)?;
    }
    let mut code = bits.marker()?;
    // Some encoders end with a restart.
    while (0xd0..=0xd7).contains(&code) {
        code = bits.marker()?;
    }
    Ok(code)
}

#[inline]
fn unit(
    bits: &mut Bits<'_, '_>,
    components: &[Component],
    (x, y): (usize, usize),
    visitor: &mut impl Visit,
) -> Result<(), Fault> {
    if components.len() == 1 {
        return visitor.block(bits, 0, x, y);
    }
    for (part, component) in components.iter().enumerate() {
        for v in 0..component.v {
            for h in 0..component.h {
                visitor.block(bits, part, x * component.h + h, y * component.v + v)?;
            }
        }
    }
    Ok(())
}
