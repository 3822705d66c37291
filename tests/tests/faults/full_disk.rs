//! A disk of a few megabytes, full to the last byte: the officer goes on as far as the reserve carries her, is told what
//! to do, and what was saved goes out once there is room.
//!
//! The disk is a small file system in a mount namespace of a child's own: it takes `unshare` (util-linux) and root, or
//! user namespaces, or `sudo` without a password.

use satchel::error::WhatNow;
use satchel::outbox::plan::Link;
use satchel::prospect::Query;
use satchel::world::{MemoryVault, RealDisk};
use satchel::{Concern, Error, Satchel};
use satchel_sandbox::Running;
use satchel_tests::tablet::{self, person, profile, sandbox, secrets, until};
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

const CHILD: &str = "SATCHEL_FULL_DISK";
const RESERVE: u64 = 1 << 20;

/// Ways into a mount namespace; the first that works here is taken.
const WAYS: [&[&str]; 3] = [&["unshare", "-m"], &["unshare", "-rm"], &["sudo", "-nE", "unshare", "-m"]];

fn small_disk(at: &Path) -> Command {
    let works =
        |way: &&&[&str]| Command::new(way[0]).args(&way[1..]).arg("true").status().is_ok_and(|s| s.success());
    let way = WAYS.iter().find(works).expect("a mount namespace: root, user namespaces or sudo");
    let mut command = Command::new(way[0]);
    let script = "mount -t tmpfs -o size=6m none \"$0\" && exec \"$@\"";
    command.args(&way[1..]).args(["sh", "-c", script]).arg(at).arg(std::env::current_exe().unwrap());
    command
}

/// Takes every byte that is left.
fn fill(ballast: &Path) {
    let mut file = std::fs::File::create(ballast).unwrap();
    for size in [64 << 10, 4 << 10, 1] {
        while file.write_all(&vec![1; size]).is_ok() {}
    }
}

/// Adds until there is no room, and says how many were acknowledged.
async fn add_until_full(satchel: &Satchel) -> usize {
    for n in 1.. {
        let mut fields = person(&format!("Customer {n}"), "012 345 678");
        fields.push(satchel::prospect::FieldChange::text(satchel::prospect::Field::Comment, "x".repeat(400)));
        match satchel.add(fields, None).await {
            Ok(_) => assert!(n < 10_000, "the disk is never full"),
            Err(error) => {
                assert_eq!((&error, error.what_now()), (&Error::DiskFull, WhatNow::FreeSpace));
                return n - 1;
            }
        }
    }
    unreachable!()
}

/// Nothing of it can be lost: it is read, counted and still sent when it can be.
async fn on_a_full_disk(satchel: &Satchel, root: &Path, saved: usize) {
    let health = satchel.health().await.unwrap();
    let told = |c: &&Concern| matches!(c, Concern::DiskFilling { reserve_used: true, .. });
    assert_eq!(health.concerns.iter().find(told).map(Concern::what_now), Some(WhatNow::FreeSpace));
    // The last room is for what she types: a download still says what became of hers, and brings nothing new.
    match satchel.download(None).await {
        Ok(taken) => assert_eq!((taken.rows, taken.new), (1, 0)),
        Err(error) => assert_eq!(error, Error::DiskFull),
    }
    assert_eq!(health.unsent, saved as i64);
    let mut query = Query { limit: 500, ..Query::default() };
    let mut listed = 0;
    loop {
        let page = satchel.list(query.clone()).await.unwrap();
        listed += page.items.len();
        let Some(next) = page.next else { break };
        query.after = Some(next);
    }
    assert_eq!(listed, saved);
    assert!(Satchel::books(&RealDisk, root).unwrap()[0].unsent >= 1, "known from outside");
}

async fn officer(folder: &Path, url: &str) {
    let mut profile = profile(url);
    profile.reserve_bytes = RESERVE;
    let (root, ballast) = (folder.join("books"), folder.join("ballast"));
    let world = tablet::world(&profile, Arc::new(MemoryVault::default()));
    let mut satchel = Satchel::open(world.clone(), &root, "dara", profile.clone()).await.unwrap();
    satchel.sign_in(secrets("S-1"), None).await.unwrap();
    satchel.link_changed(Link::Unmetered);
    satchel.save_draft(satchel::prospect::About::New("before".into()), "x".repeat(1000)).await.unwrap();
    fill(&ballast);

    let saved = add_until_full(&satchel).await;
    assert!(saved >= 10, "the reserve carried {saved}");
    on_a_full_disk(&satchel, &root, saved).await;

    // Sending on a full disk may come to nothing, but nothing comes of it twice.
    satchel.resume();
    tokio::time::sleep(Duration::from_millis(500)).await;
    satchel.shutdown().await.unwrap();
    satchel = Satchel::open(world, &root, "dara", profile).await.expect("it opens on a full disk");
    satchel.link_changed(Link::Unmetered);
    satchel.resume();
    std::fs::remove_file(&ballast).unwrap();
    until("all are at the bank", || async { satchel.summary().await.unwrap().unsent == 0 }).await;
    satchel.add(person("With Room Again", "012 000 001"), None).await.unwrap();
    satchel.download(None).await.unwrap();
    satchel.shutdown().await.unwrap();
    println!("saved {saved}.");
}

fn made(bank: &Running) -> Vec<u64> {
    let tally = tablet::tally(&bank.ledger());
    let creates = tally.get("create").into_iter().flatten();
    creates.filter(|(name, _)| name.starts_with("Customer")).map(|(_, n)| *n).collect()
}

/// 6: With a reserve: saves go on until it is used up, then `DiskFull`; reads and outcomes go on; all leaves once there
/// is room, each once.
#[test]
pub(crate) fn fault_06_a_full_disk_stops_saves_with_a_word_and_loses_nothing() {
    if let Some((folder, url)) = std::env::var(CHILD).ok().as_deref().and_then(|told| told.split_once('\n')) {
        return satchel::world::runtime().block_on(officer(Path::new(folder), url));
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let bank = runtime.block_on(sandbox());
    bank.insert_as_other_device([("NameEn", "Something To Download")]);
    let folder = tempfile::tempdir().unwrap();
    let done = small_disk(folder.path())
        .args([
            "--exact",
            "full_disk::fault_06_a_full_disk_stops_saves_with_a_word_and_loses_nothing",
            "--nocapture",
        ])
        .env(CHILD, format!("{}\n{}", folder.path().display(), bank.base_url()))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success(), "{said}\n{}", String::from_utf8_lossy(&done.stderr));
    let saved =
        said.split_once("saved ").and_then(|(_, rest)| rest.split_once('.')).expect("it says how many").0;
    assert_eq!(made(&bank), vec![1; saved.parse().unwrap()], "each once, none missing");
}
