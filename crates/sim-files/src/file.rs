//! One file: what a process reads, and how to go back to what is on disk.

use std::sync::Arc;

/// What tears: a sector is old, new or, within what was written, garbage.
const SECTOR: usize = 512;

/// Numbers from a seed (splitmix64).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.next() % n.max(1)
    }
}

/// How a power cut treats what was not synced.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Cut {
    DropAll,
    KeepAll,
    /// The first calls in order, of each file on its own.
    Prefix,
    /// Sector by sector in any order; with garbage among them or without.
    Sectors {
        garbage: bool,
    },
}

impl Cut {
    pub(crate) fn of(dice: &mut Dice) -> Cut {
        match dice.below(5) {
            0 => Cut::DropAll,
            1 => Cut::KeepAll,
            2 => Cut::Prefix,
            n => Cut::Sectors { garbage: n == 4 },
        }
    }

    /// Whether a change that cannot tear is kept.
    pub(crate) fn keeps(self, dice: &mut Dice) -> bool {
        match self {
            Cut::DropAll => false,
            Cut::KeepAll => true,
            Cut::Prefix | Cut::Sectors { .. } => dice.below(2) == 0,
        }
    }
}

/// What a call since the last sync replaced: enough to go back, and on the way back it shows what the call did. An
/// append stores nothing.
enum Undo {
    Write { at: usize, len: usize, old: Vec<u8>, size: usize },
    Truncate { to: usize, size: usize, cut: Vec<u8> },
}

enum Redo {
    Write(usize, Vec<u8>),
    Truncate(usize),
}

/// A file of a disk. Its bytes are shared with the image it came from until it is changed.
#[derive(Default)]
pub(crate) struct File {
    now: Arc<Vec<u8>>,
    undo: Vec<Undo>,
    /// After a failed sync: the bytes on disk, which are no longer `now` less `undo`.
    lost: Option<Vec<u8>>,
    /// Space kept beyond the bytes; zeros to whoever reads them.
    reserved: u64,
}

impl File {
    pub(crate) fn synced_with(bytes: Arc<Vec<u8>>, reserved: u64) -> File {
        File { now: bytes, reserved, ..File::default() }
    }

    pub(crate) fn bytes(&self) -> &Arc<Vec<u8>> {
        &self.now
    }

    pub(crate) fn reserved(&self) -> u64 {
        self.reserved
    }

    pub(crate) fn size(&self) -> u64 {
        self.reserved.max(self.now.len() as u64)
    }

    /// The first `most` bytes.
    pub(crate) fn head(&self, most: u64) -> Vec<u8> {
        let len = self.size().min(most) as usize;
        let mut bytes = self.now[..len.min(self.now.len())].to_vec();
        bytes.resize(len, 0);
        bytes
    }

    /// Reads at `at` into all of `out`, zeros behind the end; how many bytes there were.
    pub(crate) fn read(&self, at: usize, out: &mut [u8]) -> usize {
        let have = self.now.get(at..).map_or(&[][..], |rest| &rest[..rest.len().min(out.len())]);
        out[..have.len()].copy_from_slice(have);
        out[have.len()..].fill(0);
        have.len()
    }

    pub(crate) fn write(&mut self, at: usize, data: &[u8]) {
        let (size, end) = (self.now.len(), at + data.len());
        let old = self.now.get(at..end.min(size)).unwrap_or_default().to_vec();
        put(Arc::make_mut(&mut self.now), at, data);
        self.undo.push(Undo::Write { at, len: data.len(), old, size });
    }

    pub(crate) fn truncate(&mut self, to: usize) {
        let cut = self.now.get(to..).unwrap_or_default().to_vec();
        self.undo.push(Undo::Truncate { to, size: self.now.len(), cut });
        Arc::make_mut(&mut self.now).resize(to, 0);
    }

    /// Space is kept or given up at once, and that is as durable as it gets.
    pub(crate) fn reserve(&mut self, bytes: u64) {
        if bytes < self.now.len() as u64 {
            self.truncate(bytes as usize);
        }
        self.reserved = bytes;
    }

    pub(crate) fn flip(&mut self, bit: u64) {
        if self.now.is_empty() {
            return;
        }
        let bit = bit % (self.now.len() as u64 * 8);
        Arc::make_mut(&mut self.now)[(bit / 8) as usize] ^= 1 << (bit % 8);
    }

    pub(crate) fn sync(&mut self) {
        let undo = std::mem::take(&mut self.undo);
        let Some(disk) = &mut self.lost else { return };
        // What an earlier sync lost stays lost; what came since is saved.
        for call in back(&mut self.now.to_vec(), undo) {
            match call {
                Redo::Write(at, data) => put(disk, at, &data),
                Redo::Truncate(len) => disk.resize(len, 0),
            }
        }
    }

