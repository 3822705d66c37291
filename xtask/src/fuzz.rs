//! `cargo xtask fuzz [target] [--seconds S]`: the decoders under libFuzzer, which looks for inputs that reach new code.
//!
//! What it finds new is kept beside the build, outside the clone, and the next run goes on from there; the few inputs in
//! `tests/fuzz/corpus` are where it begins, and are never written to. The compiler is the one of every other build.

use std::{
    env, fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
};

use crate::{needs, run, steps::Outcome, tool};

const VERSION: &str = "0.13.2";
/// So long each target runs with every change.
const SLICE: u64 = 5;
/// libFuzzer's limits: no input is longer, takes longer, or needs more memory than this.
const LIMITS: [&str; 4] = ["-max_len=40000", "-timeout=20", "-rss_limit_mb=768", "-print_final_stats=1"];

#[derive(clap::Args)]
pub struct Args {
    /// Only this target: a folder of tests/fuzz/corpus
    target: Option<String>,
    /// How long each target runs
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Only this one input, as a finding is looked at again
    #[arg(long, requires = "target")]
    input: Option<PathBuf>,
}

/// Runs the targets, and says of each what it did; success if none found anything.
pub fn run(args: &Args) -> ExitCode {
    let done = Fuzzer::build().and_then(|fuzzer| match (&args.target, &args.input) {
        (Some(target), Some(input)) => fuzzer.once(target, input),
        (Some(target), None) => fuzzer.each(std::slice::from_ref(target), args.seconds),
        _ => fuzzer.each(&targets()?, args.seconds),
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

/// A short run of every target, with every change.
pub fn slice() -> Outcome {
    Fuzzer::build().and_then(|fuzzer| fuzzer.each(&targets()?, SLICE)).into()
}

fn folder() -> PathBuf {
    run::root().join("tests/fuzz")
}

/// The targets, by the folders of their corpora.
fn targets() -> Result<Vec<String>, String> {
    let told = |error: std::io::Error| format!("tests/fuzz/corpus: {error}");
    let entries = fs::read_dir(folder().join("corpus")).map_err(told)?;
    let mut names: Vec<_> = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    names.sort();
    Ok(names)
}

/// The program, built.
struct Fuzzer {
    cargo_fuzz: PathBuf,
    /// Outside the clone, and apart from every other build: the flags differ.
    cache: PathBuf,
}

impl Fuzzer {
    fn build() -> Result<Self, String> {
        needs::provide(needs::FUZZ)?;
        let cache = run::tools()?.with_file_name("fuzz");
        let fuzzer = Fuzzer { cargo_fuzz: tool::install("cargo-fuzz", VERSION, &[])?, cache };
        // Its own lock file would drift: what is fuzzed is what is shipped.
        fs::copy(run::root().join("Cargo.lock"), folder().join("Cargo.lock"))
            .map_err(|error| format!("Cargo.lock: {error}"))?;
        run::run(&mut fuzzer.cargo("build", &[]))?;
        Ok(fuzzer)
    }

    /// cargo-fuzz on the one program that holds all targets, without the sanitizers that only a nightly compiler has:
    /// the code has no unsafe parts; assertions and overflow checks are on.
    fn cargo(&self, verb: &str, rest: &[&str]) -> Command {
        let words = ["fuzz", verb, "--fuzz-dir", "tests/fuzz", "--sanitizer", "none", "decoders"];
        let mut command = run::command(&self.cargo_fuzz, &[&words, rest].concat());
        command.env("CARGO_TARGET_DIR", self.cache.join("target")).env_remove("RUSTFLAGS");
        command
    }

    fn target(&self, target: &str, rest: &[&str]) -> Command {
        let mut command = self.cargo("run", rest);
        command.env("SATCHEL_FUZZ", target);
        command
    }

    fn once(&self, target: &str, input: &Path) -> Result<(), String> {
        let input = fs::canonicalize(input).map_err(|error| format!("{}: {error}", input.display()))?;
        run::run(&mut self.target(target, &[&input.to_string_lossy()]))
    }

    /// Every one of them, though one fails.
    fn each(&self, targets: &[String], seconds: u64) -> Result<(), String> {
        let found: Vec<_> = targets.iter().filter_map(|target| self.one(target, seconds).err()).collect();
        if found.is_empty() { Ok(()) } else { Err(found.join("\n")) }
    }

    fn one(&self, target: &str, seconds: u64) -> Result<(), String> {
        let seeds = folder().join("corpus").join(target);
        if !seeds.is_dir() {
            return Err(format!("no target {target}: there are {}", targets()?.join(", ")));
        }
        let (grown, found) =
            (self.cache.join("corpus").join(target), folder().join("artifacts").join(target));
        let scratch = scratch();
        for folder in [&grown, &found, &scratch] {
            fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        }
        let folders = [&grown, &seeds].map(|folder| folder.to_string_lossy());
        let (time, kept) =
            (format!("-max_total_time={seconds}"), format!("-artifact_prefix={}/", found.display()));
        let rest = [&[&folders[0], &folders[1], "--"], &LIMITS[..], &[&time, &kept]].concat();
        let ended = said(self.target(target, &rest).env("TMPDIR", &scratch));
        let _ = fs::remove_dir_all(&scratch);
        let (report, ended) = ended?;
        match &ended {
            Ok(()) => println!("{target:<10} {}", summary(&report)),
            Err(why) => println!("{report}{target:<10} FOUND: {why}"),
        }
        ended.map_err(|_| {
            format!("{target}: look again with cargo xtask fuzz {target} --input {}/…", found.display())
        })
    }
}

/// Where targets that work on files put them: in memory where there is such a place.
fn scratch() -> PathBuf {
    let memory = Path::new("/dev/shm");
    let above = if memory.is_dir() { memory.to_owned() } else { env::temp_dir() };
    above.join(format!("satchel-fuzz-{}", std::process::id()))
}

/// What libFuzzer says (it says it on standard error), and how it ended.
fn said(command: &mut Command) -> Result<(String, Result<(), String>), String> {
    let mut child = command.stderr(Stdio::piped()).spawn().map_err(|error| format!("cargo fuzz: {error}"))?;
    let mut report = String::new();
    for line in child.stderr.take().into_iter().flat_map(|out| BufReader::new(out).split(b'\n')) {
        report.push_str(&String::from_utf8_lossy(&line.map_err(|error| format!("cargo fuzz: {error}"))?));
        report.push('\n');
    }
    let ended = child.wait().map_err(|error| format!("cargo fuzz: {error}"))?;
    Ok((report, if ended.success() { Ok(()) } else { Err(ended.to_string()) }))
}

/// One line out of the many.
fn summary(report: &str) -> String {
    let stat = |name: &str| {
        let line = report.lines().find_map(|line| line.strip_prefix("stat::")?.strip_prefix(name));
        line.map_or("?", |rest| rest.trim_start_matches(':').trim())
    };
    let covered = report.lines().rev().find_map(|line| line.split_once(" cov: ")?.1.split(' ').next());
    format!(
        "{:>10} inputs, {:>7}/s, {:>6} edges, {:>5} new, {:>4} MB",
        stat("number_of_executed_units"),
        stat("average_exec_per_sec"),
        covered.unwrap_or("?"),
        stat("new_units_added"),
        stat("peak_rss_mb")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_targets_are_there() {
        let targets = targets().expect("a corpus");
        assert!(targets.contains(&"envelope".to_owned()) && targets.is_sorted());
    }

    #[test]
    fn a_run_is_told_in_a_line() {
        let report = "INFO: x\n#2\tINITED cov: 12 ft: 13\n#9\tDONE   cov: 345 ft: 400 corp: 9\n\
                      stat::number_of_executed_units: 1000\nstat::average_exec_per_sec:     20\n\
                      stat::new_units_added:          3\nstat::peak_rss_mb:              44\n";
        assert_eq!(summary(report), "      1000 inputs,      20/s,    345 edges,     3 new,   44 MB");
        assert!(summary("").contains('?'));
    }

    #[test]
    fn what_is_said_is_kept_with_how_it_ended() {
        let (report, ended) = said(&mut run::command("sh", &["-c", "echo one >&2; exit 3"])).expect("it ran");
        assert_eq!((report.as_str(), ended.is_err()), ("one\n", true));
    }
}
