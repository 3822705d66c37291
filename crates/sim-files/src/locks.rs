//! SQLite's handles: its five lock levels, and the shared memory of its log's index with eight locks.

use crate::names::above;
use crate::state::{Refusal, State, digest};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// SQLite's lock levels, in its numbers.
pub(crate) const NONE: i32 = 0;
pub(crate) const SHARED: i32 = 1;
pub(crate) const RESERVED: i32 = 2;
pub(crate) const PENDING: i32 = 3;

/// What a file is to SQLite.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Database,
    Wal,
    Other,
}

/// How a file is opened.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Opening {
    pub(crate) kind: Kind,
    pub(crate) create: bool,
    /// A log or journal: its first sync syncs its directory.
    pub(crate) is_log: bool,
}

/// An open file of a process. The locks are here and not at the file, so that they are gone with the handle.
pub(crate) struct Handle {
    pub(crate) process: u64,
    pub(crate) file: u64,
    pub(crate) kind: Kind,
    /// The name's.
    pub(crate) digest: u64,
    pub(crate) sync_directory: Option<String>,
    level: i32,
    shm: Option<u64>,
    /// Which of the eight locks it holds, by bits.
    shared: u8,
    exclusive: u8,
}

/// The memory of a log's index. It lives as long as any handle has it mapped, a dead process's too, since SQLite may
/// still write to it while that process unwinds.
#[derive(Default)]
pub(crate) struct Shm(Vec<Arc<[AtomicU64]>>);

/// A lock that somebody else holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Taken {
    Yes,
    Busy,
}

impl Handle {
    pub(crate) fn new(process: u64, file: u64, name: Option<&str>, how: Opening) -> Handle {
        Handle {
            process,
            file,
            kind: how.kind,
            digest: name.map_or(0, digest),
            // As SQLite's unix VFS: whoever may make a log syncs its directory with it once, new or not.
            sync_directory: name.filter(|_| how.create && how.is_log).map(|name| above(name).to_owned()),
            level: NONE,
            shm: None,
            shared: 0,
            exclusive: 0,
        }
    }

    /// Its process was killed. A statement on another thread may be failing right now: it still takes its changes out
    /// of the shared memory, and gives its exclusive locks back itself.
    pub(crate) fn orphan(&mut self) {
        (self.level, self.shared) = (NONE, 0);
    }
}

impl State {
    fn others(&self, handle: u64) -> impl Iterator<Item = &Handle> {
        let file = self.handles.get(&handle).map(|h| h.file);
        self.handles.iter().filter(move |(n, h)| **n != handle && Some(h.file) == file).map(|(_, h)| h)
    }

    /// # Errors
    /// `Dead`.
    pub(crate) fn lock(&mut self, handle: u64, want: i32) -> Result<Taken, Refusal> {
        let Some(me) = self.handles.get(&handle) else { return Err(Refusal::Dead) };
        self.living(me.process)?;
        if me.level >= want {
            return Ok(Taken::Yes);
        }
        let highest = self.others(handle).map(|h| h.level).max().unwrap_or(NONE);
        let bar = if want == SHARED { PENDING } else { RESERVED };
        if highest >= bar {
            return Ok(Taken::Busy);
        }
        // Whoever waits for readers to leave lets no new ones in.
        let got = if want > PENDING && highest >= SHARED { PENDING } else { want };
        if let Some(me) = self.handles.get_mut(&handle) {
            me.level = got;
        }
        Ok(if got == want { Taken::Yes } else { Taken::Busy })
    }

    /// Works for the dead as well.
    pub(crate) fn unlock(&mut self, handle: u64, to: i32) {
        if let Some(me) = self.handles.get_mut(&handle) {
            me.level = me.level.min(to);
        }
    }

    pub(crate) fn is_reserved(&self, handle: u64) -> bool {
        let mine = self.handles.get(&handle).map_or(NONE, |h| h.level);
        self.others(handle).map(|h| h.level).fold(mine, i32::max) >= RESERVED
    }

    /// The region's memory; `None` when there is none yet and `make` is not set. It stays where it is until this handle
    /// unmaps it. A process that comes when all who had it are dead gets new memory, as after the end of a process.
    ///
    /// # Errors
    /// `Dead`.
    pub(crate) fn shm_map(
        &mut self,
        handle: u64,
        region: usize,
        bytes: usize,
        make: bool,
    ) -> Result<Option<*mut u64>, Refusal> {
        let Some(me) = self.handles.get(&handle) else { return Err(Refusal::Dead) };
        self.living(me.process)?;
        let theirs = || self.others(handle).filter(|h| !self.is_dead(h.process)).find_map(|h| h.shm);
        let number = match me.shm.or_else(theirs) {
            Some(number) => number,
            None => self.number(),
        };
        let shm = self.shms.entry(number).or_default();
        while make && shm.0.len() <= region {
            shm.0.push((0..bytes / 8).map(|_| AtomicU64::new(0)).collect());
        }
        let memory = shm.0.get(region).map(|region| region.as_ptr().cast_mut().cast());
        if let Some(me) = self.handles.get_mut(&handle) {
            me.shm = Some(number);
        }
        Ok(memory)
    }

    /// # Errors
    /// `Dead`.
    pub(crate) fn shm_lock(
        &mut self,
        handle: u64,
        slots: Range<u32>,
        exclusive: bool,
    ) -> Result<Taken, Refusal> {
        let Some(me) = self.handles.get(&handle) else { return Err(Refusal::Dead) };
        self.living(me.process)?;
        let (mask, shm) = (mask(slots), me.shm);
        let same = || self.others(handle).filter(|h| h.shm == shm);
        let held = same().fold(0, |bits, h| bits | h.exclusive | if exclusive { h.shared } else { 0 });
        if held & mask != 0 {
            return Ok(Taken::Busy);
        }
        if let Some(me) = self.handles.get_mut(&handle) {
            *if exclusive { &mut me.exclusive } else { &mut me.shared } |= mask;
        }
        Ok(Taken::Yes)
    }

    /// Works for the dead as well.
    pub(crate) fn shm_unlock(&mut self, handle: u64, slots: Range<u32>) {
        if let Some(me) = self.handles.get_mut(&handle) {
            let keep = !mask(slots);
            (me.shared, me.exclusive) = (me.shared & keep, me.exclusive & keep);
        }
    }

    /// Works for the dead as well. The memory goes with the last who had it.
    pub(crate) fn shm_unmap(&mut self, handle: u64) {
        self.shm_unlock(handle, 0..8);
        let Some(number) = self.handles.get_mut(&handle).and_then(|me| me.shm.take()) else { return };
        if !self.handles.values().any(|h| h.shm == Some(number)) {
            self.shms.remove(&number);
        }
    }
}

fn mask(slots: Range<u32>) -> u8 {
    slots.filter(|slot| *slot < 8).fold(0, |bits, slot| bits | 1 << slot)
}
