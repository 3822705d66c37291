//! A JSON string of base64 taken apart as it comes.

use super::Undecodable;

/// Knows quotes, white space, and the escapes that encoders put into base64: `\/` (PHP), `\u002B` (.NET), and the
/// `\r\n` of base64 broken into lines. Accepts the bare base64 too.
#[derive(Default)]
pub(super) struct Unquote {
    state: State,
    /// An escape so far, without its backslash.
    escape: Vec<u8>,
}

#[derive(Default, PartialEq, Clone, Copy)]
enum State {
    #[default]
    Before,
    Bare,
    Quoted,
    Escape,
    After,
}

impl Unquote {
    /// Adds the base64 symbols of `input` to `out`.
    pub(super) fn push(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<(), Undecodable> {
        let mut rest = input;
        loop {
            if matches!(self.state, State::Bare | State::Quoted) {
                let (run, after) = rest.split_at(plain_run(rest));
                out.extend_from_slice(run);
                rest = after;
            }
            let Some((byte, after)) = rest.split_first() else { return Ok(()) };
            self.step(*byte, out)?;
            rest = after;
        }
    }

    fn step(&mut self, byte: u8, out: &mut Vec<u8>) -> Result<(), Undecodable> {
        self.state = match (self.state, byte) {
            (State::Escape, _) => return self.escaped(byte, out),
            (same, b' ' | b'\t' | b'\r' | b'\n') => same,
            (State::Before, b'"') => State::Quoted,
            (State::Before, _) if is_symbol(byte) => {
                out.push(byte);
                State::Bare
            }
            (State::Quoted, b'"') => State::After,
            (State::Quoted, b'\\') => State::Escape,
            _ => return Err(Undecodable),
        };
        Ok(())
    }

    fn escaped(&mut self, byte: u8, out: &mut Vec<u8>) -> Result<(), Undecodable> {
        self.escape.push(byte);
        match self.escape[..] {
            [b'/'] => out.push(b'/'),
            [b'r' | b'n'] => {}
            [b'u', _, _, _, _] => {
                let hex = std::str::from_utf8(&self.escape[1..]).map_err(|_| Undecodable)?;
                let symbol = u8::from_str_radix(hex, 16).map_err(|_| Undecodable)?;
                if !is_symbol(symbol) {
                    return Err(Undecodable);
                }
                out.push(symbol);
            }
            [b'u', ..] => return Ok(()),
            _ => return Err(Undecodable),
        }
        self.escape.clear();
        self.state = State::Quoted;
        Ok(())
    }

    /// Whether this may be the end.
    pub(super) fn end(&self) -> Result<(), Undecodable> {
        match self.state {
            State::Bare | State::After => Ok(()),
            State::Before | State::Quoted | State::Escape => Err(Undecodable),
        }
    }
}

/// How far it goes on without anything to take apart. Whether these are symbols at all, decoding them tells.
fn plain_run(bytes: &[u8]) -> usize {
    const STRIDE: usize = 64; // without an early exit inside: the compiler makes a few instructions of it
    let special = |byte: &u8| *byte <= b' ' || matches!(byte, b'"' | b'\\');
    let clean = bytes.chunks(STRIDE).take_while(|chunk| !chunk.iter().fold(false, |any, b| any | special(b)));
    let clean = (clean.count() * STRIDE).min(bytes.len());
    clean + bytes[clean..].iter().take(STRIDE).position(special).unwrap_or(bytes[clean..].len())
}

fn is_symbol(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}
