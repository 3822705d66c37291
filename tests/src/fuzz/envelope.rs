//! The envelope: there and back, in pieces as whole, in every spelling, and one error for all that is wrong.

use super::{Pieces, byte};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use satchel::net::envelope::{Envelope, Undecodable};
use satchel::world::Cause;
use std::io::Read;

pub(super) fn envelope(mut data: &[u8]) {
    let (key, how) = (byte(&mut data), byte(&mut data));
    let key = vec![key; [16, 24, 32][usize::from(key) % 3]];
    let envelope = Envelope::new(&key, &[9; 16]).expect("a key of a right length");
    match how % 3 {
        0 => there_and_back(&envelope, &key, data),
        1 => as_it_came(&envelope, data, data),
        // Past the first hurdle: the padding decides.
        _ => as_it_came(&envelope, format!("\"{}\"", STANDARD.encode(data)).as_bytes(), data),
    }
}

fn there_and_back(envelope: &Envelope, key: &[u8], plain: &[u8]) {
    let sealed = envelope.seal(plain);
    assert_eq!(sealed.len(), ((plain.len() / 16 + 1) * 16).div_ceil(3) * 4 + 2, "no longer than it must be");
    assert_eq!(envelope.open(&sealed).as_deref(), Ok(plain));
    assert_eq!(streamed(envelope, &sealed, plain).as_deref(), Ok(plain));
    assert_eq!(envelope.open(&spelt(&sealed, plain)).as_deref(), Ok(plain), "in another spelling");
    if let Ok(text) = std::str::from_utf8(plain) {
        let other = satchel_sandbox::prospect::Envelope::new(key, [9; 16]).expect("the same key");
        assert_eq!(other.open(&sealed).as_deref(), Some(text), "another implementation reads it");
        assert_eq!(other.seal(text), sealed, "and writes the same");
    }
    assert!(envelope.open(&sealed[..sealed.len() - 1]).is_err(), "without its end it is none");
}

/// Any bytes: an answer or the one error, the same in pieces, never longer than what came.
fn as_it_came(envelope: &Envelope, body: &[u8], lengths: &[u8]) {
    let whole = envelope.open(body);
    assert_eq!(streamed(envelope, body, lengths), whole);
    if let Ok(plain) = whole {
        assert!(plain.len() <= body.len() / 4 * 3);
        assert_eq!(envelope.open(&envelope.seal(&plain)), Ok(plain));
    }
}

fn streamed(envelope: &Envelope, body: &[u8], lengths: &[u8]) -> Result<Vec<u8>, Undecodable> {
    let mut reader = envelope.reader(Pieces::of(body, lengths));
    let mut plain = vec![];
    let read =
        Pieces::of(&[], lengths).lengths.iter().cycle().map(|n| usize::from(*n) + 1).try_for_each(|n| {
            let (from, mut some) = (plain.len(), vec![0; n]);
            let got = reader.read(&mut some).map_err(Some)?;
            plain.extend_from_slice(&some[..got]);
            assert!(plain.len() <= body.len(), "provisional plaintext is bounded too");
            if got == 0 && plain.len() == from { Err(None) } else { Ok(()) }
        });
    match read {
        Err(Some(error)) => {
            assert_eq!(Cause::of(&error), Cause::Undecodable);
            assert!(reader.read(&mut [0; 8]).is_err(), "an error stays");
            Err(Undecodable)
        }
        _ => Ok(plain),
    }
}

/// The same body as other encoders write it: white space between, escapes inside the quotes.
fn spelt(body: &[u8], how: &[u8]) -> Vec<u8> {
    let mut out = b" \r\n".to_vec();
    for (n, symbol) in body.iter().enumerate() {
        let inside = n > 0 && n + 1 < body.len();
        match (how.get(n % how.len().max(1)), symbol) {
            (Some(3), b'/') if inside => out.extend_from_slice(b"\\/"),
            (Some(0..32), _) if inside => out.extend_from_slice(format!("\\u{symbol:04x}").as_bytes()),
            (Some(32..40), _) if inside => out.extend_from_slice(&[b'\\', b'n', *symbol]),
            (Some(40..48), _) => out.extend_from_slice(&[b'\t', *symbol]),
            _ => out.push(*symbol),
        }
    }
    out.push(b'\n');
    out
}
