//! `cargo xtask mutants [PATH]...`: is every decision watched by a test?
//!
//! cargo-mutants changes one thing at a time in the pure decisions of the core and runs the tests that should notice.
//! A change that no test notices either gets a test or stands, with the reason why it makes no difference, in
//! `core/mutants.txt`; anything else fails, and so does a reason that is no longer needed.

use std::{
    collections::BTreeMap,
    fmt::Write,
    fs,
    path::Path,
    process::{Command, ExitCode},
};

use crate::{mirror, run, tool};

const VERSION: &str = "27.1.0";

/// The tests that should notice. A mutant costs a build of what they need: the fewer, the more often this is run.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Watch {
    /// The pure tables and laws of the outbox.
    Outbox,
    /// The tests inside the core, of its domains and its outbox.
    Inside,
    /// All of the core's that need no network.
    Core,
    /// All of the package that is changed.
    Package,
}

/// What decides: where a mistake doubles or loses. And who watches it.
const DECISIONS: &[(&str, Watch)] = &[
    ("core/src/outbox/plan.rs", Watch::Outbox),
    ("core/src/outbox/policy.rs", Watch::Outbox),
    ("core/src/outbox/doubt.rs", Watch::Inside),
    ("core/src/outbox/backoff.rs", Watch::Inside),
    ("core/src/prospect/merge.rs", Watch::Inside),
    ("core/src/prospect/matching.rs", Watch::Inside),
    ("core/src/prospect/settle.rs", Watch::Inside),
    ("core/src/prospect/judge.rs", Watch::Inside),
];

impl Watch {
    fn over(path: &str) -> Self {
        match DECISIONS.iter().find(|(decides, _)| *decides == path) {
            Some((_, watch)) => *watch,
            None if path.starts_with("core/") => Watch::Core,
            None => Watch::Package,
        }
    }

    /// For building and for testing, and for testing alone.
    fn args(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Watch::Outbox => (&["--test=outbox_pure"], &[]),
            Watch::Inside => (&["--lib"], &["--", "outbox::", "prospect::"]),
            Watch::Core => (&["--lib", "--test=outbox_pure", "--test=prospect_rows"], &[]),
            Watch::Package => (&[], &[]),
        }
    }
}

/// Survivors that make no difference, and why.
const EXPLAINED: &str = "core/mutants.txt";

/// How a mutant may end; cargo-mutants writes a file of each. One that never ends is noticed.
const ENDS: [&str; 4] = ["caught", "timeout", "unviable", "missed"];

#[derive(clap::Args)]
pub struct Args {
    /// Files to change, from the workspace's root; without any, those that decide
    path: Vec<String>,
}

