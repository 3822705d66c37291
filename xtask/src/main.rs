//! The project's own commands: `cargo xtask demo | check | test | ci | bench`.
//!
//! Each command is a file. What takes several steps is a list of [`steps::Step`]; it ends with a table of what
//! passed and, where tests ran, with the line `N passed, M failed` for machines.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod bench;
mod bugs;
mod check;
mod ci;
mod demo;
mod deny;
mod guard;
mod needs;
mod run;
mod steps;
mod tally;
mod test;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Satchel's own commands", disable_help_subcommand = true)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Show the main job, end to end, against the built-in sandbox
    Demo(demo::Args),
    /// Formatting and lints: the quick look before a commit
    Check,
    /// Every test of every part
    Test,
    /// All that must hold before a change lands
    Ci,
    /// Measure speed
    Bench(bench::Args),
}

fn main() -> ExitCode {
    match Args::parse().command {
        Command::Demo(args) => demo::run(&args),
        Command::Check => steps::run(&check::steps()),
        Command::Test => steps::run(&test::steps()),
        Command::Ci => steps::run(&ci::steps()),
        Command::Bench(args) => bench::run(&args),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn what_follows_demo_is_the_demos() {
        let args = Args::try_parse_from(["xtask", "demo", "list", "--json", "--", "-x"]).expect("parses");
        let Command::Demo(demo) = args.command else { panic!("another command") };
        assert_eq!(demo.passed_on(), ["list", "--json", "--", "-x"]);
    }
}
