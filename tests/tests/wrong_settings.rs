//! A key, a password or an address that is wrong puts one batch in doubt, not the book.
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use satchel::error::WhatNow;
use satchel::prospect::ProspectSecrets;
use satchel::{Concern, PROSPECT};
use satchel_sandbox::{Fault, Kind, Running};
use satchel_tests::tablet::{Tablet, person, sandbox, secrets, tally, until};

const BOOK: usize = 20;
const BATCH: usize = 5;

/// The officer's secrets with one of them wrong, in every way that the app can hand them in.
fn wrong() -> Vec<(&'static str, ProspectSecrets)> {
    let with = |what, change: fn(&mut ProspectSecrets)| {
        let mut secrets = secrets("S-1");
        change(&mut secrets);
        (what, secrets)
    };
    vec![
        with("key", |s| s.key = vec![8; 32].into()),
        with("short key", |s| s.key = vec![7; 16].into()),
        with("iv", |s| s.iv = vec![1; 16].into()),
        with("password", |s| s.password = "other".into()),
    ]
}

async fn add_all(tablet: &Tablet) {
    for n in 0..BOOK {
        tablet.satchel.add(person(&format!("Customer {n}"), "012 345 678"), None).await.unwrap();
    }
}

async fn in_state(tablet: &Tablet, state: &str) -> usize {
    tablet.satchel.summary().await.unwrap().by_state.get(state).copied().unwrap_or(0) as usize
}

async fn settings_shown(tablet: &Tablet) {
    let concern = Concern::SettingsWrong { remote: PROSPECT.to_owned() };
    assert_eq!(concern.what_now(), WhatNow::Report);
    let s = &tablet.satchel;
    until("wrong settings are shown", || async { s.health().await.unwrap().concerns.contains(&concern) })
        .await;
}

/// With the right ones every record comes to the bank, once.
async fn mended(sandbox: &Running, tablet: &Tablet, what: &str) {
    tablet.satchel.sign_in(secrets("S-1"), None).await.unwrap();
    let s = &tablet.satchel;
    until("all are at the bank", || async { s.summary().await.unwrap().unsent == 0 }).await;
    let tally = tally(&sandbox.ledger());
    let made = tally.get("create").map(|names| names.iter().filter(|(name, _)| name.starts_with("Customer")));
    let made: Vec<_> = made.into_iter().flatten().map(|(_, n)| *n).collect();
    assert_eq!(made, [1; BOOK], "{what}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_from_the_start_nothing_leaves() {
    for (what, wrong) in wrong() {
        let sandbox = sandbox().await;
        let tablet = Tablet::with(&sandbox, |p| p.prospect.batch_max = BATCH).await;
        tablet.satchel.sign_in(wrong, None).await.unwrap();
        add_all(&tablet).await;
        tablet.satchel.resume();
        settings_shown(&tablet).await;
        assert_eq!(in_state(&tablet, "ready").await, BOOK, "{what}");
        assert_eq!(sandbox.ledger().len(), 0, "{what}");
        mended(&sandbox, &tablet, what).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_in_the_middle_one_batch_is_in_doubt() {
    for (what, wrong) in wrong() {
        let sandbox = sandbox().await;
        let tablet = Tablet::known(&sandbox, |p| p.prospect.batch_max = BATCH).await;
        assert!(tablet.satchel.pause(std::time::Duration::from_secs(5)).await.unwrap());
        add_all(&tablet).await;
        tablet.satchel.sign_in(wrong, None).await.unwrap();
        tablet.satchel.resume();
        settings_shown(&tablet).await;
        let (ready, doubtful) = (in_state(&tablet, "ready").await, in_state(&tablet, "doubtful").await);
        assert!(doubtful <= BATCH && ready + doubtful == BOOK, "{what}: {doubtful} in doubt, {ready} ready");
        mended(&sandbox, &tablet, what).await;
    }
}

/// The bank's key changes after a good answer: its replies cannot be read, though it carries everything out.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_the_bank_changes_puts_one_batch_in_doubt() {
    let sandbox = sandbox().await;
    let tablet = Tablet::known(&sandbox, |p| p.prospect.batch_max = BATCH).await;
    sandbox.set_faults(vec![Fault::new(Kind::WrongKey)]);
    add_all(&tablet).await;
    settings_shown(&tablet).await;
    let doubtful = in_state(&tablet, "doubtful").await;
    assert!((1..=BATCH).contains(&doubtful), "{doubtful} in doubt");
    assert_eq!(in_state(&tablet, "ready").await, BOOK - doubtful);
    sandbox.clear_faults();
    mended(&sandbox, &tablet, "the bank's key").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_address_leaves_everything_ready() {
    let sandbox = sandbox().await;
    let url = sandbox.root_url().to_owned() + "elsewhere/";
    let mut tablet =
        Tablet::with(&sandbox, |p| (p.prospect.base_url, p.prospect.batch_max) = (url, BATCH)).await;
    add_all(&tablet).await;
    tablet.satchel.resume();
    settings_shown(&tablet).await;
    assert_eq!(in_state(&tablet, "ready").await, BOOK);
    tablet.profile.prospect.base_url = sandbox.base_url().to_owned();
    tablet.restart().await;
    tablet.satchel.resume();
    mended(&sandbox, &tablet, "the address").await;
    let concerns = tablet.satchel.health().await.unwrap().concerns;
    assert!(!concerns.iter().any(|c| matches!(c, Concern::SettingsWrong { .. })), "{concerns:?}");
}
