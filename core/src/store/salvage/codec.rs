//! One page of SQLCipher's: whether it is whole, and what is in it. The form is SQLCipher 4's own, public and fixed for
//! every file of ours: AES-256-CBC under the raw key, then HMAC-SHA-512 over what is encrypted, its IV and the page's
//! number.

use super::super::key::StoreKey;
use aws_lc_rs::cipher::{AES_256, DecryptingKey, DecryptionContext, UnboundCipherKey};
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::{hmac, pbkdf2};
use std::num::NonZeroU32;
use zeroize::Zeroizing;

/// A page on disk.
pub(super) const PAGE: usize = 4096;
/// What SQLite has of it; IV and HMAC are behind.
pub(super) const USABLE: usize = PAGE - IV - MAC;
const IV: usize = 16;
const MAC: usize = 64;
/// Page 1 begins with the salt, which is not encrypted.
const SALT: usize = 16;
const HEAD: &[u8; SALT] = b"SQLite format 3\0";
/// What turns the salt into that of the HMAC's key.
const MASK: u8 = 0x3a;
const ROUNDS: NonZeroU32 = NonZeroU32::new(2).expect("2 is not 0");

/// Checks and decrypts pages under one key.
pub(super) struct Codec {
    cipher: DecryptingKey,
    mac: hmac::Key,
}

impl Codec {
    /// `None` only if the crypto library refuses an AES key of 32 bytes.
    pub(super) fn new(key: &StoreKey) -> Option<Self> {
        let (secret, salt) = key.parts();
        let salt: Vec<u8> = salt.iter().map(|byte| byte ^ MASK).collect();
        let mut mac = Zeroizing::new([0; 32]);
        pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA512, ROUNDS, &salt, secret, &mut *mac);
        let cipher = UnboundCipherKey::new(&AES_256, secret).and_then(DecryptingKey::cbc).ok()?;
        Some(Self { cipher, mac: hmac::Key::new(hmac::HMAC_SHA512, &*mac) })
    }

    /// Is this page, under this number, as it was written?
    pub(super) fn whole(&self, number: u32, raw: &[u8]) -> bool {
        if raw.len() != PAGE {
            return false;
        }
        let mut mac = hmac::Context::with_key(&self.mac);
        mac.update(&raw[start(number)..USABLE + IV]);
        mac.update(&number.to_le_bytes());
        aws_lc_rs::constant_time::verify_slices_are_equal(mac.sign().as_ref(), &raw[USABLE + IV..]).is_ok()
    }

    /// The page as SQLite sees it, without the reserved end; `None` when it is not whole.
    pub(super) fn open(&self, number: u32, mut raw: Vec<u8>) -> Option<Vec<u8>> {
        if !self.whole(number, &raw) {
            return None;
        }
        let iv: [u8; IV] = raw[USABLE..USABLE + IV].try_into().ok()?;
        let iv = DecryptionContext::Iv128(FixedLength::from(iv));
        self.cipher.decrypt(&mut raw[start(number)..USABLE], iv).ok()?;
        if number == 1 {
            raw[..SALT].copy_from_slice(HEAD);
        }
        raw.truncate(USABLE);
        Some(raw)
    }
}

fn start(number: u32) -> usize {
    if number == 1 { SALT } else { 0 }
}
