//! When to try again, and how much at once. Pure: the moment and the chance are handed in.
//!
//! One value of each for a remote and class. They live in memory only: a restart begins with [`Backoff::start`], so
//! nothing here has to survive a crash.

use crate::profile::Backoff as Waits;
use crate::world::Steady;
use std::time::Duration;

/// So many quick retries may follow each other …
const BUDGET: u32 = 10;
/// … and one comes back in each of these.
const REFILL: Duration = Duration::from_secs(60);

/// Exponential waits with full jitter and a budget of quick retries.
///
/// Full jitter (any wait from nothing to the ceiling) because a fleet of tablets fails at the same moment and must
/// not come back at the same moment. The budget because a server that fails every second call would never let the
/// ceiling rise.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Backoff {
    failures: u32,
    tokens: u32,
    refilled: Steady,
}

impl Backoff {
    /// No failure yet, the whole budget there.
    #[must_use]
    pub fn new(now: Steady) -> Self {
        Self { failures: 0, tokens: BUDGET, refilled: now }
    }

    /// A call failed: not before the returned moment, which is at least `now` and at most `waits.most_ms` later.
    ///
    /// `chance` is any random number. `asked` is the server's `Retry-After`: never undercut, but clamped to the longest wait.
    pub fn failed(&mut self, now: Steady, waits: &Waits, chance: u64, asked: Option<Duration>) -> Steady {
        self.refill(now);
        self.failures = self.failures.saturating_add(1);
        let mut ceiling = self.ceiling(waits);
        if ceiling < waits.most_ms && !self.spend() {
            ceiling = waits.most_ms;
        }
        let asked = asked.map_or(0, |d| u64::try_from(d.as_millis()).unwrap_or(u64::MAX));
        let wait = asked.saturating_add(jitter(ceiling, chance)).min(waits.most_ms);
        now.plus(Duration::from_millis(wait))
    }

    /// A call worked: the next failure begins with the first ceiling. The budget is refilled by time alone, so that
    /// a server that works and fails in turns still meets the longest wait.
    pub fn worked(&mut self) {
        self.failures = 0;
    }

    /// Not before this moment, at a start and when a link or a server has come back: jittered under the ceiling
    /// reached so far, counted as no failure.
    #[must_use]
    pub fn start(&self, now: Steady, waits: &Waits, chance: u64) -> Steady {
        now.plus(Duration::from_millis(jitter(self.ceiling(waits), chance)))
    }

    /// `first`, doubled for each failure after the first one, at most `most`.
    fn ceiling(&self, waits: &Waits) -> u64 {
        let doubled = 1u64.checked_shl(self.failures.saturating_sub(1)).unwrap_or(u64::MAX);
        waits.first_ms.saturating_mul(doubled).min(waits.most_ms)
    }

    fn refill(&mut self, now: Steady) {
        let turns = now.since(self.refilled).as_secs() / REFILL.as_secs();
        self.tokens = u64::from(self.tokens).saturating_add(turns).min(u64::from(BUDGET)) as u32;
        // A full bucket gathers nothing towards the next token.
        self.refilled = match self.tokens {
            BUDGET => now,
            _ => self.refilled.plus(Duration::from_secs(turns * REFILL.as_secs())),
        };
    }

    fn spend(&mut self) -> bool {
        let had = self.tokens > 0;
        self.tokens = self.tokens.saturating_sub(1);
        had
    }
}

/// `0..=ceiling`, as evenly as `chance`.
fn jitter(ceiling: u64, chance: u64) -> u64 {
    ((u128::from(chance) * (u128::from(ceiling) + 1)) >> 64) as u64
}

/// How many entries one call carries: one at first, doubled when it works, halved on trouble.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Size {
    now: usize,
    max: usize,
}

impl Size {
    /// One for now, never more than `max` (0 counts as 1).
    #[must_use]
    pub fn new(max: usize) -> Self {
        Self { now: 1, max: max.max(1) }
    }

    /// From 1 to the maximum.
    #[must_use]
    pub fn now(self) -> usize {
        self.now
    }

    /// A call of this size worked.
    pub fn worked(&mut self) {
        self.now = self.now.saturating_mul(2).min(self.max);
    }

