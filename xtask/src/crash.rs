//! `cargo xtask crash [ARGS…]`: builds the crash tests' long run and hands it the arguments.

use std::process::ExitCode;

use crate::run;

#[derive(clap::Args)]
pub struct Args {
    /// What the run gets: `--kills N`, `--flips N`, `--only PART`, `--json` …; `--help` after `--` shows all
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    rest: Vec<String>,
}

impl Args {
    /// The arguments as they were given.
    pub fn passed_on(&self) -> &[String] {
        &self.rest
    }
}

/// Ends as the run ends. Only standard error is written to here: standard output is the run's.
pub fn run(args: &Args) -> ExitCode {
    let mut cargo = run::cargo(&["run", "--quiet", "--package", "satchel-crash", "--bin", "crash", "--"]);
    match run::run(cargo.args(args.passed_on())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}
