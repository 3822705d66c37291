//! Every moment at which a process can end with something done and the next thing not: numbered, and one of them fatal.

use counting_vfs::Fault;
use satchel::world::{
    BoxFuture, Call, Disk, Failure, Http, Incoming, Kept, KeyError, KeyVault, Lock, ReadSeek, Reply, World,
};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

/// What happens at the boundary.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub enum How {
    /// SIGKILL.
    Kill,
    /// A call on a file fails with an I/O error.
    Eio,
    /// A call on a file finds no room.
    Full,
}

/// Counts boundaries, and acts at one of them. Errors come to files only, and only those are counted then.
pub struct Boundaries {
    passed: AtomicU64,
    at: u64,
    how: How,
}

impl Boundaries {
    /// Acts at the `at`-th boundary, counted from 0.
    #[must_use]
    pub fn new(at: u64, how: How) -> Arc<Boundaries> {
        Arc::new(Boundaries { passed: AtomicU64::new(0), at, how })
    }

    /// Whether it has come to it.
    pub fn reached(&self) -> bool {
        self.passed.load(SeqCst) > self.at
    }

    /// The world with every boundary counted.
    ///
    /// # Errors
    /// SQLite's, when it takes no VFS.
    pub fn around(self: &Arc<Self>, world: World) -> rusqlite::Result<World> {
        let vfs = counting_vfs::register()?;
        let boundaries = self.clone();
        counting_vfs::watch(Some(Arc::new(move |_| boundaries.file())));
        Ok(World {
            http: Arc::new(Counted { inner: world.http, boundaries: self.clone() }),
            vault: Arc::new(Counted { inner: world.vault, boundaries: self.clone() }),
            disk: Arc::new(CountedDisk { disk: world.disk, vfs, boundaries: self.clone() }),
            ..world
        })
    }

    fn file(&self) -> Option<Fault> {
        if self.passed.fetch_add(1, SeqCst) != self.at {
            return None;
        }
        match self.how {
            How::Kill => die(),
            How::Eio => Some(Fault::Eio),
            How::Full => Some(Fault::Full),
        }
    }

    fn other(&self) {
        if self.how == How::Kill {
            self.file();
        }
    }
}

/// SIGKILL to ourselves: no destructor, no buffer, no last word.
fn die() -> ! {
    let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    // The signal is on its way.
    loop {
        std::thread::park();
    }
}

struct Counted<T: ?Sized> {
    inner: Arc<T>,
    boundaries: Arc<Boundaries>,
}

impl Http for Counted<dyn Http> {
    fn change(&self, call: Call) -> BoxFuture<'_, Result<Reply, Failure>> {
        Box::pin(async move {
            self.boundaries.other();
            let done = self.inner.change(call).await;
            self.boundaries.other();
            done
        })
    }

    fn read(&self, call: Call) -> BoxFuture<'_, Result<Incoming, Failure>> {
        Box::pin(async move {
            self.boundaries.other();
            let done = self.inner.read(call).await;
            self.boundaries.other();
            done
        })
    }
}

impl KeyVault for Counted<dyn KeyVault> {
    fn load(&self, name: &str) -> Result<Option<Vec<u8>>, KeyError> {
        self.inner.load(name)
    }

    fn store(&self, name: &str, secret: &[u8]) -> Result<Kept, KeyError> {
        self.boundaries.other();
        self.inner.store(name, secret)
    }
}

struct CountedDisk {
    disk: Arc<dyn Disk>,
    vfs: &'static str,
    boundaries: Arc<Boundaries>,
}

impl CountedDisk {
    fn pass(&self) -> io::Result<()> {
        match self.boundaries.file() {
            None => Ok(()),
            Some(Fault::Eio) => Err(io::Error::from_raw_os_error(5)),
            Some(Fault::Full) => Err(io::ErrorKind::StorageFull.into()),
        }
    }
}

impl Disk for CountedDisk {
    fn vfs(&self) -> Option<&str> {
        Some(self.vfs)
    }

    fn read(&self, path: &Path, most: u64) -> io::Result<Option<Vec<u8>>> {
        self.disk.read(path, most)
    }

    fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.pass()?;
        self.disk.replace(path, bytes)
    }

    fn copy(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.pass()?;
        self.disk.copy(from, to)
    }

    fn try_lock(&self, path: &Path) -> io::Result<Option<Box<dyn Lock>>> {
        self.pass()?;
        self.disk.try_lock(path)
    }

    fn reserve(&self, path: &Path, bytes: u64) -> io::Result<()> {
        self.pass()?;
        self.disk.reserve(path, bytes)
    }

    fn make_dir(&self, path: &Path) -> io::Result<()> {
        self.pass()?;
        self.disk.make_dir(path)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        self.disk.list(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.pass()?;
        self.disk.rename(from, to)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn ReadSeek>> {
        self.disk.open(path)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.pass()?;
        self.disk.remove(path)
    }

    fn size(&self, path: &Path) -> u64 {
        self.disk.size(path)
    }

    fn free_bytes(&self, path: &Path) -> Option<u64> {
        self.disk.free_bytes(path)
    }
}
