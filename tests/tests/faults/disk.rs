//! Days on a disk that fails: the whole tablet, from the store to the bank, on files in memory that know what was synced
//! (faults 4, 5, 6, 7, 10). One fault falls on each call that changes the disk in turn, or on every so-manieth of them;
//! the store alone is swept over every call, and over many seeds, in `crates/sim-files/tests`.

use satchel::Decision;
use satchel::outbox::plan::Link;
use satchel::profile::Profile;
use satchel::prospect::{Field, Query};
use satchel::store::Store;
use satchel::world::{MemoryVault, World};
use satchel::{Error, Satchel};
use satchel_sandbox::{Options, Running};
use satchel_tests::tablet::{self, creates, off_the_minute, person, sandbox_of, secrets, until};
use sim_files::{Fault, Files, Process};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

const NAMES: [&str; 2] = ["First", "Second"];
/// So many days at once: they mostly wait.
const AT_ONCE: usize = 12;

/// A tablet, its bank and its vault, which outlive its processes.
struct Day {
    bank: Running,
    files: Files,
    vault: Arc<MemoryVault>,
    profile: Profile,
}

/// Every process has a root of its own: two of one path would share what is open.
static ROOTS: AtomicU64 = AtomicU64::new(0);

impl Day {
    async fn new() -> Day {
        let bank = sandbox_of(Options { lateness_ms: 100, ..Options::default() }).await;
        let mut profile = tablet::profile(bank.base_url());
        (profile.prospect.lateness_ms, profile.prospect.transit_ms) = (Some(100), 100);
        Day { bank, files: Files::new(), vault: Arc::default(), profile }
    }

    fn process(&self) -> (Process, String) {
        let root = format!("/process-{}", ROOTS.fetch_add(1, SeqCst));
        (self.files.process(&root), root)
    }

    fn world(&self, process: &Process) -> World {
        let world = tablet::world(&self.profile, self.vault.clone());
        World { disk: Arc::new(process.clone()), ..world }
    }

    async fn open(&self, process: &Process, root: &str) -> Result<Satchel, Error> {
        let world = self.world(process);
        let satchel =
            Satchel::open(world, &Path::new(root).join("books"), "dara", self.profile.clone()).await?;
        satchel.sign_in(secrets("S-1"), None).await?;
        satchel.link_changed(Link::Unmetered);
        satchel.resume();
        Ok(satchel)
    }

    /// Opens, adds and sends as far as the disk lets it; which names were acknowledged.
    async fn begin(&self, process: &Process, root: &str) -> Vec<&'static str> {
        let Ok(satchel) = self.open(process, root).await else { return vec![] };
        let mut saved = vec![];
        for name in NAMES {
            off_the_minute().await;
            if satchel.add(person(name, "012 345 678"), None).await.is_ok() {
                saved.push(name);
            }
        }
        let settled = async || satchel.summary().await.map_or(true, |s| s.unsent == 0);
        for _ in 0..150 {
            if process.dead() || settled().await {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let _ = tokio::time::timeout(Duration::from_secs(5), satchel.shutdown()).await;
        saved
    }

    /// A later process settles all; what was acknowledged was made once, what was not at most once.
    async fn end(&self, saved: &[&str], told: &str) {
        self.files.no_fault(); // one that did not come in time would come now
        let (process, root) = self.process();
        let satchel = self.open(&process, &root).await.unwrap_or_else(|e| panic!("{told}: {e}"));
        until(told, || async {
            answer(&satchel, &self.bank).await;
            satchel.summary().await.unwrap().unsent == 0
        })
        .await;
        let listed = satchel.list(Query::default()).await.unwrap();
        assert!(listed.damaged.is_empty(), "{told}");
        for name in NAMES {
            let made = creates(&self.bank, name);
            let held = listed.items.iter().filter(|item| item.name_en == name).count() as u64;
            assert_eq!(made, held, "{told}: {name} at the bank and in the book");
            assert!(made <= 1 && (made == 1 || !saved.contains(&name)), "{told}: {name} {made} times");
        }
        satchel.shutdown().await.unwrap();
    }
}

/// Answers what asks, as an officer who has looked at the bank's list would.
async fn answer(satchel: &Satchel, bank: &Running) {
    for about in satchel.asks().await.unwrap().into_iter().flat_map(|ask| ask.about) {
        let prospect = satchel.get(about.record.prospect().unwrap()).await.unwrap();
        let name = prospect.fields.get(Field::NameEn);
        let row = bank.prospects().into_iter().find(|row| row.get("NameEn") == name);
        let decision = row.map_or(Decision::SendAgain, |row| Decision::Arrived { code: row.code });
        let _ = satchel.decide(vec![about.question], decision).await; // it may have been settled meanwhile
    }
}

/// How many calls a whole day makes.
async fn calls() -> u64 {
    let day = Day::new().await;
    let (process, root) = day.process();
    assert_eq!(day.begin(&process, &root).await, NAMES);
    let calls = day.files.calls();
    assert!(calls > 30, "{calls}");
    day.end(&NAMES, "without a fault").await;
    calls
}

/// One day with the fault at call `n`. `true`: it came.
async fn with(fault: Fault, n: u64) -> bool {
    let day = Day::new().await;
    let (process, root) = day.process();
    day.files.fail_at(n, fault);
    let saved = day.begin(&process, &root).await;
    let came = day.files.fired().is_some();
    if came && fault == Fault::PowerCut {
        day.files.power_cut(n);
    }
    process.kill();
    day.end(&saved, &format!("{fault:?} at call {n}, {} acknowledged", saved.len())).await;
    came
}

/// A day for each `step`-th call of a day, many at once.
async fn sweep(fault: Fault, step: usize) {
    let (calls, room) = (calls().await, Arc::new(Semaphore::new(AT_ONCE)));
    let mut days = JoinSet::new();
    for n in (0..calls).step_by(step) {
        let room = room.clone();
        days.spawn(async move {
            let _place = room.acquire_owned().await.unwrap();
            with(fault, n).await
        });
    }
    let all = days.len();
    let came = days.join_all().await.into_iter().filter(|came| *came).count();
    assert!(came * 10 >= all * 8, "it came in {came} of {all} days: no two days make quite the same calls");
}

/// 4. kill -9 at each call that changes the disk, and so before and after every HTTP call, each of which stands between
/// two commits: on restart what was being sent is in doubt, and never sent again in silence.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn fault_04_killed_at_each_call_nothing_is_lost_and_nothing_is_doubled() {
    sweep(Fault::Kill, 3).await;
}

