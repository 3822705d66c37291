//! Creates in doubt, and what a download shows about them.

use super::download::Staged;
use super::effect::{CREATE, ProspectRemote, Receipt, prospect_of};
use super::matching::{Sought, Verdict as Found};
use super::wire::Downloaded;
use super::{Fields, PROSPECT, rows};
use crate::error::Result;
use crate::feed;
use crate::outbox::doubt::{self, Worth};
use crate::outbox::entry::{Entry, Payload};
use crate::outbox::policy::Verdict;
use crate::outbox::remote::{Asked, Remote};
use crate::outbox::{plan, rows as outbox};
use crate::store::Store;
use crate::world::Steady;
use rusqlite::{Connection, Transaction};

/// The circumstances of a good reading.
pub(super) struct Circumstances<'a> {
    pub remote: &'a ProspectRemote,
    pub asked: &'a Asked,
    pub key_verified: bool,
    /// The disk is full: only what settles or merges unsent work was staged.
    pub tight: bool,
    /// What was passed over.
    pub passed: Passed,
}

/// Rows of a reading that were there and could not be read. They cost no other row; what the reading lacks may be in them.
#[derive(Clone, Copy, Default)]
pub(super) struct Passed {
    /// How many.
    pub rows: u64,
    /// One of them without its code: any record may be in it.
    pub nameless: bool,
    /// One of them under a code that no record here has: it may be a create whose outcome is not known.
    pub strange: bool,
}

impl Circumstances<'_> {
    /// Was the whole list asked for?
    pub fn whole_list(&self) -> bool {
        self.asked.reading.is_all()
    }

    /// Is a code that the reading lacks not in the list?
    pub fn complete(&self) -> bool {
        self.whole_list() && !self.passed.nameless
    }

    /// Is it of the officer in whose session it was asked? What another one sent is settled in her session only: the
    /// bank gives each her own list.
    pub fn hers(&self, entry: &Entry) -> bool {
        entry.head.author == self.asked.session.officer
    }

    /// Moves an entry as a verdict says. `true`: it moved on from its doubt.
    pub fn settle(
        &self,
        tx: &Transaction<'_>,
        entry: &Entry,
        intent: bool,
        verdict: Verdict,
    ) -> Result<bool> {
        let worth = Worth {
            complete: self.complete(),
            key_verified: self.key_verified,
            harmless: false,
            asked: self.asked.at,
        };
        doubt::settle(self.remote, tx, entry, worth, intent, verdict)
    }

    /// What a reading brings is bulk; but with a full disk, or about one record, it is what the officer waits for.
    pub fn write<T>(&self, store: &Store, f: impl FnMut(&Transaction<'_>) -> Result<T>) -> Result<T> {
        if self.tight || !self.whole_list() { store.write(f) } else { store.write_bulk(f) }
    }

    /// Had the server's stated lateness passed since then, when the request left?
    pub fn quiet_over_since(&self, then: Option<Steady>) -> bool {
        then.is_none_or(|then| plan::quiet_over(self.asked.at.steady, then, self.remote.rules().quiet))
    }

    /// A V1.0.0 server knows two fields less.
    pub fn v100(&self) -> bool {
        self.remote.profile.prospect.v100
    }

    /// Did this lane move since the request left?
    pub fn moved_since(&self, tx: &Transaction<'_>, lane: &str) -> Result<bool> {
        Ok(feed::last(tx, lane)? > self.asked.mark)
    }
}

/// Creates that were begun and are not settled, each looking for itself among the rows that go by.
#[derive(Default)]
pub(super) struct Doubts(Vec<(Entry, Sought)>);

impl Doubts {
    pub fn load(conn: &Connection) -> Result<Self> {
        let mut doubts = vec![];
        for entry in outbox::begun(conn, PROSPECT, CREATE)? {
            // Of nobody: it asks in its time, and holds up no download.
            let Ok(id) = prospect_of(&entry) else { continue };
            // A restored store does not know what it sent: what the row holds now is the best there is.
            let sent = match &entry.sent {
                Some(sent) => sent.decode().ok(),
                None => rows::get(conn, id).ok().map(|row| row.local),
            };
            doubts.extend(sent.map(|sent: Fields| (entry, Sought::new(&sent))));
        }
        Ok(Doubts(doubts))
    }

    /// Shows each of them a row.
    pub fn see(&mut self, row: &Downloaded) {
        self.0.iter_mut().for_each(|(_, sought)| sought.see(row));
    }

    /// Is this row one that could be a create of ours? Then it is not taken in as somebody else's.
    pub fn hold(&self, code: &str) -> bool {
        self.0.iter().any(|(_, sought)| sought.saw(code))
    }

    /// Gives each its verdict. Returns how many moved.
    pub fn settle(self, store: &Store, around: &Circumstances<'_>) -> Result<u64> {
        let mut settled = 0;
        for (entry, sought) in &self.0 {
            settled += u64::from(store.write(|tx| settle_one(tx, around, entry, sought))?);
        }
        Ok(settled)
    }
}

fn settle_one(
    tx: &Transaction<'_>,
    around: &Circumstances<'_>,
    seen: &Entry,
    sought: &Sought,
) -> Result<bool> {
    let Some(entry) = outbox::get(tx, seen.head.id)? else { return Ok(false) };
    if entry.head.attempt != seen.head.attempt {
        return Ok(false); // sent again meanwhile: this reading is about an older attempt
    }
    if !around.hers(&entry) {
        return Ok(false);
    }
    let id = prospect_of(&entry)?;
    let owned = |code: &str| rows::id_by_code(tx, code).ok().flatten().is_some_and(|owner| owner != id);
    let verdict = match sought.verdict(owned) {
        Found::Proved(code) => Verdict::Proved(Receipt::payload(&code, "read_back")?),
        // Short of proof only the whole list speaks about a create, and only one that is younger than its lane's last
        // move: in any other the row that proves it may be missing beside one that is like it.
        _ if !around.complete() || around.passed.strange => return Ok(false),
        _ if around.moved_since(tx, &entry.lane)? => return Ok(false),
        Found::Near(rows) => {
            let rows: Vec<_> = rows.into_iter().map(Staged::from).collect();
            Verdict::Near(Payload::encode(&rows)?)
        }
        Found::Absent => Verdict::Absent,
    };
    around.settle(tx, &entry, rows::intent(tx, id)?.is_some(), verdict)
}

#[cfg(test)]
mod tests;
