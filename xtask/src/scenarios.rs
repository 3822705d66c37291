//! `cargo xtask scenarios [--json]`: the same files, word for word, in Rust, Kotlin and Swift. A file that one of them skips
//! is a failure.

use std::{
    fs,
    process::{Command, ExitCode},
};

use serde::Serialize;

use crate::{bindings::FEATURES, kotlin, run, swift};

#[derive(clap::Args)]
pub struct Args {
    /// The counts as JSON, in the last line
    #[arg(long)]
    json: bool,
}

/// What one language did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
struct Played {
    language: &'static str,
    played: u64,
    failed: u64,
}

pub fn run(args: &Args) -> ExitCode {
    let files = fs::read_dir(run::root().join("tests/scenarios")).into_iter().flatten().flatten();
    let there = files.filter(|file| file.path().extension().is_some_and(|end| end == "json")).count() as u64;
    let played = [("Rust", rust as fn() -> Told), ("Kotlin", in_kotlin), ("Swift", in_swift)]
        .map(|(language, tell)| said(language, tell()));
    for one in &played {
        println!("{:<8} {} of {there} played, {} do not hold", one.language, one.played, one.failed);
    }
    let whole = played.iter().all(|one| one.played == there && one.failed == 0) && there > 0;
    if args.json {
        println!("{}", serde_json::json!({ "files": there, "languages": played, "whole": whole }));
    }
    if whole { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// How the run ended, and what it said.
type Told = (Result<(), String>, Option<(u64, u64)>);

fn said(language: &'static str, (ended, counts): Told) -> Played {
    if let Err(why) = &ended {
        println!("{language}: {why}");
    }
    let (played, failed) = counts.unwrap_or_default();
    Played { language, played, failed: failed.max(u64::from(ended.is_err())) }
}

fn rust() -> Told {
    let words = ["test", "--quiet", "--workspace", "--test", "scenarios", "every_scenario_holds"];
    let mut cargo = run::cargo(&words);
    cargo.args(FEATURES).args(["--", "--nocapture"]);
    listened(Ok(cargo))
}

fn in_kotlin() -> Told {
    listened(kotlin::maven("test", &["-Dtest=ScenariosTest", "-Dsurefire.failIfNoSpecifiedTests=false"]))
}

fn in_swift() -> Told {
    listened(swift::tests(&["--filter", "everyScenarioHolds"]))
}

fn listened(command: Result<Command, String>) -> Told {
    let mut counts = None;
    let ended =
        command.and_then(|mut command| run::lines(&mut command, |line| counts = counted(line).or(counts)));
    (ended, counts)
}

/// `scenarios: 36 played, 0 do not hold`, wherever in a line.
fn counted(line: &str) -> Option<(u64, u64)> {
    let (_, said) = line.split_once("scenarios: ")?;
    let (played, rest) = said.split_once(" played, ")?;
    Some((played.parse().ok()?, rest.strip_suffix(" do not hold")?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_each_runner() {
        assert_eq!(counted("scenarios: 36 played, 0 do not hold"), Some((36, 0)));
        assert_eq!(counted("[INFO] scenarios: 35 played, 2 do not hold"), Some((35, 2)));
        assert_eq!(counted("scenarios: many"), None);
    }

    #[test]
    fn a_run_that_broke_off_did_not_hold() {
        let broken = said("Rust", (Err("exit status: 1".to_owned()), Some((36, 0))));
        assert_eq!(broken, Played { language: "Rust", played: 36, failed: 1 });
        assert_eq!(said("Swift", (Ok(()), None)), Played { language: "Swift", played: 0, failed: 0 });
    }
}
