//! Every call that changes a file, on simulated files: each fails once, dies once, and loses the power once.

use crate::day::{Word, day};
use crate::report::{Found, Progress};
use crate::tablet::OFFICER;
use crate::truth::Truth;
use crate::{Result, tablet};
use satchel::Satchel;
use satchel::world::{BoxFuture, Call, Cause, Class, Failure, Http, Incoming, MemoryVault, Reply, World};
use sim_files::{Fault, Files, Process};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use tokio::task::JoinSet;

/// How long the day waits for the bank; a store that failed rests for longer.
const PATIENCE: Duration = Duration::from_millis(700);

/// Sets that fault on every `step`-th call of a day in turn, until a day has no such call.
///
/// # Errors
/// Those of the machine.
pub async fn every_call(
    seed: u64,
    fault: Fault,
    step: u64,
    at_once: usize,
    progress: &Progress,
) -> Result<Found> {
    let device =
        satchel_tests::tablet::world(&tablet::profile("http://127.0.0.1/"), Arc::new(MemoryVault::default()));
    let (mut found, mut days) = (Found::default(), JoinSet::new());
    let mut next = Some(seed % step.max(1));
    loop {
        while let (true, Some(call)) = (days.len() < at_once, next) {
            days.spawn(one_day(device.clone(), seed, call, fault));
            next = Some(call + step.max(1));
        }
        let Some(done) = days.join_next().await else { return Ok(found) };
        let day = done??;
        if day.runs == 0 {
            next = None;
        }
        progress.by(1);
        found.add(day);
    }
}

/// The path of a book is its name in this process, so each process of a tablet has a root of its own.
fn begin(files: &Files) -> (Process, PathBuf) {
    static ROOTS: AtomicU64 = AtomicU64::new(0);
    let root = format!("/{}", ROOTS.fetch_add(1, Relaxed));
    (files.process(&root), Path::new(&root).join("books"))
}

fn world(device: &World, vault: &Arc<MemoryVault>, process: &Process) -> World {
    World {
        vault: vault.clone(),
        disk: Arc::new(process.clone()),
        http: Arc::new(Leash { http: device.http.clone(), process: process.clone() }),
        ..device.clone()
    }
}

async fn one_day(device: World, seed: u64, call: u64, fault: Fault) -> Result<Found> {
    let (bank, files) = (tablet::bank(seed).await?, Files::new());
    let (profile, vault) = (tablet::profile(bank.base_url()), Arc::new(MemoryVault::default()));
    let names = ["First", "Second", "Third"].map(str::to_owned);
    let mut truth = Truth::default();
    truth.tell(&names);
    files.fail_at(call, fault);
    let (process, books) = begin(&files);
    let mut open = None;
    for _ in 0..5 {
        open = Satchel::open(world(&device, &vault, &process), &books, OFFICER, profile.clone()).await.ok();
        if let Some(satchel) = &open {
            let mut hear = |word: Word| truth.hear(&word);
            day(satchel, &names, PATIENCE, &mut hear).await;
            break;
        }
    }
    let fired = files.fired();
    // After an error the worst: what was not synced is in question, whatever the app did with it since.
    if fault != Fault::Kill {
        files.power_cut(seed ^ call);
    }
    process.kill();
    if let Some(satchel) = open {
        // Only its threads are ended by this: the process can do nothing any more.
        let _ = satchel.shutdown().await;
    }
    files.no_fault();
    let (process, books) = begin(&files);
    let verdict = truth.check(world(&device, &vault, &process), &books, profile, &bank).await;
    let runs = u64::from(fired.is_some());
    Ok(Found::of(runs, &truth, verdict, || format!("{fault:?} at call {call}, --seed {seed} --only sweep")))
}

/// A dead process sends nothing more.
struct Leash {
    http: Arc<dyn Http>,
    process: Process,
}

impl Leash {
    fn cut<T>(&self) -> Option<Result<T, Failure>> {
        let failure = Failure { class: Class::NotExecuted, cause: Cause::Offline };
        self.process.dead().then_some(Err(failure))
    }
}

impl Http for Leash {
    fn change(&self, call: Call) -> BoxFuture<'_, Result<Reply, Failure>> {
        Box::pin(async move {
            match self.cut() {
                Some(cut) => cut,
                None => self.http.change(call).await,
            }
        })
    }

    fn read(&self, call: Call) -> BoxFuture<'_, Result<Incoming, Failure>> {
        Box::pin(async move {
            match self.cut() {
                Some(cut) => cut,
                None => self.http.read(call).await,
            }
        })
    }
}
