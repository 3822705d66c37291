//! SIGKILL on real files: at random moments, and at every boundary in turn. Errors of real files as well.

use crate::boundary::How;
use crate::day::Word;
use crate::report::{Found, Progress};
use crate::run::{Child, End, Fate};
use crate::truth::{Truth, Verdict};
use crate::{Result, tablet};
use satchel_sandbox::{Fault, Kind, Running};
use std::path::PathBuf;
use std::time::Duration;
use tempfile::TempDir;
use tokio::task::JoinSet;

/// So many kills befall one book; then it is settled and a new one begins.
const A_BOOK: u64 = 20;

/// How the processes are run.
#[derive(Clone, Debug)]
pub struct Setup {
    /// This very program, whose `officer` command is the child.
    pub tool: PathBuf,
    /// Where chance begins.
    pub seed: u64,
    /// How many tablets are at it at once.
    pub at_once: usize,
}

/// Kills at random moments.
///
/// # Errors
/// Those of the machine; what is wrong with the library is in the result.
pub async fn random(setup: &Setup, kills: u64, progress: &Progress) -> Result<Found> {
    books(setup, kills, A_BOOK, progress, one_book).await
}

/// So many kills on books of their own, some at a time, each with the setup and a seed.
pub(crate) async fn books<F: Future<Output = Result<Found>> + Send + 'static>(
    setup: &Setup,
    kills: u64,
    a_book: u64,
    progress: &Progress,
    one: impl Fn(Setup, u64, u64) -> F,
) -> Result<Found> {
    let (mut found, mut books) = (Found::default(), JoinSet::new());
    let mut left = (0..kills.div_ceil(a_book)).map(|book| (book, a_book.min(kills - book * a_book)));
    loop {
        for (book, kills) in left.by_ref().take(setup.at_once - books.len()) {
            books.spawn(one(setup.clone(), setup.seed.wrapping_add(book), kills));
        }
        let Some(done) = books.join_next().await else { return Ok(found) };
        let done = done??;
        progress.by(done.runs);
        found.add(done);
    }
}

async fn one_book(setup: Setup, seed: u64, kills: u64) -> Result<Found> {
    let mut rng = fastrand::Rng::with_seed(seed);
    let (folder, bank) = (TempDir::new()?, tablet::bank(seed).await?);
    let (mut truth, mut verdict) = (Truth::default(), Verdict::default());
    for n in 0..kills {
        // Answers are lost now and then, and take a while, so that many a kill falls between send and answer.
        bank.set_faults(vec![
            Fault::new(Kind::LostClose).on("ProspectAddV2").chance(0.05),
            Fault::new(Kind::Delay { ms: 2, jitter_ms: 25 }).on("ProspectAddV2"),
        ]);
        let names: Vec<_> = (0..2).map(|k| format!("Customer {n}-{k}")).collect();
        let before = truth.acknowledged();
        truth.tell(&names);
        let mut child = Child::start(&setup.tool, folder.path(), bank.base_url(), Fate::Whole, &names)?;
        the_moment(&mut rng, &bank).await;
        child.kill()?;
        child
            .end(|word| {
                truth.hear(&word);
                match word {
                    Word::Open(rows) if rows < before => verdict.lost.push(format!("{before} became {rows}")),
                    _ => {}
                }
            })
            .await?;
        verdict.doubled.extend(Truth::doubled(&bank.ledger()));
    }
    let profile = tablet::profile(bank.base_url());
    let world = tablet::world(&profile, folder.path())?;
    verdict.add(truth.check(world, &folder.path().join("books"), profile, &bank).await);
    Ok(Found::of(kills, &truth, verdict, || format!("crash --seed {seed} --kills {kills} --only kills")))
}

/// At any time from before the book is open to after the last name has left, or, every other time, within the call
/// whose effect has just been seen at the bank and whose answer is still on its way.
async fn the_moment(rng: &mut fastrand::Rng, bank: &Running) {
    if rng.bool() {
        return tokio::time::sleep(Duration::from_micros(rng.u64(..200_000))).await;
    }
    let before = bank.ledger().len();
    for _ in 0..500 {
        if bank.ledger().len() > before {
            break;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    tokio::time::sleep(Duration::from_micros(rng.u64(..20_000))).await;
}

/// At every `step`-th boundary of a day in turn, until a day has no such boundary.
///
/// # Errors
/// Those of the machine.
pub async fn boundaries(setup: &Setup, how: How, step: u64, progress: &Progress) -> Result<Found> {
    let (mut found, mut days) = (Found::default(), JoinSet::new());
    let mut next = Some(0);
    loop {
        while let (true, Some(at)) = (days.len() < setup.at_once, next) {
            days.spawn(one_boundary(setup.clone(), how, at));
            next = Some(at + step.max(1));
        }
        let Some(done) = days.join_next().await else { return Ok(found) };
        let (end, day) = done??;
        if end == End::Whole {
            next = None;
        }
        progress.by(1);
        found.add(day);
    }
}

async fn one_boundary(setup: Setup, how: How, at: u64) -> Result<(End, Found)> {
    let (folder, bank) = (TempDir::new()?, tablet::bank(setup.seed).await?);
    let names = ["First", "Second", "Third"].map(str::to_owned);
    let mut truth = Truth::default();
    truth.tell(&names);
    let child = Child::start(&setup.tool, folder.path(), bank.base_url(), Fate::At(at, how), &names)?;
    let end = child.end(|word| truth.hear(&word)).await?;
    let profile = tablet::profile(bank.base_url());
    let world = tablet::world(&profile, folder.path())?;
    let verdict = truth.check(world, &folder.path().join("books"), profile, &bank).await;
    let runs = u64::from(end != End::Whole);
    Ok((end, Found::of(runs, &truth, verdict, || format!("{how:?} at boundary {at}"))))
}
