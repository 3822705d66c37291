//! The store on real files, with a vault, a clock and a disk that do as they are told.

mod escrow;
mod full;
mod generations;
mod keys;
mod logs;
mod opening;
mod outside;
mod salvage;
mod sharing;
mod writing;

use super::*;
use crate::error::{Error, Result};
use crate::profile::Profile;
use crate::world::*;
use rusqlite::Connection;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;

/// Every file of a folder.
type Image = Vec<(PathBuf, Vec<u8>)>;

const OFFICER: &str = "A1";
const NOON: i64 = 1_780_000_000_000;

/// A tablet: one folder, one vault, one clock. Its parts can be made to fail.
struct Tablet {
    dir: TempDir,
    profile: Profile,
    vault: Arc<TestVault>,
    clock: Arc<TestClock>,
    disk: Arc<TestDisk>,
    world: World,
}

impl Tablet {
    fn new() -> Self {
        let vault = Arc::new(TestVault::default());
        let clock = Arc::new(TestClock(AtomicI64::new(NOON)));
        let disk = Arc::new(TestDisk { free: AtomicU64::new(u64::MAX), ..TestDisk::default() });
        let world = World {
            clock: clock.clone(),
            rng: Arc::new(RealRng),
            work: Arc::new(RealWork),
            http: Arc::new(NoNetwork),
            vault: vault.clone(),
            disk: disk.clone(),
        };
        let mut profile = Profile::new("bank", "https://bank.example/api/");
        profile.reserve_bytes = 1 << 20;
        Self { dir: TempDir::new().unwrap(), profile, vault, clock, disk, world }
    }

    fn open(&self) -> Result<Store> {
        self.open_as(OFFICER)
    }

    fn open_as(&self, officer: &str) -> Result<Store> {
        Store::open(&self.world, &self.root(), officer, &self.profile)
    }

    fn place(&self) -> Place {
        Place::of(&self.root(), OFFICER, &self.profile.name).unwrap()
    }

    fn root(&self) -> PathBuf {
        self.dir.path().join("books")
    }

    fn books(&self) -> Vec<Book> {
        books(&*self.disk, &self.root()).unwrap()
    }

    fn set_aside(&self) -> Result<PathBuf> {
        set_aside(&*self.disk, &*self.clock, &self.root(), OFFICER, &self.profile)
    }

    /// Every file of the book's folder as it is this moment: what a killed process leaves.
    fn image(&self) -> Image {
        let mut files: Vec<_> = fs::read_dir(self.place().folder())
            .unwrap()
            .map(|e| e.unwrap().path())
            .filter(|path| !path.ends_with("reserve"))
            .map(|path| (path.clone(), fs::read(path).unwrap()))
            .collect();
        files.sort();
        files
    }

    /// The folder as `image` found it, and nothing else in it.
    fn restore(&self, image: &[(PathBuf, Vec<u8>)]) {
        fs::remove_dir_all(self.place().folder()).unwrap();
        fs::create_dir_all(self.place().folder()).unwrap();
        image.iter().for_each(|(path, bytes)| fs::write(path, bytes).unwrap());
    }

    fn key_name(&self) -> String {
        format!("satchel/{}/key", self.place().book)
    }

    /// The database as anybody with the key sees it.
    fn raw(&self) -> Connection {
        let key = self.vault.kept.load(&self.key_name()).unwrap().unwrap();
        assert_eq!(key.len(), 48);
        let db = Connection::open(self.place().db()).unwrap();
        db.execute_batch(&format!("PRAGMA key = \"x'{}'\"", hex(&key))).unwrap();
        db
    }
}

/// Puts an unsent entry into the outbox and returns its id.
fn save(store: &Store, body: &str) -> Result<i64> {
    store.write(|tx| entry(tx, body))
}

