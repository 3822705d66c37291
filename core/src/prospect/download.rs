//! Takes a download in: streamed, staged, and merged only when the whole reply is good.
//!
//! Every reading is this one path: a download that the officer asked for, the read-back of a doubt, the look before
//! an update leaves, the probe. A lane that moved since the request left is skipped: what the server said is older
//! than what happened here.

use super::effect::ProspectRemote;
use super::judge::status_says;
use super::receipt::Sum;
use super::secrets::ProspectSecrets;
use super::settle::{Circumstances, Doubts, Passed};
use super::wire::{self, Downloaded, ReadFailure, Unreadable};
use super::{Field, Fields, PROSPECT, ServerFields, apply, rows};
use crate::error::{Error, Result, Trouble};
use crate::outbox::remote::{Asked, ReadFailed, Says, Taken};
use crate::outbox::remote_row::{self, KeyTrust};
use crate::outbox::staged;
use crate::store::Store;
use crate::text::civil;
use crate::world::{Cause, Incoming};
use rusqlite::{Connection, Transaction};
use serde::{Deserialize, Serialize};
use std::sync::atomic::Ordering::SeqCst;

/// Rows compared, staged or applied in one short transaction.
pub(super) const CHUNK: usize = 250;

/// A row as it lies in the staging table.
#[derive(Serialize, Deserialize)]
pub(super) struct Staged {
    pub(super) code: String,
    pub(super) fields: Fields,
    server: ServerFields,
    unsaid: Vec<String>,
}

impl From<Downloaded> for Staged {
    fn from(row: Downloaded) -> Self {
        let unsaid = row.unsaid.iter().map(|f| f.wire().to_owned()).collect();
        Self { code: row.code, fields: row.fields, server: row.server, unsaid }
    }
}

/// The staged rows `from..to` of a download; they leave the table.
pub(super) fn unstage(tx: &Transaction<'_>, download: i64, from: i64, to: i64) -> Result<Vec<Downloaded>> {
    let row = |text: &String| {
        let Staged { code, fields, server, unsaid } = serde_json::from_str(text)?;
        let unsaid = unsaid.iter().filter_map(|name| Field::by_wire(name)).collect();
        Ok(Downloaded { code, fields, server, unsaid })
    };
    staged::take(tx, download, from, to)?.iter().map(row).collect()
}

/// What is gathered while the reply streams. Provisional.
pub(super) struct Intake<'a> {
    store: &'a Store,
    asked: &'a Asked,
    chunk: Vec<Downloaded>,
    doubts: Doubts,
    /// Local ids whose code was returned, one bit each.
    pub(super) seen: Seen,
    v100: bool,
    /// The disk is full: only what unsent work waits for is taken in.
    tight: bool,
    /// Something was not taken in because of it.
    left_out: bool,
    staged: u64,
    rows: u64,
    sum: Sum,
    /// A confirmed create of ours came back with its key; with another one.
    key: (bool, bool),
    passed: Passed,
}

/// A set of local ids, one bit each.
#[derive(Default)]
pub(super) struct Seen(Vec<u64>);

impl Seen {
    fn insert(&mut self, id: i64) {
        let (word, bit) = ((id / 64) as usize, id % 64);
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << bit;
    }

    pub(super) fn contains(&self, id: i64) -> bool {
        self.0.get((id / 64) as usize).is_some_and(|w| w & (1 << (id % 64)) != 0)
    }
}

/// See `Remote::take`.
pub(super) fn take(
    remote: &ProspectRemote,
    store: &Store,
    asked: &Asked,
    answer: Incoming,
) -> Result<Taken, ReadFailed> {
    if let Some(says) = status_says(answer.head.status, answer.head.retry_after) {
        return Err(ReadFailed::Said(says, Trouble::Unusable));
    }
    let taken = stream(remote, store, asked, answer).and_then(|intake| finish(remote, intake));
    if taken.is_err() {
        // The first error counts; what is left here is swept on open.
        let _ = sweep(store, asked.download);
    }
    taken
}

