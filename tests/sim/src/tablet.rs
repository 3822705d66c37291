//! The tablet: its files, its vault, its clock, and the processes that come and go on it.

use crate::call::Wire;
use crate::desk::{Desk, Inside, Pid};
use crate::plan::Numbers;
use satchel::Satchel;
use satchel::profile::{Absence, Backoff, CollectionProfile, OnboardingProfile, Profile};
use satchel::world::{Kept, KeyError, KeyVault, World};
use satchel_sandbox::onboarding::BASE;
use sim_files::{Files, Process};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Who works on this tablet: user, password and first session.
pub const OFFICERS: [(&str, &str, &str); 2] = [("dara", "secret", "S-1"), ("sophea", "secret2", "S-2")];

/// The bank's profile, with a schedule's numbers.
#[must_use]
pub fn profile(numbers: &Numbers) -> Profile {
    let mut profile = Profile::new("bank", "https://bank.example/api/");
    profile.reserve_bytes = 0;
    let p = &mut profile.prospect;
    (p.lateness_ms, p.transit_ms) = (Some(numbers.lateness), numbers.transit);
    (p.connect_ms, p.total_ms) = (5_000.min(numbers.total), numbers.total);
    (p.download_ms, p.idle_ms) = (4 * numbers.total, numbers.total);
    p.backoff = Backoff { first_ms: 1_000, most_ms: numbers.most };
    p.batch_max = numbers.batch;
    p.settle_by_ms = 20 * 3_600_000; // within the time that everything may take to settle
    p.absence = if numbers.absence_asks { Absence::Ask } else { Absence::Resend };
    p.absence_window_ms = numbers.window;
    profile.onboarding = numbers.onboards.then(|| onboarding(numbers));
    profile.collection = numbers.collects.then(|| collection(numbers));
    profile
}

fn collection(numbers: &Numbers) -> CollectionProfile {
    let at = |call| format!("https://bank.example/collection/{call}");
    let mut p = CollectionProfile::new(&at("tasks"), &at("result"));
    (p.lateness_ms, p.transit_ms) = (Some(numbers.lateness), numbers.transit);
    (p.connect_ms, p.total_ms) = (5_000.min(numbers.total), numbers.total);
    (p.download_ms, p.idle_ms) = (2 * numbers.total, numbers.total);
    p.backoff = Backoff { first_ms: 1_000, most_ms: numbers.most };
    p.settle_by_ms = 20 * 3_600_000;
    p
}

fn onboarding(numbers: &Numbers) -> OnboardingProfile {
    let mut p = OnboardingProfile::new(&format!("https://bank.example{BASE}"));
    (p.lateness_ms, p.transit_ms) = (Some(numbers.lateness), numbers.transit);
    (p.connect_ms, p.total_ms) = (5_000.min(numbers.total), numbers.total);
    (p.upload_ms, p.idle_ms) = (2 * numbers.total, numbers.total);
    p.backoff = Backoff { first_ms: 1_000, most_ms: numbers.most };
    p.settle_by_ms = 20 * 3_600_000;
    p
}

/// The app's key vault: it outlives processes and power, and no backup brings it back.
#[derive(Clone, Default)]
pub struct Vault(Arc<Mutex<Secrets>>);

/// What the vault holds, and whether it answers.
#[derive(Clone, Default)]
pub struct Secrets {
    kept: BTreeMap<String, Vec<u8>>,
    /// It says that it is not there for now.
    pub away: bool,
}

impl Vault {
    /// What is in it.
    pub fn secrets(&self) -> MutexGuard<'_, Secrets> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Another one with the same in it.
    #[must_use]
    pub fn copy(&self) -> Vault {
        Vault(Arc::new(Mutex::new(self.secrets().clone())))
    }
}

/// The vault as a process knows it: what a dead process asks for does not happen.
struct Door {
    vault: Vault,
    process: Process,
}

impl KeyVault for Door {
    fn load(&self, name: &str) -> Result<Option<Vec<u8>>, KeyError> {
        let secrets = self.vault.secrets();
        if secrets.away || self.process.dead() {
            return Err(KeyError::Unavailable);
        }
        Ok(secrets.kept.get(name).cloned())
    }

    fn store(&self, name: &str, secret: &[u8]) -> Result<Kept, KeyError> {
        let mut secrets = self.vault.secrets();
        if secrets.away || self.process.dead() {
            return Err(KeyError::Unavailable);
        }
        secrets.kept.insert(name.to_owned(), secret.to_vec());
        Ok(Kept)
    }
}

/// The books that a process has open, by officer.
pub type Books = Arc<Mutex<BTreeMap<usize, Satchel>>>;

/// A process of the app.
pub struct App {
    /// Its number.
    pub pid: Pid,
    /// The disk as it sees it.
    pub process: Process,
    /// Its world.
    pub world: World,
    /// Where the books are, as it names the place.
    pub root: PathBuf,
    /// What it has open.
    pub books: Books,
}

impl App {
    /// A process on that disk. Its root is its own, so that two of them share files and nothing else, whatever other
    /// schedules are run at the same time.
    #[must_use]
    pub fn start(desk: &Arc<Desk>, files: &Files, vault: &Vault, pid: Pid, seed: u64) -> App {
        static STARTED: AtomicU64 = AtomicU64::new(0);
        let root = format!("/{}", STARTED.fetch_add(1, SeqCst));
        let process = files.process(&root);
        let inside = Inside::new(desk, pid, seed ^ u64::from(pid.0).wrapping_mul(0x9e37_79b9));
        let world = World {
            clock: inside.clone(),
            rng: inside.clone(),
            work: inside,
            http: Arc::new(Wire { desk: desk.clone(), pid }),
            vault: Arc::new(Door { vault: vault.clone(), process: process.clone() }),
            disk: Arc::new(process.clone()),
        };
        App { pid, process, world, root: PathBuf::from(root), books: Books::default() }
    }

    /// The officer's book, if this process has it open.
    #[must_use]
    pub fn book(&self, officer: usize) -> Option<Satchel> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner).get(&officer).cloned()
    }
}
