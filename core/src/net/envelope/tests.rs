use super::*;
use proptest::prelude::*;
use std::process::{Command, Stdio};

const IV: [u8; 16] = *b"0123456789abcdef";

fn envelope() -> Envelope {
    Envelope::new(&[7; 32], &IV).unwrap()
}

#[derive(serde::Deserialize)]
struct Vectors {
    envelope: Seed,
}

#[derive(serde::Deserialize)]
struct Seed {
    pairs: Vec<Pair>,
    shared_prefix_bytes: std::collections::BTreeMap<String, usize>,
}

#[derive(serde::Deserialize)]
struct Pair {
    name: String,
    plaintext: String,
    ciphertext_base64: String,
}

/// The seed's messages, whose key is unknown: lengths and shared prefixes are what can be compared.
#[test]
fn messages_have_the_shape_of_the_seeds() {
    let vectors = include_str!("../../../tests/data/vectors.json");
    let Seed { pairs, shared_prefix_bytes } = serde_json::from_str::<Vectors>(vectors).unwrap().envelope;
    assert_eq!(pairs.len(), 7);
    let sealed = |pair: &Pair| {
        let body = envelope().seal(pair.plaintext.as_bytes());
        base64::prelude::BASE64_STANDARD.decode(&body[1..body.len() - 1]).unwrap()
    };
    let named = |name: &str| pairs.iter().find(|pair| pair.name == name).unwrap();
    for pair in &pairs {
        assert_eq!(envelope().seal(pair.plaintext.as_bytes()).len(), pair.ciphertext_base64.len() + 2);
        assert_eq!(envelope().open(pair.ciphertext_base64.as_bytes()), Err(Undecodable), "another key");
    }
    assert!(!shared_prefix_bytes.is_empty());
    for (names, bytes) in shared_prefix_bytes {
        let (one, two) = names.split_once('|').unwrap();
        let (one, two) = (sealed(named(one)), sealed(named(two)));
        let shared = one.iter().zip(&two).take_while(|(a, b)| a == b).count();
        assert_eq!(shared / 16 * 16, bytes, "{names}");
    }
}

fn openssl(args: &[&str], input: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut child = Command::new("openssl")
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the openssl program");
    child.stdin.take().unwrap().write_all(input).unwrap();
    let out = child.wait_with_output().unwrap();
    assert!(out.status.success());
    out.stdout
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Another implementation reads what we write and writes what we read.
#[test]
fn openssl_agrees_both_ways() {
    for key in [&b"k".repeat(16), &b"e".repeat(24), &b"y".repeat(32)] {
        let cipher = format!("-aes-{}-cbc", key.len() * 8);
        let (key_hex, iv_hex) = (hex(key), hex(&IV));
        let args = |way| ["enc", way, &cipher, "-K", &key_hex, "-iv", &iv_hex, "-a", "-A"].map(str::to_owned);
        let run = |way: &str, input: &[u8]| {
            let args = args(if way == "-e" { "-e" } else { "-d" });
            openssl(&args.each_ref().map(String::as_str), input)
        };
        let ours = Envelope::new(key, &IV).unwrap();
        for len in [0, 1, 15, 16, 17, 100, 1000, 40_000] {
            let plain: Vec<u8> = "{\"NameKh\":\"សុខ ដារ៉ា\"}".bytes().cycle().take(len).collect();
            let body = ours.seal(&plain);
            let theirs = run("-e", &plain);
            assert_eq!(&body[1..body.len() - 1], theirs);
            assert_eq!(run("-d", &body[1..body.len() - 1]), plain);
            assert_eq!(ours.open(&theirs).unwrap(), plain);
            assert_eq!(ours.open(&body).unwrap(), plain);
        }
    }
}

#[test]
fn only_three_key_lengths() {
    for len in 0..64 {
        let made = Envelope::new(&vec![1; len], &IV);
        assert_eq!(made.is_ok(), [16, 24, 32].contains(&len), "{len}");
        assert!(made.err().is_none_or(|setting| setting == Setting::Envelope));
    }
}

#[test]
fn encoders_habits_are_accepted() {
    let plain: Vec<u8> = (0..=255).cycle().take(999).collect();
    let body = String::from_utf8(envelope().seal(&plain)).unwrap();
    let bare = body.trim_matches('"');
    let lines: Vec<_> = bare.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
    for variant in [
        body.replace('/', r"\/"),
        body.replace('+', r"\u002B").replace('=', r"\u003d"),
        format!(" \r\n{body} \n"),
        bare.to_owned(),
        format!("\t{bare}\r\n"),
        lines.join("\r\n"),
        format!("\"{}\"", lines.join(r"\r\n")),
    ] {
        assert_eq!(envelope().open(variant.as_bytes()).unwrap(), plain);
        for step in [1, 3, 7] {
            let mut out = vec![];
            envelope().reader(Drip(variant.as_bytes(), step)).read_to_end(&mut out).unwrap();
            assert_eq!(out, plain, "in pieces of {step}");
        }
    }
}

/// Gives a few bytes at a time.
struct Drip<'a>(&'a [u8], usize);

impl Read for Drip<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.1.min(out.len());
        self.0.read(&mut out[..n])
    }
}

