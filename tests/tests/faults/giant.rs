//! Replies of a gigabyte, with a length, without one, in chunks: memory stays bounded (fault 18). In a process of its
//! own, so that its memory can be measured.

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

const CHILD: &str = "SATCHEL_GIANT";

/// 18: A huge reply (a gigabyte, a length that lies, gzip, JSON 1,000,000 deep, 10⁶ keys) is cut at its cap: memory
/// peaks below a fixed bound, the error is typed, a create is in doubt. (Lengths, gzip and depth: see also 16.)
#[test]
pub(crate) fn fault_18_a_gigabyte_costs_no_memory() {
    if std::env::var_os(CHILD).is_some() {
        return tokio::runtime::Runtime::new().unwrap().block_on(a_gigabyte());
    }
    let done = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "giant::fault_18_a_gigabyte_costs_no_memory", "--nocapture"])
        .env(CHILD, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "{said}\n{}", String::from_utf8_lossy(&done.stderr));
    assert!(said.contains("1 passed"), "{said}");
}

async fn a_gigabyte() {
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
    many_keys().await; // its peer holds more than the tablet ever does
}

/// A well-sealed row of a million keys: more than a row may be.
async fn many_keys() {
    let keys: String = (0..1_000_000).map(|n| format!(",\"k{n}\":0")).collect();
    let row = format!(r#"[{{"ERR":"Succeed","SMS":"","ERRCode":"","DataList":[{{"Code":"1"{keys}}}]}}]"#);
    let answer = Answer::ok(&Envelope::new(&[7; 32], &[9; 16]).unwrap().seal(row.as_bytes()));
    let peer = Raw::start(move |_| answer.clone()).await;
    let sandbox = sandbox().await;
    let tablet = tablet(&sandbox, Some(peer.url("http"))).await;
    let error = tablet.satchel.download(None).await.unwrap_err();
    assert_eq!(error, Error::Remote { remote: PROSPECT, trouble: Trouble::Unusable });
}
