//! `cargo xtask demo [ARGS…]`: builds the demonstration and hands it the arguments.

use std::process::ExitCode;

use crate::run;

#[derive(clap::Args)]
pub struct Args {
    /// What the demonstration gets; `--help` after `--` shows what it takes
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    rest: Vec<String>,
}

impl Args {
    /// The arguments as they were given.
    pub fn passed_on(&self) -> &[String] {
        &self.rest
    }
}

/// Ends as the demonstration ends. Only standard error is written to here: standard output is the demonstration's.
pub fn run(args: &Args) -> ExitCode {
    eprintln!(
        "building the demonstration (the first time some minutes: SQLCipher and AWS-LC are compiled from source)"
    );
    let mut cargo = run::cargo(&["run", "--quiet", "--package", "satchel-demo", "--"]);
    match run::run(cargo.args(args.passed_on())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}
