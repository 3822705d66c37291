//! The same faults under the same seed: the naive client doubles, Satchel does not.

use satchel_sandbox::{Fault, Kind, Options, Running};
use satchel_tests::naive::Naive;
use satchel_tests::tablet::{self, LATENESS_MS, Tablet, creates, profile, tally};

const PROSPECTS: usize = 24;
const SEEDS: [u64; 3] = [3, 7, 11];

async fn hostile(seed: u64) -> Running {
    let sandbox = tablet::sandbox_of(Options { seed, lateness_ms: LATENESS_MS, ..Options::default() }).await;
    let add = |kind| Fault::new(kind).on("ProspectAddV2");
    sandbox.set_faults(vec![
        add(Kind::LostClose).chance(0.15),
        add(Kind::LateCommit { after_ms: 200 }).chance(0.1),
        add(Kind::FailAfterCommit { code: 500 }).chance(0.1),
        add(Kind::Truncate { bytes: None }).chance(0.1),
        add(Kind::Status { code: 503, retry_after: None }).chance(0.1),
    ]);
    sandbox
}

fn name(n: usize) -> String {
    format!("Customer {n}")
}

/// How many creates the server carried out beyond the first of each name.
fn doubled(sandbox: &Running) -> u64 {
    tally(&sandbox.ledger()).get("create").into_iter().flatten().map(|(_, n)| n - 1).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_naive_client_doubles_in_these_schedules() {
    let mut doubles = 0;
    for seed in SEEDS {
        let sandbox = hostile(seed).await;
        let naive = Naive::new(&profile(sandbox.base_url()));
        for n in 0..PROSPECTS {
            assert!(naive.create(n, &name(n), 50).await, "it gets through in the end");
        }
        tablet::until("late commits are in", || async { sandbox.in_flight() == 0 }).await;
        doubles += doubled(&sandbox);
    }
    assert!(doubles as usize >= 3 * SEEDS.len(), "only {doubles}: the schedules do not bite");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn satchel_does_not() {
    for seed in SEEDS {
        let sandbox = hostile(seed).await;
        let tablet = Tablet::with(&sandbox, |p| p.prospect.batch_max = 3).await;
        for n in 0..PROSPECTS {
            tablet.add(&name(n), "012 345 678").await;
        }
        tablet.satchel.resume();
        let s = &tablet.satchel;
        // What asks is nothing to wait for: it asks because nothing can prove it, and that is no double.
        tablet::until("all is settled or asked", || async {
            let summary = s.summary().await.unwrap();
            summary.unsent == summary.by_state.get("asks").copied().unwrap_or(0)
        })
        .await;
        assert_eq!(doubled(&sandbox), 0, "seed {seed}");
        let asked: usize = s.asks().await.unwrap().iter().map(|ask| ask.about.len()).sum();
        let arrived = (0..PROSPECTS).filter(|n| creates(&sandbox, &name(*n)) == 1).count();
        assert!(arrived + asked >= PROSPECTS, "{arrived} arrived and {asked} ask, of {PROSPECTS}");
    }
}
