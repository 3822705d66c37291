//! The bank, the tablet, and the officer between them.

use crate::Result;
use crate::notebook::Notebook;
use crate::officer::Officer;
use crate::onboarding::{self, Applied};
use crate::show::{Bar, Show};
use satchel::outbox::plan::Link;
use satchel::profile::{Backoff, OnboardingProfile, Profile};
use satchel::prospect::{FieldChange, Page, Prospect, ProspectId, ProspectSecrets, Query};
use satchel::standing::Place;
use satchel::world::{MemoryVault, World};
use satchel::{Satchel, Summary};
use satchel_sandbox::{Options, Running, Sandbox, Tls};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The officer.
pub const USER: &str = "dara";
const PASSWORD: &str = "secret";
const KEY: [u8; 32] = [7; 32];
const IV: [u8; 16] = [9; 16];
/// How late the bank may still carry out what it has received: this bank states it, and keeps to it.
const LATENESS_MS: u64 = 1_200;
/// How long a chapter may wait for everything to be settled.
const PATIENCE: Duration = Duration::from_secs(120);
/// … and once something has gone wrong already.
const IMPATIENCE: Duration = Duration::from_secs(10);

/// Everything the chapters work with.
pub struct Stage {
    /// The bank.
    pub bank: Running,
    /// The tablet.
    pub satchel: Satchel,
    /// What she was told is saved.
    pub notebook: Notebook,
    /// Who applied, and what was answered: likewise.
    pub applied: Applied,
    /// What she does when the tablet asks.
    pub officer: Officer,
    /// The terminal.
    pub show: Show,
    /// What should have happened and did not.
    pub unmet: Vec<String>,
    /// Where the store lies; it goes when the demonstration ends.
    pub folder: TempDir,
    profile: Profile,
    vault: Arc<MemoryVault>,
}

impl Stage {
    /// Starts the bank, opens the tablet's store and signs the officer in.
    pub async fn open(seed: u64) -> Result<Stage> {
        let show = Show::new();
        let options = Options { tls: Tls::Good, seed, lateness_ms: LATENESS_MS, ..Options::default() };
        let bank = Sandbox::start(options).await?;
        let folder = tempfile::Builder::new().prefix("satchel-demo-").tempdir()?;
        let profile = profile(&bank);
        let vault = Arc::new(MemoryVault::default());
        let satchel = open(&profile, &vault, &folder).await?;
        let (notebook, officer) = (Notebook::default(), Officer::default());
        let unmet = Vec::new();
        let applied = Applied::default();
        let stage = Stage { bank, satchel, notebook, applied, officer, show, unmet, folder, profile, vault };
        stage.satchel.sign_in(secrets("S-1"), None).await?;
        stage.satchel.sign_in_onboarding(onboarding::headers("S-1"), None).await?;
        stage.greet();
        Ok(stage)
    }

    fn greet(&self) {
        self.show
            .title("Satchel: a loan officer's day, with a bank and a link that break in every way we know");
        self.show.say(&format!("   the bank, and what it sees   {}", self.bank.inspector_url()));
        self.show.say(&format!("   the tablet's store           {} (encrypted)", self.store().display()));
    }

    /// Says what should have happened; noted for the verdict when it did not.
    pub fn expect(&mut self, happened: bool, what: &str) {
        if !happened {
            self.show.note(&format!("NOT AS EXPECTED: {what}"));
            self.unmet.push(what.to_owned());
        }
    }

