//! The envelope against the document's messages and against another implementation.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::{IV, SAMPLE, envelope};
use satchel_sandbox::prospect::Envelope;
use serde_json::Value;
use std::io::Write;
use std::process::{Command, Stdio};

fn vectors() -> Value {
    serde_json::from_str(include_str!("data/vectors.json")).unwrap()
}

fn pairs() -> Vec<(String, String, Vec<u8>)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let pair = |pair: &Value| {
        let sealed = STANDARD.decode(text(&pair["ciphertext_base64"])).unwrap();
        (text(&pair["name"]), text(&pair["plaintext"]), sealed)
    };
    vectors()["envelope"]["pairs"].as_array().unwrap().iter().map(pair).collect()
}

fn shared_prefix(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).take_while(|(x, y)| x == y).count()
}

#[test]
fn lengths_are_those_of_the_document() {
    for (name, plain, sealed) in pairs() {
        assert_eq!(envelope().encrypt(plain.as_bytes()).len(), sealed.len(), "{name}");
    }
}

#[test]
fn messages_share_prefixes_as_those_of_the_document_do() {
    let pairs = pairs();
    let ours = |plain: &str| envelope().encrypt(plain.as_bytes());
    let mut seen = 0;
    for (i, (_, plain, sealed)) in pairs.iter().enumerate() {
        for (_, other_plain, other_sealed) in &pairs[i + 1..] {
            let theirs = shared_prefix(sealed, other_sealed) / 16;
            assert_eq!(shared_prefix(&ours(plain), &ours(other_plain)) / 16, theirs);
            seen += usize::from(theirs > 0);
        }
    }
    assert!(seen >= 2, "the document's messages share prefixes");
}

fn openssl(bits: usize, key: &[u8], direction: &str, input: &[u8]) -> Vec<u8> {
    let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
    let mut child = Command::new("openssl")
        .args(["enc", &format!("-aes-{bits}-cbc"), direction, "-K", &hex(key), "-iv", &hex(&IV)])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the openssl program");
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success());
    output.stdout
}

#[test]
fn openssl_agrees_both_ways_for_every_key_length() {
    for bytes in [16, 24, 32] {
        let key: Vec<u8> = (0..bytes as u8).map(|i| i.wrapping_mul(37) ^ 0x5a).collect();
        let envelope = Envelope::new(&key, IV).unwrap();
        for plain in ["", "x", "exactly sixteen.", SAMPLE] {
            let sealed = envelope.encrypt(plain.as_bytes());
            assert_eq!(openssl(bytes * 8, &key, "-d", &sealed), plain.as_bytes());
            let theirs = openssl(bytes * 8, &key, "-e", plain.as_bytes());
            assert_eq!(envelope.decrypt(&theirs).unwrap(), plain.as_bytes());
        }
    }
}

#[test]
fn quoted_bare_and_spaced_bodies_are_read() {
    let sealed = String::from_utf8(envelope().seal(SAMPLE)).unwrap();
    let bare = sealed.trim_matches('"');
    let slashed = sealed.replace('/', "\\/");
    for body in [&sealed, bare, &format!("\r\n {sealed} \n"), &format!(" {bare}\n"), &slashed] {
        assert_eq!(envelope().open(body.as_bytes()).as_deref(), Some(SAMPLE));
    }
}

#[test]
fn what_is_no_message_is_none() {
    let sealed = String::from_utf8(envelope().seal("{\"criteriaValue\":\"\"}")).unwrap();
    for body in
        ["", "\"", "\"\"", "null", "{}", "not base64!", "AAAA", &sealed[1..], &sealed[..sealed.len() - 6]]
    {
        assert_eq!(envelope().open(body.as_bytes()), None, "{body}");
    }
    assert_eq!(envelope().open(b"\xff\xfe"), None);
    assert_eq!(Envelope::new(&[1; 32], IV).unwrap().open(sealed.as_bytes()), None);
    assert!([0, 15, 17, 31, 33, 64].iter().all(|n| Envelope::new(&vec![0; *n], IV).is_none()));
}
