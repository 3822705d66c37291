//! That the simulator decides everything itself, finds nothing in the core, and that its schedules bite.

use satchel_sim::plan::Plan;
use satchel_sim::search::{Search, Sum};
use satchel_sim::{How, run};
use std::process::Command;

/// Where these schedules begin. `cargo xtask sim` begins elsewhere.
const FROM: u64 = 900_000;

fn few(schedules: u64, threads: usize, naive: bool) -> Sum {
    search(FROM, schedules, threads, naive).go_on(Sum::default(), &|_| ())
}

fn search(from: u64, schedules: u64, threads: usize, naive: bool) -> Search {
    Search { from, schedules, threads, naive, stop_at_first: false }
}

#[test]
fn nothing_that_must_never_happen_happens() {
    let sum = few(200, 2, false);
    assert_eq!(sum.violations, 0, "{:?}", sum.first);
    let median = sum.median;
    assert!(
        median.steps >= 40 && median.prospects >= 8 && median.crashes >= 2 && median.faults >= 5,
        "{median:?}"
    );
}

#[test]
fn a_seed_gives_one_trace_on_any_number_of_threads() {
    let (one, three) = (few(40, 1, false), few(40, 3, false));
    assert_eq!(one.trace, three.trace);
    assert_eq!(one.steps, three.steps);
    assert_ne!(one.trace, search(FROM + 40, 40, 2, false).go_on(Sum::default(), &|_| ()).trace);
}

/// A long run may end in the middle and go on from what was kept.
#[test]
fn two_sittings_are_one_run() {
    let first = serde_json::to_string(&few(15, 2, false)).unwrap();
    let whole = search(FROM, 40, 2, false).go_on(serde_json::from_str(&first).unwrap(), &|_| ());
    let once = few(40, 2, false);
    assert_eq!((whole.trace, whole.steps, whole.moves), (once.trace, once.steps, once.moves));
    assert_eq!(whole.median.steps, once.median.steps);
}

/// Another process hashes in another order.
#[test]
fn a_seed_gives_one_trace_in_any_process() {
    let told = |seed: u64| {
        let mut sim = Command::new(env!("CARGO_BIN_EXE_sim"));
        let output = sim.args(["--trace", "--seed", &seed.to_string()]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    for seed in FROM..FROM + 10 {
        let here = run(seed, &How { keep: true, ..How::default() });
        let there = told(seed);
        assert_eq!(there, told(seed));
        assert!(there.lines().zip(&here.trace).all(|(there, here)| there == here), "seed {seed}");
        assert!(there.contains(&format!("{:016x}", here.sum)));
    }
}

#[test]
fn a_naive_client_doubles_in_more_than_half_of_the_same_schedules() {
    let sum = few(300, 2, true);
    assert!(2 * sum.schedules_doubled > sum.schedules, "{} of {}", sum.schedules_doubled, sum.schedules);
}

#[test]
fn an_item_left_out_changes_no_other() {
    let whole = Plan::of(FROM);
    let how = How { without: (0..whole.items.len()).skip(3).collect(), keep: true, naive: false };
    let shorter = run(FROM, &how);
    let told =
        |n: usize| shorter.trace.iter().any(|line| line.contains(&format!(" [{n}] {}", whole.items[n].act)));
    assert!(told(0) && told(1) && told(2) && !shorter.trace.iter().any(|line| line.contains(" [3] ")));
}
