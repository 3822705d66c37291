//! The body of the prospect service: a JSON string holding the base64 of AES-CBC (PKCS#7) of JSON.
//!
//! It is an encoding that the server imposes, not a protection: one key and one IV for every message, and nothing
//! that shows a change. TLS is what protects. Whatever goes wrong while opening is one error without detail.

use std::fmt;
use std::io::{self, Read};

use aws_lc_rs::cipher::{
    AES_128, AES_192, AES_256, Algorithm, DecryptionContext, EncryptionContext, PaddedBlockEncryptingKey,
    StreamingDecryptingKey, UnboundCipherKey,
};
use aws_lc_rs::iv::FixedLength;
use base64::Engine;
use zeroize::Zeroizing;

use crate::world::http::{Cause, Setting};

mod engine;
mod unquote;
use engine::Base64;
use unquote::Unquote;

const BLOCK: usize = 16;
/// Taken from the source at once.
const RAW: usize = 16 << 10;

/// Not the envelope that was agreed, or not with this key. Deliberately nothing more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("undecodable")]
pub struct Undecodable;

impl From<Undecodable> for Cause {
    fn from(_: Undecodable) -> Self {
        Self::Undecodable
    }
}

impl From<Undecodable> for io::Error {
    fn from(_: Undecodable) -> Self {
        Cause::Undecodable.into()
    }
}

/// Seals and opens messages with one key and IV. Its `Debug` shows neither; the key is wiped when dropped.
///
/// ```
/// # use satchel::net::envelope::Envelope;
/// let envelope = Envelope::new(&[7; 32], &[9; 16])?;
/// let body = envelope.seal(br#"{"ProspectCode":"1234"}"#);
/// assert!(body.starts_with(b"\"") && body.ends_with(b"\""));
/// assert_eq!(envelope.open(&body).unwrap(), br#"{"ProspectCode":"1234"}"#);
/// # Ok::<(), satchel::world::http::Setting>(())
/// ```
pub struct Envelope {
    algorithm: &'static Algorithm,
    key: Zeroizing<Vec<u8>>,
    iv: Zeroizing<[u8; BLOCK]>,
    sealing: PaddedBlockEncryptingKey,
    base64: Base64,
}

impl fmt::Debug for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Envelope(…)")
    }
}

impl Envelope {
    /// A key of 16, 24 or 32 bytes and an IV of 16; anything else is [`Setting::Envelope`].
    pub fn new(key: &[u8], iv: &[u8; BLOCK]) -> Result<Self, Setting> {
        let algorithm = match key.len() {
            16 => &AES_128,
            24 => &AES_192,
            32 => &AES_256,
            _ => return Err(Setting::Envelope),
        };
        let sealing = UnboundCipherKey::new(algorithm, key).and_then(PaddedBlockEncryptingKey::cbc_pkcs7);
        Ok(Self {
            algorithm,
            key: Zeroizing::new(key.to_vec()),
            iv: Zeroizing::new(*iv),
            sealing: sealing.map_err(|_| Setting::Envelope)?,
            base64: engine::standard(),
        })
    }

    /// The body to send, quotes included.
    pub fn seal(&self, plaintext: &[u8]) -> Vec<u8> {
        let mut data = Vec::with_capacity(plaintext.len() + BLOCK);
        data.extend_from_slice(plaintext);
        let iv = EncryptionContext::Iv128(FixedLength::from(*self.iv));
        self.sealing.less_safe_encrypt(&mut data, iv).expect("a key and an IV of the right kind");
        let mut body = vec![b'"'; data.len().div_ceil(3) * 4 + 2];
        let inside = 1..body.len() - 1;
        self.base64.encode_slice(&data, &mut body[inside]).expect("room for exactly this much");
        body
    }