/// A body cut anywhere is an error, or (bare base64, cut after a block that happens to end like padding) not JSON.
#[test]
fn no_cut_passes_for_the_whole() {
    let plain = format!(r#"[{{"ERR":"Succeed","DataList":[{}]}}]"#, vec![r#"{"Code":"1"}"#; 50].join(","));
    let body = envelope().seal(plain.as_bytes());
    for cut in 0..body.len() {
        assert_eq!(envelope().open(&body[..cut]), Err(Undecodable), "quoted, {cut}");
    }
    let bare = &body[1..body.len() - 1];
    for cut in 0..bare.len() {
        if let Ok(part) = envelope().open(&bare[..cut]) {
            assert!(serde_json::from_slice::<serde_json::Value>(&part).is_err(), "bare, {cut}");
        }
    }
}

#[test]
fn garbage_has_one_error() {
    let body = String::from_utf8(envelope().seal(b"{\"a\":1}")).unwrap();
    let bare = body.trim_matches('"');
    let block = base64::prelude::BASE64_STANDARD.encode([0; 16]);
    for bad in [
        format!("{body}x"),
        format!("{body}\""),
        format!("{body}{body}"),
        format!("x{body}"),
        format!("{bare}{bare}"),
        format!("\"{bare}{bare}\""),
        format!("{bare}\""),
        body.replace('=', r"\t"),
        format!("\"{bare}\\"),
        format!("\"\\q{bare}\""),
        format!("\"\\u00e9{bare}\""),
        format!("\"\\u+041{bare}\""),
        format!("\"{block}\""),
        bare.replace('=', ""),
        "<html>hello</html>".to_owned(),
        "{\"ERR\":\"Error\"}".to_owned(),
        "null".to_owned(),
        "\"\"".to_owned(),
        "\"".to_owned(),
        " ".to_owned(),
        String::new(),
    ] {
        assert_eq!(envelope().open(bad.as_bytes()), Err(Undecodable), "{bad}");
        let envelope = envelope();
        let mut reader = envelope.reader(bad.as_bytes());
        let first = reader.read_to_end(&mut vec![]).unwrap_err();
        assert_eq!(Cause::of(&first), Cause::Undecodable);
        assert!(reader.read(&mut [0; 9]).is_err(), "an error stays an error");
    }
}

/// Two pieces of base64, each with its padding, are not one, even if a read ends exactly between them.
#[test]
fn nothing_follows_padding() {
    let base64 = base64::prelude::BASE64_STANDARD;
    let body = envelope().seal(&[b'x'; 20]);
    let sealed = base64.decode(&body[1..body.len() - 1]).unwrap();
    let (one, two) = (base64.encode(&sealed[..16]), base64.encode(&sealed[16..]));
    assert!(one.ends_with('='));
    let both = format!("{one}{two}");
    for step in [4, one.len(), both.len()] {
        let read = envelope().reader(Drip(both.as_bytes(), step)).read_to_end(&mut vec![]);
        assert_eq!(Cause::of(&read.unwrap_err()), Cause::Undecodable, "in pieces of {step}");
    }
}

#[test]
fn the_sources_error_is_passed_on() {
    struct Late;
    impl Read for Late {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(Cause::Timeout.into())
        }
    }
    let body = envelope().seal(&[b'x'; 1000]);
    let error = envelope().reader(body[..500].chain(Late)).read_to_end(&mut vec![]).unwrap_err();
    assert_eq!(Cause::of(&error), Cause::Timeout);
}

#[test]
fn nothing_secret_is_shown() {
    let shown =
        format!("{:?} {:?} {Undecodable:?} {Undecodable}", envelope(), envelope().reader(&b"canary"[..]));
    assert!(!shown.contains("canary") && !shown.contains('7') && !shown.contains("0123"), "{shown}");
}

proptest! {
    #[test]
    fn seal_then_open(plain in prop::collection::vec(any::<u8>(), 0..5000), step in 1usize..300) {
        let body = envelope().seal(&plain);
        prop_assert_eq!(&envelope().open(&body).unwrap(), &plain);
        let mut out = vec![];
        envelope().reader(Drip(&body, step)).read_to_end(&mut out).unwrap();
        prop_assert_eq!(out, plain);
    }

    /// A changed symbol may go unseen by the cipher, never by both the cipher and the JSON that must come out
    /// whole, unless it stays inside one string: there nothing can tell, and TLS is what protects.
    #[test]
    fn a_flipped_byte_never_panics_and_never_adds_or_drops_a_row(at in 0usize..700, bit in 0u8..8) {
        let rows = |json: &[u8]| serde_json::from_slice::<Vec<std::collections::BTreeMap<String, String>>>(json);
        let plain = format!("[{}]", vec![r#"{"Code":"2947-1","NameEn":"SOK DARA"}"#; 13].join(","));
        let mut body = envelope().seal(plain.as_bytes());
        let at = at % body.len();
        body[at] ^= 1 << bit;
        if let Ok(opened) = envelope().open(&body)
            && let Ok(rows) = rows(&opened)
        {
            prop_assert_eq!(rows.len(), 13);
        }
    }

    #[test]
    fn any_bytes_are_refused_or_opened(body in prop::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(opened) = envelope().open(&body) {
            prop_assert!(opened.len() < body.len());
        }
    }
}
