//! Replies of a gigabyte, with a length, without one, in chunks: memory stays bounded. In a process of its own, so that
//! its memory can be measured.
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use satchel::error::Trouble;
use satchel::net::envelope::Envelope;
use satchel::standing::Place;
use satchel::world::Cause;
use satchel::{Error, PROSPECT};
use satchel_sandbox::{Fault, Kind, Running};
use satchel_tests::raw::{Answer, Raw};
use satchel_tests::tablet::{Tablet, sandbox};

const GIGABYTE: u64 = 1 << 30;
/// More than the longest answer to a change, two rows of a download and the connection's buffers.
const MOST: u64 = 48 << 20;

/// The most memory that this process ever had, in bytes.
#[cfg(target_os = "linux")]
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
}

/// Elsewhere the number of bytes taken must do.
#[cfg(not(target_os = "linux"))]
fn peak() -> u64 {
    0
}

/// Good reads, so that a create leaves; to a create, that head and a gigabyte.
async fn endless(head: &'static str) -> Raw {
    let empty = br#"[{"ERR":"Succeed","SMS":"","ERRCode":"","DataList":[]}]"#;
    let read = Answer::ok(&Envelope::new(&[7; 32], &[9; 16]).unwrap().seal(empty));
    Raw::start(move |request| match request.contains("ProspectGetV2") {
        true => read.clone(),
        false => Answer { bytes: head.as_bytes().to_vec(), filler: GIGABYTE },
    })
    .await
}

async fn tablet(sandbox: &Running, url: Option<String>) -> Tablet {
    Tablet::with(sandbox, |p| {
        p.prospect.base_url = url.unwrap_or_else(|| p.prospect.base_url.clone());
        (p.prospect.lateness_ms, p.prospect.total_ms) = (Some(600_000), 30_000);
    })
    .await
}

async fn in_doubt(tablet: &Tablet, why: &str) {
    let id = tablet.add("Once", "012 345 678").await;
    tablet.satchel.resume();
    let standing = tablet.until(id, Place::InDoubt).await;
    assert_eq!(standing.why.as_deref(), Some(why));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gigabyte_costs_no_memory() {
    let sandbox = sandbox().await;
    let quiet = tablet(&sandbox, None).await;
    quiet.satchel.download(None).await.unwrap();
    let before = peak();

    let giant = Kind::Giant { bytes: GIGABYTE };
    sandbox.set_faults(vec![Fault::new(giant.clone()).on("ProspectGetV2")]);
    for (most, trouble) in [(512 << 20, Trouble::Failed(Cause::ReplyTooLong)), (2 << 30, Trouble::Unusable)] {
        let tablet = Tablet::with(&sandbox, |p| p.prospect.download_bytes = most).await;
        let error = tablet.satchel.download(None).await.unwrap_err();
        assert_eq!(error, Error::Remote { remote: PROSPECT, trouble });
    }
    sandbox.set_faults(vec![Fault::new(giant).on("ProspectAddV2").times(1)]);
    in_doubt(&quiet, "reply_too_long").await;
    assert_eq!(sandbox.ledger().len(), 1);

    for (head, why) in [
        ("HTTP/1.1 200 OK\r\n\r\n\"", "reply_too_long"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 1073741825\r\n\r\n\"", "reply_too_long"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40000000\r\n", "reply_too_long"),
        ("HTTP/1.1 200 OK\r\nX-Long: ", "head_too_long"),
        ("", "undecodable"),
    ] {
        let peer = endless(head).await;
        let tablet = tablet(&sandbox, Some(peer.url("http"))).await;
        in_doubt(&tablet, why).await;
        assert!(peer.wrote() < MOST, "{head:?}: {} bytes were taken", peer.wrote());
    }
    let grown = peak() - before;
    assert!(grown < MOST, "{grown} bytes more");
}
