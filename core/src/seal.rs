//! Sealing to the organisation's key, in the age format: whoever holds the identity opens it with `age --decrypt`, and
//! needs no code of ours.
//!
//! The format is public and frozen (age-encryption.org/v1, one X25519 recipient, ASCII armour), and sealing is all that a
//! tablet needs of it: some eighty lines on the crypto library that is there anyway, with chance from [`Rng`]. Opening
//! is `rescue`'s, by another implementation, and the tests put the two together.

use crate::error::{Error, Problem, Result};
use crate::store::hex;
use crate::world::Rng;
use aws_lc_rs::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{self, PrivateKey, UnparsedPublicKey, X25519};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::{hkdf, hmac};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use bech32::Bech32;
use bech32::primitives::decode::CheckedHrpstring;
use std::fmt::Write;
use zeroize::Zeroizing;

/// The payload is sealed in pieces of this size.
const PIECE: usize = 64 << 10;
/// A line of the armour, in characters.
const LINE: usize = 64;
const KIND: &[u8] = b"age-encryption.org/v1/X25519";

/// The public half of the organisation's key: `age1…`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recipient([u8; 32]);

impl Recipient {
    /// Reads `age1…`, as `age-keygen` prints it.
    ///
    /// # Errors
    /// `InvalidInput` in `organisation_key`: mistyped, of another kind, or a point to which nothing can be sealed.
    pub fn parse(text: &str) -> Result<Self> {
        let expected = "a public key age1… of age-keygen";
        let read = || {
            let checked = CheckedHrpstring::new::<Bech32>(text.trim()).ok()?;
            (checked.hrp().as_str() == "age").then_some(())?;
            let bytes: Vec<u8> = checked.byte_iter().collect();
            let recipient = Self(bytes.try_into().ok()?);
            // A point of low order shares the same secret with everybody; the agreement refuses it.
            recipient.agree(&PrivateKey::from_private_key(&X25519, &[0x42; 32]).ok()?).ok()?;
            Some(recipient)
        };
        read().ok_or(Error::invalid("organisation_key", Problem::Form { expected }))
    }

    /// Tells one recipient from another, in hex.
    pub(crate) fn fingerprint(&self) -> String {
        hex(&digest(&SHA256, &self.0).as_ref()[..8])
    }

    /// `plain`, sealed and armoured: text that may be kept and sent anywhere.
    ///
    /// # Errors
    /// `Internal` when the crypto library refuses.
    pub fn seal(&self, plain: &[u8], rng: &dyn Rng) -> Result<String> {
        let failed = || Error::internal("seal");
        let chance = || {
            let mut bytes = Zeroizing::new([0; 32]);
            rng.fill(&mut *bytes);
            bytes
        };
        let (file_key, nonce, once) = (chance(), chance(), chance());
        let (file_key, nonce) = (&file_key[..16], &nonce[..16]);
        let once = PrivateKey::from_private_key(&X25519, &*once).map_err(|_| failed())?;
        let share = once.compute_public_key().map_err(|_| failed())?;
        let shared = self.agree(&once)?;
        let wrap = derive(&[share.as_ref(), &self.0].concat(), &shared, KIND)?;
        let wrapped = boxed(&wrap, [0; 12], file_key)?;
        let text = |bytes: &[u8]| STANDARD_NO_PAD.encode(bytes);
        let mut head =
            format!("age-encryption.org/v1\n-> X25519 {}\n{}\n---", text(share.as_ref()), text(&wrapped));
        let mac = hmac::Key::new(hmac::HMAC_SHA256, &*derive(&[], file_key, b"header")?);
        let mac = hmac::sign(&mac, head.as_bytes());
        let _ = writeln!(head, " {}", text(mac.as_ref()));
        let mut sealed = head.into_bytes();
        sealed.extend_from_slice(nonce);
        let key = derive(nonce, file_key, b"payload")?;
        let pieces = plain.len().div_ceil(PIECE).max(1);
        for n in 0..pieces {
            let piece = &plain[n * PIECE..plain.len().min((n + 1) * PIECE)];
            // Eleven bytes count, the twelfth says which is the last.
            let mut counter = [0; 12];
            counter[3..11].copy_from_slice(&(n as u64).to_be_bytes());
            counter[11] = u8::from(n + 1 == pieces);
            sealed.extend(boxed(&key, counter, piece)?);
        }
        Ok(armoured(&sealed))
    }

