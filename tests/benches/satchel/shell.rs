//! The same jobs through Kotlin and Swift: a program in that language does what it is told over its standard input and says
//! how long it took. `cargo xtask bench kotlin|swift` builds it and says how it is started; without that there is nothing to
//! measure.

use crate::Done;
use crate::floor::book::{self, Saving, newest_saves};
use crate::report::{Figures, Goal, Pair, Report, ms, timed, us};
use crate::shelf::Shelf;
use crate::world::{BOOK_KEY, OFFICER, Setup, wait};
use satchel::prospect::Query;
use std::io::{BufRead, BufReader, Lines, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

const LARGE: u64 = 100_000;

pub fn kotlin(shelf: &mut Shelf, report: &mut Report) -> Done<()> {
    every_job("kotlin", shelf, report)
}

pub fn swift(shelf: &mut Shelf, report: &mut Report) -> Done<()> {
    every_job("swift", shelf, report)
}

fn every_job(language: &str, shelf: &mut Shelf, report: &mut Report) -> Done<()> {
    // The words of a command, a line each.
    let Ok(command) = std::env::var(format!("SATCHEL_BENCH_{}", language.to_uppercase())) else {
        eprintln!("  not built here: cargo xtask bench {language}");
        return Ok(());
    };
    let words: Vec<_> = command.lines().collect();
    saves(language, &words, shelf, report)?;
    starts(language, &words, shelf, report)?;
    reads(language, &words, shelf, report)
}

/// Saves in a row: then the disk is as fast for the floor's as for these.
const BURST: u64 = 20;

/// A save on the disk, against the same rows saved by hand.
fn saves(language: &str, words: &[&str], shelf: &mut Shelf, report: &mut Report) -> Done<()> {
    let folder = shelf.folder()?;
    let setup = Setup::canned(&folder.path().join("product"), Path::new(""))?;
    let mut shell = Shell::start(words, &setup)?;
    shell.ask("open")?;
    let mut floor = book::create(&folder.path().join("floor.db"), None)?;
    let (look, saving) = (book::open(&setup.file()?, None)?, Saving::new(&floor)?);
    let mut medians = Pair::default();
    for round in 0..8 {
        let mut pair = Pair::default();
        for burst in 0..5 {
            let from = (round * 5 + burst) * BURST;
            let times = shell.ask(&format!("save {from} {}", from + BURST))?;
            times.into_iter().for_each(|time| pair.product.push(time));
            for saved in newest_saves(&look, BURST)? {
                let (time, done) = timed(|| saving.save(&mut floor, &saved));
                done?;
                pair.floor.push(us(time));
            }
        }
        if round > 0 {
            medians.product.push(pair.product.median()); // files grow, caches fill, code is compiled
            medians.floor.push(pair.floor.median());
        }
    }
    report.add(format!("{language}_save_disk"), "us", Goal::RatioAtMost(1.6), medians);
    Ok(())
}

/// From nothing to the first page of a large book, against the language's own start; and what an idle open library holds.
fn starts(language: &str, words: &[&str], shelf: &mut Shelf, report: &mut Report) -> Done<()> {
    let setup = shelf.book(LARGE)?;
    let (mut pair, mut held) = (Pair::default(), Figures::default());
    for round in 0..6 {
        let (own, shell) = timed(|| Shell::start(words, &setup));
        let mut shell = shell?;
        let [first, mib] = shell.ask("open")?[..] else { return Err("open tells two numbers".into()) };
        if round > 0 {
            pair.product.push(first);
            pair.floor.push(ms(own));
            held.push(mib);
        }
    }
    report.add(format!("{language}_first_page_100k"), "ms", Goal::Told, pair);
    let held = Pair { product: held, floor: 25.0.into() };
    report.add(format!("{language}_memory"), "MiB", Goal::AtMost(25.0), held);
    Ok(())
}

/// Pages of a large book, against the same pages in Rust, and its whole feed.
fn reads(language: &str, words: &[&str], shelf: &mut Shelf, report: &mut Report) -> Done<()> {
    let setup = shelf.book(LARGE)?;
    let satchel = setup.open()?;
    let mut shell = Shell::start(words, &setup)?;
    shell.ask("open")?;
    let mut pages = Pair::default();
    for n in 0..400 {
        let product = shell.ask("page")?[0];
        let query = Query { limit: 50, ..Query::default() };
        let (time, page) = timed(|| wait(satchel.list(query)));
        page?;
        if n >= 100 {
            pages.product.push(product);
            pages.floor.push(us(time));
        }
    }
    report.add(format!("{language}_page_100k"), "us", Goal::RatioAtMost(3.0), pages);
    let mut feed = Pair::default();
    for _ in 0..5 {
        feed.product.push(shell.ask("feed")?[0]);
        feed.floor.push(10_000.0);
    }
    report.add(format!("{language}_feed"), "items/s", Goal::RatioAtLeast(1.0), feed);
    Ok(wait(satchel.lock())?)
}

/// A program that has not loaded the library yet.
struct Shell {
    child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Shell {
    fn start(words: &[&str], setup: &Setup) -> Done<Shell> {
        let [program, more @ ..] = words else { return Err("no program".into()) };
        let key: String = BOOK_KEY.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut child = Command::new(program)
            .args(more)
            .arg(&setup.root)
            .args([OFFICER, &serde_json::to_string(&setup.profile)?, &key])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = child.stdin.take().ok_or("no input")?;
        let output = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
        let mut shell = Shell { child, input, output };
        shell.answer()?;
        Ok(shell)
    }

    /// Tells it one thing; the numbers that it answers.
    fn ask(&mut self, what: &str) -> Done<Vec<f64>> {
        writeln!(self.input, "{what}")?;
        self.input.flush()?;
        self.answer()
    }

    fn answer(&mut self) -> Done<Vec<f64>> {
        let line = self.output.next().ok_or("it ended")??;
        Ok(line.split_whitespace().map(str::parse).collect::<Result<_, _>>().map_err(|_| line)?)
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        let _ = writeln!(self.input, "end");
        let _ = self.child.wait();
    }
}
