//! A bound on what stands between two rows of a reply that is read as it comes.

use std::cell::Cell;
use std::io::{self, Read};

/// Lets at most `left` bytes through (`InvalidData` beyond); whoever reads sets it back at each row. It stands outside the
/// buffer, so it counts what was parsed.
pub(crate) struct Budget<'a, R> {
    pub reader: R,
    pub left: &'a Cell<usize>,
}

impl<R: Read> Read for Budget<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(out)?;
        let left = self.left.get().checked_sub(read).ok_or(io::ErrorKind::InvalidData)?;
        self.left.set(left);
        Ok(read)
    }
}
