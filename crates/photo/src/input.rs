//! The source, read in pieces of 64 KiB; the caller is asked at each piece whether to go on.

use crate::{Fault, Progress};
use std::io::{self, BufRead, Read, Seek, SeekFrom};

const PIECE: usize = 64 << 10;

/// What a picture is read from.
pub(crate) trait Source: Read + Seek {}
impl<T: Read + Seek + ?Sized> Source for T {}

/// Asked whether to go on.
pub(crate) type Ask<'a> = &'a mut dyn FnMut(Progress) -> bool;

pub(crate) struct Input<'a> {
    source: &'a mut dyn Source,
    ask: Ask<'a>,
    piece: Vec<u8>,
    at: usize,
    /// Where in the source the piece ends.
    end: u64,
    total: u64,
}

impl<'a> Input<'a> {
    /// From the source's beginning.
    pub(crate) fn new(source: &'a mut dyn Source, ask: Ask<'a>) -> Result<Self, Fault> {
        let total = source.seek(SeekFrom::End(0))?;
        source.rewind()?;
        Ok(Self { source, ask, piece: Vec::new(), at: 0, end: 0, total })
    }

    /// The source's size in bytes.
    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    /// Where the next byte stands.
    pub(crate) fn position(&self) -> u64 {
        self.end - self.ahead().len() as u64
    }

    /// Asks the caller whether to go on.
    pub(crate) fn ask(&mut self, progress: Progress) -> Result<(), Fault> {
        if (self.ask)(progress) { Ok(()) } else { Err(Fault::Cancelled) }
    }

    /// What has been read and not used.
    pub(crate) fn ahead(&self) -> &[u8] {
        self.piece.get(self.at..).unwrap_or_default()
    }

    /// Says that `n` of the bytes ahead were used.
    pub(crate) fn used(&mut self, n: usize) {
        self.at = (self.at + n).min(self.piece.len());
    }

    /// Reads the next piece if nothing is ahead; false at the end.
    pub(crate) fn more(&mut self) -> Result<bool, Fault> {
        if !self.ahead().is_empty() {
            return Ok(true);
        }
        let percent = (self.end * 100).checked_div(self.total).unwrap_or(0).min(100);
        self.ask(Progress::Reading { percent: percent as u8 })?;
        self.piece.clear();
        self.at = 0;
        let got = (&mut *self.source).take(PIECE as u64).read_to_end(&mut self.piece)?;
        self.end += got as u64;
        Ok(got > 0)
    }

    /// The next byte.
    ///
    /// # Errors
    /// `CutShort` at the end.
    #[inline]
    pub(crate) fn byte(&mut self) -> Result<u8, Fault> {
        if let Some(&byte) = self.piece.get(self.at) {
            self.at += 1;
            return Ok(byte);
        }
        if self.more()? { self.byte() } else { Err(Fault::CutShort) }
    }

    /// The next `N` bytes.
    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let mut bytes = [0; N];
        for byte in &mut bytes {
            *byte = self.byte()?;
        }
        Ok(bytes)
    }

    /// The next two bytes as a number, the high one first.
    pub(crate) fn u16(&mut self) -> Result<u16, Fault> {
        self.array().map(u16::from_be_bytes)
    }

    /// Hands the next `n` bytes to `each`, piece by piece.
    pub(crate) fn pass(&mut self, mut n: u64, mut each: impl FnMut(&[u8])) -> Result<(), Fault> {
        while n > 0 {
            if !self.more()? {
                return Err(Fault::CutShort);
            }
            let ahead = self.ahead();
            let now = ahead.len().min(usize::try_from(n).unwrap_or(usize::MAX));
            each(ahead.get(..now).unwrap_or_default());
            self.used(now);
            n -= now as u64;
        }
        Ok(())
    }

    /// The next `n` bytes; the caller bounds `n`.
    pub(crate) fn take(&mut self, n: usize) -> Result<Vec<u8>, Fault> {
        let mut bytes = Vec::new();
        self.pass(n as u64, |piece| bytes.extend_from_slice(piece))?;
        Ok(bytes)
    }
}

// For the PNG library.
impl Read for Input<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let got = self.fill_buf()?.read(into)?;
        self.used(got);
        Ok(got)
    }
}

impl BufRead for Input<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.more().map_err(|fault| match fault {
            Fault::Read(kind) => io::Error::from(kind),
            fault => io::Error::other(fault),
        })?;
        Ok(self.ahead())
    }

    fn consume(&mut self, n: usize) {
        self.used(n);
    }
}

impl Seek for Input<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let to = match to {
            SeekFrom::Current(by) => SeekFrom::Start(self.position().saturating_add_signed(by)),
            to => to,
        };
        self.piece.clear();
        self.at = 0;
        self.end = self.source.seek(to)?;
        Ok(self.end)
    }
}
