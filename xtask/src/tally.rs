//! Counting tests from what the test runners print.

use std::{
    fmt::{self, Display},
    ops::AddAssign,
};

/// How many tests passed, failed and were skipped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// They ran and held.
    pub passed: u64,
    /// They ran and did not hold.
    pub failed: u64,
    /// They did not run.
    pub skipped: u64,
}

impl Tally {
    /// What one line of `cargo test` adds: `test result: ok. 27 passed; 0 failed; 1 ignored; …`.
    pub fn cargo(line: &str) -> Option<Self> {
        let (_, counts) = line.trim().strip_prefix("test result: ")?.split_once(". ")?;
        let count = |word| counts.split("; ").find_map(|part| part.strip_suffix(word)?.trim().parse().ok());
        Some(Self { passed: count("passed")?, failed: count("failed")?, skipped: count("ignored")? })
    }

    /// What one line of Maven adds, the sum of a module: `[INFO] Tests run: 12, Failures: 0, Errors: 0, Skipped: 0`. The
    /// lines of single classes have more behind it.
    pub fn maven(line: &str) -> Option<Self> {
        let (_, counts) = line.trim().split_once("] Tests run: ")?;
        let mut counts = counts.split(", ");
        let mut next = |word| counts.next()?.strip_prefix(word)?.trim().parse::<u64>().ok();
        let (all, failures) = (next("")?, next("Failures: ")?);
        let (errors, skipped) = (next("Errors: ")?, next("Skipped: ")?);
        let failed = failures + errors;
        counts.next().is_none().then(|| Self {
            passed: all.saturating_sub(failed + skipped),
            failed,
            skipped,
        })
    }

    /// Did any test run?
    pub fn any(self) -> bool {
        self.passed + self.failed > 0
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// The line machines read: `12 passed, 0 failed`, with `, 1 skipped` when there is one.
impl Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 { write!(f, ", {} skipped", self.skipped) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargos_lines() {
        let line =
            "test result: ok. 27 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.94s";
        assert_eq!(Tally::cargo(line), Some(Tally { passed: 27, failed: 0, skipped: 1 }));
        let line =
            "test result: FAILED. 26 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1s";
        assert_eq!(Tally::cargo(line), Some(Tally { passed: 26, failed: 2, skipped: 0 }));
        for line in [
            "",
            "test text::x ... ok",
            "running 3 tests",
            "test result: ok.",
            "test result: ok. x passed; 0 failed",
        ] {
            assert_eq!(Tally::cargo(line), None, "{line}");
        }
    }

    #[test]
    fn mavens_lines() {
        let line = "[INFO] Tests run: 12, Failures: 0, Errors: 0, Skipped: 1";
        assert_eq!(Tally::maven(line), Some(Tally { passed: 11, failed: 0, skipped: 1 }));
        let line = "[ERROR] Tests run: 12, Failures: 2, Errors: 1, Skipped: 0";
        assert_eq!(Tally::maven(line), Some(Tally { passed: 9, failed: 3, skipped: 0 }));
        for line in [
            "[INFO] Tests run: 1, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 9.5 s -- in org.satchel.ScenariosTest",
            "[INFO] BUILD SUCCESS",
            "Tests run: x",
        ] {
            assert_eq!(Tally::maven(line), None, "{line}");
        }
    }

    #[test]
    fn the_closing_line() {
        let mut sum = Tally { passed: 12, ..Tally::default() };
        assert_eq!(sum.to_string(), "12 passed, 0 failed");
        sum += Tally { passed: 1, failed: 2, skipped: 3 };
        assert_eq!(sum.to_string(), "13 passed, 2 failed, 3 skipped");
        assert!(sum.any() && !Tally { skipped: 3, ..Tally::default() }.any());
    }
}
