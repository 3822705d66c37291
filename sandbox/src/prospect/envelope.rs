//! The envelope: a JSON string of the base64 of AES-CBC with PKCS#7 padding, one key and one IV for every message.

use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{
    BlockCipherDecrypt, BlockCipherEncrypt, BlockModeDecrypt, BlockModeEncrypt, KeyInit, KeyIvInit,
};
use aes::{Aes128, Aes192, Aes256};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The key and IV of every message. No `Debug`: it holds a key.
#[derive(Clone)]
pub struct Envelope {
    key: Vec<u8>,
    iv: [u8; 16],
}

impl Envelope {
    /// With a key of 16, 24 or 32 bytes; none for any other length.
    pub fn new(key: &[u8], iv: [u8; 16]) -> Option<Envelope> {
        matches!(key.len(), 16 | 24 | 32).then(|| Envelope { key: key.to_vec(), iv })
    }

    /// The same with every bit of the key's first byte turned over.
    pub fn wrong(&self) -> Envelope {
        let mut wrong = self.clone();
        wrong.key[0] ^= 0xff;
        wrong
    }

    /// The ciphertext of a message.
    pub fn encrypt(&self, plain: &[u8]) -> Vec<u8> {
        let sealed = match self.key.len() {
            16 => encrypt::<Aes128>(&self.key, &self.iv, plain),
            24 => encrypt::<Aes192>(&self.key, &self.iv, plain),
            _ => encrypt::<Aes256>(&self.key, &self.iv, plain),
        };
        sealed.unwrap_or_default()
    }

    /// The message of a ciphertext; none if it is not one.
    pub fn decrypt(&self, sealed: &[u8]) -> Option<Vec<u8>> {
        match self.key.len() {
            16 => decrypt::<Aes128>(&self.key, &self.iv, sealed),
            24 => decrypt::<Aes192>(&self.key, &self.iv, sealed),
            _ => decrypt::<Aes256>(&self.key, &self.iv, sealed),
        }
    }

    /// A message as it stands in an HTTP body.
    pub fn seal(&self, plain: &str) -> Vec<u8> {
        quoted(&self.encrypt(plain.as_bytes()))
    }

    /// The message in an HTTP body: a JSON string of base64, or the bare base64, with white space around it.
    pub fn open(&self, body: &[u8]) -> Option<String> {
        let text = std::str::from_utf8(body).ok()?.trim();
        let encoded = match text.starts_with('"') {
            true => serde_json::from_str::<String>(text).ok()?,
            false => text.to_owned(),
        };
        let plain = self.decrypt(&STANDARD.decode(encoded.trim()).ok()?)?;
        String::from_utf8(plain).ok()
    }
}

/// A ciphertext as it stands in an HTTP body.
pub(super) fn quoted(sealed: &[u8]) -> Vec<u8> {
    format!("\"{}\"", STANDARD.encode(sealed)).into_bytes()
}

fn encrypt<C: BlockCipherEncrypt + KeyInit>(key: &[u8], iv: &[u8], plain: &[u8]) -> Option<Vec<u8>> {
    let mode = cbc::Encryptor::<C>::new_from_slices(key, iv).ok()?;
    Some(mode.encrypt_padded_vec::<Pkcs7>(plain))
}

fn decrypt<C: BlockCipherDecrypt + KeyInit>(key: &[u8], iv: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let mode = cbc::Decryptor::<C>::new_from_slices(key, iv).ok()?;
    mode.decrypt_padded_vec::<Pkcs7>(sealed).ok()
}
