//! A book's file damaged in every coarse way: a typed error with the unsent count from the plain file beside it, nothing
//! touched, set aside whole, and a fresh book that works. (Fault 8; single
//! bytes, keys and schemas are in `device.rs`.)

use satchel::error::WhatNow;
use satchel::profile::Profile;
use satchel::standing::Place as At;
use satchel::store::{Book, Place};
use satchel::world::{MemoryVault, RealDisk, World};
use satchel::{Error, Satchel, outbox::plan::Link};
use satchel_sandbox::Running;
use satchel_tests::tablet::{self, creates, person, profile, sandbox, secrets, until};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

type Harm = (&'static str, fn(&Path));

fn replaced(db: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(db).unwrap();
    change(&mut bytes);
    fs::write(db, bytes).unwrap();
}

fn harms() -> Vec<Harm> {
    vec![
        ("cut to half its pages", |db| replaced(db, |b| b.truncate(b.len() / 8192 * 4096))),
        ("cut within a page", |db| replaced(db, |b| b.truncate(5000))),
        ("cut within the salt", |db| replaced(db, |b| b.truncate(7))),
        ("empty", |db| replaced(db, Vec::clear)),
        ("gone", |db| fs::remove_file(db).unwrap()),
        ("zeros", |db| replaced(db, |b| b.fill(0))),
        ("zeros but for the salt", |db| replaced(db, |b| b[16..].fill(0))),
        ("the first page", |db| replaced(db, |b| b[16..4096].reverse())),
        ("a page", |db| fs::write(db, "<html>sign in to the network</html>".repeat(400)).unwrap()),
        ("a plain database", |db| {
            fs::remove_file(db).unwrap();
            rusqlite::Connection::open(db).unwrap().execute_batch("CREATE TABLE prospect (id)").unwrap();
        }),
        ("two pages exchanged", |db| {
            replaced(db, |b| {
                let (first, second) = b.split_at_mut(4096);
                first.swap_with_slice(&mut second[..4096]);
            });
        }),
    ]
}

struct Tablet {
    folder: TempDir,
    world: World,
    profile: Profile,
}

impl Tablet {
    /// With a closed book of three unsent prospects.
    async fn closed(bank: &Running) -> Tablet {
        let profile = profile(bank.base_url());
        let world = tablet::world(&profile, Arc::new(MemoryVault::default()));
        let tablet = Tablet { folder: TempDir::new().unwrap(), world, profile };
        let satchel = tablet.open().await.unwrap();
        for n in 0..3 {
            satchel.add(person(&format!("Customer {n}"), "012 345 678"), None).await.unwrap();
        }
        satchel.shutdown().await.unwrap();
        tablet
    }

    async fn open(&self) -> Result<Satchel, Error> {
        Satchel::open(self.world.clone(), self.folder.path(), "dara", self.profile.clone()).await
    }

    fn place(&self) -> Place {
        Place::of(self.folder.path(), "dara", "test").unwrap()
    }

    fn books(&self) -> Vec<Book> {
        Satchel::books(&RealDisk, self.folder.path()).unwrap()
    }
}

/// What must be as it was.
fn files(folder: &Path) -> BTreeMap<&'static str, Option<Vec<u8>>> {
    ["book.db", "book.json"].into_iter().map(|name| (name, fs::read(folder.join(name)).ok())).collect()
}

/// A fresh book beside the damaged one works, up to the bank.
async fn fresh(tablet: &Tablet, bank: &Running, what: &str) {
    let satchel = tablet.open().await.unwrap();
    assert_eq!(satchel.summary().await.unwrap().unsent, 0, "{what}");
    satchel.sign_in(secrets("S-1"), None).await.unwrap();
    satchel.link_changed(Link::Unmetered);
    satchel.resume();
    let id = satchel.add(person(&format!("After {what}"), "012 000 001"), None).await.unwrap().id;
    until("it is at the bank", || async { satchel.standing(id).await.unwrap().place == At::AtBank }).await;
    satchel.shutdown().await.unwrap();
    assert_eq!(creates(bank, &format!("After {what}")), 1);
}

/// 8. `StoreDamaged` with the unsent count; the files as they were; set aside whole; a fresh book opens.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn fault_08_a_damaged_file_is_told_set_aside_whole_and_followed_by_a_fresh_book() {
    let bank = sandbox().await;
    for (what, harm) in harms() {
        let tablet = Tablet::closed(&bank).await;
        let folder = tablet.place().folder();
        harm(&folder.join("book.db"));
        let before = files(&folder);
        for _ in 0..2 {
            let error = tablet.open().await.expect_err(what);
            assert!(matches!(error, Error::StoreDamaged { unsent: 3, as_of: 1.., .. }), "{what}: {error}");
            assert_eq!(error.what_now(), WhatNow::SetAside, "{what}");
            assert_eq!(files(&folder), before, "{what}: nothing is touched");
        }
        assert_eq!(tablet.books()[0].unsent, 3, "{what}: known from outside");

        let (world, root) = (&tablet.world, tablet.folder.path());
        let aside: PathBuf = Satchel::set_aside(world, root, "dara", &tablet.profile).unwrap();
        assert_eq!(files(&aside), before, "{what}: set aside whole");
        fresh(&tablet, &bank, what).await;
        let unsent =
            |aside: bool| tablet.books().into_iter().filter(|b| b.set_aside == aside).map(|b| b.unsent).sum();
        assert_eq!((unsent(true), unsent(false)), (3, 0), "{what}: still counted");
        assert_eq!(files(&aside), before, "{what}");
    }
}

/// 8. Provisional rows of downloads are nobody's work: where they lie damaged, the book opens and takes the officer's saves.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn fault_08_damage_where_no_work_lies_keeps_no_book_shut() {
    let bank = sandbox().await;
    let tablet = Tablet::closed(&bank).await;
    let path = tablet.place().folder().join("book.db");
    let name = format!("satchel/{}/key", tablet.place().book);
    let key: String =
        tablet.world.vault.load(&name).unwrap().unwrap().iter().map(|byte| format!("{byte:02x}")).collect();
    let page = {
        let db = rusqlite::Connection::open(&path).unwrap();
        db.pragma_update(None, "key", format!("x'{key}'")).unwrap();
        let root = "SELECT rootpage FROM sqlite_schema WHERE name = 'staged'";
        db.query_row(root, [], |row| row.get::<_, i64>(0)).unwrap() as usize
    };
    replaced(&path, |bytes| bytes[(page - 1) * 4096 + 1234] ^= 1);
    let satchel = tablet.open().await.unwrap();
    for n in 3..10 {
        let id = satchel.add(person(&format!("Customer {n}"), "012 345 678"), None).await.unwrap().id;
        satchel.get(id).await.unwrap();
    }
    assert_eq!(satchel.summary().await.unwrap().unsent, 10);
    satchel.shutdown().await.unwrap();
}

/// 8. Rubbish where the log would be is no log: the book is whole, and the rubbish goes nowhere.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn fault_08_rubbish_for_a_log_costs_nothing() {
    let bank = sandbox().await;
    for rubbish in [&b"<html>"[..], &[0; 4096], &[0xFF; 100_000]] {
        let tablet = Tablet::closed(&bank).await;
        fs::write(tablet.place().folder().join("book.db-wal"), rubbish).unwrap();
        let satchel = tablet.open().await.unwrap();
        assert_eq!(satchel.summary().await.unwrap().unsent, 3);
        satchel.shutdown().await.unwrap();
    }
}
