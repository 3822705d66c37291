//! The device's own world with three things held: the key, so that the floor can open the very same file; the network;
//! and a wall clock that can be moved on, since no officer saves a thousand records in a second and a record's key is
//! its second.

use crate::Done;
use crate::canned::Canned;
use satchel::Satchel;
use satchel::profile::Profile;
use satchel::prospect::ProspectSecrets;
use satchel::world::{
    Clock, Disk, Http, Kept, KeyError, KeyVault, Lock, MemoryVault, RealClock, RealDisk, Steady, World,
    runtime,
};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

/// Key and salt of every book of a bench.
pub const BOOK_KEY: [u8; 48] = [0x5a; 48];
/// Of the envelope; those of a sandbox that was told nothing else.
pub const KEY: [u8; 32] = [7; 32];
pub const IV: [u8; 16] = [9; 16];
pub const OFFICER: &str = "dara";
pub const PASSWORD: &str = "secret";
pub const SESSION: &str = "S-1";

/// Gives [`BOOK_KEY`] for every key that is asked for, and keeps the rest.
#[derive(Default)]
struct OneKey(MemoryVault);

impl KeyVault for OneKey {
    fn load(&self, name: &str) -> Result<Option<Vec<u8>>, KeyError> {
        if name.ends_with("/key") { Ok(Some(BOOK_KEY.to_vec())) } else { self.0.load(name) }
    }
    fn store(&self, name: &str, secret: &[u8]) -> Result<Kept, KeyError> {
        self.0.store(name, secret)
    }
}

/// The device's clock, its wall ahead by so many ms.
#[derive(Default)]
pub struct Ahead(AtomicI64);

impl Ahead {
    /// Two seconds pass.
    pub fn pass(&self) {
        self.0.fetch_add(2_000, Relaxed);
    }
}

impl Clock for Ahead {
    fn steady(&self) -> Steady {
        RealClock.steady()
    }
    fn wall(&self) -> i64 {
        RealClock.wall() + self.0.load(Relaxed)
    }
}

/// The device's disk, with another VFS below SQLite.
pub struct Through(pub &'static str);

impl Disk for Through {
    fn vfs(&self) -> Option<&str> {
        Some(self.0)
    }
    fn read(&self, path: &Path, most: u64) -> io::Result<Option<Vec<u8>>> {
        RealDisk.read(path, most)
    }
    fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        RealDisk.replace(path, bytes)
    }
    fn copy(&self, from: &Path, to: &Path) -> io::Result<()> {
        RealDisk.copy(from, to)
    }
    fn try_lock(&self, path: &Path) -> io::Result<Option<Box<dyn Lock>>> {
        RealDisk.try_lock(path)
    }
    fn reserve(&self, path: &Path, bytes: u64) -> io::Result<()> {
        RealDisk.reserve(path, bytes)
    }
    fn make_dir(&self, path: &Path) -> io::Result<()> {
        RealDisk.make_dir(path)
    }
    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        RealDisk.list(path)
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        RealDisk.rename(from, to)
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        RealDisk.remove(path)
    }
    fn size(&self, path: &Path) -> u64 {
        RealDisk.size(path)
    }
    fn free_bytes(&self, path: &Path) -> Option<u64> {
        RealDisk.free_bytes(path)
    }
}

/// Where and how a book is to be opened.
pub struct Setup {
    pub root: PathBuf,
    pub profile: Profile,
    pub world: World,
    pub clock: Arc<Ahead>,
}

impl Setup {
    /// A book under `root` whose downloads are the reply at `reply`.
    pub fn canned(root: &Path, reply: &Path) -> Done<Setup> {
        let profile = Profile::new("bench", "https://bank.example/api/");
        let canned: Arc<dyn Http> = Arc::new(Canned::new(reply));
        let setup = Setup::real(root, profile)?;
        Ok(Setup { world: World { http: canned, ..setup.world }, ..setup })
    }

    /// A book under `root` with the real network.
    pub fn real(root: &Path, profile: Profile) -> Done<Setup> {
        let clock = Arc::new(Ahead::default());
        let world = World::device(&profile, Arc::new(OneKey::default()), None)?;
        let world = World { clock: clock.clone(), ..world };
        Ok(Setup { root: root.to_owned(), profile, world, clock })
    }

    pub fn open(&self) -> Done<Satchel> {
        Ok(wait(Satchel::open(self.world.clone(), &self.root, OFFICER, self.profile.clone()))?)
    }

    /// Opens, and signs in for good.
    pub fn signed_in(&self) -> Done<Satchel> {
        let satchel = self.open()?;
        wait(satchel.sign_in(secrets(), None))?;
        Ok(satchel)
    }

    /// The database.
    pub fn file(&self) -> Done<PathBuf> {
        Ok(satchel::store::Place::of(&self.root, OFFICER, &self.profile.name)?.folder().join("book.db"))
    }
}

fn secrets() -> ProspectSecrets {
    ProspectSecrets {
        user: OFFICER.into(),
        password: PASSWORD.into(),
        session: SESSION.into(),
        key: KEY.to_vec().into(),
        iv: IV.to_vec().into(),
    }
}

/// Waits on this thread, as an app's own thread would.
pub fn wait<F: Future>(work: F) -> F::Output {
    runtime().block_on(work)
}
