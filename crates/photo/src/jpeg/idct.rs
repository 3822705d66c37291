//! From coefficients to samples, at full size, a half, a quarter or an eighth.
//!
//! A smaller size takes the low frequencies alone: what a good reduction would leave of the block, for a fraction of the
//! work. Full size is the method of Arai, Agui and Nakajima, whose factors are multiplied into the quantisers.
//! Plain `f32` arithmetic in one order: the same samples on every machine.

use std::f32::consts::{FRAC_1_SQRT_2, SQRT_2};

/// Samples a block's edge gives: 8, 4, 2 or 1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Edge {
    One = 1,
    Two = 2,
    Four = 4,
    Eight = 8,
}

impl Edge {
    pub(super) const ALL: [Self; 4] = [Self::One, Self::Two, Self::Four, Self::Eight];
}

/// A block's quantisers, made ready for one [`Edge`].
pub(super) struct Idct {
    edge: Edge,
    factors: [f32; 64],
}

type Lane = [f32; 8];

impl Idct {
    /// `quantisers` in natural order, row by row.
    pub(super) fn new(edge: Edge, quantisers: &[u16; 64]) -> Self {
        let scale = |k: usize| match (edge, k) {
            (Edge::Eight, 0) | (_, 0) => 8f64.sqrt().recip(),
            (Edge::Eight, k) => (k as f64 * std::f64::consts::PI / 16.0).cos() * 0.5,
            _ => 0.5,
        };
        let mut factors = [0.0; 64];
        for (at, (factor, quantiser)) in factors.iter_mut().zip(quantisers).enumerate() {
            *factor = (f64::from(*quantiser) * scale(at / 8) * scale(at % 8)) as f32;
        }
        Self { edge, factors }
    }

    /// Writes the block's samples to `edge` rows of `out`, which are `stride` apart.
    pub(super) fn run(&self, coefficients: &[i16; 64], out: &mut [u8], stride: usize) {
        let mut values = [[0.0; 8]; 8];
        let rows = coefficients.chunks_exact(8).zip(self.factors.chunks_exact(8));
        for (row, (from, by)) in values.iter_mut().zip(rows) {
            for (value, (coefficient, factor)) in row.iter_mut().zip(from.iter().zip(by)) {
                *value = f32::from(*coefficient) * factor;
            }
        }
        // The first row holds the mean; centre and half a step are added once, there.
        values[0][0] += 128.0;
        match self.edge {
            Edge::Eight => write::<8>(&eight(transposed(&eight(values))), out, stride),
            Edge::Four => write::<4>(&four(transposed(&four(values))), out, stride),
            Edge::Two => write::<2>(&two(transposed(&two(values))), out, stride),
            Edge::One => write::<1>(&values, out, stride),
        }
    }

    /// As [`Idct::run`] for a block that has its mean alone.
    pub(super) fn flat(&self, mean: i16, out: &mut [u8], stride: usize) {
        let edge = self.edge as usize;
        let sample = sample(f32::from(mean) * self.factors[0] + 128.0);
        out.chunks_mut(stride.max(1))
            .take(edge)
            .for_each(|row| row.iter_mut().take(edge).for_each(|s| *s = sample));
    }
}

/// `values` holds columns of the picture.
fn write<const N: usize>(values: &[Lane; 8], out: &mut [u8], stride: usize) {
    for (row, into) in transposed(values).iter().zip(out.chunks_mut(stride.max(1))).take(N) {
        if let Some(into) = into.first_chunk_mut::<N>() {
            for (sample_of, value) in into.iter_mut().zip(row) {
                *sample_of = sample(*value);
            }
        }
    }
}

/// Rounds to the nearest of 0 to 255. Adding 2^23 leaves the whole number in the lowest bits.
#[inline]
fn sample(value: f32) -> u8 {
    (value.clamp(0.0, 255.0) + 8_388_608.0).to_bits() as u8
}

#[inline]
fn transposed(rows: &[Lane; 8]) -> [Lane; 8] {
    let mut columns = [[0.0; 8]; 8];
    for (y, row) in rows.iter().enumerate() {
        for (column, value) in columns.iter_mut().zip(row) {
            column[y] = *value;
        }
    }
    columns
}

