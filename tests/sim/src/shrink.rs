//! The shortest plan that still fails: items are left out for as long as the same thing goes wrong without them.

use crate::plan::Plan;
use crate::schedule::{How, Report, run};
use std::collections::BTreeSet;

/// Leaves out what need not be there; at most `runs` schedules are run for it. What is left out, and the last report.
#[must_use]
pub fn shrink(seed: u64, runs: usize) -> (BTreeSet<usize>, Report) {
    let how = |without: &BTreeSet<usize>| How { without: without.clone(), keep: true, naive: false };
    let mut best = run(seed, &how(&BTreeSet::new()));
    let mut without = BTreeSet::new();
    let Some((what, _)) = best.violations.first().cloned() else { return (without, best) };
    let items = Plan::of(seed).items.len();
    let (mut left, mut size) = (runs, items.div_ceil(2));
    while size > 0 && left > 0 {
        let mut smaller = false;
        let there: Vec<usize> = (0..items).filter(|i| !without.contains(i)).collect();
        for chunk in there.rchunks(size) {
            if left == 0 {
                break;
            }
            left -= 1;
            let mut fewer = without.clone();
            fewer.extend(chunk);
            let report = run(seed, &how(&fewer));
            if report.violations.first().is_some_and(|(other, _)| *other == what) {
                (without, best, smaller) = (fewer, report, true);
            }
        }
        if !smaller || size > 1 {
            size /= 2;
        }
    }
    (without, best)
}
