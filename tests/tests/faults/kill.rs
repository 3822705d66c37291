//! Processes that die: SIGKILL at random points (fault 4), and two processes on one book (fault 25).
//!
//! `SATCHEL_KILLS` says how often (20 without it; 200 take less than three minutes).

use satchel::Decision;
use satchel::Satchel;
use satchel::outbox::plan::Link;
use satchel::standing::{Next, Place};
use satchel_sandbox::{Fault, Kind, Running};
use satchel_tests::tablet::{self, creates, person, profile, sandbox, tally, until};
use satchel_tests::vault::FileVault;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// The child, its folder and where it sends.
fn officer(folder: &Path, sandbox: &Running, names: &[String]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_officer"))
        .arg(folder)
        .args([sandbox.base_url(), "S-1"])
        .args(names)
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("the officer starts")
}

/// What the child has said.
async fn said(child: &mut Child) -> Vec<String> {
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let mut said = vec![];
    while let Ok(Some(line)) = lines.next_line().await {
        said.push(line);
    }
    said
}

/// The same book in this process.
async fn here(folder: &Path, sandbox: &Running) -> Satchel {
    let profile = profile(sandbox.base_url());
    let vault = FileVault::in_folder(&folder.join("vault")).unwrap();
    let world = tablet::world(&profile, Arc::new(vault));
    let satchel = Satchel::open(world, &folder.join("books"), "dara", profile).await.unwrap();
    satchel.link_changed(Link::Unmetered);
    satchel
}

fn kills() -> usize {
    std::env::var("SATCHEL_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(20)
}

/// Answers what asks, as an officer who has looked at the bank's list would.
async fn answer(satchel: &Satchel, sandbox: &Running) {
    for about in satchel.asks().await.unwrap().into_iter().flat_map(|ask| ask.about) {
        let name = satchel.get(about.record.prospect().unwrap()).await.unwrap();
        let name = name.fields.get(satchel::prospect::Field::NameEn).to_owned();
        let row = sandbox.prospects().into_iter().find(|row| row.get("NameEn") == name);
        let decision = row.map_or(Decision::SendAgain, |row| Decision::Arrived { code: row.code });
        satchel.decide(vec![about.question], decision).await.unwrap();
    }
}

/// When the n-th kill falls: at any time from before the book is open to well after the last name has left, or, every
/// other time, within the call whose effect has just been seen at the server and whose answer is still on its way.
async fn the_moment(n: usize, sandbox: &Running) {
    let any = Duration::from_millis((n as u64 * 7919) % 420);
    if n.is_multiple_of(2) {
        return tokio::time::sleep(any).await;
    }
    let before = sandbox.ledger().len();
    until("the server has one more", || async { sandbox.ledger().len() > before }).await;
    tokio::time::sleep(any / 20).await;
}

/// 4. kill -9 at any moment, half of them within a call whose effect is done and whose answer is on its way: on restart
/// what was being sent is in doubt, and never sent again in silence.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn fault_04_killed_at_random_points_nothing_is_lost_and_nothing_is_doubled() {
    let (folder, sandbox) = (TempDir::new().unwrap(), sandbox().await);
    // A lost answer now and then, and answers that take a while, so that many a kill falls between send and answer.
    sandbox.set_faults(vec![
        Fault::new(Kind::LostClose).on("ProspectAddV2").chance(0.05),
        Fault::new(Kind::Delay { ms: 5, jitter_ms: 60 }).on("ProspectAddV2"),
    ]);
    let (mut saved, mut told) = (BTreeSet::new(), BTreeSet::new());
    for n in 0..kills() {
        let names: Vec<_> = (0..2).map(|k| format!("Customer {n}-{k}")).collect();
        told.extend(names.iter().cloned());
        let mut child = officer(folder.path(), &sandbox, &names);
        the_moment(n, &sandbox).await;
        child.start_kill().unwrap();
        let said = said(&mut child).await;
        let acknowledged = said.iter().filter(|line| line.starts_with("saved ")).count();
        saved.extend(names.into_iter().take(acknowledged));
        child.wait().await.unwrap();
    }
    sandbox.clear_faults();
    let satchel = here(folder.path(), &sandbox).await;
    satchel.sign_in(tablet::secrets("S-1"), None).await.unwrap();
    satchel.resume();
    until("all is settled", || async {
        answer(&satchel, &sandbox).await;
        satchel.summary().await.unwrap().unsent == 0
    })
    .await;

    let tally = tally(&sandbox.ledger());
    let created = &tally["create"];
    let doubled: Vec<_> = created.iter().filter(|(_, n)| **n > 1).collect();
    assert!(doubled.is_empty(), "{doubled:?}");
    let lost: Vec<_> = saved.iter().filter(|name| !created.contains_key(*name)).collect();
    assert!(lost.is_empty(), "{lost:?} of {} acknowledged", saved.len());
    assert!(created.keys().all(|name| told.contains(name)), "nobody came from nowhere");
    assert!(
        saved.len() * 2 > kills(),
        "{} acknowledged: the kills come too early to show anything",
        saved.len()
    );
    let receipt = satchel.receipt().await.unwrap();
    assert!(receipt.same, "both sides hold the same");
    let mut doubts = 0;
    for id in 1..=receipt.tablet_rows as i64 {
        let history = satchel.history(satchel::prospect::ProspectId(id)).await.unwrap();
        doubts += history.iter().filter(|entry| entry.doubts > 0).count();
    }
    println!("{} kills, {} acknowledged, {doubts} were in doubt", kills(), saved.len());
    assert!(doubts * 10 > kills(), "{doubts} were ever in doubt: the kills miss the calls");
}

