//! SIGKILL while papers are taken in and sent: each is whole or not there, in the book and at the bank, and there once.

use crate::day::{Word, say};
use crate::kills::{Setup, books};
use crate::report::{Found, Progress};
use crate::run::Child;
use crate::truth::Verdict;
use crate::{Result, tablet};
use satchel::onboarding::actions::Answer;
use satchel::onboarding::{ActionId, Attached, Query, Source};
use satchel::outbox::plan::Link;
use satchel::profile::Profile;
use satchel::{Decision, Error, Satchel};
use satchel_sandbox::{Fault, Kind, Running};
use satchel_tests::papers::{PICTURE, pdf_with};
use satchel_tests::tablet::{applicant, headers, secrets};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::process::Command;

/// So many kills befall one book; then it is settled and a new one begins.
const A_BOOK: u64 = 10;

/// Papers that a child takes in.
const PAPERS: usize = 3;

/// The longest that everything may take to be settled once nothing fails any more.
const PATIENCE: Duration = Duration::from_secs(60);

/// The child: it takes papers in by each of the ways there are, and sends.
#[derive(Clone, Debug, clap::Args)]
pub struct Clerk {
    /// Where the books and the vault lie
    folder: PathBuf,
    /// Where prospects are sent
    base_url: String,
    /// Where papers are sent
    onboarding_url: String,
    /// What the papers are for
    action: i64,
    /// Which child of its book it is: it gives its papers their names
    turn: u64,
}

impl Clerk {
    /// Takes its papers in, saying of each that it is acknowledged, and sends until it is killed.
    ///
    /// # Errors
    /// When it cannot even begin.
    pub async fn work(self) -> Result<i32> {
        let satchel = open(&self.folder, &profile(&self.base_url, &self.onboarding_url)).await?;
        say(&Word::Open(0));
        for k in 0..PAPERS {
            let name = format!("paper {}-{k}.{}", self.turn, if k == 1 { "png" } else { "pdf" });
            match self.attach(&satchel, k, &name).await {
                Ok(taken) => say(&Word::Attached(taken.document.name, taken.document.sha256)),
                Err(e) => say(&Word::Failed(format!("attach: {e}"))),
            }
        }
        say(&Word::Done);
        std::future::pending().await
    }

    async fn attach(&self, satchel: &Satchel, k: usize, name: &str) -> Result<Attached> {
        let (action, bytes) = (ActionId(self.action), bytes(k, self.turn));
        let source = match k {
            0 => {
                let path = self.folder.join(name);
                std::fs::write(&path, &bytes)?;
                Source::Path(path)
            }
            1 => {
                let (slot, path) = satchel.capture_slot().await?;
                std::fs::write(path, &bytes)?;
                Source::Captured(slot)
            }
            _ => {
                let mut writer = satchel.write_paper();
                for piece in bytes.chunks(100_000) {
                    writer.write(piece).await?;
                }
                Source::Written(writer.finish().await?)
            }
        };
        Ok(satchel.attach(action, source, name, "").await?)
    }
}

/// What the k-th paper of a turn is: a PDF of a megabyte, a picture, a small PDF. No two PDFs are alike.
fn bytes(k: usize, turn: u64) -> Vec<u8> {
    match k {
        0 => pdf_with(&[vec![b' '; 1_000_000], turn.to_string().into_bytes()].concat()),
        1 => PICTURE.to_vec(),
        _ => pdf_with(turn.to_string().as_bytes()),
    }
}

fn profile(base_url: &str, onboarding_url: &str) -> Profile {
    let mut onboarding = satchel_tests::tablet::onboarding_profile(onboarding_url);
    (onboarding.lateness_ms, onboarding.transit_ms) = (Some(40), 40);
    Profile { onboarding: Some(onboarding), ..tablet::profile(base_url) }
}

async fn open(folder: &Path, profile: &Profile) -> Result<Satchel> {
    let world = tablet::world(profile, folder)?;
    let satchel = Satchel::open(world, &folder.join("books"), tablet::OFFICER, profile.clone()).await?;
    satchel.sign_in(secrets("S-1"), None).await?;
    satchel.sign_in_onboarding(headers("S-1"), None).await?;
    satchel.link_changed(Link::Unmetered);
    satchel.resume();
    Ok(satchel)
}

/// Kills at random moments of taking in and sending.
///
/// # Errors
/// Those of the machine; what is wrong with the library is in the result.
pub async fn random(setup: &Setup, kills: u64, progress: &Progress) -> Result<Found> {
    books(setup, kills, A_BOOK, progress, one_book).await
}

