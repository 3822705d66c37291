//! Takes the rows out of a download as it streams by, one at a time, and leaves its frame.
//!
//! A row that cannot be read must not cost the whole list. Where a row begins and ends is told by its brackets alone,
//! whatever stands between them; each is then read by itself, and in its place the frame holds an empty object.

use super::download::ROW_BYTES;
use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Read};

/// The longest row that is passed over; a longer one is no reply of this service.
const LONGEST: usize = 16 * ROW_BYTES;

/// What a row looks like in the frame.
const TAKEN: &[u8] = b"{}";

/// The list's key, as it is spelled.
const LIST: &[u8] = b"DataList";

/// A reply without its rows.
pub(super) struct Frame<'a, R, G> {
    reply: BufReader<R>,
    /// Gets each row as it came: whole, or the first [`ROW_BYTES`] of a longer one.
    give: G,
    /// How many were given.
    given: &'a Cell<u64>,
    /// Of the frame's brackets: how many are open, and how many when its object is.
    open: usize,
    object: usize,
    text: Text,
    /// The text that ended last, as far as it could be the list's key.
    last: Vec<u8>,
    at: At,
    row: Row,
    /// How much more may come before the next row.
    left: usize,
    /// Of a row's place, not yet read.
    taken: &'static [u8],
    failed: Option<io::Error>,
    /// Behind an error there is nothing: serde reads on to close its brackets.
    ended: bool,
}

/// Where in the frame's object.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    Elsewhere,
    /// The list's key was read.
    Named,
    /// Behind it and its colon.
    Before,
    /// Between the list's brackets.
    List,
}

/// Are these bytes a text?
#[derive(Default)]
struct Text {
    inside: bool,
    escaped: bool,
}

impl Text {
    /// Is this byte part of one, its quotes too?
    fn takes(&mut self, byte: u8) -> bool {
        let inside = self.inside;
        match byte {
            _ if self.escaped => self.escaped = false,
            b'\\' if inside => self.escaped = true,
            b'"' => self.inside = !inside,
            _ => {}
        }
        inside || self.inside
    }
}

/// The row under way.
#[derive(Default)]
struct Row {
    bytes: Vec<u8>,
    length: usize,
    open: usize,
}

impl<'a, R: Read, G: FnMut(&[u8], bool) -> io::Result<()>> Frame<'a, R, G> {
    /// `give` gets each row, and whether it is whole; its error ends the reading. `given` counts them.
    pub(super) fn new(reply: R, given: &'a Cell<u64>, give: G) -> Self {
        Frame {
            reply: BufReader::new(reply),
            give,
            given,
            open: 0,
            object: 0,
            text: Text::default(),
            last: vec![],
            at: At::Elsewhere,
            row: Row::default(),
            left: ROW_BYTES,
            taken: &[],
            failed: None,
            ended: false,
        }
    }

    /// One byte of the frame or of a row. `true`: of the frame.
    fn takes(&mut self, byte: u8) -> io::Result<bool> {
        if self.row.open > 0 {
            return self.of_row(byte).map(|()| false);
        }
        if self.at == At::List && byte == b'{' && !self.text.inside && self.open == self.object + 1 {
            self.row.bytes.clear();
            (self.row.length, self.row.open) = (0, 0);
            return self.of_row(byte).map(|()| false);
        }
        self.left = self.left.checked_sub(1).ok_or(io::ErrorKind::InvalidData)?;
        self.of_frame(byte);
        Ok(true)
    }

    fn of_frame(&mut self, byte: u8) {
        let inside = self.text.inside;
        if self.text.takes(byte) {
            match (inside, self.text.inside) {
                (false, _) => self.last.clear(),
                (true, true) if self.last.len() <= LIST.len() => self.last.push(byte),
                (true, _) => {}
            }
            if inside && !self.text.inside && self.open == self.object {
                self.at = if self.last == LIST { At::Named } else { At::Elsewhere };
            }
            return;
        }
        match byte {
            b'{' | b'[' => {
                self.open += 1;
                if self.object == 0 && byte == b'{' {
                    self.object = self.open;
                }
                self.at = match self.at {
                    At::Before if byte == b'[' && self.open == self.object + 1 => At::List,
                    At::List => At::List,
                    _ => At::Elsewhere,
                };
            }
            b'}' | b']' => {
                self.open = self.open.saturating_sub(1);
                if self.open <= self.object {
                    self.at = At::Elsewhere;
                }
            }
            b':' if self.at == At::Named => self.at = At::Before,
            b',' if self.open == self.object => self.at = At::Elsewhere,
            _ => {}
        }
    }

    fn of_row(&mut self, byte: u8) -> io::Result<()> {
        self.row.length += 1;
        if self.row.length <= ROW_BYTES {
            self.row.bytes.push(byte);
        } else if self.row.length > LONGEST {
            return Err(io::ErrorKind::InvalidData.into());
        }
        if self.text.takes(byte) {
            return Ok(());
        }
        match byte {
            b'{' | b'[' => self.row.open += 1,
            b'}' | b']' => self.row.open -= 1,
            _ => {}
        }
        if self.row.open == 0 {
            self.given.set(self.given.get() + 1);
            (self.left, self.taken) = (ROW_BYTES, TAKEN);
            (self.give)(&self.row.bytes, self.row.length <= ROW_BYTES)?;
        }
        Ok(())
    }

    /// Puts frame into `out`. An error comes after what came before it.
    fn fill(&mut self, out: &mut [u8]) -> (usize, io::Result<()>) {
        let mut filled = 0;
        while filled < out.len() && !self.ended {
            if let Some((first, rest)) = self.taken.split_first() {
                (out[filled], self.taken) = (*first, rest);
                filled += 1;
                continue;
            }
            let byte = match self.reply.fill_buf() {
                Ok([]) => break,
                Ok(bytes) => bytes[0],
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => return (filled, Err(e)),
            };
            self.reply.consume(1);
            match self.takes(byte) {
                Ok(true) => {
                    out[filled] = byte;
                    filled += 1;
                }
                Ok(false) => {}
                Err(e) => return (filled, Err(e)),
            }
        }
        (filled, Ok(()))
    }
}

impl<R: Read, G: FnMut(&[u8], bool) -> io::Result<()>> Read for Frame<'_, R, G> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if let Some(failed) = self.failed.take() {
            return Err(failed);
        }
        let (filled, read) = self.fill(out);
        self.ended |= read.is_err();
        match (filled, read) {
            (0, Err(e)) => Err(e),
            (filled, read) => {
                self.failed = read.err();
                Ok(filled)
            }
        }
    }
}
