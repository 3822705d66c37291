//! What answers and is no service: portals, pages, redirects, wrong types, replies cut anywhere, replies that trickle
//! (faults 14, 16, 17, 19).
//! Each costs a typed error in a bounded time; nothing of it is applied, and what left stays in doubt until it is read
//! back, sent once.
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use satchel::error::{Trouble, WhatNow};
use satchel::prospect::{ProspectId, Query};
use satchel::standing::{Place, Standing};
use satchel::world::Cause;
use satchel::{Error, PROSPECT};
use satchel_sandbox::{Fault, Kind, Part, Running};
use satchel_tests::tablet::{LATENESS_MS, Tablet, creates, sandbox, until};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;

const UNUSABLE: Trouble = Trouble::Unusable;
const fn broken(cause: Cause) -> Trouble {
    Trouble::Failed(cause)
}

/// What a download must say of it; none: it does no harm to one. And whether a create must be in doubt.
struct Bad {
    kind: Kind,
    download: Option<Trouble>,
    doubt: bool,
}

fn bad(kind: Kind, download: Trouble) -> Bad {
    Bad { kind, download: Some(download), doubt: true }
}

fn harmless(kind: Kind) -> Bad {
    Bad { kind, download: None, doubt: false }
}

fn status(code: u16) -> Bad {
    bad(Kind::Status { code, retry_after: None }, UNUSABLE)
}

/// Everything that a peer may answer at the right address.
fn answers() -> Vec<Bad> {
    let typed = |value: &str| harmless(Kind::ContentType { value: value.to_owned() });
    // Nothing at all, and then the end.
    let empty = Kind::Truncate { bytes: Some(0) };
    let mut all = vec![
        bad(Kind::CaptivePortal { reaches: false }, UNUSABLE),
        bad(Kind::CaptivePortal { reaches: true }, UNUSABLE),
        bad(empty, UNUSABLE),
        bad(Kind::Garbage, UNUSABLE),
        bad(Kind::WrongKey, UNUSABLE),
        bad(Kind::DepthBomb { depth: 1_000_000 }, UNUSABLE),
        bad(Kind::Gzip, broken(Cause::Encoded)),
        bad(Kind::LyingLength { by: 64 }, broken(Cause::Closed)),
        bad(Kind::FailAfterCommit { code: 500 }, UNUSABLE),
        // The contract's own answer counts, whatever a proxy calls it.
        typed("text/html"),
        typed("application/octet-stream"),
        typed("text/plain; charset=utf-7"),
    ];
    all.extend([204, 400, 404, 405, 407, 418, 429, 451, 500, 502, 503, 511].map(status));
    all
}

/// Redirects to `elsewhere`.
fn redirects(elsewhere: &str) -> Vec<Bad> {
    let redirect = |status| bad(Kind::Redirect { status, to: elsewhere.to_owned() }, broken(Cause::Redirect));
    [301, 302, 303, 307, 308].map(redirect).into()
}

/// A listener that nobody may call, and how often somebody did.
async fn elsewhere() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let to = format!("http://{}/login", listener.local_addr().unwrap());
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = calls.clone();
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            counted.fetch_add(1, SeqCst);
        }
    });
    (to, calls)
}

/// A tablet whose doubts are not settled by themselves before [`Tablet::restart`] with the usual lateness.
async fn slow_to_settle(sandbox: &Running) -> Tablet {
    Tablet::known(sandbox, |profile| {
        let p = &mut profile.prospect;
        (p.batch_max, p.lateness_ms) = (1, Some(600_000));
        (p.backoff.first_ms, p.backoff.most_ms) = (1, 50);
    })
    .await
}

/// Waits until it has left and its call is over.
async fn answered(tablet: &Tablet, id: ProspectId) -> Standing {
    let mut standing = tablet.standing(id).await;
    until("its call is over", || {
        let satchel = tablet.satchel.clone();
        async move {
            let place = satchel.standing(id).await.unwrap().place;
            place != Place::OnTablet && place != Place::OnTheWay
        }
    })
    .await;
    standing.clone_from(&tablet.standing(id).await);
    standing
}