/// 25. Two processes on one book: only the holder of the lease sends; killed while it holds it, the lease is free.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn fault_25_of_two_processes_on_one_book_only_the_holder_of_the_lease_sends() {
    let (folder, sandbox) = (TempDir::new().unwrap(), sandbox().await);
    let mut child = officer(folder.path(), &sandbox, &["From Child".to_owned()]);
    until("the child has sent", || async { creates(&sandbox, "From Child") == 1 }).await;

    let satchel = here(folder.path(), &sandbox).await;
    satchel.resume();
    // The child does not send this one before it looks again by itself, which is long from now.
    tablet::off_the_minute().await;
    let sok = satchel.add(person("From Here", "012 000 001"), None).await.unwrap().id;
    until("it is seen that another process sends", || async {
        satchel.standing(sok).await.unwrap().next == Next::SentByOther
    })
    .await;
    assert_eq!(creates(&sandbox, "From Here"), 0, "whoever has no lease sends nothing");

    child.start_kill().unwrap();
    child.wait().await.unwrap();
    satchel.resume(); // as an app does when it comes to the front
    until("this process has taken over", || async {
        satchel.standing(sok).await.unwrap().place == Place::AtBank
    })
    .await;
    assert_eq!((creates(&sandbox, "From Child"), creates(&sandbox, "From Here")), (1, 1));
}

/// 25. A second process opens the book during the first one's call: the call stays the first one's.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn fault_25_an_answer_that_comes_while_another_process_opens_the_book() {
    let (folder, sandbox) = (TempDir::new().unwrap(), sandbox().await);
    sandbox
        .set_faults(vec![Fault::new(Kind::Delay { ms: 2_000, jitter_ms: 0 }).on("ProspectAddV2").times(1)]);
    let mut child = officer(folder.path(), &sandbox, &["Sok".to_owned()]);
    until("the server has it", || async { creates(&sandbox, "Sok") == 1 }).await;

    // The answer is still on its way to the child.
    let satchel = here(folder.path(), &sandbox).await;
    satchel.resume();
    let sok = satchel.list(satchel::prospect::Query::default()).await.unwrap().items[0].id;
    let standing = satchel.standing(sok).await.unwrap();
    assert_eq!(standing.place, Place::OnTheWay, "the call is the child's: nobody else puts it in doubt");
    until("the child has written the answer down", || async {
        satchel.standing(sok).await.unwrap().place == Place::AtBank
    })
    .await;
    child.start_kill().unwrap();
    child.wait().await.unwrap();
    assert_eq!(satchel.history(sok).await.unwrap()[0].doubts, 0);
    assert_eq!(creates(&sandbox, "Sok"), 1);
}

/// 25. What another process met while it sent, this one cannot know: it reads from the bank before its next create leaves.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn fault_25_after_another_process_has_sent_the_bank_is_read_first() {
    let (folder, sandbox) = (TempDir::new().unwrap(), sandbox().await);
    let satchel = here(folder.path(), &sandbox).await;
    satchel.sign_in(tablet::secrets("S-1"), None).await.unwrap();
    satchel.resume();
    let first = satchel.add(person("First", "012 000 001"), None).await.unwrap().id;
    let at_bank = |id| {
        let satchel = satchel.clone();
        async move { satchel.standing(id).await.unwrap().place == Place::AtBank }
    };
    until("the bank is known to answer", || at_bank(first)).await;
    assert_eq!(satchel.pause(Duration::from_secs(5)).await, Ok(true));

    let mut child = officer(folder.path(), &sandbox, &["From Child".to_owned()]);
    until("the child has sent", || async { creates(&sandbox, "From Child") == 1 }).await;
    child.start_kill().unwrap();
    child.wait().await.unwrap();

    sandbox.set_faults(vec![Fault::new(Kind::Status { code: 503, retry_after: None }).on("ProspectGetV2")]);
    tablet::off_the_minute().await;
    let second = satchel.add(person("Second", "012 000 002"), None).await.unwrap().id;
    satchel.resume();
    until("it has tried to read", || async { sandbox.fired().contains_key("status") }).await;
    assert_eq!(creates(&sandbox, "Second"), 0);
    sandbox.clear_faults();
    until("it is sent once the bank answers", || at_bank(second)).await;
}

/// 25. Two handles in one process (an app and its background worker) are one book: each entry is sent by one of them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn fault_25_two_handles_of_one_process_are_one_book() {
    let (folder, sandbox) = (TempDir::new().unwrap(), sandbox().await);
    let (app, worker) = (here(folder.path(), &sandbox).await, here(folder.path(), &sandbox).await);
    app.sign_in(tablet::secrets("S-1"), None).await.unwrap();
    app.resume();
    worker.resume();
    let mut ids = vec![];
    for n in 0..8 {
        let by = if n % 2 == 0 { &app } else { &worker };
        ids.push(by.add(person(&format!("Customer {n}"), "012 000 001"), None).await.unwrap().id);
    }
    let drained = worker.drain(Duration::from_secs(30)).await.unwrap();
    assert_eq!(drained.left, 0);
    for (n, id) in ids.into_iter().enumerate() {
        assert_eq!(app.standing(id).await.unwrap().place, Place::AtBank);
        assert_eq!(creates(&sandbox, &format!("Customer {n}")), 1);
    }
    worker.shutdown().await.unwrap();
    assert_eq!(app.summary().await.err(), Some(satchel::Error::Locked), "the end of one is the end of both");
}
