//! `cargo xtask sim --bugs [NAME…] [--some K] [--tests]`: does the simulator find what it is there to find?
//!
//! Each patch of `tests/bugs/` is a bug that a tired good programmer could make. It is applied to a copy of the sources,
//! the simulator is built there, and must end with a violation; the same seed must then be clean without the bug, or it
//! has found something else. So the shipped code carries no switch for any of them.

use std::{
    fs,
    io::{Write, stdout},
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    time::{Duration, Instant, SystemTime},
};

use serde::Deserialize;

mod bench;

use crate::run;
use bench::Bench;

/// Schedules in which a bug must show.
pub const SCHEDULES: u64 = 100_000;

/// With `--some`: only bugs that the last whole run caught within so many, as the table says. A change of the schedules
/// may make it ten times as many, which is still a matter of seconds.
const QUICK: u64 = 300;

/// What does not show within so many is worth a build that is optimised.
const SOON: u64 = 2_000;

/// A bug may turn the simulator into an endless loop; this long is none.
const PATIENCE: Duration = Duration::from_secs(60 * 60);

#[derive(clap::Args)]
pub struct Args {
    /// With --bugs: only those with this in their names (numbers are part of them)
    #[arg(value_name = "BUG")]
    pub names: Vec<String>,
    /// With --bugs: so many of them, and every day the next ones
    #[arg(long, value_name = "K")]
    pub some: Option<usize>,
    /// With --some: the day, in place of today's number
    #[arg(long, requires = "some")]
    pub day: Option<usize>,
    /// Say of each whether the core's unit tests and the scenarios notice it too (two minutes more a bug)
    #[arg(long)]
    pub tests: bool,
    /// Schedules in which each must show
    #[arg(skip = SCHEDULES)]
    pub at_most: u64,
}

/// What became of one bug.
#[derive(Debug, PartialEq)]
enum Fate {
    Caught(First, u64),
    /// Why it counts as not caught.
    Missed(String),
}

/// What the simulator says with `--json`, as far as it matters here.
#[derive(Debug, Deserialize)]
struct Said {
    schedules: u64,
    first: Option<First>,
}

/// The first violation that it found.
#[derive(Debug, Clone, PartialEq, Deserialize)]
struct First {
    seed: u64,
    invariant: String,
}