fn stream<'a>(
    remote: &ProspectRemote,
    store: &'a Store,
    asked: &'a Asked,
    answer: Incoming,
) -> Result<Intake<'a>, ReadFailed> {
    let envelope = ProspectSecrets::parse(&asked.session.secrets)?.envelope()?;
    let doubts = store.read(Doubts::load)?;
    let mut intake = Intake {
        store,
        asked,
        chunk: Vec::with_capacity(CHUNK),
        doubts,
        seen: Seen::default(),
        v100: remote.profile.prospect.v100,
        tight: store.disk_tight(),
        left_out: false,
        staged: 0,
        rows: 0,
        sum: Sum::default(),
        key: (false, false),
        passed: Passed::default(),
    };
    let tail = wire::read_rows(envelope.reader(answer.body), |row| intake.row(row));
    let tail = match tail {
        Ok(tail) => tail,
        Err(ReadFailure::Stopped(e)) => return Err(ReadFailed::Store(e)),
        Err(ReadFailure::Undecodable) => return Err(ReadFailed::Said(Says::Unusable, Trouble::Unusable)),
        Err(ReadFailure::Broken(e)) => {
            return Err(ReadFailed::Said(Says::Silent, Trouble::Failed(Cause::of(&e))));
        }
    };
    if tail.session_expired() {
        return Err(ReadFailed::Said(Says::SignIn, Trouble::SignIn));
    }
    if tail.refused() {
        return Err(ReadFailed::Said(Says::Usable, Trouble::Refused));
    }
    if !tail.succeeded() {
        return Err(ReadFailed::Said(Says::Unusable, Trouble::Unusable)); // neither yes nor the documented no
    }
    // One record's own row that cannot be read is no answer about it; address, settings and key are proven all the same.
    if intake.passed.rows > 0 && !asked.reading.is_all() {
        return Err(ReadFailed::Said(Says::Usable, Trouble::Unreadable));
    }
    intake.stage()?;
    Ok(intake)
}

impl Intake<'_> {
    fn row(&mut self, row: Result<Downloaded, Unreadable>) -> Result<()> {
        self.rows += 1;
        self.asked.progress.items.store(self.rows, SeqCst);
        let row = match row {
            Ok(row) => row,
            Err(unreadable) => return self.pass(unreadable),
        };
        self.doubts.see(&row);
        if row.code.is_empty() {
            return Ok(()); // without a code it can be neither kept nor found again
        }
        self.chunk.push(row);
        if self.chunk.len() == CHUNK { self.stage() } else { Ok(()) }
    }

    /// A row that cannot be read: what it is about is as it was, and not gone.
    fn pass(&mut self, row: Unreadable) -> Result<()> {
        self.passed.rows += 1;
        let Some(code) = row.code else {
            self.passed.nameless = true;
            return Ok(());
        };
        match self.store.read(|conn| rows::id_by_code(conn, &code))? {
            Some(id) => self.seen.insert(id.0),
            None => self.passed.strange = true,
        }
        Ok(())
    }

    /// Compares a chunk with the book; what differs goes to the staging table.
    fn stage(&mut self) -> Result<()> {
        let chunk = std::mem::take(&mut self.chunk);
        let store = self.store;
        let differing = store.read(|conn| {
            let mut differing = vec![];
            for row in chunk {
                let fields = serde_json::to_string(&row.fields).map_err(|_| Error::internal("stage"))?;
                self.sum.add(&row.code, &row.fields, self.v100);
                if !self.unchanged(conn, &row, &fields)? {
                    differing.push(
                        serde_json::to_string(&Staged::from(row)).map_err(|_| Error::internal("stage"))?,
                    );
                }
            }
            Ok(differing)
        })?;
        if differing.is_empty() {
            return Ok(());
        }
        let (first, download) = (self.staged, self.asked.download);
        self.staged += differing.len() as u64;
        let insert = |tx: &Transaction<'_>| staged::put(tx, download, first, &differing);
        if self.tight || !self.asked.reading.is_all() {
            store.write(insert)
        } else {
            store.write_bulk(insert)
        }
    }

    /// Is the row what the book holds as agreed, with nothing unsent? Then there is nothing to do.
    fn unchanged(&mut self, conn: &Connection, row: &Downloaded, fields: &str) -> Result<bool> {
        let Some(known) = rows::known(conn, &row.code)? else {
            self.left_out |= self.tight;
            return Ok(self.tight);
        };
        self.seen.insert(known.id.0);
        if known.own {
            let same = civil::same_second(&known.created_at, row.created_at());
            // A key on the full minute proves nothing about seconds.
            self.key.0 |= same && !known.created_at.ends_with(":00.000");
            self.key.1 |= !same;
        }
        let agrees = known.agrees(row, fields, self.v100)?;
        let left_out = self.tight && known.settled && !agrees;
        self.left_out |= left_out;
        Ok(agrees || left_out)
    }
}

