//! Bad days of the network: whom we must not trust, what we cannot read, what never ends. Each costs a clear error, in
//! bounded time and memory, and leaves every entry where it belongs.

use satchel::error::{Error, Trouble};
use satchel::prospect::{ProspectId, Query};
use satchel::standing::Place;
use satchel::world::{Cause, TrustProblem};
use satchel::{Concern, WhyStopped};
use satchel_sandbox::{Fault, Kind, Options, Part, Running, Tls};
use satchel_tests::tablet::{LATENESS_MS, Tablet, creates, sandbox, sandbox_of, secrets, tally, until};
use std::time::{Duration, Instant};

const ADD: &str = "ProspectAddV2";
const GET: &str = "ProspectGetV2";

fn trouble(error: &Error) -> Trouble {
    match error {
        Error::Remote { trouble, .. } => *trouble,
        other => panic!("not the remote's trouble: {other}"),
    }
}

async fn in_state(tablet: &Tablet, state: &str) -> i64 {
    tablet.satchel.summary().await.unwrap().by_state.get(state).copied().unwrap_or(0)
}

fn no_doubles(sandbox: &Running) {
    let doubled: Vec<_> =
        tally(&sandbox.ledger()).remove("create").into_iter().flatten().filter(|(_, n)| *n > 1).collect();
    assert!(doubled.is_empty(), "{doubled:?}");
}

