//! `cargo xtask test`: every test of every part.

use crate::{
    bindings::FEATURES,
    kotlin, needs, package, run,
    steps::{Outcome, Step},
    swift,
    tally::Tally,
};

pub fn steps() -> Vec<Step> {
    let mut steps = vec![
        Step { name: "programs the tests need", act: || needs::provide(needs::TESTS).into() },
        Step { name: "Rust tests", act: rust },
        Step { name: "Kotlin tests", act: kotlin::test },
        Step { name: "Swift tests", act: swift::test },
    ];
    steps.extend(package::tried());
    steps
}

/// All crates, documentation examples too. One failing test does not hide the others.
fn rust() -> Outcome {
    let mut tally = Tally::default();
    let ended = run::lines(run::cargo(&["test", "--workspace", "--no-fail-fast"]).args(FEATURES), |line| {
        tally += Tally::cargo(line).unwrap_or_default();
    });
    judge(ended, tally)
}

/// A step that is one test.
pub fn one(ended: Result<(), String>) -> Outcome {
    match ended {
        Ok(()) => Outcome::Tested(Tally { passed: 1, ..Tally::default() }),
        Err(why) => Outcome::Failed(why, Tally { failed: 1, ..Tally::default() }),
    }
}

/// How a run of tests ended.
pub fn judge(ended: Result<(), String>, tally: Tally) -> Outcome {
    match ended {
        Err(why) => Outcome::Failed(why, tally),
        Ok(()) if tally.failed > 0 => Outcome::Failed("tests failed".into(), tally),
        Ok(()) if !tally.any() => Outcome::Failed("no test ran".into(), tally),
        Ok(()) => Outcome::Tested(tally),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tests_that_ran_and_held_pass() {
        let good = Tally { passed: 3, failed: 0, skipped: 1 };
        let bad = Tally { failed: 1, ..good };
        assert_eq!(judge(Ok(()), good), Outcome::Tested(good));
        assert_eq!(judge(Ok(()), bad), Outcome::Failed("tests failed".into(), bad));
        assert_eq!(judge(Err("exit".into()), good), Outcome::Failed("exit".into(), good));
        let none = Tally { skipped: 9, ..Tally::default() };
        assert_eq!(judge(Ok(()), none), Outcome::Failed("no test ran".into(), none));
    }
}
