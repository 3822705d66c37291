//! The disk: files, names, numbered calls and what becomes of them.

use crate::file::{Cut, Dice, File};
use crate::locks::{Handle, Opening, Shm};
use crate::names::{Names, above};
use crate::{Counts, Fault};
use std::collections::BTreeMap;

/// Why a call was not done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Refusal {
    /// The process is dead, or died of it.
    Dead,
    Eio,
    Full,
    /// There is no such file or directory.
    Missing,
}

/// The calls that change something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Call {
    Write,
    Sync,
    Truncate,
    Create,
    Delete,
    Rename,
    Reserve,
    Directory,
}

/// What a numbered call is to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Verdict {
    Do,
    /// It is in flight when the power fails: done, unsynced, and nobody learns of it.
    DoAndDie,
    Refuse(Refusal),
}

/// Everything about one disk. Behind one mutex; no method panics, for SQLite calls through C.
pub(crate) struct State {
    pub(crate) files: BTreeMap<u64, File>,
    pub(crate) names: Names,
    pub(crate) handles: BTreeMap<u64, Handle>,
    pub(crate) shms: BTreeMap<u64, Shm>,
    /// The store's own locks: the file, and who holds it by which number.
    pub(crate) locks: BTreeMap<u64, (u64, u64)>,
    alive: Vec<u64>,
    /// Numbers for files, handles, processes and locks.
    last: u64,
    /// The power has failed and `power_cut` has not said what is left.
    dark: bool,
    pub(crate) calls: u64,
    pub(crate) fault: Option<(u64, Fault)>,
    pub(crate) fired: Option<Fault>,
    pub(crate) room: Option<u64>,
    pub(crate) counts: Counts,
    pub(crate) digest: u64,
    /// What SQLite is told of the time, unix ms; its sleeping moves it.
    pub(crate) clock: i64,
}

impl Default for State {
    fn default() -> Self {
        State {
            files: BTreeMap::new(),
            names: Names::default(),
            handles: BTreeMap::new(),
            shms: BTreeMap::new(),
            locks: BTreeMap::new(),
            alive: vec![],
            last: 0,
            dark: false,
            calls: 0,
            fault: None,
            fired: None,
            room: None,
            counts: Counts::default(),
            digest: 0xcbf2_9ce4_8422_2325,
            clock: 1_800_000_000_000,
        }
    }
}

