//! Takes a download in: streamed, staged, and merged only when the whole reply is good.
//!
//! Every reading is this one path: a download that the officer asked for, the read-back of a doubt, the look before
//! an update leaves, the probe. A lane that moved since the request left is skipped: what the server said is older
//! than what happened here.

use super::effect::{ProspectRemote, status_says};
use super::secrets::ProspectSecrets;
use super::settle::{Circumstances, Doubts};
use super::wire::{self, Downloaded};
use super::{apply, rows};
use crate::error::{Error, Result, Trouble};
use crate::outbox::remote::{Asked, ReadFailed, Remote, Says, Taken};
use crate::outbox::remote_row::{self, KeyTrust};
use crate::outbox::session;
use crate::satchel::PROSPECT;
use crate::store::Store;
use crate::text::civil;
use crate::world::Incoming;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

/// Rows compared, staged or applied in one short transaction.
const CHUNK: usize = 500;

/// What a complete download returned, for the receipt.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Digest {
    /// Rows the server returned.
    pub rows: u64,
    /// Of these, rows that this tablet holds alike and without anything unsent.
    pub agreed: u64,
    /// SHA-256 of each row, combined without order, hex.
    pub sha256: String,
}

/// What is gathered while the reply streams. Provisional.
pub(super) struct Intake<'a> {
    store: &'a Store,
    asked: &'a Asked,
    chunk: Vec<Downloaded>,
    doubts: Doubts,
    /// Local ids whose code was returned, one bit each.
    pub(super) seen: Seen,
    staged: u64,
    rows: u64,
    digest: [u8; 32],
    /// A confirmed create of ours came back with its key; with another one.
    key: (bool, bool),
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

/// See [`Remote::take`].
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
        sweep(store, asked.download)?;
    }
    taken
}

fn stream<'a>(
    remote: &ProspectRemote,
    store: &'a Store,
    asked: &'a Asked,
    answer: Incoming,
) -> Result<Intake<'a>, ReadFailed> {
    let session = store.read(|conn| session::load(conn, PROSPECT, &asked.officer))?;
    let (session, _) = session.ok_or(ReadFailed::Said(Says::SignIn, Trouble::SignIn))?;
    let envelope = ProspectSecrets::parse(&session.secrets)?.envelope()?;
    let doubts = store.read(|conn| Doubts::load(conn, remote.profile.prospect.v100))?;
    let mut intake = Intake {
        store,
        asked,
        chunk: Vec::with_capacity(CHUNK),
        doubts,
        seen: Seen::default(),
        staged: 0,
        rows: 0,
        digest: [0; 32],
        key: (false, false),
    };
    let tail = wire::read_rows(envelope.reader(answer.body), |row| intake.row(row));
    let tail = match tail {
        Ok(tail) => tail,
        Err(wire::ReadError::Rows(e)) => return Err(ReadFailed::Store(e)),
        Err(wire::ReadError::Undecodable) => return Err(ReadFailed::Said(Says::Unusable, Trouble::Unusable)),
        Err(wire::ReadError::Broken(cause)) => return Err(ReadFailed::Said(Says::Silent, Trouble::Failed(cause))),
    };
    if tail.session_expired() {
        return Err(ReadFailed::Said(Says::SignIn, Trouble::SignIn));
    }
    if !tail.succeeded() {
        return Err(ReadFailed::Said(Says::Usable, Trouble::Refused));
    }
    intake.stage()?;
    Ok(intake)
}

impl Intake<'_> {
    fn row(&mut self, row: Downloaded) -> Result<()> {
        self.rows += 1;
        self.doubts.consider(&row);
        self.chunk.push(row);
        if self.chunk.len() == CHUNK { self.stage() } else { Ok(()) }
    }

    /// Compares a chunk with the book; what differs goes to the staging table.
    fn stage(&mut self) -> Result<()> {
        let chunk = std::mem::take(&mut self.chunk);
        let store = self.store;
        let differing = store.read(|conn| {
            let mut differing = vec![];
            for row in chunk {
                let fields = serde_json::to_string(&row.fields).map_err(|_| Error::internal("stage"))?;
                self.note(&row.code, &fields);
                if !self.unchanged(conn, &row, &fields)? {
                    differing.push((row, fields));
                }
            }
            Ok(differing)
        })?;
        if differing.is_empty() {
            return Ok(());
        }
        let (first, download) = (self.staged, self.asked.download);
        self.staged += differing.len() as u64;
        store.write_bulk(|tx| {
            let mut insert = tx.prepare_cached(
                "INSERT INTO staged (download, seq, code, created_at, fields, server) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?;
            for (seq, (row, fields)) in (first..).zip(&differing) {
                let server = serde_json::to_string(&row.server).map_err(|_| Error::internal("stage"))?;
                insert.execute((download, seq as i64, &row.code, &row.created_at, fields, &server))?;
            }
            Ok(())
        })
    }

    /// Is the row what the book holds as agreed, with nothing unsent? Then there is nothing to do.
    fn unchanged(&mut self, conn: &Connection, row: &Downloaded, fields: &str) -> Result<bool> {
        let Some(known) = rows::known(conn, &row.code)? else { return Ok(false) };
        self.seen.insert(known.id.0);
        if known.own {
            let same = civil::same_second(&known.created_at, &row.created_at);
            // A key on the full minute proves nothing about seconds.
            self.key.0 |= same && !known.created_at.ends_with(":00.000");
            self.key.1 |= !same;
        }
        Ok(known.settled && known.base.as_deref() == Some(fields) && known.server == row.server)
    }

    fn note(&mut self, code: &str, fields: &str) {
        let hash = row_hash(code, fields);
        self.digest.iter_mut().zip(hash).for_each(|(sum, byte)| *sum ^= byte);
    }
}