    /// The plaintext of a whole body: quoted or bare, white space around it or not.
    pub fn open(&self, body: &[u8]) -> Result<Vec<u8>, Undecodable> {
        let mut plaintext = Vec::with_capacity(body.len() / 4 * 3);
        self.reader(body).read_to_end(&mut plaintext).map_err(|_| Undecodable)?;
        Ok(plaintext)
    }

    /// The plaintext as it comes, a few chunks of it in memory. What is read before the end is provisional: padding
    /// and closing quote come last. An error of `from` is passed on; every other one holds [`Cause::Undecodable`].
    pub fn reader<R: Read>(&self, from: R) -> Opening<R> {
        let iv = DecryptionContext::Iv128(FixedLength::from(*self.iv));
        let key = UnboundCipherKey::new(self.algorithm, &self.key);
        let key = key.and_then(|key| StreamingDecryptingKey::cbc_pkcs7(key, iv)).map_err(|_| Undecodable);
        Opening {
            from,
            raw: vec![0; RAW],
            quote: Unquote::default(),
            symbols: vec![],
            padded: false,
            base64: self.base64.clone(),
            sealed: vec![],
            key: Some(key),
            plain: vec![],
            at: 0,
        }
    }
}

/// See [`Envelope::reader`].
pub struct Opening<R> {
    from: R,
    raw: Vec<u8>,
    quote: Unquote,
    /// Base64 not yet decoded: less than one group of four is left from round to round.
    symbols: Vec<u8>,
    /// `=` was seen: nothing may follow.
    padded: bool,
    base64: Base64,
    sealed: Vec<u8>,
    /// None at the end; an error stays.
    key: Option<Result<StreamingDecryptingKey, Undecodable>>,
    plain: Vec<u8>,
    at: usize,
}

impl<R> fmt::Debug for Opening<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Opening(…)")
    }
}

impl<R: Read> Opening<R> {
    /// Reads on until there is plaintext, or no more of it.
    fn fill(&mut self) -> io::Result<()> {
        self.at = 0;
        self.plain.clear();
        while self.plain.is_empty() && self.key.is_some() {
            let n = self.from.read(&mut self.raw)?;
            if let Err(error) = self.step(n) {
                self.plain.clear();
                self.key = Some(Err(error));
                return Err(error.into());
            }
        }
        Ok(())
    }

    /// Takes `n` more bytes; none means the end.
    fn step(&mut self, n: usize) -> Result<(), Undecodable> {
        let Some(Ok(key)) = &mut self.key else { return Err(Undecodable) };
        self.quote.push(&self.raw[..n], &mut self.symbols)?;
        let whole = if n == 0 { self.symbols.len() } else { self.symbols.len() / 4 * 4 };
        if whole > 0 {
            if self.padded {
                return Err(Undecodable); // else base64 cut in two by its padding would do
            }
            self.padded = self.symbols[whole - 1] == b'=';
        }
        self.sealed.resize(whole.div_ceil(4) * 3, 0);
        let taken = self.base64.decode_slice(&self.symbols[..whole], &mut self.sealed);
        let taken = taken.map_err(|_| Undecodable)?;
        self.symbols.drain(..whole);

        self.plain.resize(taken + 2 * BLOCK, 0);
        let opened = key.update(&self.sealed[..taken], &mut self.plain).map_err(|_| Undecodable)?;
        let mut done = opened.written().len();
        if n == 0 {
            self.quote.end()?;
            let Some(Ok(key)) = self.key.take() else { return Err(Undecodable) };
            done += key.finish(&mut self.plain[done..]).map_err(|_| Undecodable)?.written().len();
        }
        self.plain.truncate(done);
        Ok(())
    }
}

impl<R: Read> Read for Opening<R> {
    #[inline]
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at == self.plain.len() {
            self.fill()?;
        }
        let n = out.len().min(self.plain.len() - self.at);
        out[..n].copy_from_slice(&self.plain[self.at..self.at + n]);
        self.at += n;
        Ok(n)
    }
}

#[cfg(test)]
mod tests;