impl State {
    pub(crate) fn number(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    // --- Life and death.

    pub(crate) fn born(&mut self) -> u64 {
        let process = self.number();
        self.alive.push(process);
        process
    }

    pub(crate) fn is_dead(&self, process: u64) -> bool {
        self.dark || !self.alive.contains(&process)
    }

    pub(crate) fn living(&self, process: u64) -> Result<(), Refusal> {
        if self.is_dead(process) { Err(Refusal::Dead) } else { Ok(()) }
    }

    pub(crate) fn kill(&mut self, process: u64) {
        self.alive.retain(|p| *p != process);
        self.locks.retain(|_, (holder, _)| *holder != process);
        self.handles.values_mut().filter(|h| h.process == process).for_each(Handle::orphan);
    }

    fn kill_all(&mut self) {
        self.alive.clear();
        self.locks.clear();
        self.handles.values_mut().for_each(Handle::orphan);
    }

    pub(crate) fn power_cut(&mut self, seed: u64) {
        self.kill_all();
        let mut dice = Dice(seed);
        let cut = Cut::of(&mut dice);
        let files = std::mem::take(&mut self.files);
        self.files = files.into_iter().map(|(id, file)| (id, file.cut(cut, &mut dice))).collect();
        self.names.cut(cut, &mut dice);
        (self.dark, self.fault) = (false, None);
        self.sweep();
    }

    // --- Numbered calls.

    /// One numbered call: traced, and failed when its turn has come.
    pub(crate) fn number_call(&mut self, process: u64, call: Call, name: u64, at: u64, len: u64) -> Verdict {
        if self.is_dead(process) {
            return Verdict::Refuse(Refusal::Dead);
        }
        for word in [call as u64, name, at, len] {
            self.digest = (self.digest ^ word).wrapping_mul(0x100_0000_01b3);
        }
        self.calls += 1;
        let Some((_, fault)) = self.fault.take_if(|(n, _)| *n + 1 == self.calls) else { return Verdict::Do };
        self.fired = Some(fault);
        match fault {
            Fault::Eio => Verdict::Refuse(Refusal::Eio),
            Fault::Full => Verdict::Refuse(Refusal::Full),
            Fault::Kill => {
                self.kill(process);
                Verdict::Refuse(Refusal::Dead)
            }
            Fault::PowerCut => {
                self.kill_all();
                self.dark = true;
                Verdict::DoAndDie
            }
        }
    }

    /// A numbered call that is done whole or not at all.
    pub(crate) fn call(
        &mut self,
        process: u64,
        call: Call,
        name: &str,
        act: impl FnOnce(&mut State),
    ) -> Result<(), Refusal> {
        let verdict = self.number_call(process, call, digest(name), 0, 0);
        match verdict {
            Verdict::Refuse(refusal) => return Err(refusal),
            Verdict::Do | Verdict::DoAndDie => act(self),
        }
        if verdict == Verdict::Do { Ok(()) } else { Err(Refusal::Dead) }
    }

    // --- Files by handle.

    /// # Errors
    /// `Missing` when there is none and none is to be made, or no directory to make it in.
    pub(crate) fn open(&mut self, process: u64, name: Option<&str>, how: Opening) -> Result<u64, Refusal> {
        self.living(process)?;
        let found = name.and_then(|name| self.names.get(name));
        let file = match (found, name) {
            (Some(file), _) => file,
            (None, None) => self.new_file(),
            (None, Some(name)) if how.create => self.create(process, name)?,
            (None, Some(_)) => return Err(Refusal::Missing),
        };
        let handle = Handle::new(process, file, name, how);
        let number = self.number();
        self.handles.insert(number, handle);
        Ok(number)
    }

    pub(crate) fn create(&mut self, process: u64, name: &str) -> Result<u64, Refusal> {
        if !self.names.is_directory(above(name)) {
            return Err(Refusal::Missing);
        }
        let file = self.new_file();
        self.call(process, Call::Create, name, |state| state.names.insert(name, file))?;
        Ok(file)
    }

    fn new_file(&mut self) -> u64 {
        let file = self.number();
        self.files.insert(file, File::default());
        file
    }

    /// Works for the dead as well.
    pub(crate) fn close(&mut self, handle: u64) {
        self.shm_unmap(handle);
        self.handles.remove(&handle);
        self.sweep();
    }

    fn handle(&self, handle: u64) -> Result<(u64, u64, u64), Refusal> {
        let h = self.handles.get(&handle).ok_or(Refusal::Dead)?;
        self.living(h.process)?;
        Ok((h.process, h.file, h.digest))
    }

    /// How many bytes there were; the rest of `out` is zeros.
    pub(crate) fn read(&self, handle: u64, at: u64, out: &mut [u8]) -> Result<usize, Refusal> {
        let (_, file, _) = self.handle(handle)?;
        Ok(self.files.get(&file).ok_or(Refusal::Dead)?.read(at as usize, out))
    }

    pub(crate) fn size(&self, handle: u64) -> Result<u64, Refusal> {
        let (_, file, _) = self.handle(handle)?;
        Ok(self.files.get(&file).ok_or(Refusal::Dead)?.size())
    }

    pub(crate) fn write(&mut self, handle: u64, at: u64, data: &[u8]) -> Result<(), Refusal> {
        let (process, file, name) = self.handle(handle)?;
        self.write_to(process, file, name, at, data)
    }

    pub(crate) fn write_to(
        &mut self,
        process: u64,
        file: u64,
        name: u64,
        at: u64,
        data: &[u8],
    ) -> Result<(), Refusal> {
        let grows = (at + data.len() as u64).saturating_sub(self.files.get(&file).map_or(0, File::size));
        self.living(process)?;
        self.has_room(grows)?;
        let verdict = self.number_call(process, Call::Write, name, at, data.len() as u64);
        let lands = match verdict {
            Verdict::Do | Verdict::DoAndDie => data,
            Verdict::Refuse(Refusal::Full) => &data[..data.len() / 2],
            Verdict::Refuse(_) => &[],
        };
        if let (Some(file), false) = (self.files.get_mut(&file), lands.is_empty()) {
            file.write(at as usize, lands);
        }
        match verdict {
            Verdict::Do => {
                self.counts.writes += 1;
                self.counts.bytes += data.len() as u64;
                Ok(())
            }
            Verdict::DoAndDie => Err(Refusal::Dead),
            Verdict::Refuse(refusal) => Err(refusal),
        }
    }

    pub(crate) fn truncate(&mut self, handle: u64, to: u64) -> Result<(), Refusal> {
        let (process, file, name) = self.handle(handle)?;
        let verdict = self.number_call(process, Call::Truncate, name, to, 0);
        if let Verdict::Refuse(refusal) = verdict {
            return Err(refusal);
        }
        self.files.entry(file).or_default().truncate(to as usize);
        if verdict == Verdict::Do { Ok(()) } else { Err(Refusal::Dead) }
    }

    /// The first sync of a new log or journal makes its name durable too, as SQLite's unix VFS does.
    pub(crate) fn sync(&mut self, handle: u64) -> Result<(), Refusal> {
        let (process, file, name) = self.handle(handle)?;
        self.sync_file(process, file, name)?;
        let Some(h) = self.handles.get_mut(&handle) else { return Err(Refusal::Dead) };
        let directory = h.sync_directory.take();
        match h.kind {
            crate::locks::Kind::Wal => self.counts.wal_syncs += 1,
            crate::locks::Kind::Database => self.counts.db_syncs += 1,
            crate::locks::Kind::Other => self.counts.other_syncs += 1,
        }
        if let Some(directory) = directory {
            self.names.sync(&directory);
        }
        Ok(())
    }

    pub(crate) fn sync_file(&mut self, process: u64, file: u64, name: u64) -> Result<(), Refusal> {
        let verdict = self.number_call(process, Call::Sync, name, 0, 0);
        let file = self.files.entry(file).or_default();
        match verdict {
            Verdict::Do => file.sync(),
            Verdict::DoAndDie | Verdict::Refuse(Refusal::Dead | Refusal::Missing) => {
                return Err(Refusal::Dead);
            }
            Verdict::Refuse(refusal) => {
                file.sync_failed();
                return Err(refusal);
            }
        }
        Ok(())
    }

    // --- Room and rubbish.

    pub(crate) fn used(&self) -> u64 {
        self.names.iter().filter_map(|(_, file)| self.files.get(&file)).map(File::size).sum()
    }

    pub(crate) fn has_room(&self, more: u64) -> Result<(), Refusal> {
        match self.room {
            Some(room) if more > 0 && self.used() + more > room => Err(Refusal::Full),
            _ => Ok(()),
        }
    }

    /// Forgets files that no handle holds and no power cut can bring back.
    pub(crate) fn sweep(&mut self) {
        let State { files, names, handles, locks, .. } = self;
        files.retain(|id, _| {
            names.knows(*id) || locks.contains_key(id) || handles.values().any(|h| h.file == *id)
        });
    }
}

/// FNV-1a of a name.
pub(crate) fn digest(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |sum, b| (sum ^ u64::from(b)).wrapping_mul(0x100_0000_01b3))
}