/// Prints a line for each bug and how many were caught. Success if all of them were.
pub fn run(args: &Args) -> ExitCode {
    match hunt(args) {
        Ok((caught, all)) => {
            println!("\n{caught} of {all} planted bugs caught");
            if caught == all { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

/// How many were caught, of how many.
fn hunt(args: &Args) -> Result<(usize, usize), String> {
    let mut all = patches()?;
    if args.some.is_some() {
        let table = table()?;
        all.retain(|patch| needs(&table, &name(patch)).is_some_and(|schedules| schedules <= QUICK));
    }
    let chosen = choose(all, args)?;
    println!(
        "building the simulator from a copy of the sources, then once more for each of {} bugs",
        chosen.len()
    );
    let bench = Bench::new()?;
    let clean = bench.keep(&bench.build(None, false)?)?;
    line(["bug", "caught by", "seed", "schedules", "seconds", "tests"]);
    let mut caught = 0;
    for patch in &chosen {
        let start = Instant::now();
        let fate = try_one(&bench, &clean, patch, args.at_most).unwrap_or_else(Fate::Missed);
        let seconds = format!("{:.1}", start.elapsed().as_secs_f64());
        let tests = if args.tests { bench.tests()? } else { "" };
        match fate {
            Fate::Caught(first, schedules) => {
                caught += 1;
                let (seed, schedules) = (first.seed.to_string(), schedules.to_string());
                line([&name(patch), &first.invariant, &seed, &schedules, &seconds, tests]);
            }
            Fate::Missed(why) => line([&name(patch), &format!("NOT CAUGHT: {why}"), "", "", &seconds, tests]),
        }
    }
    Ok((caught, chosen.len()))
}

fn line([bug, by, seed, schedules, seconds, tests]: [&str; 6]) {
    let line = format!("{bug:<46} {by:<16} {seed:>20} {schedules:>9} {seconds:>8} {tests}");
    println!("{}", line.trim_end());
    let _ = stdout().flush(); // somebody watches a long run
}

/// Builds with the bug and lets the simulator look for it.
///
/// # Errors
/// Why there is nothing to run or no verdict: it does not apply, does not build, or the simulator came to no end.
fn try_one(bench: &Bench, clean: &Path, patch: &Path, at_most: u64) -> Result<Fate, String> {
    let look = |fast, most: u64| {
        let program = bench.build(Some(patch), fast)?;
        simulate(bench, &program, &["--schedules", &most.to_string(), "--stop-at-first"])
    };
    let (mut failed, mut said) = look(false, at_most.min(SOON))?;
    if !failed && at_most > SOON {
        (failed, said) = look(true, at_most)?;
    }
    let Some(first) = said.first.filter(|_| failed) else {
        return Ok(Fate::Missed(format!("in {} schedules", said.schedules)));
    };
    let seed = first.seed.to_string();
    let (fails, _) = simulate(bench, clean, &["--seed", &seed, "--schedules", "1"])?;
    match fails {
        true => Ok(Fate::Missed(format!("seed {seed} fails without the bug too"))),
        false => Ok(Fate::Caught(first, said.schedules)),
    }
}

/// Did it end with a failure, and what did it say?
fn simulate(bench: &Bench, program: &Path, args: &[&str]) -> Result<(bool, Said), String> {
    let mut sim = Command::new(program);
    sim.args(args).arg("--json");
    let (succeeded, text) = bench.run(&mut sim, PATIENCE)?;
    let said = read(&text).ok_or("the simulator ended without a verdict")?;
    Ok((!succeeded, said))
}

/// The last line that is a verdict.
fn read(text: &str) -> Option<Said> {
    text.lines().rev().find_map(|line| serde_json::from_str(line).ok())
}

/// All patches, in the order of their numbers.
fn patches() -> Result<Vec<PathBuf>, String> {
    let folder = run::root().join("tests/bugs");
    let entries = std::fs::read_dir(&folder).map_err(|error| format!("tests/bugs: {error}"))?;
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut patches: Vec<_> = paths.filter(|path| path.extension().is_some_and(|e| e == "patch")).collect();
    patches.sort();
    Ok(patches)
}

fn table() -> Result<String, String> {
    let path = run::root().join("tests/bugs/README.md");
    fs::read_to_string(&path).map_err(|error| format!("tests/bugs/README.md: {error}"))
}

/// How many schedules the last whole run needed to catch it.
fn needs(table: &str, bug: &str) -> Option<u64> {
    let row = table.lines().find(|row| row.starts_with(&format!("| {bug} |")))?;
    row.trim_end_matches([' ', '|']).rsplit('|').next()?.trim().parse().ok()
}

/// Those that are asked for; with `some`, as many of them as it says, each day beginning where the day before ended.
fn choose(mut patches: Vec<PathBuf>, args: &Args) -> Result<Vec<PathBuf>, String> {
    let named =
        |path: &PathBuf| args.names.is_empty() || args.names.iter().any(|n| name(path).contains(n.as_str()));
    patches.retain(named);
    if patches.is_empty() {
        return Err("no planted bug of that name".to_owned());
    }
    let some = args.some.unwrap_or(patches.len()).min(patches.len());
    if some < patches.len() {
        let day = args.day.unwrap_or_else(today);
        let first = day.wrapping_mul(some) % patches.len();
        patches.rotate_left(first);
        patches.truncate(some);
    }
    Ok(patches)
}

fn name(patch: &Path) -> String {
    patch.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// Days since 1970.
fn today() -> usize {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    usize::try_from(since.as_secs() / 86_400).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(names: &[&str], some: Option<usize>, day: Option<usize>) -> Args {
        Args { names: names.iter().map(|n| (*n).to_owned()).collect(), some, day, tests: false, at_most: 1 }
    }

    fn chosen(args: &Args) -> String {
        let patches =
            ["01-a", "02-b", "03-c", "04-d", "05-e"].map(|n| PathBuf::from(format!("bugs/{n}.patch")));
        let chosen = choose(patches.to_vec(), args).unwrap_or_default();
        chosen.iter().map(|p| name(p)[..2].to_owned()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn every_bug_has_its_day() {
        assert_eq!(chosen(&args(&[], None, None)), "01 02 03 04 05");
        let days: Vec<_> = (0..5).map(|day| chosen(&args(&[], Some(2), Some(day)))).collect();
        assert_eq!(days, ["01 02", "03 04", "05 01", "02 03", "04 05"]);
        assert_eq!(chosen(&args(&[], Some(9), Some(3))), "01 02 03 04 05");
        assert_eq!(chosen(&args(&["-b", "05"], None, None)), "02 05");
        assert_eq!(chosen(&args(&["nothing"], None, None)), "");
    }

    #[test]
    fn the_table_says_what_a_bug_needs() {
        let table = "| 01-a | It breaks. | yes | lost | 7 | 1071 |\n| 02-b | It too. |  |  |  |  |";
        assert_eq!(["01-a", "02-b", "03-c"].map(|bug| needs(table, bug)), [Some(1071), None, None]);
        let table = super::table().expect("the table");
        let quick = |bug: &PathBuf| needs(&table, &name(bug)).is_some_and(|schedules| schedules <= QUICK);
        assert!(patches().expect("tests/bugs").iter().any(quick), "nothing to plant with every change");
    }

    #[test]
    fn a_verdict_is_the_last_line_that_is_one() {
        let said = read(
            "note\n{\"schedules\":3,\"first\":null}\n{\"schedules\":7,\"steps\":1,\"first\":{\"seed\":5,\"invariant\":\"lost\"}}\n",
        );
        let said = said.expect("a verdict");
        assert_eq!((said.schedules, said.first), (7, Some(First { seed: 5, invariant: "lost".into() })));
        assert!(read("").is_none() && read("{}").is_none() && read("panicked").is_none());
    }

    #[test]
    fn every_patch_applies_says_what_it_breaks_and_stands_in_the_table() {
        let patches = patches().expect("tests/bugs");
        assert!(patches.len() >= 40, "{} planted bugs", patches.len());
        let table = table().expect("the table");
        for patch in patches {
            let (name, text) = (name(&patch), fs::read_to_string(&patch).expect("a text"));
            let says = text.lines().next().unwrap_or_default();
            assert!(says.ends_with('.') && says.contains(": "), "{name} does not say what it breaks");
            assert!(table.contains(&format!("| {name} |")), "{name} is not in the table");
            let mut git = run::command("git", &["apply", "--check"]);
            assert_eq!(run::run(git.arg(&patch)), Ok(()), "{name} does not apply");
        }
    }
}
