//! `cargo xtask sim [ARGS…]`: builds the simulator and hands it the arguments. With `--bugs` each planted bug is put
//! into a copy of the sources first, and the simulator must find it.

use std::process::ExitCode;

use clap::Parser;

use crate::{bugs, run};

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
    let mut cargo = run::cargo(&["run", "--quiet", "--package", "satchel-sim", "--bin", "sim", "--"]);
    match run::run(cargo.args(&args.rest)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}
