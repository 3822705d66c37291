//! The main job, end to end: a loan officer's day against a bank that breaks in every way the sandbox knows, and an
//! audit at the end. Nothing may be lost, nothing done twice.

mod acts;
mod audit;
mod notebook;
mod officer;
mod onboarding;
mod papers;
mod people;
mod report;
mod show;
mod stage;
mod weather;

use clap::Parser;
use std::process::ExitCode;

/// What can go wrong in the demonstration itself.
type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// A loan officer's day, end to end, against a bank that misbehaves in every way the sandbox knows.
///
/// Ends with an audit against the bank's own ledger. Exit code 1 when anything was lost or doubled, stayed unsettled,
/// or when a fault never happened.
#[derive(Parser)]
#[command(version)]
pub struct Args {
    /// Leave the bank and its inspector open at the end, until Ctrl-C
    #[arg(long)]
    stay: bool,
    /// Print the result as one line of JSON, the last line
    #[arg(long)]
    json: bool,
    /// Seed of the bank's chances
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many prospects; beyond the 300 in the file they come again with other phone numbers
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u16).range(30..=2000))]
    count: u16,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(why) => return failed(&why),
    };
    match runtime.block_on(day(&args)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => failed(&*why),
    }
}

fn failed(why: &dyn std::error::Error) -> ExitCode {
    eprintln!("the demonstration could not go on: {why}");
    ExitCode::FAILURE
}

/// All that happens before the evening. What goes wrong in a chapter does not keep the audit from being made.
async fn chapters(stage: &mut stage::Stage, people: &[people::Person]) -> Result<()> {
    acts::villages(stage, people).await?;
    acts::storm(stage).await?;
    acts::two_tablets(stage).await?;
    acts::hard_questions(stage).await?;
    acts::one_by_one(stage).await?;
    acts::onboarding_day(stage).await
}

/// The whole day. `false`: it ended, and the audit found something.
async fn day(args: &Args) -> Result<bool> {
    let people = people::read(usize::from(args.count))?;
    let mut stage = stage::Stage::open(args.seed).await?;
    if let Err(why) = chapters(&mut stage, &people).await {
        stage.expect(false, &format!("the chapter ends: {why}"));
    }
    let audit = acts::evening(&mut stage).await?;
    report::print(&stage, &audit, args.stay);
    if args.stay {
        stage.show.say("\nThe bank and the store stay until Ctrl-C.");
    }
    if args.json {
        println!("{}", report::json(&audit)?);
    }
    if args.stay {
        tokio::signal::ctrl_c().await?;
    }
    stage.satchel.shutdown().await?;
    Ok(audit.good())
}
