//! `cargo xtask crash`: the real core, killed, cut off and damaged. See the library.

use clap::{Parser, Subcommand, ValueEnum};
use satchel_crash::boundary::How;
use satchel_crash::kills::Setup;
use satchel_crash::papers::{self, Clerk};
use satchel_crash::report::{Progress, Report};
use satchel_crash::run::Officer;
use satchel_crash::{Result, flips, kills, pairs, sweep};
use sim_files::Fault;
use std::process::ExitCode;
use std::time::Instant;

#[derive(Parser)]
#[command(name = "cargo xtask crash", about, disable_help_subcommand = true)]
struct Args {
    /// SIGKILLs at random moments
    #[arg(long, default_value_t = 200)]
    kills: u64,
    /// Bits to turn over
    #[arg(long, default_value_t = 500)]
    flips: u64,
    /// Times that one of two processes on a book is killed
    #[arg(long, default_value_t = 20)]
    pairs: u64,
    /// SIGKILLs while papers are taken in and sent
    #[arg(long, default_value_t = 50)]
    papers: u64,
    /// Only every so-manieth boundary and call of the sweeps
    #[arg(long, default_value_t = 1)]
    step: u64,
    /// Tablets at once
    #[arg(long, default_value_t = 6)]
    at_once: usize,
    /// Where chance begins
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Only this part; may be given several times
    #[arg(long)]
    only: Vec<Part>,
    /// One JSON object on standard output
    #[arg(long)]
    json: bool,
    #[command(subcommand)]
    child: Option<Child>,
}

#[derive(Clone, Subcommand)]
enum Child {
    /// The process that is killed
    #[command(hide = true)]
    Officer(Officer),
    /// The process that is killed while it takes papers in
    #[command(hide = true)]
    Clerk(Clerk),
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    Kills,
    Boundaries,
    Papers,
    Sweep,
    Pairs,
    Flips,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let mut runtime = match args.child {
        Some(_) => tokio::runtime::Builder::new_current_thread(),
        None => tokio::runtime::Builder::new_multi_thread(),
    };
    let done =
        runtime.enable_all().build().map_err(Into::into).and_then(|runtime| runtime.block_on(start(args)));
    done.unwrap_or_else(|error| {
        eprintln!("{error}");
        ExitCode::from(2)
    })
}

async fn start(args: Args) -> Result<ExitCode> {
    let worked = match args.child.clone() {
        Some(Child::Officer(officer)) => Some(officer.work().await?),
        Some(Child::Clerk(clerk)) => Some(clerk.work().await?),
        None => None,
    };
    if let Some(code) = worked {
        return Ok(ExitCode::from(u8::try_from(code)?));
    }
    let report = run(&args).await?;
    match args.json {
        true => println!("{}", report.json()),
        false => print!("{}", report.text()),
    }
    if args.json && !report.is_good() {
        eprint!("{}", report.text());
    }
    Ok(if report.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn run(args: &Args) -> Result<Report> {
    let begin = Instant::now();
    let does = |part| args.only.is_empty() || args.only.contains(&part);
    let setup = Setup { tool: std::env::current_exe()?, seed: args.seed, at_once: args.at_once.max(1) };
    let mut report = Report { seed: args.seed, ..Report::default() };
    if does(Part::Flips) {
        let progress = Progress::new("bits turned over", args.flips);
        report.flips = flips::run(args.seed, args.flips, 2, &progress).await?;
    }
    if does(Part::Pairs) {
        report.pairs = pairs::run(&setup, args.pairs, &Progress::new("two processes", args.pairs)).await?;
    }
    if does(Part::Boundaries) {
        let progress = Progress::new("kill at each boundary", 0);
        report.boundaries = kills::boundaries(&setup, How::Kill, args.step, &progress).await?;
    }
    if does(Part::Papers) {
        let progress = Progress::new("kills while papers are on their way", args.papers);
        report.papers = papers::random(&setup, args.papers, &progress).await?;
    }
    if does(Part::Sweep) {
        sweeps(args, &setup, &mut report).await?;
    }
    if does(Part::Kills) {
        let begin = Instant::now();
        report.random = kills::random(&setup, args.kills, &Progress::new("kills", args.kills)).await?;
        report.kills_per_second = report.random.runs as f64 / begin.elapsed().as_secs_f64();
    }
    report.seconds = begin.elapsed().as_secs_f64();
    Ok(report)
}

async fn sweeps(args: &Args, setup: &Setup, report: &mut Report) -> Result<()> {
    let simulated = |fault, what| {
        let progress = Progress::new(what, 0);
        async move { sweep::every_call(args.seed, fault, args.step, setup.at_once, &progress).await }
    };
    let real = |how, what| {
        let progress = Progress::new(what, 0);
        async move { kills::boundaries(setup, how, args.step, &progress).await }
    };
    let sweep = &mut report.sweep;
    sweep.power_cuts = simulated(Fault::PowerCut, "power cut at each call").await?;
    sweep.kills = simulated(Fault::Kill, "kill at each call").await?;
    sweep.eio = simulated(Fault::Eio, "EIO at each call").await?;
    sweep.full = simulated(Fault::Full, "disk full at each call").await?;
    sweep.real_eio = real(How::Eio, "EIO at each call, real files").await?;
    sweep.real_full = real(How::Full, "disk full at each call, real files").await?;
    Ok(())
}