#[inline]
fn map(a: Lane, b: Lane, f: impl Fn(f32, f32) -> f32) -> Lane {
    std::array::from_fn(|i| f(a[i], b[i]))
}
#[inline]
fn sum(a: Lane, b: Lane) -> Lane {
    map(a, b, |a, b| a + b)
}
#[inline]
fn less(a: Lane, b: Lane) -> Lane {
    map(a, b, |a, b| a - b)
}
#[inline]
fn times(a: Lane, by: f32) -> Lane {
    a.map(|a| a * by)
}

/// One dimension at full size, eight columns at once.
#[inline]
fn eight(v: [Lane; 8]) -> [Lane; 8] {
    let (s, d) = (sum(v[0], v[4]), less(v[0], v[4]));
    let s26 = sum(v[2], v[6]);
    let d26 = less(times(less(v[2], v[6]), SQRT_2), s26);
    let (e0, e1, e2, e3) = (sum(s, s26), sum(d, d26), less(d, d26), less(s, s26));

    let (s53, d53) = (sum(v[5], v[3]), less(v[5], v[3]));
    let (s17, d17) = (sum(v[1], v[7]), less(v[1], v[7]));
    let o7 = sum(s17, s53);
    let z5 = times(sum(d53, d17), 1.847_759_1);
    let o6 = less(less(z5, times(d53, 2.613_126)), o7);
    let o5 = less(times(less(s17, s53), SQRT_2), o6);
    let o4 = less(less(z5, times(d17, 1.082_392_2)), o5);
    [
        sum(e0, o7),
        sum(e1, o6),
        sum(e2, o5),
        sum(e3, o4),
        less(e3, o4),
        less(e2, o5),
        less(e1, o6),
        less(e0, o7),
    ]
}

/// One dimension at half size.
#[inline]
fn four(v: [Lane; 8]) -> [Lane; 8] {
    let (wide, narrow) = (0.923_879_5, 0.382_683_43);
    let b = times(v[2], FRAC_1_SQRT_2);
    let (e0, e1) = (sum(v[0], b), less(v[0], b));
    let o0 = sum(times(v[1], wide), times(v[3], narrow));
    let o1 = less(times(v[1], narrow), times(v[3], wide));
    let rest = [0.0; 8];
    [sum(e0, o0), sum(e1, o1), less(e1, o1), less(e0, o0), rest, rest, rest, rest]
}

/// One dimension at a quarter.
#[inline]
fn two(v: [Lane; 8]) -> [Lane; 8] {
    let o = times(v[1], FRAC_1_SQRT_2);
    let rest = [0.0; 8];
    [sum(v[0], o), less(v[0], o), rest, rest, rest, rest, rest, rest]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::f64::consts::PI;

    /// The definition.
    fn slow(edge: usize, coefficients: &[i16; 64], x: usize, y: usize) -> f64 {
        let c = |k: usize| if k == 0 { 8f64.sqrt().recip() } else { 0.5 };
        let wave =
            |k: usize, at: usize| c(k) * ((2 * at + 1) as f64 * k as f64 * PI / (2 * edge) as f64).cos();
        let at = |u, v| f64::from(coefficients[v * 8 + u]) * wave(u, x) * wave(v, y);
        let sum: f64 = (0..edge).flat_map(|v| (0..edge).map(move |u| (u, v))).map(|(u, v)| at(u, v)).sum();
        (sum + 128.0).clamp(0.0, 255.0)
    }

    proptest! {
        #[test]
        fn every_size_is_what_the_definition_says(seed in proptest::collection::vec(-150i16..150, 64)) {
            let mut coefficients = [0; 64];
            coefficients.copy_from_slice(&seed);
            for edge in Edge::ALL {
                let mut out = [0; 64];
                Idct::new(edge, &[1; 64]).run(&coefficients, &mut out, 8);
                let edge = edge as usize;
                for (x, y) in (0..edge).flat_map(|y| (0..edge).map(move |x| (x, y))) {
                    let off = f64::from(out[y * 8 + x]) - slow(edge, &coefficients, x, y);
                    prop_assert!(off.abs() < 0.51, "{edge}: {x},{y} is off by {off}");
                }
            }
        }

        #[test]
        fn a_flat_block_is_as_any_other(mean in -1500i16..1500) {
            let mut coefficients = [0; 64];
            coefficients[0] = mean;
            for edge in Edge::ALL {
                let (mut one, mut other) = ([9; 64], [9; 64]);
                Idct::new(edge, &[3; 64]).run(&coefficients, &mut one, 8);
                Idct::new(edge, &[3; 64]).flat(mean, &mut other, 8);
                prop_assert_eq!(one, other);
            }
        }
    }
}
