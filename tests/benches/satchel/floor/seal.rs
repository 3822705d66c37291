//! The envelope by hand: base64 and AES-CBC, no tolerance, no checks.

use crate::Done;
use crate::world::{IV, KEY};
use aws_lc_rs::cipher::{
    AES_256, DecryptionContext, EncryptionContext, PaddedBlockDecryptingKey, PaddedBlockEncryptingKey,
    StreamingDecryptingKey, UnboundCipherKey,
};
use aws_lc_rs::iv::FixedLength;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::io::{self, Read};

/// The body to send.
pub fn seal(plain: &str) -> Done<String> {
    let key = PaddedBlockEncryptingKey::cbc_pkcs7(UnboundCipherKey::new(&AES_256, &KEY)?)?;
    let mut data = plain.as_bytes().to_vec();
    key.less_safe_encrypt(&mut data, EncryptionContext::Iv128(FixedLength::from(IV)))?;
    Ok(format!("\"{}\"", STANDARD.encode(&data)))
}

/// What a body says.
pub fn open(body: &[u8]) -> Done<Vec<u8>> {
    let inside = body.trim_ascii();
    let inside = inside.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")).unwrap_or(inside);
    let mut data = STANDARD.decode(inside)?;
    let key = PaddedBlockDecryptingKey::cbc_pkcs7(UnboundCipherKey::new(&AES_256, &KEY)?)?;
    Ok(key.decrypt(&mut data, DecryptionContext::Iv128(FixedLength::from(IV)))?.to_vec())
}

/// The same as it streams.
pub struct Opening<R> {
    from: R,
    symbols: Vec<u8>,
    key: Option<StreamingDecryptingKey>,
    plain: Vec<u8>,
    at: usize,
}

/// Base64 symbols at once.
const STEP: usize = 16 << 10;

impl<R: Read> Opening<R> {
    /// Takes the opening quote away.
    pub fn new(mut from: R) -> Done<Self> {
        from.read_exact(&mut [0])?;
        let context = DecryptionContext::Iv128(FixedLength::from(IV));
        let key = StreamingDecryptingKey::cbc_pkcs7(UnboundCipherKey::new(&AES_256, &KEY)?, context)?;
        Ok(Opening { from, symbols: Vec::with_capacity(STEP), key: Some(key), plain: vec![], at: 0 })
    }

    fn fill(&mut self) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let Some(mut key) = self.key.take() else { return Ok(()) };
        self.symbols.clear();
        let n = (&mut self.from).take(STEP as u64).read_to_end(&mut self.symbols)?;
        if self.symbols.last() == Some(&b'"') {
            self.symbols.pop();
        }
        let sealed = STANDARD.decode(&self.symbols)?;
        self.plain.resize(sealed.len() + 32, 0);
        let mut done = key.update(&sealed, &mut self.plain)?.written().len();
        if n < STEP {
            done += key.finish(&mut self.plain[done..])?.written().len();
        } else {
            self.key = Some(key);
        }
        self.plain.truncate(done);
        self.at = 0;
        Ok(())
    }
}

impl<R: Read> Read for Opening<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.at == self.plain.len() && self.key.is_some() {
            self.fill().map_err(io::Error::other)?;
        }
        let n = out.len().min(self.plain.len() - self.at);
        out[..n].copy_from_slice(&self.plain[self.at..self.at + n]);
        self.at += n;
        Ok(n)
    }
}
