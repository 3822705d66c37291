//! Many schedules: side by side, summed up, each told by its seed.

use crate::coverage;
use crate::schedule::{How, Report, run};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// What many schedules came to.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Sum {
    /// How many.
    pub schedules: u64,
    /// Jobs of the store, sleeps and events of all of them.
    pub steps: u64,
    /// Prospects added.
    pub prospects: u64,
    /// Crashes.
    pub crashes: u64,
    /// Faults.
    pub faults: u64,
    /// What was kept and is not there, or not as it was.
    pub lost: u64,
    /// Creates at the bank twice.
    pub doubled: u64,
    /// Creates at the bank twice by the one way that the contract leaves (a removal by someone else).
    pub admitted: u64,
    /// Everything that must never happen, the two above among them.
    pub violations: u64,
    /// By invariant.
    pub broken: BTreeMap<&'static str, u64>,
    /// Schedules with a double.
    pub schedules_doubled: u64,
    /// Records that asked, of those added, in ordinary weather.
    pub fair_asked: u64,
    /// Records added in ordinary weather.
    pub fair_prospects: u64,
    /// The middle schedule's.
    pub median: Median,
    /// What befell them, and how often.
    pub fired: BTreeMap<&'static str, u64>,
    /// Moves of entries, and how often each happened in a schedule after what.
    pub moves: BTreeMap<String, BTreeMap<&'static str, u64>>,
    /// What so many schedules should have seen and did not.
    pub missing: Vec<String>,
    /// The sum of all traces, in any order.
    pub trace: String,
    /// The first that failed, by seed.
    pub first: Option<First>,
    /// The seeds that failed, at most a hundred.
    pub failed: Vec<u64>,
    #[serde(skip)]
    sizes: Vec<[u64; 4]>,
    #[serde(skip)]
    sum: u64,
}

/// Of the middle schedule.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Median {
    /// Steps.
    pub steps: u64,
    /// Prospects.
    pub prospects: u64,
    /// Crashes.
    pub crashes: u64,
    /// Faults.
    pub faults: u64,
}

/// A schedule that failed.
#[derive(Clone, Debug, Serialize)]
pub struct First {
    /// Its seed.
    pub seed: u64,
    /// What must not have happened.
    pub invariant: &'static str,
    /// And did.
    pub how: String,
}

impl Sum {
    fn add(&mut self, report: Report) {
        self.schedules += 1;
        self.steps += report.steps;
        self.prospects += report.prospects;
        self.crashes += report.crashes;
        self.faults += report.faults;
        self.doubled += report.doubled;
        self.admitted += report.admitted;
        self.schedules_doubled += u64::from(report.doubled > 0);
        if report.fair {
            self.fair_asked += report.asked;
            self.fair_prospects += report.prospects;
        }
        for (what, _) in &report.violations {
            *self.broken.entry(what).or_default() += 1;
        }
        self.violations += report.violations.len() as u64;
        self.lost = self.broken.get("lost").copied().unwrap_or(0);
        for (what, n) in report.fired {
            *self.fired.entry(what).or_default() += n;
        }
        for ((from, to, befell), n) in report.moves {
            *self.moves.entry(format!("{from} -> {to}")).or_default().entry(befell).or_default() += n;
        }
        self.sum = self.sum.wrapping_add(report.sum.rotate_left((report.seed % 63) as u32));
        self.sizes.push([report.steps, report.prospects, report.crashes, report.faults]);
        if let Some((invariant, how)) = report.violations.into_iter().next() {
            if self.first.as_ref().is_none_or(|first| report.seed < first.seed) {
                self.first = Some(First { seed: report.seed, invariant, how });
            }
            if self.failed.len() < 100 {
                self.failed.push(report.seed);
            }
        }
    }

    fn finish(mut self) -> Sum {
        let mut middle = |of: usize| {
            self.sizes.sort_unstable_by_key(|sizes| sizes[of]);
            self.sizes.get(self.sizes.len() / 2).map_or(0, |sizes| sizes[of])
        };
        self.median =
            Median { steps: middle(0), prospects: middle(1), crashes: middle(2), faults: middle(3) };
        self.failed.sort_unstable();
        self.missing = coverage::missing(self.schedules, &self.fired, &self.moves);
        self.trace = format!("{:016x}", self.sum);
        self
    }
}

/// Runs the schedules `from..from + schedules` on so many threads. `progress` hears how many are done and failed.
#[must_use]
pub fn search(
    from: u64,
    schedules: u64,
    threads: usize,
    naive: bool,
    stop_at_first: bool,
    progress: &(dyn Fn(u64, u64, u64) + Sync),
) -> Sum {
    let (next, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    let sum = Mutex::new(Sum::default());
    let how = How { naive, ..How::default() };
    let work = || {
        while !stop.load(SeqCst) {
            let n = next.fetch_add(1, SeqCst);
            if n >= schedules {
                return;
            }
            let report = run(from + n, &how);
            if stop_at_first && !report.violations.is_empty() {
                stop.store(true, SeqCst);
            }
            sum.lock().unwrap_or_else(PoisonError::into_inner).add(report);
        }
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(work)).collect();
        while workers.iter().any(|worker| !worker.is_finished()) {
            std::thread::park_timeout(Duration::from_millis(200));
            let sum = sum.lock().unwrap_or_else(PoisonError::into_inner);
            progress(sum.schedules, sum.steps, sum.violations);
        }
    });
    sum.into_inner().unwrap_or_else(PoisonError::into_inner).finish()
}