/// 5. The power fails, unsynced writes are dropped or torn: every acknowledged record is there; what was not acknowledged
/// may be missing whole, never half.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn fault_05_a_power_cut_loses_nothing_acknowledged() {
    sweep(Fault::PowerCut, 4).await;
}

/// 6. The disk is full at a write: what is not acknowledged may be gone, what is acknowledged is not; outcomes are still
/// recorded. (The word to the officer, and the reserve, are in `full_disk.rs` and `device.rs`.)
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn fault_06_a_write_that_finds_no_room_loses_nothing_acknowledged() {
    sweep(Fault::Full, 6).await;
}

/// 7. A write or a sync fails with EIO: the operation is not acknowledged, no sync is tried again in hope, and what is
/// acknowledged afterwards is on disk.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn fault_07_an_io_error_at_any_call_is_never_taken_for_success() {
    sweep(Fault::Eio, 6).await;
}

/// 7, and then the power: what was acknowledged after a failed sync survives that too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn fault_07_what_is_acknowledged_after_an_io_error_survives_a_power_cut() {
    for n in (0..calls().await).step_by(16) {
        let day = Day::new().await;
        let (process, root) = day.process();
        day.files.fail_at(n, Fault::Eio);
        let saved = day.begin(&process, &root).await;
        day.files.power_cut(n);
        day.end(&saved, &format!("EIO at call {n}, then a power cut")).await;
    }
}

/// 10. The making of a book, its first migration, killed midway or cut off by the power: old (none) or new, never between.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn fault_10_a_migration_killed_midway_is_old_or_new() {
    let calls = {
        let day = Day::new().await;
        let (process, root) = day.process();
        Store::open(&day.world(&process), Path::new(&root), "dara", &day.profile).unwrap();
        day.files.calls()
    };
    assert!(calls > 5, "{calls}");
    for n in 0..calls {
        let fault = if n % 2 == 0 { Fault::Kill } else { Fault::PowerCut };
        let day = Day::new().await;
        let (process, root) = day.process();
        day.files.fail_at(n, fault);
        let _ = Store::open(&day.world(&process), Path::new(&root), "dara", &day.profile);
        assert_eq!(day.files.fired(), Some(fault), "call {n}");
        match fault {
            Fault::PowerCut => day.files.power_cut(n),
            _ => process.kill(),
        }
        let (process, root) = day.process();
        let again = day.open(&process, &root).await.unwrap_or_else(|e| panic!("{fault:?} at {n}: {e}"));
        again.add(person("First", "012 345 678"), None).await.unwrap();
        assert_eq!(again.list(Query::default()).await.unwrap().items.len(), 1);
        again.shutdown().await.unwrap();
    }
}