/// The reply is good: merge, settle, find what is gone.
fn finish(remote: &ProspectRemote, mut intake: Intake<'_>) -> Result<Taken, ReadFailed> {
    let (store, asked) = (intake.store, intake.asked);
    let mut taken = Taken { rows: intake.rows, unreadable: intake.passed.rows, ..Taken::default() };
    let key = note_key(&intake)?;
    let around = Circumstances {
        remote,
        asked,
        key_verified: key == KeyTrust::Verified,
        tight: intake.tight,
        passed: intake.passed,
    };
    let mut done = 0;
    while done < intake.staged {
        let (from, to) = (done, (done + CHUNK as u64).min(intake.staged));
        let applied =
            around.write(store, |tx| apply::chunk(tx, &around, &intake.doubts, from as i64, to as i64))?;
        taken.new += applied.new;
        taken.changed += applied.changed;
        taken.skipped += applied.skipped;
        taken.apart += applied.apart;
        taken.conflicts += applied.conflicts;
        taken.settled += applied.settled;
        applied.known.iter().for_each(|id| intake.seen.insert(id.0));
        taken
            .fresh
            .extend(applied.fresh.iter().map(|id| id.lane()).filter(|lane| asked.lanes.contains(lane)));
        done = to;
        // The log goes into the database bit by bit, not inside some save's commit.
        let _ = store.idle();
    }
    taken.settled += std::mem::take(&mut intake.doubts).settle(store, &around)?;
    if around.complete() {
        taken.gone = apply::gone(store, &around, &intake.seen)?;
        if !intake.left_out {
            complete(&intake, &taken)?;
        }
    }
    if intake.left_out && asked.lanes.is_empty() {
        return Err(ReadFailed::Store(Error::DiskFull)); // what unsent work needed was taken in
    }
    Ok(taken)
}

/// What the read showed about the natural key.
fn note_key(intake: &Intake<'_>) -> Result<KeyTrust> {
    let (confirmed, broken) = intake.key;
    let all = intake.asked.reading.is_all() && intake.passed.rows == 0;
    intake.store.write(|tx| {
        let was = remote_row::get(tx, PROSPECT)?.key;
        let now = match was {
            _ if broken => KeyTrust::Broken,
            // Only the whole list, read to the last row, can show that what was broken is so nowhere any more.
            KeyTrust::Broken if !all => KeyTrust::Broken,
            _ if confirmed => KeyTrust::Verified,
            other => other,
        };
        remote_row::set_key(tx, PROSPECT, now)?;
        Ok(now)
    })
}

fn complete(intake: &Intake<'_>, taken: &Taken) -> Result<()> {
    let digest =
        intake.sum.digest(intake.rows.saturating_sub(taken.skipped + taken.apart + taken.unreadable));
    let json = serde_json::to_string(&digest).map_err(|_| Error::internal("digest"))?;
    intake.store.write(|tx| remote_row::set_downloaded(tx, PROSPECT, intake.asked.at.wall, &json))
}

/// What downloads that were cut off left. Another process's download under way notices, and begins anew.
pub(crate) fn sweep_leftovers(store: &Store) -> Result<()> {
    // Read first: nearly always there is nothing to write, and of a damaged page a write says no more than "read-only".
    while store.read(staged::any)? {
        store.write(|tx| staged::discard(tx, None, CHUNK))?;
    }
    Ok(())
}

/// Throws provisional rows away, in short transactions.
fn sweep(store: &Store, download: i64) -> Result<()> {
    while store.write_bulk(|tx| staged::discard(tx, Some(download), CHUNK))? > 0 {}
    Ok(())
}

#[cfg(test)]
mod tests;
