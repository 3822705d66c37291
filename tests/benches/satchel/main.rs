//! How fast, as ratios against a floor: the same job written by hand on raw SQLCipher or a raw socket, in the same
//! process, in turns. A ratio says how much the library's promises cost on top of what the machine can do.
//!
//! `cargo xtask bench [NAME] [--json]`: only the jobs whose name contains NAME; one JSON object a line instead of the
//! table. Ends well whether or not the goals are met: a busy machine is no broken build. Fails only when a job cannot
//! run or a product's work is not what the floor's is.
//!
//! Each figure is the median of several rounds; the least is shown beside it, since noise only ever adds.

mod asked;
mod canned;
mod child;
mod download;
mod drain;
mod envelope;
mod floor;
mod list;
mod onboarding;
mod open;
mod papers;
mod report;
mod sample;
mod save;
mod shelf;
mod shell;
mod tasks;
mod world;

use report::Report;
use shelf::Shelf;
use std::process::ExitCode;

/// What a bench does fails with a sentence.
type Done<T> = Result<T, Box<dyn std::error::Error>>;

type Job = fn(&mut Shelf, &mut Report) -> Done<()>;

/// In this order: the download leaves the large book that open and list then use.
const JOBS: [(&str, Job); 22] = [
    ("envelope", envelope::run),
    ("save_disk", save::disk),
    ("save_disk_wal_syncs", save::wal_syncs),
    ("save_ram", save::ram),
    ("save_ram_10k", save::ram_10k),
    ("drain", drain::run),
    ("download_empty", download::empty),
    ("download_full", download::full),
    ("download_meanwhile", download::meanwhile),
    ("open", open::run),
    ("page", list::page),
    ("filter", list::filter),
    ("search_rare", list::search_rare),
    ("search_common", list::search_common),
    ("attach", papers::attach),
    ("upload", papers::upload),
    ("papers_meanwhile", papers::meanwhile),
    ("actions_merged", asked::merged),
    ("actions_listed", asked::listed),
    ("tasks_merged", tasks::merged),
    ("kotlin", shell::kotlin),
    ("swift", shell::swift),
];

struct Args {
    name: Option<String>,
    json: bool,
}

impl Args {
    fn parse(given: impl Iterator<Item = String>) -> Done<Args> {
        let mut args = Args { name: None, json: false };
        for arg in given {
            match arg.as_str() {
                "--json" => args.json = true,
                "--bench" => {} // cargo's own word to a bench
                word if !word.starts_with('-') && args.name.is_none() => args.name = Some(arg),
                word => return Err(format!("unknown argument {word}").into()),
            }
        }
        Ok(args)
    }

    fn wants(&self, job: &str) -> bool {
        self.name.as_ref().is_none_or(|name| job.contains(name.as_str()))
    }
}

fn main() -> ExitCode {
    let mut given = std::env::args().skip(1).peekable();
    let ended = match given.next_if(|word| word == child::WORD) {
        Some(_) => child::run(given),
        None => Args::parse(given).and_then(|args| parent(&args)),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn parent(args: &Args) -> Done<()> {
    let wanted: Vec<_> = JOBS.iter().filter(|(name, _)| args.wants(name)).collect();
    if wanted.is_empty() {
        let names: Vec<_> = JOBS.iter().map(|(name, _)| *name).collect();
        return Err(format!("no such job; there are {}", names.join(", ")).into());
    }
    let (mut shelf, mut report) = (Shelf::new()?, Report::new(args.json));
    for (name, job) in wanted {
        report.begin(name);
        job(&mut shelf, &mut report).map_err(|why| format!("{name}: {why}"))?;
    }
    report.end();
    Ok(())
}
