//! A list of steps, run in order up to the first that fails, and the table that says how each ended.

use std::{
    fmt::Write,
    process::ExitCode,
    time::{Duration, Instant},
};

use crate::tally::Tally;

/// One step: a name for the table and what it does.
pub struct Step {
    pub name: &'static str,
    pub act: fn() -> Outcome,
}

/// How a step ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Passed,
    /// It ran tests and all held.
    Tested(Tally),
    /// It could not be done here, and why that is no failure.
    Skipped(String),
    /// Why; and its tests, if it ran some.
    Failed(String, Tally),
}

impl From<Result<(), String>> for Outcome {
    fn from(result: Result<(), String>) -> Self {
        result.map_or_else(|why| Self::Failed(why, Tally::default()), |()| Self::Passed)
    }
}

struct Done {
    name: &'static str,
    took: Duration,
    outcome: Outcome,
}

/// Runs the steps and prints the table and the closing line. Success if none failed; the steps after a failed one
/// are not run.
pub fn run(steps: &[Step]) -> ExitCode {
    let mut done = Vec::new();
    for step in steps {
        println!("\n── {} ──", step.name);
        let start = Instant::now();
        let outcome = (step.act)();
        done.push(Done { name: step.name, took: start.elapsed(), outcome });
        if failed(&done) {
            break;
        }
    }
    print!("{}", report(&done, &steps[done.len()..]));
    if failed(&done) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn failed(done: &[Done]) -> bool {
    done.iter().any(|step| matches!(step.outcome, Outcome::Failed(..)))
}

fn report(done: &[Done], left: &[Step]) -> String {
    let mut text = String::from("\n");
    let mut row = |how: &str, name: &str, took: &str, note: &str| {
        let line = format!("{how:<8} {name:<34} {took:>8}  {note}");
        let _ = writeln!(text, "{}", line.trim_end());
    };
    for step in done {
        let took = format!("{:.1} s", step.took.as_secs_f64());
        match &step.outcome {
            Outcome::Passed => row("passed", step.name, &took, ""),
            Outcome::Tested(tally) => row("passed", step.name, &took, &tally.to_string()),
            Outcome::Skipped(why) => row("skipped", step.name, &took, why),
            Outcome::Failed(why, _) => row("FAILED", step.name, &took, why),
        }
    }
    left.iter().for_each(|step| row("not run", step.name, "", ""));
    if let Some(sum) = closing(done) {
        let _ = write!(text, "\n{sum}\n");
    }
    text
}

/// The tests of all steps. A step that failed before its tests could counts as one failed, so that no reader takes
/// `0 failed` for success. Nothing when no test ran and nothing failed.
fn closing(done: &[Done]) -> Option<Tally> {
    let mut sum = Tally::default();
    for step in done {
        sum += match &step.outcome {
            Outcome::Tested(tally) => *tally,
            Outcome::Failed(_, tally) => Tally { failed: tally.failed.max(1), ..*tally },
            Outcome::Passed | Outcome::Skipped(_) => Tally::default(),
        };
    }
    sum.any().then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done(name: &'static str, outcome: Outcome) -> Done {
        Done { name, took: Duration::from_millis(1_250), outcome }
    }

    fn passed(passed: u64) -> Tally {
        Tally { passed, ..Tally::default() }
    }

    #[test]
    fn the_table_says_how_each_step_ended() {
        let steps = [
            done("formatting", Outcome::Passed),
            done("advisories", Outcome::Skipped("no network".into())),
            done("core", Outcome::Tested(passed(12))),
            done("apps", Outcome::Failed("exit status: 1".into(), passed(3))),
        ];
        let left = [Step { name: "never", act: || unreachable!() }];
        let expected = "
passed   formatting                            1.2 s
skipped  advisories                            1.2 s  no network
passed   core                                  1.2 s  12 passed, 0 failed
FAILED   apps                                  1.2 s  exit status: 1
not run  never

15 passed, 1 failed
";
        assert_eq!(report(&steps, &left), expected);
    }

    #[test]
    fn without_tests_there_is_no_closing_line_to_mistake() {
        assert_eq!(
            closing(&[done("formatting", Outcome::Passed), done("x", Outcome::Skipped(String::new()))]),
            None
        );
        let failed = [done("formatting", Outcome::Failed(String::new(), Tally::default()))];
        assert_eq!(closing(&failed).map(|sum| sum.to_string()).as_deref(), Some("0 passed, 1 failed"));
        let two = Tally { passed: 5, failed: 2, skipped: 1 };
        assert_eq!(closing(&[done("core", Outcome::Failed(String::new(), two))]), Some(two));
    }

    #[test]
    fn the_first_failure_ends_the_run() {
        let good = Step { name: "good", act: || Outcome::Passed };
        let bad = Step { name: "bad", act: || Err("why".to_owned()).into() };
        let never = Step { name: "never", act: || panic!("ran after a failure") };
        assert_eq!(run(&[good, bad, never]), ExitCode::FAILURE);
        assert_eq!(run(&[Step { name: "good", act: || Ok(()).into() }]), ExitCode::SUCCESS);
    }
}
