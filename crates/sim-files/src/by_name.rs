//! What is done by name: to files, directories and the store's own locks.

use crate::file::File;
use crate::names::above;
use crate::state::{Call, Refusal, State, Verdict, digest};

impl State {
    pub(crate) fn delete(&mut self, process: u64, name: &str, durably: bool) -> Result<(), Refusal> {
        self.living(process)?;
        if self.names.get(name).is_none() {
            return Err(Refusal::Missing);
        }
        self.call(process, Call::Delete, name, |state| state.names.remove(name))?;
        if durably {
            self.names.sync(above(name));
        }
        self.sweep();
        Ok(())
    }

    pub(crate) fn rename(&mut self, process: u64, from: &str, to: &str) -> Result<(), Refusal> {
        self.living(process)?;
        let mut there = false;
        self.call(process, Call::Rename, to, |state| there = state.names.rename(from, to))?;
        self.sweep();
        if there { Ok(()) } else { Err(Refusal::Missing) }
    }

    pub(crate) fn sync_directory(&mut self, process: u64, directory: &str) -> Result<(), Refusal> {
        let verdict = self.number_call(process, Call::Sync, digest(directory), 0, 0);
        match verdict {
            Verdict::Do => self.names.sync(directory),
            Verdict::DoAndDie => return Err(Refusal::Dead),
            Verdict::Refuse(refusal) => return Err(refusal),
        }
        self.counts.other_syncs += 1;
        self.sweep();
        Ok(())
    }

    pub(crate) fn make_directory(&mut self, process: u64, name: &str) -> Result<(), Refusal> {
        self.living(process)?;
        if self.names.is_directory(name) {
            return Ok(());
        }
        self.call(process, Call::Directory, name, |state| state.names.make_directory(name))
    }

    pub(crate) fn reserve(&mut self, process: u64, name: &str, bytes: u64) -> Result<(), Refusal> {
        self.living(process)?;
        let file = match self.names.get(name) {
            Some(file) => file,
            None => self.create(process, name)?,
        };
        self.has_room(bytes.saturating_sub(self.files.get(&file).map_or(0, File::size)))?;
        self.call(process, Call::Reserve, name, |state| state.files.entry(file).or_default().reserve(bytes))
    }

    // --- The store's own locks.

    /// The lock's number; `None` when somebody holds it.
    pub(crate) fn try_lock(&mut self, process: u64, name: &str) -> Result<Option<u64>, Refusal> {
        self.living(process)?;
        let file = match self.names.get(name) {
            Some(file) => file,
            None => self.create(process, name)?,
        };
        if self.locks.contains_key(&file) {
            return Ok(None);
        }
        let number = self.number();
        self.locks.insert(file, (process, number));
        Ok(Some(number))
    }

    pub(crate) fn free_lock(&mut self, number: u64) {
        self.locks.retain(|_, (_, held)| *held != number);
    }
}
