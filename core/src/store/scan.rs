//! Reads a log before SQLite does. SQLite stops at the first bad frame and says nothing, although good ones may follow
//! that were acknowledged. No key is needed: the chain of checksums runs over the encrypted pages.

use super::Place;
use crate::error::Result;
use crate::world::Disk;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// SQLCipher's page size; the log's own header is not trusted for it.
const PAGE: usize = 4096;
pub(super) const FRAME: usize = 24 + PAGE;
/// What a power cut writes whole or not at all, at least.
const SECTOR: usize = 512;

/// The log is checked in at 16 MB; one four times as long is not read into memory for this.
const MOST: u64 = 64 << 20;

/// What a log looks like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Log {
    /// Every frame carries on from the one before.
    Sound,
    /// It ends in what a power cut leaves: nothing acknowledged is behind.
    Torn,
    /// Frames that were acknowledged stand behind one that is bad.
    Damaged,
}

/// A damaged log that was kept aside before SQLite went on without its tail.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogDamage {
    /// The copy's name in the book's folder.
    pub kept: String,
    /// When it was found, unix ms.
    pub wall: i64,
    /// The copy's size.
    pub bytes: u64,
}

/// Looks at the log, and copies it aside if it is damaged.
///
/// # Errors
/// The system's: the log is then as it was, and so it must stay closed.
pub(super) fn look(disk: &dyn Disk, place: &Place, wall: i64) -> Result<Log> {
    let log = place.wal();
    if !(1..=MOST).contains(&disk.size(&log)) {
        return Ok(Log::Sound);
    }
    let mut found = vec![];
    // Damage is looked at twice, because another process may be writing the log just now.
    for _ in 0..2 {
        found = disk.read(&log, MOST)?.unwrap_or_default();
        match scan(&found) {
            Log::Damaged => {}
            log => return Ok(log),
        }
    }
    if checked_in(disk, place, &found)? {
        return Ok(Log::Torn);
    }
    // A book that does not open for another reason is tried again and again.
    if all_kept(disk, place)?
        .iter()
        .any(|copy| disk.size(copy) == found.len() as u64 && same(disk, copy, &found))
    {
        return Ok(Log::Damaged);
    }
    disk.copy(&log, &place.folder().join(format!("{}{wall}", Place::DAMAGED)))?;
    Ok(Log::Damaged)
}

/// Does the database hold all that stands in the log, as it stands there last? Then it was checked in before, and with it
/// what stood where the bad frame is: nothing is lost. (Cutting a log to nothing is not synced: after a power cut the old
/// one may be there again, under the header that was torn when the next one was begun.)
fn checked_in(disk: &dyn Disk, place: &Place, log: &[u8]) -> Result<bool> {
    let mut newest = BTreeMap::new();
    walk(log, true, &mut |frame| {
        newest.insert(be(frame, 0), &frame[24..]);
    });
    for (page, held) in newest {
        let at = u64::from(page).saturating_sub(1) * PAGE as u64;
        if disk.read_at(&place.db(), at, PAGE)? != held {
            return Ok(false);
        }
    }
    Ok(true)
}

fn same(disk: &dyn Disk, copy: &Path, log: &[u8]) -> bool {
    disk.read(copy, MOST).is_ok_and(|copy| copy.as_deref() == Some(log))
}

/// Every copy in the folder, oldest first.
pub(super) fn all_kept(disk: &dyn Disk, place: &Place) -> Result<Vec<PathBuf>> {
    let names = disk.list(&place.folder())?.into_iter().filter(|name| name.starts_with(Place::DAMAGED));
    Ok(names.map(|name| place.folder().join(name)).collect())
}

/// The newest copy in the folder. It stays there, and is told of at each open, until somebody takes it away.
pub(super) fn kept(disk: &dyn Disk, place: &Place) -> Result<Option<LogDamage>> {
    let newest = disk.list(&place.folder())?.into_iter().filter_map(|name| {
        let wall = name.strip_prefix(Place::DAMAGED)?.parse().ok()?;
        Some(LogDamage { bytes: disk.size(&place.folder().join(&name)), kept: name, wall })
    });
    Ok(newest.max_by_key(|d| d.wall))
}

