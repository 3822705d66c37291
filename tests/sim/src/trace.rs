//! What happened, line by line: the same seed gives the same lines, byte for byte.

use std::fmt::{Arguments, Write};

/// The lines of a schedule: kept if somebody wants to read them, summed in any case.
pub struct Trace {
    kept: Option<Vec<String>>,
    sum: u64,
    line: String,
}

const PRIME: u64 = 0x0100_0000_01b3;

impl Trace {
    /// An empty one; keeps its lines if asked to.
    #[must_use]
    pub fn new(keep: bool) -> Trace {
        Trace { kept: keep.then(Vec::new), sum: 0xcbf2_9ce4_8422_2325, line: String::new() }
    }

    /// Adds a line.
    pub fn line(&mut self, at: i64, what: Arguments<'_>) {
        self.line.clear();
        let _ = write!(self.line, "{:>9}.{:03} {what}", at / 1000, at % 1000);
        for byte in self.line.bytes().chain([b'\n']) {
            self.sum = (self.sum ^ u64::from(byte)).wrapping_mul(PRIME);
        }
        if let Some(kept) = &mut self.kept {
            kept.push(self.line.clone());
        }
    }

    /// The sum of all lines so far.
    #[must_use]
    pub fn sum(&self) -> u64 {
        self.sum
    }

    /// The lines, if they were kept.
    #[must_use]
    pub fn into_lines(self) -> Vec<String> {
        self.kept.unwrap_or_default()
    }
}
