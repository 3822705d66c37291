//! Time that is wrong: the tablet's clock (fault 21), and what a server says of when to come back (fault 22).

use satchel::Concern;
use satchel::error::WhatNow;
use satchel::standing::{Next, Place};
use satchel::world::{Clock, RealClock, Steady};
use satchel_sandbox::{Fault, Kind};
use satchel_tests::tablet::{Tablet, creates, person, sandbox};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};
use std::time::Duration;

/// The device's clock, moved.
struct Moved(AtomicI64);

impl Clock for Moved {
    fn steady(&self) -> Steady {
        RealClock.steady()
    }
    fn wall(&self) -> i64 {
        RealClock.wall() + self.0.load(SeqCst)
    }
}

/// 21. The clock jumps by ten years and more, to 1970 and back: it is shown with what to do about it, and holds nothing up.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn fault_21_a_wrong_clock_is_shown_and_holds_nothing_up() {
    const DAY: i64 = 86_400_000;
    let sandbox = sandbox().await;
    let mut tablet = Tablet::known(&sandbox, |_| {}).await;
    let clock = Arc::new(Moved(AtomicI64::new(0)));
    tablet.world.clock = clock.clone();
    tablet.restart().await;
    tablet.satchel.resume();
    let since_1970 = RealClock.wall();
    for (n, moved) in [-since_1970, -3 * DAY, -600_000, 3 * DAY, 30_000 * DAY].into_iter().enumerate() {
        clock.0.store(moved, SeqCst);
        let name = format!("Moved {n}");
        let id = tablet.satchel.add(person(&name, "012 345 678"), None).await.unwrap().id;
        tablet.until(id, Place::AtBank).await;
        let health = tablet.satchel.health().await.unwrap();
        let off = |seconds: i64| (seconds + moved / 1000).abs() < 60;
        let shown =
            health.concerns.iter().find(|c| matches!(c, Concern::ClockWrong { seconds } if off(*seconds)));
        assert_eq!(shown.map(Concern::what_now), Some(WhatNow::SetClock), "{name}: {:?}", health.concerns);
        assert!(health.clock_skew_s.is_some_and(off), "{name}");
    }
    clock.0.store(0, SeqCst);
    tablet.satchel.download(None).await.unwrap();
    let health = tablet.satchel.health().await.unwrap();
    assert!(
        !health.concerns.iter().any(|c| matches!(c, Concern::ClockWrong { .. })),
        "{:?}",
        health.concerns
    );
    assert_eq!(sandbox.ledger().len(), 6, "each once");
}

/// 21. Set back or forward while sending waits: waiting runs on the clock that cannot be set, so there is neither a
/// stampede nor an endless wait.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn fault_21_a_clock_that_jumps_while_sending_waits_neither_hurries_nor_stalls_it() {
    const TEN_YEARS: i64 = 3_652 * 86_400_000;
    let sandbox = sandbox().await;
    let mut tablet = Tablet::known(&sandbox, |_| {}).await;
    let clock = Arc::new(Moved(AtomicI64::new(0)));
    tablet.world.clock = clock.clone();
    tablet.restart().await;
    sandbox.set_faults(vec![Fault::new(Kind::Status { code: 503, retry_after: None })]);
    tablet.satchel.resume();
    let id = tablet.add("Sok", "012 345 678").await;
    let before = sandbox.requests_seen();
    for moved in [-TEN_YEARS, TEN_YEARS, -RealClock.wall(), 0, -TEN_YEARS] {
        clock.0.store(moved, SeqCst);
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    let seen = sandbox.requests_seen() - before;
    assert!(
        (2..40).contains(&seen),
        "{seen} requests in a second and a half, at most 0.4 s apart on average"
    );
    sandbox.clear_faults();
    tablet.until(id, Place::AtBank).await;
    assert_eq!(creates(&sandbox, "Sok"), 1);
}

/// 22. 503 or 429 with a Retry-After of 10⁹ seconds: an hour at most. Negative, garbage, none: as if it were not there.
/// A create that was answered so is in doubt; reading it back settles it, once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn fault_22_retry_after_is_clamped_and_garbage_is_none() {
    let sandbox = sandbox().await;
    let mut tablet = Tablet::known(&sandbox, |_| {}).await;
    for (n, after) in
        [None, Some("-5"), Some("soon"), Some(""), Some("1.5"), Some("0")].into_iter().enumerate()
    {
        let code = if n % 2 == 0 { 503 } else { 429 };
        let busy = Kind::Status { code, retry_after: after.map(str::to_owned) };
        sandbox.set_faults(vec![Fault::new(busy).on("ProspectAddV2").times(1)]);
        let id = tablet.add(&format!("Soon {n}"), "012 345 678").await;
        tablet.until(id, Place::InDoubt).await;
        tablet.until(id, Place::AtBank).await;
        assert_eq!(creates(&sandbox, &format!("Soon {n}")), 1, "{after:?}");
    }
    let busy = Kind::Status { code: 429, retry_after: Some("1000000000".to_owned()) };
    sandbox.set_faults(vec![Fault::new(busy).on("ProspectAddV2").times(1)]);
    let id = tablet.add("Late", "012 345 678").await;
    let doubt = tablet.until(id, Place::InDoubt).await;
    let waits = |next: &Next| matches!(next, Next::ReadBackIn { seconds } if *seconds <= 3_600);
    assert!(waits(&doubt.next), "an hour at most: {doubt:?}");
    // Another process knows of no such word.
    tablet.restart().await;
    tablet.satchel.resume();
    tablet.until(id, Place::AtBank).await;
    assert_eq!(creates(&sandbox, "Late"), 1);
}