    pub(crate) fn sync_failed(&mut self) {
        let undo = std::mem::take(&mut self.undo);
        let mut disk = self.now.to_vec();
        back(&mut disk, undo);
        self.lost.get_or_insert(disk);
    }

    /// What a power cut leaves of it, synced.
    pub(crate) fn cut(self, cut: Cut, dice: &mut Dice) -> File {
        let keep = dice.below(self.undo.len() as u64 + 1) as usize;
        if self.undo.is_empty() && self.lost.is_none() {
            return self;
        }
        let mut now = Arc::unwrap_or_clone(self.now);
        let calls = back(&mut now, self.undo);
        let mut disk = self.lost.unwrap_or(now);
        for (n, call) in calls.into_iter().enumerate() {
            match (cut, call) {
                (Cut::DropAll, _) => {}
                (Cut::Prefix, _) if n >= keep => {}
                (Cut::KeepAll | Cut::Prefix, Redo::Write(at, data)) => put(&mut disk, at, &data),
                (Cut::KeepAll | Cut::Prefix, Redo::Truncate(len)) => disk.resize(len, 0),
                (Cut::Sectors { garbage }, Redo::Write(at, data)) => tear(&mut disk, at, data, garbage, dice),
                (Cut::Sectors { .. }, Redo::Truncate(len)) => {
                    if dice.below(2) == 0 {
                        disk.resize(len, 0);
                    }
                }
            }
        }
        File::synced_with(Arc::new(disk), self.reserved)
    }
}

/// Takes `bytes` back to the last sync; returns the calls since, in order.
fn back(bytes: &mut Vec<u8>, undo: Vec<Undo>) -> Vec<Redo> {
    let mut redo: Vec<_> = undo.into_iter().rev().map(|undo| step_back(bytes, undo)).collect();
    redo.reverse();
    redo
}

fn step_back(bytes: &mut Vec<u8>, undo: Undo) -> Redo {
    match undo {
        Undo::Write { at, len, old, size } => {
            let new = bytes[at..at + len].to_vec();
            bytes[at..at + old.len()].copy_from_slice(&old);
            bytes.truncate(size);
            Redo::Write(at, new)
        }
        Undo::Truncate { to, size, cut } => {
            bytes.extend(&cut);
            bytes.truncate(size);
            Redo::Truncate(to)
        }
    }
}

fn put(to: &mut Vec<u8>, at: usize, data: &[u8]) {
    if to.len() < at + data.len() {
        to.resize(at + data.len(), 0);
    }
    to[at..at + data.len()].copy_from_slice(data);
}

/// Half of the sectors land, and with `garbage` an eighth as noise.
fn tear(disk: &mut Vec<u8>, at: usize, mut data: Vec<u8>, garbage: bool, dice: &mut Dice) {
    let mut from = 0;
    while from < data.len() {
        let to = data.len().min(from + SECTOR - (at + from) % SECTOR);
        match dice.below(8) {
            0..=3 => put(disk, at + from, &data[from..to]),
            4 if garbage => {
                data[from..to].iter_mut().for_each(|b| *b = dice.next() as u8);
                put(disk, at + from, &data[from..to]);
            }
            _ => {}
        }
        from = to;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: &[u8]) -> File {
        File::synced_with(Arc::new(bytes.to_vec()), 0)
    }

    #[test]
    fn dropped_writes_leave_what_was_synced_and_kept_ones_what_was_read() {
        let change = |file: &mut File| {
            file.write(2, b"XY");
            file.truncate(3);
            file.write(5, b"tail");
        };
        let (mut dropped, mut kept) = (of(b"abcdef"), of(b"abcdef"));
        change(&mut dropped);
        change(&mut kept);
        assert_eq!(kept.bytes().as_slice(), b"abX\0\0tail");
        assert_eq!(dropped.cut(Cut::DropAll, &mut Dice(1)).bytes().as_slice(), b"abcdef");
        assert_eq!(kept.cut(Cut::KeepAll, &mut Dice(1)).bytes().as_slice(), b"abX\0\0tail");
    }

    #[test]
    fn what_a_failed_sync_lost_no_later_sync_saves() {
        let mut file = of(b"old.");
        file.write(0, b"new");
        file.sync_failed();
        file.write(3, b"!");
        assert_eq!(file.bytes().as_slice(), b"new!", "it stays readable");
        file.sync();
        assert_eq!(file.cut(Cut::KeepAll, &mut Dice(1)).bytes().as_slice(), b"old!");
    }

    #[test]
    fn a_tear_stays_within_what_was_written() {
        for seed in 0..200 {
            let mut file = of(&[1; 4096]);
            file.write(700, &[2; 2000]);
            let cut = file.cut(Cut::Sectors { garbage: seed % 2 == 0 }, &mut Dice(seed));
            let bytes = cut.bytes();
            assert_eq!(bytes.len(), 4096);
            assert!(bytes[..700].iter().chain(&bytes[2700..]).all(|b| *b == 1), "seed {seed}");
        }
    }
}