/// Ends the long quiet period: with the usual one all come to the bank.
async fn settled(tablet: &mut Tablet) {
    tablet.profile.prospect.lateness_ms = Some(LATENESS_MS);
    tablet.restart().await;
    tablet.satchel.resume();
    let s = &tablet.satchel;
    until("all are at the bank", || async { s.summary().await.unwrap().unsent == 0 }).await;
}

async fn rows(tablet: &Tablet) -> usize {
    tablet.satchel.list(Query { limit: 500, ..Query::default() }).await.unwrap().items.len()
}

/// Each of them to a download costs a typed error and applies nothing.
async fn downloads(answers: Vec<Bad>) {
    let sandbox = sandbox().await;
    let tablet = Tablet::of(&sandbox).await;
    sandbox.insert_as_other_device([("NameEn", "Theirs")]);
    let (bad, harmless): (Vec<_>, Vec<_>) = answers.into_iter().partition(|bad| bad.download.is_some());
    for Bad { kind, download, .. } in bad {
        let name = format!("{kind:?}");
        sandbox.set_faults(vec![Fault::new(kind)]);
        for code in [None, Some("2947-1")] {
            let error = tablet.satchel.download(code).await.expect_err(&name);
            let trouble = download.expect("a trouble");
            assert_eq!(error, Error::Remote { remote: PROSPECT, trouble }, "{name}");
            assert_eq!(error.what_now(), WhatNow::Wait, "{name}");
        }
        assert_eq!(rows(&tablet).await, 0, "{name}");
    }
    for Bad { kind, .. } in harmless {
        sandbox.set_faults(vec![Fault::new(kind)]);
        assert_eq!(tablet.satchel.download(None).await.unwrap().rows, 1);
    }
}

/// Each of them to a create puts it in doubt, and it is made once.
async fn creates_of(answers: Vec<Bad>) {
    let sandbox = sandbox().await;
    let mut tablet = slow_to_settle(&sandbox).await;
    let mut sent = vec![];
    for (n, Bad { kind, doubt, .. }) in answers.into_iter().enumerate() {
        let name = format!("{n} {kind:?}");
        sandbox.set_faults(vec![Fault::new(kind).on("ProspectAddV2").times(1)]);
        let id = tablet.add(&name, "012 345 678").await;
        let standing = answered(&tablet, id).await;
        let expected = if doubt { Place::InDoubt } else { Place::AtBank };
        assert_eq!(standing.place, expected, "{name} {standing:?}");
        assert_eq!(standing.why.is_some(), doubt, "{name} {standing:?}");
        sent.push(name);
    }
    sandbox.clear_faults();
    settled(&mut tablet).await;
    for name in sent {
        assert_eq!(creates(&sandbox, &name), 1, "{name}");
    }
}

/// 16. 200 OK with the HTML of a captive portal, an empty body, a wrong content type, any status: a typed error; a create
/// is in doubt; sending waits longer and longer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn fault_16_a_download_of_anything_else_applies_nothing() {
    downloads(answers()).await;
}

/// 16, to a create.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn fault_16_a_create_answered_by_anything_else_is_in_doubt_and_made_once() {
    creates_of(answers()).await;
}

/// 17. Redirect 301, 302, 303, 307, 308, to http:// too: not followed; no byte reaches the second host.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn fault_17_no_redirect_is_followed() {
    let (to, calls) = elsewhere().await;
    downloads(redirects(&to)).await;
    creates_of(redirects(&to)).await;
    assert_eq!(calls.load(SeqCst), 0, "nobody called there");
}

/// 14. The reply cut at every length, from its head on: a typed error, nothing applied.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn fault_14_a_download_cut_at_any_byte_applies_nothing() {
    let sandbox = sandbox().await;
    let tablet = Tablet::of(&sandbox).await;
    sandbox.insert_as_other_device([("NameEn", "Theirs")]);
    let mut after = 0;
    loop {
        sandbox.set_faults(vec![Fault::new(Kind::Cut { part: Part::Head, after })]);
        match tablet.satchel.download(None).await {
            Ok(taken) => break assert_eq!(taken.rows, 1),
            Err(Error::Remote { trouble: Trouble::Failed(_) | Trouble::Unusable, .. }) => {}
            Err(error) => panic!("after {after} bytes: {error}"),
        }
        assert_eq!(rows(&tablet).await, 0, "after {after} bytes");
        after += 1;
        assert!(after < 4_000, "the reply ends");
    }
    assert!(after > 700, "a row has some length: {after}");
}