/// One row's part of the digest.
pub(super) fn row_hash(code: &str, fields: &str) -> [u8; 32] {
    let mut hash = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
    hash.update(code.as_bytes());
    hash.update(b"\n");
    hash.update(fields.as_bytes());
    let mut out = [0; 32];
    out.copy_from_slice(hash.finish().as_ref());
    out
}

/// Hex of a digest.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// The reply is good: merge, settle, find what is gone.
fn finish(remote: &ProspectRemote, mut intake: Intake<'_>) -> Result<Taken, ReadFailed> {
    let (store, asked) = (intake.store, intake.asked);
    let mut taken = Taken { rows: intake.rows, ..Taken::default() };
    let key = note_key(&intake)?;
    let around = Circumstances {
        remote,
        asked,
        complete: asked.reading.is_all(),
        key_verified: key == KeyTrust::Verified,
    };
    let mut done = 0;
    while done < intake.staged {
        let (from, to) = (done, (done + CHUNK as u64).min(intake.staged));
        let applied = store.write_bulk(|tx| apply::chunk(tx, &around, &intake.doubts, from as i64, to as i64))?;
        taken.new += applied.new;
        taken.changed += applied.changed;
        taken.skipped += applied.skipped;
        taken.conflicts += applied.conflicts;
        taken.settled += applied.settled;
        applied.known.iter().for_each(|id| intake.seen.insert(id.0));
        taken.fresh.extend(applied.fresh.iter().map(|id| id.lane()).filter(|lane| asked.lanes.contains(lane)));
        done = to;
    }
    taken.settled += intake.doubts.settle(store, &around)?;
    if around.complete {
        taken.gone = apply::gone(store, &around, &intake.seen)?;
        complete(&intake, &taken)?;
    }
    Ok(taken)
}

/// What the read showed about the natural key.
fn note_key(intake: &Intake<'_>) -> Result<KeyTrust> {
    let (confirmed, broken) = intake.key;
    let all = intake.asked.reading.is_all();
    intake.store.write(|tx| {
        let was = remote_row::get(tx, PROSPECT)?.key;
        let now = match was {
            _ if broken => KeyTrust::Broken,
            // Only the whole list can show that what was broken is so nowhere any more.
            KeyTrust::Broken if !all => KeyTrust::Broken,
            _ if confirmed => KeyTrust::Verified,
            other => other,
        };
        remote_row::set_key(tx, PROSPECT, now)?;
        Ok(now)
    })
}

fn complete(intake: &Intake<'_>, taken: &Taken) -> Result<()> {
    let digest = Digest {
        rows: intake.rows,
        agreed: intake.rows.saturating_sub(taken.skipped + taken.conflicts),
        sha256: hex(&intake.digest),
    };
    let json = serde_json::to_string(&digest).map_err(|_| Error::internal("digest"))?;
    intake.store.write(|tx| remote_row::set_downloaded(tx, PROSPECT, intake.asked.at.wall, &json))
}

/// Throws provisional rows away, in short transactions.
fn sweep(store: &Store, download: i64) -> Result<()> {
    loop {
        let gone = store.write_bulk(|tx| {
            let sql = "DELETE FROM staged WHERE download = ?1 AND seq IN (SELECT seq FROM staged WHERE download = ?1 LIMIT ?2)";
            Ok(tx.prepare_cached(sql)?.execute((download, CHUNK as i64))?)
        })?;
        if gone == 0 {
            return Ok(());
        }
    }
}
