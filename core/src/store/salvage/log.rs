//! Which frames of a log count. SQLite reads up to the first bad frame; here a frame that is damaged costs its page, and
//! those behind it still count, as long as it is damage and not the end of what was committed.

use super::super::scan::{FRAME, be, header_holds, sum};
use super::codec::Codec;
use crate::error::Result;
use crate::world::Disk;
use std::path::Path;

/// A page as the log has it.
pub(super) struct Frame {
    /// Which page; as the frame says, where it is damaged.
    pub(super) page: u32,
    /// Where its page's bytes begin in the file.
    pub(super) at: u64,
    /// Whether the page is as it was written.
    pub(super) whole: bool,
}

/// A frame, and how it stands to the one before it.
struct Seen {
    frame: Frame,
    /// Written in this lap of the log.
    ours: bool,
    commit: bool,
    /// Carries on from what the frame before stores, or should store.
    linked: bool,
    /// Only from what it should store: then the frame before is damaged in its checksum alone.
    mends: bool,
}

/// The frames of everything that was committed, oldest first.
///
/// # Errors
/// The system's.
pub(super) fn committed(disk: &dyn Disk, path: &Path, codec: &Codec) -> Result<Vec<Frame>> {
    let seen = read(disk, path, codec)?;
    let trusted = (0..seen.len()).find(|i| !carries_on(&seen, *i)).unwrap_or(seen.len());
    let last = seen[..trusted].iter().rposition(|s| s.commit);
    let keep = last.map_or(0, |last| last + 1);
    Ok(seen.into_iter().take(keep).map(|s| s.frame).collect())
}

/// Every whole page of a log that was kept aside, whatever became of its frames.
///
/// # Errors
/// The system's.
pub(super) fn whole(disk: &dyn Disk, path: &Path, codec: &Codec) -> Result<Vec<Frame>> {
    Ok(read(disk, path, codec)?.into_iter().map(|s| s.frame).filter(|f| f.whole).collect())
}

/// Is frame `i` part of the story, whole or damaged? What an abandoned transaction or an older lap left is whole, and
/// carries on from nothing that was committed; behind it nothing counts.
fn carries_on(seen: &[Seen], i: usize) -> bool {
    let this = &seen[i];
    let damaged = !this.frame.whole || seen.get(i + 1).is_some_and(|next| next.mends);
    // Behind a commit a linked frame can only be what came next: nothing is written there before the commit is synced.
    let more = || {
        let pairs = seen[i..].windows(2);
        pairs.into_iter().any(|pair| pair[0].ours && pair[0].commit && pair[1].linked)
    };
    this.linked || (this.ours && damaged) || more()
}

fn read(disk: &dyn Disk, path: &Path, codec: &Codec) -> Result<Vec<Seen>> {
    let head = disk.read_at(path, 0, 32)?;
    if head.len() < 32 {
        return Ok(vec![]);
    }
    let first = disk.read_at(path, 32, FRAME)?;
    // With a bad header the lap is the first frame's.
    let good = header_holds(&head);
    let salts = if good { head[16..24].to_vec() } else { first.get(8..16).unwrap_or_default().to_vec() };
    let mut stored = [be(&head, 24), be(&head, 28)];
    let mut computed = stored;
    let mut seen = vec![];
    for n in 0.. {
        let at = 32 + n * FRAME as u64;
        let frame = disk.read_at(path, at, FRAME)?;
        if frame.len() < FRAME {
            break;
        }
        let says = [be(&frame, 16), be(&frame, 20)];
        let after = |before| sum(sum(before, &frame[..8]), &frame[24..]);
        let (by_stored, by_computed) = (after(stored), after(computed));
        let ours = frame[8..16] == salts;
        let linked = by_stored == says || by_computed == says || (n == 0 && !good);
        let page = be(&frame, 0);
        let whole = codec.whole(page, &frame[24..]);
        seen.push(Seen {
            frame: Frame { page, at: at + 24, whole },
            ours,
            commit: be(&frame, 4) > 0,
            linked,
            mends: by_computed == says && by_stored != says,
        });
        (stored, computed) = (says, if by_computed == says { says } else { by_stored });
    }
    Ok(seen)
}
