//! The project's own commands: `cargo xtask demo | check | test | ci | bindings | swift | scenarios | package | size | narrow |
//! docs | bench | sim | crash | fuzz | mutants`.
//!
//! Each command is a file. What takes several steps is a list of [`steps::Step`]; it ends with a table of what
//! passed and, where tests ran, with the line `N passed, M failed` for machines.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod bench;
mod bindings;
mod bugs;
mod check;
mod ci;
mod crash;
mod demo;
mod deny;
mod docs;
mod fuzz;
mod guard;
mod kotlin;
mod mirror;
mod mutants;
mod narrow;
mod needs;
mod package;
mod run;
mod sandbox;
mod scenarios;
mod sim;
mod size;
mod steps;
mod swift;
mod tally;
mod test;
mod tool;

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
    /// Write the Kotlin and the Swift side of the facade
    Bindings,
    /// What developers read: Rust's, Kotlin's and Swift's documentation
    Docs,
    /// The core and the facade on 32 bits
    Narrow,
    /// Every scenario in Rust, Kotlin and Swift
    Scenarios(scenarios::Args),
    /// What an app's developer takes: jars, an AAR, an xcframework
    Package(package::Args),
    /// How large the library is, what it is made of, what it exports
    Size(size::Args),
    /// Measure speed
    Bench(bench::Args),
    /// Change the decisions one by one: does a test notice?
    Mutants(mutants::Args),
    /// The real core on a simulated world
    Sim(sim::Args),
    /// Give the decoders what nobody thought of
    Fuzz(fuzz::Args),
    /// Kill, cut off and damage the real core: nothing lost, nothing twice
    Crash(crash::Args),
    /// The Swift package over the facade
    Swift(swift::Args),
}

fn main() -> ExitCode {
    match Args::parse().command {
        Command::Demo(args) => demo::run(&args),
        Command::Check => steps::run(&check::steps()),
        Command::Test => steps::run(&test::steps()),
        Command::Ci => steps::run(&ci::steps()),
        Command::Bindings => steps::run(&bindings::steps()),
        Command::Docs => docs::run(),
        Command::Narrow => narrow::run(),
        Command::Scenarios(args) => scenarios::run(&args),
        Command::Package(args) => package::run(&args),
        Command::Size(args) => size::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::Mutants(args) => mutants::run(&args),
        Command::Sim(args) => sim::run(&args),
        Command::Fuzz(args) => fuzz::run(&args),
        Command::Crash(args) => crash::run(&args),
        Command::Swift(args) => swift::run(&args),
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

    #[test]
    fn what_follows_crash_is_the_runs() {
        let args = Args::try_parse_from(["xtask", "crash", "--kills", "10000", "--json"]).expect("parses");
        let Command::Crash(crash) = args.command else { panic!("another command") };
        assert_eq!(crash.passed_on(), ["--kills", "10000", "--json"]);
    }
}
