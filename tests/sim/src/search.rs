//! Many schedules: side by side, summed up, each told by its seed.

use crate::coverage;
use crate::schedule::{How, Report, run};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// What many schedules came to.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
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
    pub broken: BTreeMap<String, u64>,
    /// Schedules with a double.
    pub schedules_doubled: u64,
    /// Records that asked, of those added, in ordinary weather.
    pub fair_asked: u64,
    /// Records added in ordinary weather.
    pub fair_prospects: u64,
    /// The middle schedule's.
    pub median: Median,
    /// What befell them, and how often.
    pub fired: BTreeMap<String, u64>,
    /// Moves of entries, and how often each happened in a schedule after what.
    pub moves: BTreeMap<String, BTreeMap<String, u64>>,
    /// What so many schedules should have seen and did not.
    pub missing: Vec<String>,
    /// The sum of all traces, in any order.
    pub trace: String,
    /// The first that failed, by seed.
    pub first: Option<First>,
    /// The seeds that failed, at most a hundred.
    pub failed: Vec<u64>,
    /// How many schedules had so many steps, prospects, crashes, faults.
    sizes: [BTreeMap<u64, u64>; 4],
    /// The sum of all traces, in any order, as a number.
    sum: u64,
}

/// Of the middle schedule.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
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
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct First {
    /// Its seed.
    pub seed: u64,
    /// What must not have happened.
    pub invariant: String,
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
            *self.broken.entry((*what).to_owned()).or_default() += 1;
        }
        self.violations += report.violations.len() as u64;
        self.lost = self.broken.get("lost").copied().unwrap_or(0);
        for (what, n) in report.fired {
            *self.fired.entry(what.to_owned()).or_default() += n;
        }
        for ((from, to, befell), n) in report.moves {
            let after = self.moves.entry(format!("{from} -> {to}")).or_default();
            *after.entry(befell.to_owned()).or_default() += n;
        }
        self.sum = self.sum.wrapping_add(report.sum.rotate_left((report.seed % 63) as u32));
        let sizes = [report.steps, report.prospects, report.crashes, report.faults];
        self.sizes.iter_mut().zip(sizes).for_each(|(many, size)| *many.entry(size).or_default() += 1);
        if let Some((invariant, how)) = report.violations.into_iter().next() {
            if self.first.as_ref().is_none_or(|first| report.seed < first.seed) {
                self.first = Some(First { seed: report.seed, invariant: invariant.to_owned(), how });
            }
            if self.failed.len() < 100 {
                self.failed.push(report.seed);
            }
        }
    }

    fn finish(&mut self) {
        let middle = |of: usize| {
            let mut below = 0;
            let mut many = self.sizes[of].iter();
            let size = many.find(|(_, n)| {
                below += **n;
                2 * below > self.schedules
            });
            size.map_or(0, |(size, _)| *size)
        };
        self.median =
            Median { steps: middle(0), prospects: middle(1), crashes: middle(2), faults: middle(3) };
        self.failed.sort_unstable();
        self.missing = coverage::missing(self.schedules, &self.fired, &self.moves);
        self.trace = format!("{:016x}", self.sum);
    }
}

/// Which schedules, and how.
#[derive(Clone, Copy, Debug)]
pub struct Search {
    /// The first one's seed.
    pub from: u64,
    /// How many.
    pub schedules: u64,
    /// How many at a time.
    pub threads: usize,
    /// A naive client in place of Satchel.
    pub naive: bool,
    /// End at the first that fails.
    pub stop_at_first: bool,
}

impl Search {
    /// Runs the schedules that `sum` lacks and adds them to it. `progress` hears how it stands.
    pub fn go_on(&self, sum: Sum, progress: &(dyn Fn(&Sum) + Sync)) -> Sum {
        let (next, stop) = (AtomicU64::new(sum.schedules), AtomicBool::new(false));
        let sum = Mutex::new(sum);
        let how = How { naive: self.naive, ..How::default() };
        let work = || {
            while !stop.load(SeqCst) {
                let n = next.fetch_add(1, SeqCst);
                if n >= self.schedules {
                    return;
                }
                let report = run(self.from + n, &how);
                if self.stop_at_first && !report.violations.is_empty() {
                    stop.store(true, SeqCst);
                }
                sum.lock().unwrap_or_else(PoisonError::into_inner).add(report);
            }
        };
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..self.threads.max(1)).map(|_| scope.spawn(work)).collect();
            while workers.iter().any(|worker| !worker.is_finished()) {
                std::thread::park_timeout(Duration::from_millis(200));
                progress(&sum.lock().unwrap_or_else(PoisonError::into_inner));
            }
        });
        let mut sum = sum.into_inner().unwrap_or_else(PoisonError::into_inner);
        sum.finish();
        sum
    }
}