    /// Where the tablet's store lies.
    pub fn store(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// The tablet is switched off, and on again some time later.
    pub async fn restart(&mut self) -> Result<()> {
        self.satchel.lock().await?;
        self.satchel = open(&self.profile, &self.vault, &self.folder).await?;
        self.online(true);
        self.satchel.resume();
        Ok(())
    }

    /// A link, or none.
    pub fn online(&self, yes: bool) {
        self.satchel.link_changed(if yes { Link::Unmetered } else { Link::None });
    }

    /// She edits a prospect; it is in her notebook once the tablet has said that it is saved.
    pub async fn edit(&mut self, id: ProspectId, changes: Vec<FieldChange>) -> Result<()> {
        self.satchel.edit(id, changes.clone()).await?;
        self.notebook.typed(id, &changes);
        Ok(())
    }

    /// Prospects of hers that the bank has and that have nothing unsent.
    pub async fn at_bank(&self, many: usize) -> Result<Vec<Prospect>> {
        let query = Query { unsent: Some(false), limit: 500, ..Query::default() };
        let Page { items, .. } = self.satchel.list(query).await?;
        let mut found = Vec::new();
        for item in items.iter().filter(|item| item.code.is_some() && self.notebook.has(item.id)).take(many) {
            found.push(self.satchel.get(item.id).await?);
        }
        Ok(found)
    }

    /// What the officer's app does all the time: sign in when asked, answer, decide; then look again.
    pub async fn attend(&mut self) -> Result<Summary> {
        self.officer.attend(&self.satchel, &self.bank, &mut self.notebook).await?;
        Ok(self.satchel.summary().await?)
    }

    /// Waits, with the officer at her desk, until nothing is unsent but what she leaves on purpose.
    pub async fn settle(&mut self) -> Result<()> {
        let mut bar = self.show.bar(self.notebook.len());
        let settled = self.settle_with(&mut bar, async |_, _, _| Ok(())).await;
        bar.end();
        settled
    }

    /// As [`settle`](Stage::settle), with something happening meanwhile.
    pub async fn settle_with(
        &mut self,
        bar: &mut Bar,
        mut meanwhile: impl AsyncFnMut(&mut Stage, &Summary, &mut Bar) -> Result<()>,
    ) -> Result<()> {
        let began = Instant::now();
        loop {
            let summary = self.attend().await?;
            bar.at(settled(&summary), &words(&summary));
            meanwhile(self, &summary, bar).await?;
            if self.officer.leaves_only_what_she_means_to(&summary) && self.bank.in_flight() == 0 {
                return Ok(());
            }
            let patience = if self.unmet.is_empty() { PATIENCE } else { IMPATIENCE };
            if began.elapsed() > patience {
                self.expect(false, &format!("settled within {} s: {}", patience.as_secs(), words(&summary)));
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(60)).await;
        }
    }
}

/// How many prospects of a place.
pub fn count(summary: &Summary, place: Place) -> i64 {
    summary.by_place.get(&place).copied().unwrap_or(0)
}

fn settled(summary: &Summary) -> i64 {
    let settled = [Place::AtBank, Place::Withdrawn, Place::Rejected, Place::GoneElsewhere, Place::Refused];
    settled.into_iter().map(|place| count(summary, place)).sum()
}

fn words(summary: &Summary) -> String {
    let parts = [
        ("at the bank", count(summary, Place::AtBank)),
        ("wait", count(summary, Place::OnTablet) + count(summary, Place::ChangeOnTablet)),
        ("on the way", count(summary, Place::OnTheWay)),
        ("in doubt", count(summary, Place::InDoubt)),
        ("ask you", count(summary, Place::AsksYou) + count(summary, Place::Conflict)),
        ("refused", count(summary, Place::Refused)),
    ];
    let some = parts.into_iter().filter(|(_, n)| *n > 0).map(|(what, n)| format!("{n} {what}"));
    some.collect::<Vec<_>>().join(" · ")
}

async fn open(profile: &Profile, vault: &Arc<MemoryVault>, folder: &TempDir) -> Result<Satchel> {
    let world = World::device(profile, vault.clone(), None)?;
    Ok(Satchel::open(world, folder.path(), USER, profile.clone()).await?)
}

/// This bank's profile: everything quick, so that nobody waits; small calls, so that there are many to go wrong.
fn profile(bank: &Running) -> Profile {
    let mut profile = Profile::new("sandbox", bank.base_url());
    profile.roots_pem = bank.ca_pem().unwrap_or_default().to_owned();
    profile.reserve_bytes = 0;
    let prospect = &mut profile.prospect;
    prospect.lateness_ms = Some(LATENESS_MS);
    prospect.transit_ms = 1_000;
    prospect.batch_max = 6;
    prospect.connect_ms = 2_000;
    prospect.total_ms = 2_000;
    prospect.download_ms = 10_000;
    prospect.idle_ms = 2_000;
    prospect.download_bytes = 8 << 20;
    prospect.backoff = Backoff { first_ms: 50, most_ms: 1_000 };
    let mut p = OnboardingProfile::new(bank.onboarding_url());
    (p.lateness_ms, p.transit_ms) = (Some(LATENESS_MS), 1_000);
    (p.connect_ms, p.total_ms, p.idle_ms) = (2_000, 2_000, 2_000);
    (p.upload_ms, p.backoff) = (10_000, Backoff { first_ms: 50, most_ms: 1_000 });
    profile.onboarding = Some(p);
    profile
}

/// What the officer's app hands to the tablet when she signs in.
pub fn secrets(session: &str) -> ProspectSecrets {
    ProspectSecrets {
        user: USER.into(),
        password: PASSWORD.into(),
        session: session.into(),
        key: KEY.to_vec().into(),
        iv: IV.to_vec().into(),
    }
}