/// Fails on a survivor that nobody has explained, and on an explanation that nothing needs.
pub fn run(args: &Args) -> ExitCode {
    match examine(args) {
        Ok(report) => {
            print!("{}", report.table());
            if report.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn examine(args: &Args) -> Result<Report, String> {
    let paths: Vec<&str> = match args.path.as_slice() {
        [] => DECISIONS.iter().map(|(path, _)| *path).collect(),
        some => some.iter().map(String::as_str).collect(),
    };
    let text = fs::read_to_string(run::root().join(EXPLAINED)).map_err(|e| format!("{EXPLAINED}: {e}"))?;
    let explained = explained(&text)?;
    let program = tool::install("cargo-mutants", VERSION, &[])?;
    let home = run::tools()?.join("mutants");
    let _alone = alone(&home)?;
    let mut watched: BTreeMap<Watch, Vec<&str>> = BTreeMap::new();
    for path in &paths {
        watched.entry(Watch::over(path)).or_default().push(path);
    }
    let mut found = <[String; ENDS.len()]>::default();
    for (watch, paths) in watched {
        mirror::sync(&home.join("tree"))?;
        let ends = ended(&mut mutate(&program, &home, watch, &paths), &home.join("mutants.out"))?;
        found.iter_mut().zip(ends).for_each(|(all, some)| all.push_str(&some));
    }
    Ok(Report::of(&found, &explained, &paths))
}

/// The mutants by how they ended, once all have.
fn ended(mutants: &mut Command, out: &Path) -> Result<[String; ENDS.len()], String> {
    // An earlier run's results are not this one's.
    let _ = fs::remove_dir_all(out);
    let status = mutants.status().map_err(|error| format!("cargo-mutants: {error}"))?;
    // Some survived, some never ended: that is a result.
    if !matches!(status.code(), Some(0 | 2 | 3)) {
        return Err(format!("cargo-mutants: {status}"));
    }
    let ends = ENDS.map(|end| fs::read_to_string(out.join(end).with_extension("txt")).unwrap_or_default());
    if ends.iter().all(String::is_empty) { Err("there is nothing to change there".into()) } else { Ok(ends) }
}

/// A second run would change the sources under the first one's feet.
fn alone(home: &Path) -> Result<fs::File, String> {
    let held = |error: &dyn std::fmt::Display| format!("{}: {error}", home.display());
    fs::create_dir_all(home).map_err(|e| held(&e))?;
    let lock = fs::File::create(home.join("lock")).map_err(|e| held(&e))?;
    lock.try_lock().map_err(|e| held(&e))?;
    Ok(lock)
}

/// In place in a copy at a place that never changes: from another place the C libraries would be built anew.
fn mutate(program: &Path, home: &Path, watch: Watch, paths: &[&str]) -> Command {
    let mut mutants = run::command(program, &["mutants", "--in-place", "--no-shuffle", "--no-config"]);
    mutants.args(["--colors", "never", "--minimum-test-timeout", "60"]).arg("--output").arg(home);
    mutants.args(paths.iter().flat_map(|path| ["--file", path]));
    let (building, testing) = watch.args();
    mutants.args(building.iter().map(|arg| format!("--cargo-arg={arg}")));
    mutants.args(testing.iter().map(|arg| format!("--cargo-test-arg={arg}")));
    // Laws are tried with the same cases each time: what lives here lives for everybody. Nobody reads how one fails.
    mutants.env("PROPTEST_RNG_SEED", "1").env("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "true");
    mutants.env("PROPTEST_MAX_SHRINK_ITERS", "0").env("CARGO_PROFILE_DEV_DEBUG", "false");
    mutants.current_dir(home.join("tree")).env("CARGO_TARGET_DIR", home.join("target"));
    mutants
}

/// Mutants by name, without line and column, which move with every edit above; the same name may stand for several.
type Names = BTreeMap<String, usize>;

/// One a line, `file: change because reason`; `#` begins a remark.
fn explained(text: &str) -> Result<Names, String> {
    let mut names = Names::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match line.split_once(" because ") {
            Some((name, reason)) if !reason.trim().is_empty() => {
                *names.entry(name.trim().to_owned()).or_default() += 1;
            }
            _ => return Err(format!("{EXPLAINED}: no reason in `{line}`")),
        }
    }
    Ok(names)
}

/// `file:line:column: change` without where in the file.
fn name(mutant: &str) -> String {
    let mut parts = mutant.splitn(4, ':');
    match (parts.next(), parts.nth(2)) {
        (Some(file), Some(change)) => format!("{file}:{change}"),
        _ => mutant.to_owned(),
    }
}

fn file(mutant: &str) -> &str {
    mutant.split(':').next().unwrap_or(mutant)
}

#[derive(Default)]
struct Report {
    /// By file: how many ended each way, and how many of the missed are explained.
    rows: BTreeMap<String, ([usize; ENDS.len()], usize)>,
    survivors: Vec<String>,
    stale: Vec<String>,
}

impl Report {
    fn of(found: &[String; ENDS.len()], explained: &Names, paths: &[&str]) -> Self {
        let (mut report, mut unused) = (Self::default(), explained.clone());
        for (end, mutants) in found.iter().enumerate() {
            for mutant in mutants.lines() {
                let row = report.rows.entry(file(mutant).to_owned()).or_default();
                row.0[end] += 1;
                if ENDS[end] != "missed" {
                    continue;
                }
                match unused.get_mut(&name(mutant)) {
                    Some(left) if *left > 0 => (*left, row.1) = (*left - 1, row.1 + 1),
                    _ => report.survivors.push(mutant.to_owned()),
                }
            }
        }
        let ran = |name: &str| paths.contains(&file(name));
        report.stale =
            unused.into_iter().filter(|(name, n)| *n > 0 && ran(name)).map(|(name, _)| name).collect();
        report
    }

    fn holds(&self) -> bool {
        self.survivors.is_empty() && self.stale.is_empty()
    }

    fn table(&self) -> String {
        let mut text = String::from("\n");
        let mut row = |name: &str, [caught, timeout, unviable, missed, explained]: [&str; 5]| {
            let _ = writeln!(
                text,
                "{name:<34} {caught:>7} {timeout:>8} {unviable:>9} {missed:>7} {explained:>10}"
            );
        };
        row("", ["caught", "timeout", "unviable", "missed", "explained"]);
        let mut sum = [0; ENDS.len() + 1];
        for (name, (ends, explained)) in &self.rows {
            let [caught, timeout, unviable, missed] = *ends;
            let numbers = [caught, timeout, unviable, missed, *explained];
            sum.iter_mut().zip(numbers).for_each(|(sum, n)| *sum += n);
            row(name, numbers.map(|n| n.to_string()).each_ref().map(String::as_str));
        }
        row("all", sum.map(|n| n.to_string()).each_ref().map(String::as_str));
        for survivor in &self.survivors {
            let _ = writeln!(text, "SURVIVED {survivor}");
        }
        for name in &self.stale {
            let _ = writeln!(text, "NOT NEEDED in {EXPLAINED}: {name}");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAN: &str = "core/src/outbox/plan.rs";

    fn report(missed: &str, explanations: &str) -> Report {
        let caught = format!("{PLAN}:9:9: replace a with b in c\n");
        let found = [caught.repeat(3), String::new(), caught, missed.to_owned()];
        Report::of(&found, &explained(explanations).expect("reads"), &[PLAN])
    }

    #[test]
    fn a_survivor_needs_its_own_reason() {
        let twice = format!("{PLAN}:7:5: replace > with >= in come\n{PLAN}:8:5: replace > with >= in come\n");
        let once = format!("# remark\n\n{PLAN}: replace > with >= in come because the moment is the same\n");
        let one_left = report(&twice, &once);
        assert!(!one_left.holds());
        assert_eq!(one_left.survivors, [format!("{PLAN}:8:5: replace > with >= in come")]);
        assert!(report(&twice, &once.repeat(2)).holds() && report("", "").holds());
        assert!(explained("a: b").is_err() && explained("a: b because ").is_err());
    }

    #[test]
    fn a_reason_that_nothing_needs_fails_where_its_file_was_looked_at() {
        let stale = report("", &format!("{PLAN}: x because y\ncore/src/other.rs: x because y\n"));
        assert_eq!((stale.holds(), stale.stale), (false, vec![format!("{PLAN}: x")]));
    }

    #[test]
    fn the_table_counts_by_file() {
        let one = report(&format!("{PLAN}:7:5: d -> e::f\n"), &format!("{PLAN}: d -> e::f because g\n"));
        let expected = "
                                    caught  timeout  unviable  missed  explained
core/src/outbox/plan.rs                  3        0         1       1          1
all                                      3        0         1       1          1
";
        assert_eq!(one.table(), expected);
    }

    #[test]
    fn what_decides_is_where_it_is_said_to_be_and_every_explanation_has_a_reason() {
        let root = run::root();
        assert!(DECISIONS.iter().all(|(path, _)| root.join(path).is_file()));
        explained(&fs::read_to_string(root.join(EXPLAINED)).expect("is there")).expect("reads");
    }
}
