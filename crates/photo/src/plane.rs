//! One channel of a picture, and how it is made smaller as its rows come in.

/// One channel: `width` × `height` samples, row by row.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Plane {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) samples: Vec<u8>,
}

impl Plane {
    /// The row `y`; the last one for what is below it.
    pub(crate) fn row(&self, y: usize) -> &[u8] {
        let start = y.min(self.height.saturating_sub(1)) * self.width;
        self.samples.get(start..start + self.width).unwrap_or_default()
    }
}

/// Area averaging: each sample of the result is the mean of what it covers, the parts at its edges by their share. Exact
/// in integers, so the same everywhere; holds one row of sums beside the result.
///
/// Where the source is the smaller (chroma of 4:1:1), samples are repeated.
pub(crate) struct Reducer {
    source: (usize, usize),
    to: Plane,
    sums: Vec<u32>,
    row: Vec<u32>,
    /// Rows that came in.
    seen: usize,
}

impl Reducer {
    /// All edges must be at least 1 and at most 65,535: then no sum overflows 32 bits.
    pub(crate) fn new(source: (usize, usize), to: (usize, usize)) -> Self {
        let to = Plane { width: to.0, height: to.1, samples: Vec::with_capacity(to.0 * to.1) };
        Self { source, to, sums: vec![0; source.0], row: vec![0; source.0], seen: 0 }
    }

    /// Takes the next row; what is right of the source's width or below its height is padding.
    pub(crate) fn push(&mut self, row: &[u8]) {
        let Some(row) = row.get(..self.source.0).filter(|_| self.seen < self.source.1) else { return };
        self.seen += 1;
        if self.source == (self.to.width, self.to.height) {
            return self.to.samples.extend_from_slice(row);
        }
        // Lengths are counted in units that both heights divide: a source row is `long`, a result's row `wide`.
        let (long, wide) = (self.to.height, self.source.1);
        let mut from = (self.seen - 1) * long;
        while from < self.seen * long {
            let end = (from / wide + 1) * wide;
            let share = end.min(self.seen * long) - from;
            add(&mut self.sums, row, share);
            from += share;
            if from == end {
                self.finish_row();
            }
        }
    }

    /// The sums become one row of the result.
    fn finish_row(&mut self) {
        // 8 more bits than a sample has: rounding once is enough.
        let height = self.source.1 as f64;
        for (sum, mean) in self.sums.iter_mut().zip(&mut self.row) {
            *mean = (f64::from(*sum) * (256.0 / height)) as u32;
            *sum = 0;
        }
        let (long, wide) = (self.to.width, self.source.0);
        if long == wide {
            return self.to.samples.extend(self.row.iter().map(|mean| round(*mean)));
        }
        let (mut at, mut left) = (self.row.iter().copied(), 0);
        let mut mean = 0;
        for _ in 0..long {
            let (mut need, mut sum) = (wide, 0u32);
            while need > 0 {
                if left == 0 {
                    (mean, left) = (at.next().unwrap_or(mean), long);
                }
                let share = left.min(need);
                sum += mean * share as u32;
                need -= share;
                left -= share;
            }
            self.to.samples.push(round(sum / wide as u32));
        }
    }

    /// The result, if every row came in.
    pub(crate) fn finish(self) -> Option<Plane> {
        (self.seen == self.source.1 && self.to.samples.len() == self.to.width * self.to.height)
            .then_some(self.to)
    }
}

fn add(sums: &mut [u32], row: &[u8], share: usize) {
    let share = share.min(usize::from(u16::MAX)) as u16;
    for (sum, sample) in sums.iter_mut().zip(row) {
        *sum += u32::from(share) * u32::from(u16::from(*sample));
    }
}

fn round(mean: u32) -> u8 {
    ((mean + 128) >> 8).min(255) as u8
}

#[cfg(test)]
mod tests;
