//! A short slice of each part, for every push; `cargo xtask crash` is the long run.
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use satchel_crash::boundary::How;
use satchel_crash::kills::{self, Setup};
use satchel_crash::report::{Found, Progress};
use satchel_crash::{flips, pairs, papers, sweep};
use sim_files::Fault;

fn setup() -> Setup {
    Setup { tool: env!("CARGO_BIN_EXE_crash").into(), seed: 1, at_once: 4 }
}

fn good(found: &Found, least: u64) {
    assert!(found.is_good(), "{:#?}", found.words);
    assert!(found.runs >= least, "only {} runs came to anything", found.runs);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_random_moments() {
    let found = kills::random(&setup(), 60, &Progress::hidden()).await.unwrap();
    good(&found, 60);
    assert!(found.acknowledged > 30, "the kills come too early to show anything: {found:?}");
    assert!(found.doubts > 0, "the kills miss the calls: {found:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_papers_are_on_their_way() {
    let found = papers::random(&setup(), 30, &Progress::hidden()).await.unwrap();
    good(&found, 30);
    assert!(found.acknowledged > 15, "the kills come too early to show anything: {found:?}");
    assert!(found.doubts > 0, "the kills miss the calls: {found:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_some_boundaries() {
    let found = kills::boundaries(&setup(), How::Kill, 11, &Progress::hidden()).await.unwrap();
    good(&found, 10);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_that_fail_once() {
    for how in [How::Eio, How::Full] {
        good(&kills::boundaries(&setup(), how, 37, &Progress::hidden()).await.unwrap(), 3);
    }
    for fault in [Fault::Eio, Fault::Full] {
        good(&sweep::every_call(5, fault, 23, 4, &Progress::hidden()).await.unwrap(), 3);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn power_cut_at_some_calls() {
    for fault in [Fault::PowerCut, Fault::Kill] {
        good(&sweep::every_call(3, fault, 11, 4, &Progress::hidden()).await.unwrap(), 10);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sender_of_two_killed() {
    let found = pairs::run(&setup(), 4, &Progress::hidden()).await.unwrap();
    good(&found, 4);
    assert!(found.doubts > 0, "no kill fell into a call: {found:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bits_turned_over() {
    let found = flips::run(1, 120, 2, &Progress::hidden()).await.unwrap();
    assert!(found.is_good(), "{:#?}", found.words);
    assert!(found.detected > 20 && found.harmless > 10 && found.tail_lost > 20, "{found:?}");
}
