//! The bits of entropy-coded data. What stands behind their end is never taken for data.

use crate::Fault;
use crate::input::Input;

/// Bits, the highest first. At a marker zeros follow, so that a code can be looked up in one go; whether any of them was
/// used is asked with [`Bits::check`].
pub(super) struct Bits<'i, 'a> {
    input: &'i mut Input<'a>,
    /// The next bits, from the highest down.
    ahead: u64,
    have: u32,
    /// How many zeros were added.
    beyond: u32,
    marker: Option<u8>,
}

impl<'i, 'a> Bits<'i, 'a> {
    pub(super) fn new(input: &'i mut Input<'a>) -> Self {
        Self { input, ahead: 0, have: 0, beyond: 0, marker: None }
    }

    /// Makes at least 32 bits available: the longest code and the longest number behind it.
    #[inline]
    pub(super) fn refill(&mut self) -> Result<(), Fault> {
        if self.have >= 32 {
            return Ok(());
        }
        if self.marker.is_none()
            && let Some(bytes) = self.input.ahead().first_chunk::<4>()
            && !bytes.contains(&0xff)
        {
            self.ahead |= u64::from(u32::from_be_bytes(*bytes)) << (32 - self.have);
            self.have += 32;
            self.input.used(4);
            return Ok(());
        }
        self.refill_by_byte()
    }

    fn refill_by_byte(&mut self) -> Result<(), Fault> {
        while self.have <= 56 {
            let byte = self.data_byte()?;
            self.beyond += if byte.is_none() { 8 } else { 0 };
            self.ahead |= u64::from(byte.unwrap_or(0)) << (56 - self.have);
            self.have += 8;
        }
        Ok(())
    }

    /// The next byte of data; none at a marker.
    fn data_byte(&mut self) -> Result<Option<u8>, Fault> {
        if self.marker.is_some() {
            return Ok(None);
        }
        let byte = self.input.byte()?;
        if byte != 0xff {
            return Ok(Some(byte));
        }
        let mut code = self.input.byte()?;
        while code == 0xff {
            code = self.input.byte()?;
        }
        if code == 0 {
            return Ok(Some(0xff));
        }
        self.marker = Some(code);
        Ok(None)
    }

    /// The next `n` bits (1 to 16) without using them.
    #[inline]
    pub(super) fn peek(&self, n: u32) -> usize {
        (self.ahead >> (64 - n)) as usize
    }

    /// Uses `n` bits of those made available.
    #[inline]
    pub(super) fn used(&mut self, n: u32) {
        self.ahead <<= n;
        self.have = self.have.saturating_sub(n);
    }

    /// The next `n` bits (0 to 16) of those made available.
    #[inline]
    pub(super) fn take(&mut self, n: u32) -> i32 {
        if n == 0 {
            return 0;
        }
        let bits = self.peek(n) as i32;
        self.used(n);
        bits
    }

    /// One bit, made available first.
    pub(super) fn bit(&mut self) -> Result<bool, Fault> {
        self.refill()?;
        Ok(self.take(1) == 1)
    }

    /// A number of `n` bits (1 to 16) in JPEG's form: without the half of the range that fewer bits would do for.
    #[inline]
    pub(super) fn number(&mut self, n: u32) -> i32 {
        let bits = self.take(n);
        if n > 0 && bits < 1 << (n - 1) { bits - (1 << n) + 1 } else { bits }
    }

    /// # Errors
    /// `CutShort`: more bits were used than there are.
    pub(super) fn check(&self) -> Result<(), Fault> {
        if self.have < self.beyond { Err(Fault::CutShort) } else { Ok(()) }
    }

    /// Drops what is left before the next marker, and gives that marker's code.
    pub(super) fn marker(&mut self) -> Result<u8, Fault> {
        self.check()?;
        (self.ahead, self.have, self.beyond) = (0, 0, 0);
        while self.marker.is_none() {
            self.data_byte()?;
        }
        self.marker.take().ok_or(Fault::Damaged("marker"))
    }
}
