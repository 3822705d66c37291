//! Creates in doubt, and what a download shows about them.

use super::effect::{CREATE, ProspectRemote, Receipt, prospect_of};
use super::matching::{self, Found};
use super::wire::Downloaded;
use super::{Field, Fields, rows};
use crate::error::Result;
use crate::outbox::entry::{Entry, Payload};
use crate::outbox::policy::{self, Doubt, Evidence, Verdict};
use crate::outbox::remote::{Asked, Remote};
use crate::outbox::{calls, plan, rows as outbox};
use crate::satchel::PROSPECT;
use crate::store::Store;
use crate::feed;
use rusqlite::{Connection, Transaction};
use std::collections::BTreeMap;
use std::time::Duration;

/// The most candidates kept for one doubt: more than one is *near* anyway.
const CANDIDATES: usize = 8;

/// The circumstances of a good reading.
pub(super) struct Circumstances<'a> {
    pub remote: &'a ProspectRemote,
    pub asked: &'a Asked,
    pub complete: bool,
    pub key_verified: bool,
}

impl Circumstances<'_> {
    /// How much this reading is worth for an entry.
    fn evidence(&self, entry: &Entry) -> Evidence {
        let rules = self.remote.rules();
        Evidence {
            now: self.asked.at.steady,
            complete: self.complete,
            asked_after_quiet: plan::quiet_over(self.asked.at.steady, entry.head.since, rules.quiet),
            key_verified: self.key_verified,
            lateness_stated: rules.lateness_stated,
            absence: rules.absence,
            window: rules.absence_window,
            settle_by: rules.settle_by,
            longest: Duration::from_millis(rules.backoff.most_ms),
        }
    }

    /// Moves an entry as a verdict says. `true`: it moved on from its doubt.
    pub fn settle(&self, tx: &Transaction<'_>, entry: &Entry, intent: bool, verdict: Verdict) -> Result<bool> {
        // Wall time only bounds how old a send can be at most; a jump back makes it younger, which asks less, so the
        // making of the entry bounds it as well.
        let sent = entry.sent_wall.unwrap_or(entry.made_wall);
        let sent_age = Some(Duration::from_millis((self.asked.at.wall - sent).max(0) as u64));
        let doubt = Doubt { head: &entry.head, sent_age, intent };
        match policy::settle(&doubt, &self.evidence(entry), verdict) {
            Some(to @ policy::Move::Later { .. }) => {
                calls::apply_at(self.remote, tx, entry, to, self.asked.at)?;
                Ok(false)
            }
            Some(to) => calls::apply_at(self.remote, tx, entry, to, self.asked.at),
            None => Ok(false),
        }
    }

    /// Did this lane move since the request left?
    pub fn moved_since(&self, tx: &Transaction<'_>, lane: &str) -> Result<bool> {
        Ok(feed::last(tx, lane)? > self.asked.mark)
    }
}

struct Open {
    entry: Entry,
    sent: Fields,
    found: Vec<Downloaded>,
}

/// Creates that were begun and are not settled, with what the reply holds that could be them.
pub(super) struct Doubts {
    open: Vec<Open>,
    by_key: BTreeMap<String, usize>,
    by_person: BTreeMap<[String; 3], Vec<usize>>,
    v100: bool,
}

fn person(fields: &Fields) -> [String; 3] {
    [Field::NameEn, Field::NameKh, Field::Phone].map(|f| fields.get(f).to_owned())
}

impl Doubts {
    pub fn load(conn: &Connection, v100: bool) -> Result<Self> {
        let mut doubts = Doubts { open: vec![], by_key: BTreeMap::new(), by_person: BTreeMap::new(), v100 };
        for entry in outbox::begun(conn, PROSPECT, CREATE)? {
            // A restored store does not know what it sent: what the row holds now is the best there is.
            let sent = match &entry.sent {
                Some(sent) => sent.decode().ok(),
                None => rows::get(conn, prospect_of(&entry)?)?.map(|row| row.fields),
            };
            let Some(sent) = sent else { continue };
            let index = doubts.open.len();
            doubts.by_key.insert(sent.get(Field::CreatedAt).to_owned(), index);
            doubts.by_person.entry(person(&sent)).or_default().push(index);
            doubts.open.push(Open { entry, sent, found: vec![] });
        }
        Ok(doubts)
    }

    /// Keeps a row that could be one of them.
    pub fn consider(&mut self, row: &Downloaded) {
        if self.open.is_empty() {
            return;
        }
        let mut hits: Vec<usize> = self.by_key.get(&row.created_at).copied().into_iter().collect();
        hits.extend(self.by_person.get(&person(&row.fields)).into_iter().flatten());
        hits.dedup();
        for hit in hits {
            let open = &mut self.open[hit];
            if open.found.len() < CANDIDATES && matching::possible(&open.sent, row) {
                open.found.push(row.clone());
            }
        }
    }

    /// Is this row one that could be a create of ours? Then it is not taken in as somebody else's.
    pub fn holds(&self, code: &str) -> bool {
        self.open.iter().any(|o| o.found.iter().any(|row| row.code == code))
    }

    /// Gives each its verdict. Returns how many moved.
    pub fn settle(&self, store: &Store, around: &Circumstances<'_>) -> Result<u64> {
        let mut settled = 0;
        for open in &self.open {
            settled += u64::from(store.write_bulk(|tx| self.settle_one(tx, around, open))?);
        }
        Ok(settled)
    }

    fn settle_one(&self, tx: &Transaction<'_>, around: &Circumstances<'_>, open: &Open) -> Result<bool> {
        let Some(entry) = outbox::get(tx, open.entry.head.id)? else { return Ok(false) };
        if entry.head.attempt != open.entry.head.attempt {
            return Ok(false); // sent again meanwhile: this reading is about an older attempt
        }
        let id = prospect_of(&entry)?;
        let Some(row) = rows::get(tx, id)? else { return Ok(false) };
        let mut mine = vec![];
        for found in &open.found {
            // A row that is another own record of ours is not this one.
            if rows::owner_of(tx, &found.code)?.is_none_or(|owner| owner == id || !rows::is_own(tx, owner).unwrap_or(true)) {
                mine.push(found.clone());
            }
        }
        let taken = |code: &str| rows::owner_of(tx, code).ok().flatten().is_some_and(|owner| owner != id);
        let verdict = match matching::verdict(&open.sent, &mine, taken, self.v100) {
            Found::Proved(code) => {
                Verdict::Proved(Payload::encode(&Receipt { code, by: "read_back".into() })?)
            }
            Found::Near(rows) => Verdict::Near(Payload::encode(&rows)?),
            // One code's own read says nothing about a create.
            Found::Absent if !around.complete => return Ok(false),
            // What moved since the request left is not judged by an absence that is older.
            Found::Absent if around.moved_since(tx, &entry.lane)? => return Ok(false),
            Found::Absent => Verdict::Absent,
        };
        around.settle(tx, &entry, row.intent.is_some(), verdict)
    }
}
