//! `sim`: runs schedules, or one of them to be read.

use clap::Parser;
use satchel_sim::search::{Search, Sum};
use satchel_sim::{How, run, shrink, sitting};
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

// SQLite and Rust ask for memory a thousand times a step: with this one the run is an eighth faster.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The real core on a simulated world: one seed decides everything.
#[derive(Parser)]
struct Args {
    /// How many schedules
    #[arg(long, default_value_t = 1000)]
    schedules: u64,
    /// The first one's seed; with `--trace` the only one's
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many at a time; as many as there are processors if not said
    #[arg(long)]
    threads: Option<usize>,
    /// The sums as JSON
    #[arg(long)]
    json: bool,
    /// End at the first that fails
    #[arg(long)]
    stop_at_first: bool,
    /// A client that sends again on every error, in the same schedules: it must double in more than half of them
    #[arg(long)]
    naive: bool,
    /// Keep what the run has come to in this file, and go on from there if it is there
    #[arg(long, value_name = "FILE")]
    keep: Option<PathBuf>,
    /// One schedule, told line by line
    #[arg(long)]
    trace: bool,
    /// Leave these items of its plan out
    #[arg(long, value_delimiter = ',', requires = "trace")]
    without: Vec<usize>,
}

fn main() -> ExitCode {
    let args = Args::parse();
    if args.trace {
        return tell(&args);
    }
    let threads = args.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(2, usize::from));
    let shows = std::io::stderr().is_terminal();
    let progress = |sum: &Sum| {
        if shows {
            let Sum { schedules, steps, violations, .. } = sum;
            eprint!("\r{schedules} of {} schedules, {steps} steps, {violations} violations ", args.schedules);
            let _ = std::io::stderr().flush();
        }
    };
    let (from, schedules, naive, stop_at_first) = (args.seed, args.schedules, args.naive, args.stop_at_first);
    let search = Search { from, schedules, threads, naive, stop_at_first };
    let (sum, seconds) = match sitting::run(&search, args.keep.as_deref(), &progress) {
        Ok(run) => run,
        Err(why) => {
            eprintln!("{why}");
            return ExitCode::from(2);
        }
    };
    if shows {
        eprintln!();
    }
    say(&args, &sum, seconds);
    match passed(&args, &sum) {
        true => ExitCode::SUCCESS,
        false => {
            explain(&args, &sum);
            ExitCode::FAILURE
        }
    }
}

fn passed(args: &Args, sum: &Sum) -> bool {
    match args.naive {
        true => 2 * sum.schedules_doubled > sum.schedules,
        false => sum.violations == 0 && sum.missing.is_empty() && few_ask(sum),
    }
}

/// In ordinary weather at most one create in a hundred may ask.
fn few_ask(sum: &Sum) -> bool {
    sum.fair_prospects < 1_000 || 100 * sum.fair_asked <= sum.fair_prospects
}

fn say(args: &Args, sum: &Sum, seconds: f64) {
    let rate = (sum.steps as f64 / seconds.max(0.001)).round();
    if args.json {
        let mut json = serde_json::to_value(sum).unwrap_or_default();
        if let Some(said) = json.as_object_mut() {
            said.retain(|name, _| !["sizes", "sum"].contains(&name.as_str()));
        }
        json["seconds"] = ((seconds * 10.0).round() / 10.0).into();
        json["steps_a_second"] = rate.into();
        json["mean"] = serde_json::json!({
            "steps": mean(sum.steps, sum), "prospects": mean(sum.prospects, sum),
            "crashes": mean(sum.crashes, sum), "faults": mean(sum.faults, sum),
        });
        println!("{json}");
        return;
    }
    println!(
        "{} schedules, {} steps ({rate:.0} a second), {} prospects, {} crashes, {} faults",
        sum.schedules, sum.steps, sum.prospects, sum.crashes, sum.faults
    );
    println!(
        "lost {}, doubled {} (in {} schedules), admitted {}, violations {} {:?}",
        sum.lost, sum.doubled, sum.schedules_doubled, sum.admitted, sum.violations, sum.broken
    );
    println!("trace {}", sum.trace);
}

fn mean(n: u64, sum: &Sum) -> f64 {
    (n as f64 * 10.0 / sum.schedules.max(1) as f64).round() / 10.0
}

/// The shortest plan that fails, its trace, and the command that tells it again.
fn explain(args: &Args, sum: &Sum) {
    if args.naive {
        eprintln!(
            "{} of {} schedules doubled: the schedules do not bite",
            sum.schedules_doubled, sum.schedules
        );
        return;
    }
    if !few_ask(sum) {
        eprintln!(
            "in ordinary weather {} of {} creates asked: at most one in a hundred may",
            sum.fair_asked, sum.fair_prospects
        );
    }
    sum.missing.iter().for_each(|what| eprintln!("never happened: {what}"));
    let Some(first) = &sum.first else { return };
    let (without, report) = shrink::shrink(first.seed, 200);
    let most = 400;
    let skipped = report.trace.len().saturating_sub(most);
    if skipped > 0 {
        eprintln!("… {skipped} lines before");
    }
    report.trace.iter().skip(skipped).for_each(|line| eprintln!("{line}"));
    let without: Vec<_> = without.iter().map(usize::to_string).collect();
    let without =
        if without.is_empty() { String::new() } else { format!(" --without {}", without.join(",")) };
    eprintln!(
        "\n{}: {}\ntell it again: cargo xtask sim --trace --seed {}{without}",
        first.invariant, first.how, first.seed
    );
}

fn tell(args: &Args) -> ExitCode {
    let how = How { without: args.without.iter().copied().collect(), keep: true, naive: args.naive };
    let report = run(args.seed, &how);
    report.trace.iter().for_each(|line| println!("{line}"));
    println!("trace {:016x}, {} steps, {} violations", report.sum, report.steps, report.violations.len());
    if report.violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
