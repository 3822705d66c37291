//! `cargo xtask sim [ARGS…]`: builds the simulator and hands it the arguments. With `--bugs` each planted bug is put
//! into a copy of the sources first, and the simulator must find it.

use std::{ffi::OsStr, process::ExitCode};

use clap::Parser;

use crate::{
    bugs, run,
    steps::{Outcome, Step},
};

#[derive(clap::Args)]
pub struct Args {
    /// `--schedules N`, `--seed S`, `--trace`, `--naive`, `--json` …, or `--bugs [BUG…] [--some K]`; `--help` after `--`
    /// shows all
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    rest: Vec<String>,
}

/// What may follow `--bugs`.
#[derive(Parser)]
#[command(name = "cargo xtask sim", about = "Planted bugs, which the simulator must find")]
struct Planted {
    #[arg(long, required = true)]
    bugs: bool,
    #[command(flatten)]
    args: bugs::Args,
}

/// What every change goes through: enough schedules that every move and every fault must have been seen, and a few
/// planted bugs, others every day.
pub fn slice() -> Vec<Step> {
    vec![
        Step { name: "20,000 simulated schedules", act: || simulated(&["--schedules", "20000"]).into() },
        Step {
            name: "a naive client doubles",
            act: || simulated(&["--schedules", "1000", "--naive"]).into(),
        },
        Step { name: "planted bugs of the day", act: planted },
    ]
}

/// The simulator runs the core many million times: what it is made of is optimised for it. Everybody else builds far
/// faster than it would then run.
pub const OPTIMISED: [&str; 8] = [
    "--config",
    "profile.dev.package.satchel.opt-level=2",
    "--config",
    "profile.dev.package.satchel-sandbox.opt-level=2",
    "--config",
    "profile.dev.package.satchel-sim.opt-level=2",
    "--config",
    "profile.dev.package.sim-files.opt-level=3",
];

fn simulated<S: AsRef<OsStr>>(args: &[S]) -> Result<(), String> {
    let mut cargo = run::cargo(&["run", "--quiet", "--package", "satchel-sim", "--bin", "sim"]);
    run::run(cargo.args(OPTIMISED).arg("--").args(args))
}

fn planted() -> Outcome {
    match bugs::run(&bugs::Args {
        names: vec![],
        some: Some(2),
        day: None,
        tests: false,
        at_most: bugs::SCHEDULES,
    }) {
        ExitCode::SUCCESS => Outcome::Passed,
        _ => Err("a planted bug was not found".to_owned()).into(),
    }
}

/// Ends as the run ends. Only standard error is written to here: standard output is the run's.
pub fn run(args: &Args) -> ExitCode {
    if args.rest.iter().any(|word| word == "--bugs") {
        let words = std::iter::once("sim").chain(args.rest.iter().map(String::as_str));
        return match Planted::try_parse_from(words) {
            Ok(planted) => bugs::run(&planted.args),
            Err(why) => {
                let _ = why.print();
                ExitCode::from(2)
            }
        };
    }
    match simulated(&args.rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}
