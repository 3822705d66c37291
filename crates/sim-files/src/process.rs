//! A process on a disk: what the store asks for beside its database.

use crate::Files;
use crate::names::above;
use crate::state::{Refusal, digest};
use crate::vfs::Seat;
use satchel::world::{Disk, Lock};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};

/// One process: it sees a [`Files`] under its root, has an SQLite VFS of its own, and can die.
///
/// Clones are the same process. Connections made through it may outlive it.
#[derive(Clone)]
pub struct Process(Arc<Mount>);

/// What a process and its open files hold on to.
pub(crate) struct Mount {
    pub(crate) files: Files,
    pub(crate) number: u64,
    root: PathBuf,
    seat: Seat,
}

impl Drop for Mount {
    fn drop(&mut self) {
        self.files.state().kill(self.number);
    }
}

impl Mount {
    /// The file that a path of this process names; `None` for one that is not below its root.
    pub(crate) fn name<'a>(&self, path: &'a Path) -> Option<&'a str> {
        path.strip_prefix(&self.root).ok()?.to_str()
    }
}

struct Held {
    mount: Arc<Mount>,
    number: u64,
}

impl Lock for Held {}

impl Drop for Held {
    fn drop(&mut self) {
        self.mount.files.state().free_lock(self.number);
    }
}

impl Process {
    pub(crate) fn new(files: Files, root: &str) -> Process {
        let number = files.state().born();
        let mount = |sitter: &Weak<Mount>| {
            let seat = Seat::take(sitter.clone());
            Mount { files, number, root: PathBuf::from(root), seat }
        };
        Process(Arc::new_cyclic(mount))
    }

    /// kill -9: every later call of this process fails, its locks are free, and what it wrote stays in the page cache.
    pub fn kill(&self) {
        self.0.files.state().kill(self.0.number);
    }

    /// Whether it was killed, or the power failed since it began.
    #[must_use]
    pub fn dead(&self) -> bool {
        self.0.files.state().is_dead(self.0.number)
    }

    fn name<'a>(&self, path: &'a Path) -> io::Result<&'a str> {
        self.0.name(path).ok_or(io::ErrorKind::NotFound.into())
    }

    /// A new file with these bytes beside `name`, unsynced; its name and number.
    fn write_beside(&self, name: &str, bytes: &[u8]) -> Result<(String, u64), Refusal> {
        let (new, process) = (format!("{name}.new"), self.0.number);
        let mut state = self.0.files.state();
        // `File::create` of one that is left over empties it; a new file in its place is the same to every reader.
        if state.names.get(&new).is_some() {
            state.delete(process, &new, false)?;
        }
        let file = state.create(process, &new)?;
        state.write_to(process, file, digest(&new), 0, bytes)?;
        Ok((new, file))
    }

    fn write_durably(&self, name: &str, bytes: &[u8]) -> Result<(), Refusal> {
        let (new, file) = self.write_beside(name, bytes)?;
        self.0.files.state().sync_file(self.0.number, file, digest(&new))?;
        self.rename_durably(&new, name)
    }

    fn rename_durably(&self, from: &str, to: &str) -> Result<(), Refusal> {
        let process = self.0.number;
        let mut state = self.0.files.state();
        state.rename(process, from, to)?;
        state.sync_directory(process, above(from))?;
        state.sync_directory(process, above(to))
    }
}

impl Disk for Process {
    fn vfs(&self) -> Option<&str> {
        Some(self.0.seat.name())
    }

    fn read(&self, path: &Path, most: u64) -> io::Result<Option<Vec<u8>>> {
        let name = self.name(path)?;
        let state = self.0.files.state();
        state.living(self.0.number)?;
        Ok(state.names.get(name).and_then(|id| state.files.get(&id)).map(|file| file.head(most)))
    }

    fn read_at(&self, path: &Path, at: u64, length: usize) -> io::Result<Vec<u8>> {
        let name = self.name(path)?;
        let state = self.0.files.state();
        state.living(self.0.number)?;
        let Some(file) = state.names.get(name).and_then(|id| state.files.get(&id)) else { return Ok(vec![]) };
        let mut bytes = vec![0; file.size().saturating_sub(at).min(length as u64) as usize];
        file.read(at as usize, &mut bytes);
        Ok(bytes)
    }

    fn keep(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        Ok(self.write_durably(self.name(path)?, bytes)?)
    }

    /// Written beside and renamed; neither synced: a power cut may leave the old file, the new one, none, or a new name
    /// with nothing or anything in it.
    fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let name = self.name(path)?;
        let (new, _) = self.write_beside(name, bytes)?;
        Ok(self.0.files.state().rename(self.0.number, &new, name)?)
    }

    fn copy(&self, from: &Path, to: &Path) -> io::Result<()> {
        let to = self.name(to)?;
        let bytes = self.read(from, u64::MAX)?.ok_or(io::ErrorKind::NotFound)?;
        Ok(self.write_durably(to, &bytes)?)
    }

    fn try_lock(&self, path: &Path) -> io::Result<Option<Box<dyn Lock>>> {
        let number = self.0.files.state().try_lock(self.0.number, self.name(path)?)?;
        Ok(number.map(|number| Box::new(Held { mount: self.0.clone(), number }) as Box<dyn Lock>))
    }

    fn reserve(&self, path: &Path, bytes: u64) -> io::Result<()> {
        Ok(self.0.files.state().reserve(self.0.number, self.name(path)?, bytes)?)
    }

    fn make_dir(&self, path: &Path) -> io::Result<()> {
        Ok(self.0.files.state().make_directory(self.0.number, self.name(path)?)?)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let name = self.name(path)?;
        let state = self.0.files.state();
        state.living(self.0.number)?;
        Ok(state.names.list(name))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        Ok(self.rename_durably(self.name(from)?, self.name(to)?)?)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        match self.0.files.state().delete(self.0.number, self.name(path)?, false) {
            Err(Refusal::Missing) => Ok(()),
            done => Ok(done?),
        }
    }

    fn size(&self, path: &Path) -> u64 {
        let Some(name) = self.0.name(path) else { return 0 };
        let state = self.0.files.state();
        if state.is_dead(self.0.number) {
            return 0;
        }
        state.names.get(name).and_then(|id| state.files.get(&id)).map_or(0, crate::file::File::size)
    }

    fn free_bytes(&self, _: &Path) -> Option<u64> {
        let state = self.0.files.state();
        state.room.map(|room| room.saturating_sub(state.used()))
    }
}

impl From<Refusal> for io::Error {
    fn from(refusal: Refusal) -> io::Error {
        match refusal {
            Refusal::Dead => io::Error::other("the process is dead"),
            Refusal::Eio => io::Error::from_raw_os_error(5),
            Refusal::Full => io::ErrorKind::StorageFull.into(),
            Refusal::Missing => io::ErrorKind::NotFound.into(),
        }
    }
}

/// Only whether it lives.
impl std::fmt::Debug for Process {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Process").field("dead", &self.dead()).finish_non_exhaustive()
    }
}
