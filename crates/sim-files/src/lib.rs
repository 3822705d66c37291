//! A tablet's storage in memory that knows what was synced.
//!
//! One disk ([`Files`]) carries all of a tablet's files: SQLite's, through a VFS, and the store's own, as a
//! [`satchel::world::Disk`]. A [`Process`] sees it under a root of its own, so that two processes in one test are two to
//! SQLite as well. A process can be killed ([`Process::kill`]: the page cache stays) and the power can be cut
//! ([`Files::power_cut`]: what was not synced is dropped, kept or torn, as a seed says); a fault can be set on the n-th
//! call that changes something ([`Files::fail_at`]). Nothing here has a clock or chance of its own.
//!
//! ```
//! use satchel::world::Disk;
//! use std::path::Path;
//!
//! let files = sim_files::Files::new();
//! let app = files.process("/a");
//! app.make_dir(Path::new("/a/books"))?;
//! app.replace(Path::new("/a/books/note"), b"not synced")?;
//! app.kill();
//! assert!(app.read(Path::new("/a/books/note"), 9).is_err(), "the dead read nothing");
//! assert_eq!(files.read_file("books/note").as_deref(), Some(&b"not synced"[..]), "kill -9 leaves the page cache");
//! files.power_cut(0);
//! let again = files.process("/a");
//! assert!(again.read(Path::new("/a/books/note"), 9)?.is_none_or(|bytes| bytes != b"not syncex"));
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! # What is simulated, and how strictly
//! * **Content** is durable after a sync of the file. Of what was not synced a power cut keeps all, nothing, a prefix, or
//!   512-byte sectors in any order, some of them garbage; never a byte outside what was written (what SQLite's
//!   `POWERSAFE_OVERWRITE` promises, and its unix VFS claims).
//! * **Names** are durable after a sync of their directory. Of the changes since, a power cut keeps any. Long before,
//!   a file system writes them by itself: only the last 64 changes are ever in question.
//! * **A failed sync** drops what it should have saved, as Linux does: it stays readable and no later sync saves it.
//! * **Locks** of a killed process are free at once, except the exclusive ones of a statement that is just failing in
//!   it on another thread: those when it has unwound.

mod by_name;
mod file;
mod image;
mod locks;
mod names;
mod process;
mod state;
mod vfs;

pub use image::Image;
pub use process::Process;

use state::State;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What happens to a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// The calling process is dead from this call on; the call does nothing.
    Kill,
    /// The power fails during this call: it is unsynced, and every process is dead. [`Files::power_cut`] then decides
    /// what is left; until then the disk is dark, for new processes too.
    PowerCut,
    /// This one call fails with an I/O error. A sync that fails drops what it should have saved.
    Eio,
    /// This one call finds no room; of a write half has landed.
    Full,
}

/// What was done on the disk so far, by every process.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Counts {
    /// Writes that were done whole.
    pub writes: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Syncs of write-ahead logs.
    pub wal_syncs: u64,
    /// Syncs of databases.
    pub db_syncs: u64,
    /// Syncs of anything else, directories too.
    pub other_syncs: u64,
}

/// One tablet's disk. Clones are the same disk.
#[derive(Clone, Default)]
pub struct Files(Arc<Mutex<State>>);

impl Files {
    /// An empty disk without a limit.
    #[must_use]
    pub fn new() -> Files {
        Files::default()
    }

    /// A new process that sees the disk under `root`: the path `/a/x` is the file `x` to a process with the root `/a`.
    #[must_use]
    pub fn process(&self, root: &str) -> Process {
        Process::new(self.clone(), root)
    }

    /// The power fails: every process is dead, and `seed` decides what is left of what was not synced. Handles of dead
    /// processes may be closed before or after.
    pub fn power_cut(&self, seed: u64) {
        self.state().power_cut(seed);
    }

    /// How many calls were made that change something: writes, syncs, truncations, files made, deleted and renamed.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.state().calls
    }

    /// Sets a fault on one such call to come: 0 is the next. It takes the place of one set before.
    pub fn fail_at(&self, call: u64, fault: Fault) {
        let mut state = self.state();
        state.fault = Some((state.calls.saturating_add(call), fault));
    }

    /// Takes back the fault that was set and has not come yet.
    pub fn no_fault(&self) {
        self.state().fault = None;
    }

    /// The fault that came since this was asked last.
    #[must_use]
    pub fn fired(&self) -> Option<Fault> {
        self.state().fired.take()
    }

    /// How many bytes the disk holds; `None` for no limit. What is there already stays.
    pub fn set_room(&self, bytes: Option<u64>) {
        self.state().room = bytes;
    }

    /// The disk as a process sees it now.
    #[must_use]
    pub fn image(&self) -> Image {
        self.state().image()
    }

    /// A disk with what the image shows, all of it synced. Bytes are shared until they are changed.
    #[must_use]
    pub fn load(image: &Image) -> Files {
        let files = Files::new();
        files.state().restore(image);
        files
    }

    /// Puts a backup back: the files are those of the image, all of them synced, and every process is dead.
    pub fn restore(&self, image: &Image) {
        self.state().restore(image);
    }

    /// The names of all files, in order.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.state().file_names()
    }

    /// What a process would read in that file; `None` when there is none.
    #[must_use]
    pub fn read_file(&self, name: &str) -> Option<Vec<u8>> {
        self.state().contents(name)
    }

    /// Turns one bit of a file over, counted from its start and round again at its end. An empty or missing file has
    /// none.
    pub fn flip(&self, name: &str, bit: u64) {
        self.state().flip(name, bit);
    }

    /// A digest of every call that changed something: what, which file, where and how much; no contents. Equal runs
    /// have equal digests.
    #[must_use]
    pub fn digest(&self) -> u64 {
        self.state().digest
    }

    /// What was done so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.state().counts
    }

    /// A panic elsewhere leaves no half change here: each method leaves the state whole.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// No contents.
impl std::fmt::Debug for Files {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let state = self.state();
        f.debug_struct("Files")
            .field("calls", &state.calls)
            .field("counts", &state.counts)
            .finish_non_exhaustive()
    }
}