    fn agree(&self, mine: &PrivateKey) -> Result<Zeroizing<Vec<u8>>> {
        let theirs = UnparsedPublicKey::new(&X25519, &self.0);
        agreement::agree(mine, theirs, Error::internal("seal"), |secret| Ok(Zeroizing::new(secret.to_vec())))
    }
}

fn derive(salt: &[u8], secret: &[u8], info: &[u8]) -> Result<Zeroizing<[u8; 32]>> {
    let mut key = Zeroizing::new([0; 32]);
    let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(secret);
    let filled = prk.expand(&[info], hkdf::HKDF_SHA256).and_then(|okm| okm.fill(&mut *key));
    filled.map_err(|_| Error::internal("seal"))?;
    Ok(key)
}

fn boxed(key: &[u8; 32], nonce: [u8; 12], plain: &[u8]) -> Result<Vec<u8>> {
    let seal = || {
        let key = LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, key)?);
        let mut sealed = Vec::with_capacity(plain.len() + CHACHA20_POLY1305.tag_len());
        sealed.extend_from_slice(plain);
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut sealed)?;
        Ok::<_, aws_lc_rs::error::Unspecified>(sealed)
    };
    seal().map_err(|_| Error::internal("seal"))
}

fn armoured(sealed: &[u8]) -> String {
    let text = STANDARD.encode(sealed);
    let mut armour = String::with_capacity(text.len() + text.len() / LINE + 80);
    armour.push_str("-----BEGIN AGE ENCRYPTED FILE-----\n");
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, more) = rest.split_at(rest.len().min(LINE));
        armour.push_str(line);
        armour.push('\n');
        rest = more;
    }
    armour.push_str("-----END AGE ENCRYPTED FILE-----\n");
    armour
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::RealRng;

    const KEY: &str = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";

    #[test]
    fn a_key_is_taken_to_the_letter() {
        let key = Recipient::parse(KEY).unwrap();
        assert_eq!(Recipient::parse(&format!(" {KEY}\n")).unwrap(), key);
        let low = bech32::encode::<Bech32>(bech32::Hrp::parse("age").unwrap(), &[0; 32]).unwrap();
        let short = bech32::encode::<Bech32>(bech32::Hrp::parse("age").unwrap(), &[7; 31]).unwrap();
        let wrong = KEY.replace("mcac8p", "mcac8q");
        let odd = ["", "age1", "ssh-ed25519 AAAA", "AGE-SECRET-KEY-1", &wrong, &low, &short, &KEY[..40]];
        for odd in odd {
            let error = Recipient::parse(odd).unwrap_err();
            assert!(matches!(error, Error::InvalidInput { field: "organisation_key", .. }), "{odd}");
        }
    }

    #[test]
    fn nothing_of_the_text_shows_and_no_two_are_alike() {
        let key = Recipient::parse(KEY).unwrap();
        let [one, two] = [(); 2].map(|()| key.seal(b"0968523147", &RealRng).unwrap());
        assert_ne!(one, two);
        assert!(
            one.starts_with("-----BEGIN AGE ENCRYPTED FILE-----\n") && one.lines().all(|l| l.len() <= LINE)
        );
        let inside: String = one.lines().filter(|l| !l.starts_with('-')).collect();
        let bytes = STANDARD.decode(inside).unwrap();
        assert!(bytes.starts_with(b"age-encryption.org/v1\n-> X25519 "));
        assert!(!bytes.windows(10).any(|w| w == b"0968523147"));
    }
}