/// 14. Truncated ciphertext, every length from 0: one opaque error, the same as for 15. (Its time is not compared: the
/// envelope is no protection, and nobody between us and the bank can try padding on it.)
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn fault_14_a_sealed_message_of_any_shorter_length_applies_nothing() {
    let sandbox = sandbox().await;
    let tablet = Tablet::of(&sandbox).await;
    sandbox.insert_as_other_device([("NameEn", "Theirs")]);
    // The sandbox takes the length modulo the whole: it never comes to all of it.
    for bytes in 0..800 {
        sandbox.set_faults(vec![Fault::new(Kind::Truncate { bytes: Some(bytes) })]);
        let error = tablet.satchel.download(None).await.expect_err("it is not whole");
        assert_eq!(error, Error::Remote { remote: PROSPECT, trouble: UNUSABLE }, "{bytes} bytes");
    }
    assert_eq!(rows(&tablet).await, 0);
    sandbox.clear_faults();
    assert_eq!(tablet.satchel.download(None).await.unwrap().rows, 1);
}

/// 14, to a create: in doubt.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn fault_14_an_answer_cut_anywhere_leaves_the_create_in_doubt_and_it_is_made_once() {
    let sandbox = sandbox().await;
    let mut tablet = slow_to_settle(&sandbox).await;
    let mut cut = vec![];
    for after in (0..).step_by(9) {
        sandbox
            .set_faults(vec![Fault::new(Kind::Cut { part: Part::Head, after }).on("ProspectAddV2").times(1)]);
        let name = format!("Cut {after}");
        let id = tablet.add(&name, "012 345 678").await;
        let standing = answered(&tablet, id).await;
        cut.push(name);
        if standing.place == Place::AtBank {
            break;
        }
        assert_eq!(standing.place, Place::InDoubt, "after {after} bytes: {standing:?}");
        assert!(after < 2_000, "the answer ends");
    }
    assert!(cut.len() > 20, "an answer has some length: {}", cut.len());
    sandbox.clear_faults();
    settled(&mut tablet).await;
    for name in cut {
        assert_eq!(creates(&sandbox, &name), 1, "{name}");
    }
}

/// 19. Slow loris, one byte at a time, from the head on or within the body, or never an answer: the total time ends it,
/// the create is in doubt, and other customers go on meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn fault_19_a_reply_that_trickles_ends_when_its_time_is_over() {
    let drip = |part| Kind::Drip { part, bytes: 1, every_ms: 100 };
    let silent = Kind::Delay { ms: 20_000, jitter_ms: 0 };
    let sandbox = sandbox().await;
    let tablet = Tablet::known(&sandbox, |profile| {
        let p = &mut profile.prospect;
        (p.lateness_ms, p.total_ms, p.download_ms) = (Some(600_000), 1_200, 1_200);
    })
    .await;
    for (n, kind) in [drip(Part::Head), drip(Part::Body), silent].into_iter().enumerate() {
        sandbox.set_faults(vec![Fault::new(kind.clone()).on("ProspectGetV2")]);
        let started = Instant::now();
        let error = tablet.satchel.download(None).await.unwrap_err();
        assert_eq!(error, Error::Remote { remote: PROSPECT, trouble: broken(Cause::Timeout) }, "{kind:?}");
        assert!(started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());

        sandbox.set_faults(vec![Fault::new(kind.clone()).on("ProspectAddV2").times(1)]);
        let slow = tablet.add(&format!("Slow {n}"), "012 345 678").await;
        let standing = answered(&tablet, slow).await;
        assert_eq!((standing.place, standing.why.as_deref()), (Place::InDoubt, Some("timeout")), "{kind:?}");
        let other = tablet.add(&format!("Other {n}"), "012 345 679").await;
        tablet.until(other, Place::AtBank).await;
        let made = format!("Slow {n}");
        until("it was carried out", || async { creates(&sandbox, &made) == 1 }).await;
    }
}