async fn all_sent(tablet: &Tablet) {
    until("all is sent", || async { tablet.satchel.summary().await.unwrap().unsent == 0 }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_sent_to_whom_we_do_not_trust() {
    for (tls, problem) in [
        (Tls::UnknownCa, TrustProblem::UnknownAuthority),
        (Tls::WrongHost, TrustProblem::WrongHost),
        (Tls::Expired, TrustProblem::Expired),
    ] {
        let sandbox = sandbox_of(Options { tls, ..Options::default() }).await;
        let tablet = Tablet::with(&sandbox, |p| p.prospect.total_ms = 300).await;
        let sok = tablet.add("Sok", "012 000 001").await;
        let error = tablet.satchel.download(None).await.unwrap_err();
        assert_eq!(trouble(&error), Trouble::Failed(Cause::Untrusted(problem)));
        let report = tablet.satchel.drain(Duration::from_millis(1_000)).await.unwrap();
        assert_eq!((report.sent, report.left), (0, 1));
        assert_ne!(report.why_stopped, WhyStopped::Done);
        assert_eq!(tablet.standing(sok).await.place, Place::OnTablet, "not executed: never in doubt");
        assert_eq!(sandbox.requests_seen(), 0, "no request came through");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trusted_server_is_reached_over_tls() {
    let sandbox =
        sandbox_of(Options { tls: Tls::Good, lateness_ms: LATENESS_MS, ..Options::default() }).await;
    let tablet = Tablet::known(&sandbox, |_| {}).await;
    sandbox.set_faults(vec![Fault::new(Kind::LostReset).on(ADD).times(1)]);
    let sok = tablet.add("Sok", "012 000 001").await;
    tablet.until(sok, Place::InDoubt).await;
    tablet.until(sok, Place::AtBank).await;
    assert_eq!(creates(&sandbox, "Sok"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn https_to_a_server_without_tls_sends_nothing() {
    let sandbox = sandbox().await;
    let ca = sandbox_of(Options { tls: Tls::Good, ..Options::default() }).await;
    let tablet = Tablet::with(&sandbox, |p| {
        p.prospect.base_url = p.prospect.base_url.replace("http:", "https:");
        p.roots_pem = ca.ca_pem().unwrap().to_owned();
    })
    .await;
    let error = tablet.satchel.download(None).await.unwrap_err();
    assert_eq!(trouble(&error), Trouble::Failed(Cause::NotTls));
    assert_eq!(sandbox.requests_seen(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_envelope_key_puts_nothing_in_doubt_and_is_shown() {
    let sandbox = sandbox().await;
    let tablet = Tablet::of(&sandbox).await;
    let mut wrong = secrets("S-1");
    wrong.key = vec![8; 32].into();
    tablet.satchel.sign_in(wrong, None).await.unwrap();
    for n in 0..12 {
        tablet.add(&format!("Customer {n}"), "012 000 001").await;
    }
    tablet.satchel.resume();
    until("the settings are called wrong", || async {
        let concerns = tablet.satchel.health().await.unwrap().concerns;
        concerns.iter().any(|concern| matches!(concern, Concern::SettingsWrong { .. }))
    })
    .await;
    assert_eq!((in_state(&tablet, "ready").await, in_state(&tablet, "doubtful").await), (12, 0));
    tablet.satchel.sign_in(secrets("S-1"), None).await.unwrap();
    all_sent(&tablet).await;
    let doubts = doubts(&tablet, 1..=12).await;
    assert_eq!(doubts.iter().sum::<i64>(), 0, "none was ever in doubt");
    no_doubles(&sandbox);
}

/// How often each was in doubt.
async fn doubts(tablet: &Tablet, ids: std::ops::RangeInclusive<i64>) -> Vec<i64> {
    let mut doubts = vec![];
    for id in ids {
        let history = tablet.satchel.history(ProspectId(id)).await.unwrap();
        doubts.push(history.iter().map(|entry| entry.doubts).sum());
    }
    doubts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_puts_at_most_one_batch_in_doubt() {
    let sandbox = sandbox().await;
    let tablet = Tablet::known(&sandbox, |p| p.prospect.batch_max = 4).await;
    for n in 0..8 {
        let id = tablet.add(&format!("Before {n}"), "012 000 001").await;
        tablet.until(id, Place::AtBank).await;
    }
    tablet.satchel.pause(Duration::from_secs(5)).await.unwrap();
    for n in 0..40 {
        tablet.add(&format!("During {n}"), "012 000 002").await;
    }
    sandbox.set_faults(vec![Fault::new(Kind::Status { code: 502, retry_after: None })]);
    let seen = sandbox.requests_seen();
    tablet.satchel.resume();
    until("it was tried some times", || async { sandbox.requests_seen() >= seen + 8 }).await;
    let doubtful = in_state(&tablet, "doubtful").await;
    assert!((0..=4).contains(&doubtful), "{doubtful}");
    assert_eq!(in_state(&tablet, "ready").await, 40 - doubtful);
    sandbox.clear_faults();
    all_sent(&tablet).await;
    no_doubles(&sandbox);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_cut_at_any_length_is_found_out() {
    let sandbox = sandbox().await;
    let tablet = Tablet::known(&sandbox, |p| p.prospect.batch_max = 1).await;
    // One after another: sealed messages cut, heads cut, bodies cut.
    let sealed = (0..200).step_by(31).map(|n| Kind::Truncate { bytes: Some(n) });
    let heads = (0..160).step_by(40).map(|n| Kind::Cut { part: Part::Head, after: n });
    let bodies = (0..300).step_by(75).map(|n| Kind::Cut { part: Part::Body, after: n });
    let cuts: Vec<_> = sealed.chain(heads).chain(bodies).collect();
    sandbox.set_faults(cuts.iter().map(|kind| Fault::new(kind.clone()).on(ADD).times(1)).collect());
    let mut ids = vec![];
    for n in 0..cuts.len() {
        ids.push(tablet.add(&format!("Customer {n}"), "012 000 001").await);
    }
    all_sent(&tablet).await;
    let fired: u64 = sandbox.fired().values().sum();
    assert!(fired >= 8, "{fired} answers were cut");
    for (n, id) in ids.into_iter().enumerate() {
        assert_eq!(tablet.standing(id).await.place, Place::AtBank);
        assert_eq!(creates(&sandbox, &format!("Customer {n}")), 1);
    }
    assert_eq!(tablet.satchel.summary().await.unwrap().resent_on_absence, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_download_that_is_not_whole_changes_nothing() {
    let sandbox = sandbox().await;
    let fields = |n: usize| [("NameEn", format!("Customer {n}")), ("Phone", "012 000 001".to_owned())];
    for n in 0..30 {
        assert!(!sandbox.insert_as_other_device(fields(n)).is_empty());
    }
    let tablet = Tablet::with(&sandbox, |p| p.prospect.idle_ms = 500).await;
    let cuts = (0..30_000).step_by(3_001).map(|n| Kind::Truncate { bytes: Some(n) });
    let bodies = [0, 1, 700, 9_000].map(|after| Kind::Cut { part: Part::Body, after });
    let others = [
        Kind::Garbage,
        Kind::WrongKey,
        Kind::DepthBomb { depth: 100_000 },
        Kind::Gzip,
        Kind::LyingLength { by: 64 },
        Kind::LyingLength { by: -64 },
        Kind::CaptivePortal { reaches: true },
        Kind::Redirect { status: 302, to: "http://127.0.0.1:9/".to_owned() },
        Kind::Status { code: 500, retry_after: Some("-1".to_owned()) },
        Kind::Giant { bytes: 1 << 20 },
    ];
    for kind in cuts.chain(bodies).chain(others) {
        sandbox.set_faults(vec![Fault::new(kind.clone()).on(GET)]);
        let error = tablet.satchel.download(None).await.expect_err(&format!("{kind:?} is not whole"));
        let _ = trouble(&error);
        assert!(tablet.satchel.list(Query::default()).await.unwrap().items.is_empty(), "{kind:?}");
    }
    sandbox.clear_faults();
    let taken = tablet.satchel.download(None).await.unwrap();
    assert_eq!((taken.rows, taken.new), (30, 30));
}

/// The most memory this process has ever had, KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_giant_answer_is_bounded_in_memory() {
    let sandbox = sandbox().await;
    let tablet = Tablet::known(&sandbox, |_| {}).await;
    let before = peak();
    let giant = || Fault::new(Kind::Giant { bytes: 1 << 30 });
    sandbox.set_faults(vec![giant().on(GET)]);
    let begun = Instant::now();
    let error = tablet.satchel.download(None).await.unwrap_err();
    assert!(matches!(trouble(&error), Trouble::Failed(_) | Trouble::Unusable), "{error}");
    sandbox.set_faults(vec![giant().on(ADD).times(1)]);
    let sok = tablet.add("Sok", "012 000 001").await;
    let standing = tablet.until(sok, Place::InDoubt).await;
    assert_eq!(standing.why.as_deref(), Some("reply_too_long"));
    tablet.until(sok, Place::AtBank).await;
    assert_eq!(creates(&sandbox, "Sok"), 1);
    assert!(begun.elapsed() < Duration::from_secs(20));
    let grown = (peak() - before) / 1024;
    assert!(grown < 64, "{grown} MiB more than before");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_drop_by_drop_has_an_end() {
    let sandbox = sandbox().await;
    let tablet = Tablet::with(&sandbox, |p| (p.prospect.download_ms, p.prospect.idle_ms) = (900, 400)).await;
    for part in [Part::Head, Part::Body] {
        for every_ms in [100, 5_000] {
            sandbox.set_faults(vec![Fault::new(Kind::Drip { part, bytes: 1, every_ms }).on(GET)]);
            let begun = Instant::now();
            let error = tablet.satchel.download(None).await.unwrap_err();
            assert_eq!(trouble(&error), Trouble::Failed(Cause::Timeout), "{part:?} every {every_ms} ms");
            assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_at_the_door_is_not_executed() {
    let sandbox = sandbox().await;
    let tablet = Tablet::with(&sandbox, |p| {
        (p.prospect.base_url, p.prospect.total_ms) = ("http://127.0.0.1:9/api/".to_owned(), 300);
    })
    .await;
    let sok = tablet.add("Sok", "012 000 001").await;
    let error = tablet.satchel.download(None).await.unwrap_err();
    assert_eq!(trouble(&error), Trouble::Failed(Cause::Offline));
    let report = tablet.satchel.drain(Duration::from_millis(1_000)).await.unwrap();
    assert_eq!((report.sent, report.left), (0, 1));
    assert_eq!(tablet.standing(sok).await.place, Place::OnTablet);
}
