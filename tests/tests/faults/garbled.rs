//! Sealed messages that are not what the bank sealed (fault 15).

use satchel::error::Trouble;
use satchel::net::envelope::Envelope;
use satchel::prospect::Query;
use satchel::standing::Place;
use satchel::{Error, PROSPECT};
use satchel_tests::raw::{Answer, Raw};
use satchel_tests::tablet::{Tablet, sandbox};

const ROW: &str = r#"[{"ERR":"Succeed","SMS":"","ERRCode":"","DataList":[{"Code":"2947-1","NameEn":"Theirs","Phone":"012"}]}]"#;

fn sealed(plain: &[u8]) -> Vec<u8> {
    Envelope::new(&[7; 32], &[9; 16]).unwrap().seal(plain)
}

/// The ciphertext's blocks, put together anew.
fn blocks(body: &[u8], change: impl FnOnce(&mut Vec<[u8; 16]>)) -> Vec<u8> {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    let bytes = STANDARD.decode(&body[1..body.len() - 1]).unwrap();
    let mut blocks: Vec<[u8; 16]> = bytes.chunks_exact(16).map(|block| block.try_into().unwrap()).collect();
    change(&mut blocks);
    format!("\"{}\"", STANDARD.encode(blocks.concat())).into_bytes()
}

/// Every way in which a body can be wrong.
fn garbled() -> Vec<(String, Vec<u8>)> {
    let good = sealed(ROW.as_bytes());
    let mut all: Vec<(String, Vec<u8>)> = [
        ("nothing", vec![]),
        ("an empty message", b"\"\"".to_vec()),
        ("not base64", b"\"*\"".to_vec()),
        ("random bytes", (0..=255).collect()),
        (
            "random blocks",
            blocks(&good, |b| b.iter_mut().flatten().enumerate().for_each(|(n, x)| *x = n as u8)),
        ),
        ("half a block", b"\"AAAAAAAAAAA=\"".to_vec()),
        // What is last without its own last block is no padding.
        ("bad padding", blocks(&good, |b| b.truncate(b.len() - 1))),
        ("two blocks exchanged", blocks(&good, |b| b.swap(1, 3))),
        ("a block twice", blocks(&good, |b| b.insert(2, b[2]))),
        ("no JSON", sealed(b"Succeed")),
        ("half of it", sealed(&ROW.as_bytes()[..ROW.len() / 2])),
        ("more behind it", sealed(format!("{ROW} x").as_bytes())),
        ("null", sealed(b"null")),
        (
            "two replies",
            sealed(format!("[{},{}]", &ROW[1..ROW.len() - 1], &ROW[1..ROW.len() - 1]).as_bytes()),
        ),
        ("no verdict", sealed(br#"[{"DataList":[]}]"#)),
    ]
    .map(|(what, body)| (what.to_owned(), body))
    .into();
    let count = ROW.len() / 16 + 1;
    // A bit turned over garbles its block; in the last one it is the padding's.
    all.extend((0..count).map(|n| (format!("a bit of block {n}"), blocks(&good, |b| b[n][5] ^= 0x40))));
    all
}

/// 15. Random bytes, bad padding, good padding and bad JSON, exchanged blocks: the same error as for 14, never a panic,
/// nothing applied in part; a create answered so is in doubt.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn fault_15_whatever_is_wrong_with_a_sealed_message_is_one_error() {
    let sandbox = sandbox().await;
    for (what, body) in garbled() {
        let (read, answer) =
            (Answer::ok(&sealed(br#"[{"ERR":"Succeed","DataList":[]}]"#)), Answer::ok(&body));
        let to_both = answer.clone();
        let bad = Raw::start(move |_| to_both.clone()).await;
        let peer = bad.url("http");
        let tablet = Tablet::with(&sandbox, |p| p.prospect.base_url = peer).await;
        let error = tablet.satchel.download(None).await.expect_err(&what);
        assert_eq!(error, Error::Remote { remote: PROSPECT, trouble: Trouble::Unusable }, "{what}");
        assert!(tablet.satchel.list(Query::default()).await.unwrap().items.is_empty(), "{what}");

        let bad = Raw::start(move |request| match request.contains("ProspectGetV2") {
            true => read.clone(),
            false => answer.clone(),
        })
        .await;
        let peer = bad.url("http");
        let tablet = Tablet::with(&sandbox, |p| {
            (p.prospect.base_url, p.prospect.lateness_ms) = (peer, Some(600_000));
        })
        .await;
        tablet.satchel.resume();
        let id = tablet.add("Sok", "012 345 678").await;
        let standing = tablet.until(id, Place::InDoubt).await;
        assert_eq!(standing.why.as_deref(), Some("undecodable"), "{what}");
    }
}
