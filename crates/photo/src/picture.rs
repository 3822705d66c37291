//! A picture in memory: brightness at full size, the two colour differences at half of it.

use crate::Fault;
use crate::exif::Orientation;
use crate::plane::Plane;

/// Made of planes of YCbCr; without chroma it is grey.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Picture {
    pub(crate) luma: Plane,
    pub(crate) chroma: Option<[Plane; 2]>,
}

impl Picture {
    /// Of one plane or three.
    pub(crate) fn new(planes: Vec<Plane>) -> Result<Self, Fault> {
        let mut planes = planes.into_iter();
        let luma = planes.next().ok_or(Fault::Damaged("no colours"))?;
        Ok(Self { luma, chroma: planes.next().zip(planes.next()).map(Into::into) })
    }

    pub(crate) fn size(&self) -> (usize, usize) {
        (self.luma.width, self.luma.height)
    }

    /// Upright.
    pub(crate) fn turned(self, orientation: Orientation) -> Self {
        if orientation == Orientation::UPRIGHT {
            return self;
        }
        let luma = turned(self.luma, orientation);
        Self { luma, chroma: self.chroma.map(|planes| planes.map(|plane| turned(plane, orientation))) }
    }
}

/// Where the sample at the result's `(x, y)` stands in a source of `w` × `h`.
fn origin(orientation: u8, (x, y): (usize, usize), (w, h): (usize, usize)) -> (usize, usize) {
    match orientation {
        2 => (w - 1 - x, y),
        3 => (w - 1 - x, h - 1 - y),
        4 => (x, h - 1 - y),
        5 => (y, x),
        6 => (y, h - 1 - x),
        7 => (w - 1 - y, h - 1 - x),
        8 => (w - 1 - y, x),
        _ => (x, y),
    }
}

fn turned(plane: Plane, orientation: Orientation) -> Plane {
    // Small squares: a column of the source is far apart in memory.
    const TILE: usize = 32;
    let from = (plane.width, plane.height);
    let (width, height) = if orientation.swaps() { (from.1, from.0) } else { from };
    let mut samples = vec![0; width * height];
    for (top, rows) in samples.chunks_mut(width.max(1) * TILE).enumerate() {
        for left in (0..width).step_by(TILE) {
            for (y, row) in rows.chunks_mut(width.max(1)).enumerate() {
                for (x, sample) in row.iter_mut().enumerate().skip(left).take(TILE) {
                    let (u, v) = origin(orientation.number(), (x, top * TILE + y), from);
                    *sample = plane.samples.get(v * from.0 + u).copied().unwrap_or(0);
                }
            }
        }
    }
    Plane { width, height, samples }
}

/// The size with its largest edge at most `edge`, the shape kept; never larger than it was.
pub(crate) fn fitted((width, height): (usize, usize), edge: u32) -> (usize, usize) {
    let (most, edge) = (width.max(height).max(1), (edge.max(1)) as usize);
    if most <= edge {
        return (width, height);
    }
    let scaled = |length: usize| ((length * edge + most / 2) / most).max(1);
    (scaled(width), scaled(height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_of_the_eight_turns_as_exif_says() {
        // a b c
        // d e f
        let plane = Plane { width: 3, height: 2, samples: b"abcdef".to_vec() };
        let upright = ["abcdef", "cbafed", "fedcba", "defabc", "adbecf", "daebfc", "fcebda", "cfbead"];
        for (number, expected) in (1..).zip(upright) {
            let made = turned(plane.clone(), Orientation::new(number).unwrap());
            assert_eq!(made.samples, expected.as_bytes(), "orientation {number}");
            assert_eq!(made.width, if number < 5 { 3 } else { 2 });
        }
    }

    #[test]
    fn the_shape_is_kept_and_nothing_grows() {
        assert_eq!(fitted((4000, 3000), 2560), (2560, 1920));
        assert_eq!(fitted((100, 50), 2560), (100, 50));
        assert_eq!(fitted((65_535, 1), 100), (100, 1));
    }
}
