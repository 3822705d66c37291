//! Two processes on one book: the one that sends is killed with a call under way, and the other takes over.

use crate::day::{PHONE, Word};
use crate::kills::Setup;
use crate::report::{Found, Progress};
use crate::run::{Child, Fate};
use crate::tablet::OFFICER;
use crate::truth::{Truth, Verdict};
use crate::{Result, tablet};
use satchel::Satchel;
use satchel::outbox::plan::Link;
use satchel::standing::Next;
use satchel_sandbox::{Fault, Kind, Running};
use satchel_tests::tablet::{person, secrets};
use std::time::Duration;
use tempfile::TempDir;

/// So many times, one after the other.
///
/// # Errors
/// Those of the machine.
pub async fn run(setup: &Setup, pairs: u64, progress: &Progress) -> Result<Found> {
    let mut found = Found::default();
    for n in 0..pairs {
        found.add(pair(setup, setup.seed.wrapping_add(n)).await?);
        progress.by(1);
    }
    Ok(found)
}

async fn pair(setup: &Setup, seed: u64) -> Result<Found> {
    let mut rng = fastrand::Rng::with_seed(seed);
    let (folder, bank) = (TempDir::new()?, tablet::bank(seed).await?);
    let slow = Kind::Delay { ms: 150, jitter_ms: 0 };
    bank.set_faults(vec![Fault::new(slow).on("ProspectAddV2")]);
    let theirs = ["Of The Sender".to_owned()];
    let ours = ["Of The Other".to_owned()];
    let mut truth = Truth::default();
    truth.tell(&theirs);
    truth.tell(&ours);
    let mut sender = Child::start(&setup.tool, folder.path(), bank.base_url(), Fate::Endless, &theirs)?;
    under_way(&bank).await?;

    let (profile, mut verdict) = (tablet::profile(bank.base_url()), Verdict::default());
    let world = tablet::world(&profile, folder.path())?;
    let books = folder.path().join("books");
    let other = Satchel::open(world.clone(), &books, OFFICER, profile.clone()).await?;
    other.sign_in(secrets("S-1"), None).await?;
    other.link_changed(Link::Unmetered);
    other.resume();
    let added = other.add(person(&ours[0], PHONE), None).await?;
    truth.hear(&Word::Saved(ours[0].clone()));
    if !waits_for_the_other(&other, added.id).await? {
        verdict.wrong.push("two send at once".to_owned());
    }
    // The call is under way, or its answer has just come, or it is written down already.
    tokio::time::sleep(Duration::from_micros(rng.u64(..120_000))).await;
    sender.kill()?;
    sender.end(|word| truth.hear(&word)).await?;
    // As an app does when it comes to the front. The check then opens the same book: in this process it is this one.
    other.resume();
    verdict.add(truth.check(world, &books, profile, &bank).await);
    Ok(Found::of(1, &truth, verdict, || format!("crash --seed {seed} --pairs 1 --only pairs")))
}

/// Whoever asks the bank anything holds the lease.
async fn under_way(bank: &Running) -> Result<()> {
    for _ in 0..20_000 {
        if bank.requests_seen() > 0 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    Err("a child that does not send".into())
}

/// Whether it is seen that another process sends, as it must be as long as that one lives.
async fn waits_for_the_other(satchel: &Satchel, id: satchel::prospect::ProspectId) -> Result<bool> {
    for _ in 0..5_000 {
        if satchel.standing(id).await?.next == Next::SentByOther {
            return Ok(true);
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    Ok(false)
}