/// A frame *is linked* when it carries on from the checksum that the frame before it stores: one bad frame breaks one
/// or two links, and those behind hold. It is *ours*, of this lap, by its salts, or by its link to one of ours that is
/// linked itself: the checksum covers all of a frame but the salts.
///
/// Nothing is written behind a commit before that commit is synced. So from the first break on, a commit with a linked
/// frame right after it is damage, and so is a second commit. (What an abandoned transaction left is linked among
/// itself, never to a commit; an older lap carries other salts.) A tail torn over the commit of one that was torn
/// before it would look so too: opening a book empties a torn log, unless the system refuses. What cannot be seen is
/// damage in the last transaction alone: that is what a power cut leaves.
///
/// One frame's head in 64 lies across two sectors, so that a power cut can leave an older lap's *commit* before this
/// lap's salts. Where more is broken than one bad frame can break, such a commit is not believed unless it is linked.
pub(super) fn scan(log: &[u8]) -> Log {
    match walk(log, true, &mut |_| ()) {
        (Log::Damaged, broken) if broken > 2 => walk(log, false, &mut |_| ()).0,
        (log, _) => log,
    }
}

/// As [`scan`], with how many links up to the last frame of ours are broken; hands out each frame that is ours. `believed`:
/// a commit in a head that may be torn counts.
fn walk<'a>(log: &'a [u8], believed: bool, each: &mut dyn FnMut(&'a [u8])) -> (Log, u32) {
    let Some((head, frames)) = log.split_at_checked(32) else {
        return (if log.is_empty() { Log::Sound } else { Log::Torn }, 0);
    };
    let mut broken = !header_holds(head);
    // With a bad header the lap is the first frame's.
    let salts = if broken { frames.get(8..16).unwrap_or_default() } else { &head[16..24] };
    let mut before = [be(head, 24), be(head, 28)];
    let (mut ours, mut behind_commit, mut commits, mut damaged) = (true, false, 0, false);
    let (mut whole, mut unlinked, mut last) = (true, 0, 0);
    for (at, frame) in frames.chunks_exact(FRAME).enumerate() {
        let salted = &frame[8..16] == salts;
        let stored = [be(frame, 16), be(frame, 20)];
        let linked = (salted || ours) && sum(sum(before, &frame[..8]), &frame[24..]) == stored;
        // What carries on from a bad frame's checksum is of that checksum's lap, which need not be that of its salts.
        ours = salted || (linked && whole);
        whole = linked;
        broken |= !(salted && linked);
        unlinked += u32::from(!linked);
        last = if ours { unlinked } else { last };
        // The sector ends between what says *commit* and the salts.
        let across = (32 + at * FRAME + 8).is_multiple_of(SECTOR);
        let commit = broken && ours && be(frame, 4) > 0 && (linked || believed || !across);
        commits += u32::from(commit);
        damaged |= (linked && behind_commit) || commits > 1;
        if ours {
            each(frame);
        }
        behind_commit = commit;
        before = stored;
    }
    let log = if damaged {
        Log::Damaged
    } else if broken || frames.len() % FRAME != 0 {
        Log::Torn
    } else {
        Log::Sound
    };
    (log, last)
}

pub(super) fn header_holds(head: &[u8]) -> bool {
    let magic = 0x377f_0682 | u32::from(cfg!(target_endian = "big"));
    be(head, 0) == magic
        && be(head, 4) == 3_007_000
        && be(head, 8) as usize == PAGE
        && sum([0; 2], &head[..24]) == [be(head, 24), be(head, 28)]
}

pub(super) fn be(bytes: &[u8], at: usize) -> u32 {
    bytes[at..at + 4].iter().fold(0, |n, b| n << 8 | u32::from(*b))
}

/// SQLite's running checksum, in this machine's byte order, as this machine writes it.
pub(super) fn sum(from: [u32; 2], data: &[u8]) -> [u32; 2] {
    data.chunks_exact(8).fold(from, |[a, b], pair| {
        let word = |at: usize| match cfg!(target_endian = "big") {
            true => be(pair, at),
            false => be(pair, at).swap_bytes(),
        };
        let a = a.wrapping_add(word(0)).wrapping_add(b);
        [a, b.wrapping_add(word(4)).wrapping_add(a)]
    })
}