async fn one_book(setup: Setup, seed: u64, kills: u64) -> Result<Found> {
    let mut rng = fastrand::Rng::with_seed(seed);
    let (folder, bank) = (TempDir::new()?, tablet::bank(seed).await?);
    let profile = profile(bank.base_url(), bank.onboarding_url());
    let action = asked(folder.path(), &profile).await?;
    let (mut told, mut wrong) = (BTreeMap::new(), vec![]);
    for turn in 0..kills {
        bank.set_faults(vec![
            Fault::new(Kind::LostClose).on("uploadDocument").chance(0.1),
            Fault::new(Kind::Throttle { bytes_per_second: 20_000_000 }).on("uploadDocument"),
        ]);
        let mut command = Command::new(&setup.tool);
        command.arg("clerk").arg(folder.path()).args([bank.base_url(), bank.onboarding_url()]);
        let mut child = Child::of(command.args([action.0.to_string(), turn.to_string()]))?;
        the_moment(&mut rng, &bank).await;
        child.kill()?;
        child
            .end(|word| match word {
                Word::Attached(name, sha256) => drop(told.insert(name, sha256)),
                Word::Failed(why) => wrong.push(why),
                _ => {}
            })
            .await?;
    }
    bank.clear_faults();
    let mut verdict = Verdict { wrong, ..Verdict::default() };
    settle(folder.path(), &profile, action, &bank, &told, &mut verdict).await?;
    Ok(Found::said(kills, told.len() as u64, verdict, || {
        format!("crash --seed {seed} --papers {kills} --only papers")
    }))
}

/// At any time from before the book is open to after the last paper has left, or, every other time, within an upload:
/// while its bytes come in, or when the bank has it and the answer is on its way.
async fn the_moment(rng: &mut fastrand::Rng, bank: &Running) {
    if rng.bool() {
        return tokio::time::sleep(Duration::from_micros(rng.u64(..600_000))).await;
    }
    let before = bank.fired().values().sum::<u64>();
    for _ in 0..1_000 {
        if bank.fired().values().sum::<u64>() > before {
            break;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    tokio::time::sleep(Duration::from_micros(rng.u64(..120_000))).await;
}

/// An application that the bank has, and the number of what it wants papers for.
async fn asked(folder: &Path, profile: &Profile) -> Result<ActionId> {
    let satchel = open(folder, profile).await?;
    satchel.start_application(applicant(), None).await?;
    quiet(&satchel).await?;
    satchel.download_actions().await?;
    let asked = satchel.actions(Query::default()).await?;
    let action = asked.iter().find(|asking| asking.action.name == "ProofOfIncomeEmployed");
    let action = action.ok_or("the bank wants no paper")?.id;
    satchel.shutdown().await?;
    Ok(action)
}

async fn quiet(satchel: &Satchel) -> Result<()> {
    let end = Instant::now() + PATIENCE;
    while satchel.summary().await?.unsent > 0 {
        if Instant::now() > end {
            return Err("it does not settle".into());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok(())
}

/// Everything that was acknowledged is in the book, whole; it is sent, and is at the bank then: whole, once, and nothing
/// else beside it but what a child had taken in without living to say so.
async fn settle(
    folder: &Path,
    profile: &Profile,
    action: ActionId,
    bank: &Running,
    told: &BTreeMap<String, String>,
    verdict: &mut Verdict,
) -> Result<()> {
    let satchel = open(folder, profile).await?;
    let held = satchel.documents(action).await?;
    let by_name: BTreeMap<_, _> = held.iter().map(|document| (&document.name, &document.sha256)).collect();
    verdict
        .lost
        .extend(told.iter().filter(|(name, sha)| by_name.get(name) != Some(sha)).map(|(n, _)| n.clone()));
    for document in &held {
        if sha256(&satchel.preview(document.id).await?) != document.sha256 {
            verdict.wrong.push(format!("{} is not whole in the book", document.name));
        }
    }
    // What a camera wrote and nobody attached is offered; the officer looks at it and throws it away.
    for slot in satchel.recovered().await? {
        satchel.discard_captured(&slot).await?;
    }
    if !held.is_empty() {
        satchel.answer(action, Answer::Papers(held.iter().map(|document| document.id).collect())).await?;
    }
    let end = Instant::now() + PATIENCE;
    while satchel.summary().await?.unsent > 0 && Instant::now() < end {
        verdict.doubts += decide(&satchel, bank).await?;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    at_bank(bank, &by_name, verdict);
    satchel.shutdown().await?;
    Ok(())
}

fn at_bank(bank: &Running, held: &BTreeMap<&String, &String>, verdict: &mut Verdict) {
    let mut seen = BTreeSet::new();
    for document in bank.documents() {
        if !seen.insert(document.name.clone()) {
            verdict.doubled.insert(document.name.clone());
        }
        if held.get(&document.name) != Some(&&document.sha256) || sha256(document.bytes()) != document.sha256
        {
            verdict.wrong.push(format!("{} is another at the bank", document.name));
        }
    }
    verdict.lost.extend(held.keys().filter(|name| !seen.contains(**name)).map(|name| (*name).clone()));
}

/// As an officer who asks the bank whether it has the paper. How many questions she answered.
async fn decide(satchel: &Satchel, bank: &Running) -> Result<u64> {
    let mut answered = 0;
    for about in satchel.asks().await?.into_iter().flat_map(|ask| ask.about) {
        let satchel::record::Record::Document(id) = about.record else { continue };
        let name = satchel.document(id).await?.name;
        let there = bank.documents().iter().any(|document| document.name == name);
        let word = if there { Decision::Arrived { code: String::new() } } else { Decision::SendAgain };
        match satchel.decide(vec![about.question], word).await {
            Ok(()) => answered += 1,
            Err(Error::NotPossible { .. }) => {}
            Err(e) => return Err(e.into()),
        }
    }
    Ok(answered)
}

fn sha256(bytes: &[u8]) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