fn entry(tx: &Connection, body: &str) -> Result<i64> {
    tx.execute(
        "INSERT INTO outbox (remote, lane, verb, effect, class, author, state, body, since, since_wall, made_wall)
         VALUES ('prospect', 'prospect:1', 'create', 'create', 'small', 'A1', 'ready', ?1, 0, 0, ?2)",
        (body, NOON - 5),
    )?;
    Ok(tx.last_insert_rowid())
}

fn count(store: &Store) -> i64 {
    store.read(rows).unwrap()
}

fn rows(db: &Connection) -> Result<i64> {
    Ok(db.query_row("SELECT count(*) FROM outbox", [], |r| r.get(0))?)
}

/// Waits, for a bounded number of turns, until another thread has come somewhere.
fn until(there: impl Fn() -> bool) {
    assert!(
        (0..50_000_000).any(|_| there() || {
            std::thread::yield_now();
            false
        }),
        "it never came"
    );
}

#[derive(Default)]
struct TestVault {
    kept: MemoryVault,
    /// What every call answers.
    answer: Mutex<Option<KeyError>>,
    /// What `store` answers.
    refuses: Mutex<Option<KeyError>>,
    /// Says that it keeps, and does not.
    forgets: AtomicBool,
    /// Keeps something else than it was given.
    garbles: AtomicBool,
}

impl KeyVault for TestVault {
    fn load(&self, name: &str) -> Result<Option<Vec<u8>>, KeyError> {
        self.answer.lock().unwrap().map_or_else(|| self.kept.load(name), Err)
    }
    fn store(&self, name: &str, secret: &[u8]) -> Result<Kept, KeyError> {
        if let Some(e) = self.answer.lock().unwrap().or(*self.refuses.lock().unwrap()) {
            return Err(e);
        }
        let flip = u8::from(self.garbles.load(Ordering::SeqCst));
        let secret: Vec<_> = secret.iter().map(|b| b ^ flip).collect();
        if self.forgets.load(Ordering::SeqCst) { Ok(Kept) } else { self.kept.store(name, &secret) }
    }
}

struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn steady(&self) -> Steady {
        Steady(self.wall())
    }
    fn wall(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

impl TestClock {
    fn pass(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

/// The real disk, but for what it says of free space and of a database's first bytes.
#[derive(Default)]
struct TestDisk {
    free: AtomicU64,
    plain: AtomicBool,
    writes: AtomicU64,
    full: AtomicBool,
    /// What the log looks like the first time it is read, as when another process is writing it.
    glimpse: Mutex<Option<Vec<u8>>>,
}

impl Disk for TestDisk {
    fn vfs(&self) -> Option<&str> {
        None
    }
    fn read(&self, path: &Path, most: u64) -> io::Result<Option<Vec<u8>>> {
        if path.ends_with("book.db-wal")
            && let Some(log) = self.glimpse.lock().unwrap().take()
        {
            return Ok(Some(log));
        }
        match self.plain.load(Ordering::SeqCst) && path.ends_with("book.db") {
            true => Ok(Some(b"SQLite format 3\0".to_vec())),
            false => RealDisk.read(path, most),
        }
    }
    fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.writes.fetch_add(1, Ordering::SeqCst);
        RealDisk.replace(path, bytes)
    }
    fn copy(&self, from: &Path, to: &Path) -> io::Result<()> {
        match self.full.load(Ordering::SeqCst) {
            true => Err(io::ErrorKind::StorageFull.into()),
            false => RealDisk.copy(from, to),
        }
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
    fn free_bytes(&self, _: &Path) -> Option<u64> {
        Some(self.free.load(Ordering::SeqCst))
    }
}

/// The store never calls out.
struct NoNetwork;

impl Http for NoNetwork {
    fn change(&self, _: Call) -> BoxFuture<'_, Result<Reply, Failure>> {
        Box::pin(async { Err(Failure { class: Class::NotExecuted, cause: Cause::Offline }) })
    }
    fn read(&self, _: Call) -> BoxFuture<'_, Result<Incoming, Failure>> {
        Box::pin(async { Err(Failure { class: Class::NotExecuted, cause: Cause::Offline }) })
    }
}