    /// Too large, too slow, or refused as a whole.
    pub fn trouble(&mut self) {
        self.now = (self.now / 2).max(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WAITS: Waits = Waits { first_ms: 2_000, most_ms: 900_000 };
    const T: Steady = Steady(1_000_000);

    /// The wait of each failure in a row at one moment, with the given chance.
    fn waits(n: usize, waits: Waits, chance: u64) -> Vec<i64> {
        let mut backoff = Backoff::new(T);
        (0..n).map(|_| backoff.failed(T, &waits, chance, None).0 - T.0).collect()
    }

    #[test]
    fn the_ceiling_doubles_up_to_the_most() {
        let secs: Vec<_> = waits(12, WAITS, u64::MAX).iter().map(|ms| ms / 1000).collect();
        assert_eq!(secs, [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
    }

    #[test]
    fn jitter_is_full_and_even() {
        assert_eq!(waits(3, WAITS, 0), [0, 0, 0]);
        assert_eq!(waits(3, WAITS, 1 << 63), [1_000, 2_000, 4_000]);
        assert_eq!([jitter(1, (1 << 63) - 1), jitter(1, 1 << 63)], [0, 1]);
        assert_eq!([jitter(0, u64::MAX), jitter(u64::MAX, u64::MAX), jitter(u64::MAX, 5)], [0, u64::MAX, 5]);
    }

    #[test]
    fn success_begins_anew() {
        let mut backoff = Backoff::new(T);
        for _ in 0..5 {
            backoff.failed(T, &WAITS, 0, None);
        }
        backoff.worked();
        assert_eq!(backoff.failed(T, &WAITS, u64::MAX, None), Steady(T.0 + 2_000));
        assert_eq!(backoff.failed(T, &WAITS, u64::MAX, None), Steady(T.0 + 4_000));
    }

    /// Fails and works in turns, `n` times at `now`; how many of the retries were quick.
    fn quick(backoff: &mut Backoff, now: Steady, n: usize) -> usize {
        let mut failed = || {
            let until = backoff.failed(now, &WAITS, u64::MAX, None);
            backoff.worked();
            until
        };
        (0..n).filter(|_| failed() == now.plus(Duration::from_secs(2))).count()
    }

    #[test]
    fn a_flapping_server_meets_the_longest_wait_once_the_budget_is_spent() {
        let mut backoff = Backoff::new(T);
        assert_eq!(quick(&mut backoff, T, 15), 10);
        assert_eq!(backoff.failed(T, &WAITS, u64::MAX, None), Steady(T.0 + 900_000), "not a tenth of it");
        backoff.worked();
        assert_eq!(quick(&mut backoff, Steady(T.0 + 59_999), 3), 0);
        assert_eq!(quick(&mut backoff, Steady(T.0 + 60_000), 3), 1);
        assert_eq!(quick(&mut backoff, Steady(T.0 + 209_999), 3), 2, "the half minute is kept …");
        assert_eq!(quick(&mut backoff, Steady(T.0 + 240_000), 3), 1, "… and counts");
        assert_eq!(
            quick(&mut backoff, Steady(T.0 + 240_000 + 3_600_000), 30),
            10,
            "never more than the budget"
        );
    }

    #[test]
    fn a_full_budget_gathers_nothing() {
        let mut backoff = Backoff::new(T);
        let later = Steady(T.0 + 59_000);
        assert_eq!(quick(&mut backoff, later, 12), 10);
        assert_eq!(quick(&mut backoff, Steady(later.0 + 59_000), 3), 0);
        assert_eq!(quick(&mut backoff, Steady(later.0 + 60_000), 3), 1);
    }

    #[test]
    fn retries_under_the_longest_ceiling_cost_no_budget() {
        let mut backoff = Backoff::new(T);
        for _ in 0..40 {
            backoff.failed(T, &WAITS, 0, None);
        }
        backoff.worked();
        assert_eq!(quick(&mut backoff, T, 3), 1, "nine were spent on the way up");
    }

    #[test]
    fn retry_after_is_kept_and_clamped() {
        let after =
            |chance, secs| Backoff::new(T).failed(T, &WAITS, chance, Some(Duration::from_secs(secs))).0 - T.0;
        assert_eq!([after(0, 0), after(0, 60), after(u64::MAX, 60)], [0, 60_000, 62_000]);
        assert_eq!([after(0, 900), after(0, 1_000_000_000), after(9, u64::MAX)], [900_000; 3]);
    }

    #[test]
    fn a_start_is_jittered_under_the_ceiling_reached() {
        let mut backoff = Backoff::new(T);
        assert_eq!(backoff.start(T, &WAITS, u64::MAX), Steady(T.0 + 2_000));
        assert_eq!(backoff.start(T, &WAITS, 0), T);
        for _ in 0..4 {
            backoff.failed(T, &WAITS, 0, None);
        }
        let before = backoff.clone();
        assert_eq!(backoff.start(T, &WAITS, u64::MAX), Steady(T.0 + 16_000));
        assert_eq!(backoff, before);
    }

    #[test]
    fn the_size_adapts_between_one_and_the_maximum() {
        let mut size = Size::new(50);
        let mut seen = vec![size.now()];
        for worked in [true, true, true, true, true, true, true, false, false, true] {
            if worked {
                size.worked()
            } else {
                size.trouble()
            }
            seen.push(size.now());
        }
        assert_eq!(seen, [1, 2, 4, 8, 16, 32, 50, 50, 25, 12, 24]);
        let mut least = Size::new(0);
        least.worked();
        assert_eq!(least.now(), 1);
        least.trouble();
        assert_eq!(least.now(), 1);
    }

    proptest! {
        #[test]
        fn never_before_now_never_beyond_the_most(
            now in 0..i64::MAX, first_ms: u64, most_ms: u64, asked: Option<u64>,
            calls in prop::collection::vec((any::<u64>(), any::<bool>(), 0..i64::MAX), 1..80),
        ) {
            let waits = Waits { first_ms, most_ms };
            let mut backoff = Backoff::new(Steady(now));
            for (chance, works, now) in calls {
                let now = Steady(now);
                let most = now.plus(Duration::from_millis(most_ms));
                let until = backoff.failed(now, &waits, chance, asked.map(Duration::from_millis));
                prop_assert!(now <= until && until <= most);
                if let Some(asked) = asked {
                    prop_assert!(until >= now.plus(Duration::from_millis(asked.min(most_ms))));
                }
                let start = backoff.start(now, &waits, chance);
                prop_assert!(now <= start && start <= most);
                if works { backoff.worked() }
            }
        }

        #[test]
        fn a_size_is_always_usable(max: usize, steps in prop::collection::vec(any::<bool>(), 0..100)) {
            let mut size = Size::new(max);
            for worked in steps {
                if worked { size.worked() } else { size.trouble() }
                prop_assert!(size.now() >= 1 && size.now() <= max.max(1));
            }
        }
    }
}
