//! A paper's bytes in the book: in chunks, so that none of it is ever held whole by SQLite, nor in one transaction.

use crate::error::{Error, Result};
use crate::store::Store;
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

/// Bytes of a chunk. A short read of it holds nobody up.
pub(super) const CHUNK: usize = 64 << 10;

/// Chunks of one transaction: 256 KiB.
const TOGETHER: usize = 4;

/// Draws a number for a paper that nobody sees yet: in the transaction that writes its first chunk.
fn draw(tx: &Transaction<'_>) -> Result<i64> {
    let sql = "SELECT 1 + max(coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'document'), 0),
                              coalesce((SELECT max(paper) FROM chunk), 0))";
    Ok(tx.query_row(sql, [], |r| r.get(0))?)
}

/// Writes a paper's bytes under a number that nobody sees yet. A crash leaves chunks that the next open sweeps.
///
/// # Errors
/// `DiskFull`: what is there of it is swept.
pub(super) fn write(store: &Store, bytes: &[u8]) -> Result<i64> {
    let mut paper = None;
    for (n, some) in bytes.chunks(CHUNK * TOGETHER).enumerate() {
        let wrote = store.write_bulk(|tx| {
            let id = paper.map_or_else(|| draw(tx), Ok)?;
            for (i, chunk) in some.chunks(CHUNK).enumerate() {
                put(tx, id, (n * TOGETHER + i) as i64, chunk)?;
            }
            Ok(id)
        });
        match wrote {
            Ok(id) => paper = Some(id),
            Err(e) => {
                // The first error counts; what stays is swept on open.
                let _ = paper.map(|id| store.write(|tx| remove(tx, id)));
                return Err(e);
            }
        }
    }
    paper.ok_or(Error::internal("paper"))
}

/// One more chunk.
pub(super) fn put(tx: &Transaction<'_>, paper: i64, seq: i64, bytes: &[u8]) -> Result<()> {
    tx.prepare_cached("INSERT INTO chunk (paper, seq, bytes) VALUES (?1, ?2, ?3)")?
        .execute(params![paper, seq, bytes])?;
    Ok(())
}

/// Removes what is there of a paper that nobody sees.
pub(super) fn remove(tx: &Transaction<'_>, paper: i64) -> Result<()> {
    tx.execute("DELETE FROM chunk WHERE paper = ?1", [paper])?;
    Ok(())
}

/// Removes the last chunks of a paper, a few at a time. `true`: none is left.
pub(super) fn remove_some(tx: &Transaction<'_>, paper: i64) -> Result<bool> {
    let sql = "DELETE FROM chunk WHERE paper = ?1 AND seq > coalesce((SELECT max(seq) FROM chunk WHERE paper = ?1), 0) - ?2";
    tx.execute(sql, params![paper, TOGETHER as i64])?;
    Ok(!tx.prepare_cached("SELECT 1 FROM chunk WHERE paper = ?1")?.exists([paper])?)
}

/// Bytes of a paper that are in the book.
pub(super) fn length(conn: &Connection, paper: i64) -> Result<i64> {
    let sql = "SELECT coalesce(sum(length(bytes)), 0) FROM chunk WHERE paper = ?1";
    Ok(conn.query_row(sql, [paper], |r| r.get(0))?)
}

/// One chunk; `None` behind the last.
pub(super) fn get(conn: &Connection, paper: i64, seq: i64) -> Result<Option<Vec<u8>>> {
    let sql = "SELECT bytes FROM chunk WHERE paper = ?1 AND seq = ?2";
    Ok(conn.prepare_cached(sql)?.query_row([paper, seq], |r| r.get(0)).optional()?)
}

/// What an attaching that was cut off left: chunks of a paper that there is not. They are removed, a few at a time.
pub(crate) fn sweep(store: &Store) -> Result<()> {
    let sql = "SELECT paper FROM chunk WHERE paper NOT IN (SELECT id FROM document) LIMIT 1";
    while let Some(paper) =
        store.read(|conn| Ok(conn.query_row(sql, [], |r| r.get::<_, i64>(0)).optional()?))?
    {
        while !store.write(|tx| remove_some(tx, paper))? {}
    }
    Ok(())
}

/// A paper's bytes, read as they are asked for: never more than a chunk of them is held.
pub(super) struct Stored {
    store: Arc<Store>,
    paper: i64,
    length: u64,
    at: u64,
    /// The chunk that was read last.
    held: Option<(i64, Vec<u8>)>,
}

impl Stored {
    /// All chunks but the last have [`CHUNK`] bytes.
    pub fn new(store: Arc<Store>, paper: i64, length: u64) -> Self {
        Self { store, paper, length, at: 0, held: None }
    }

    fn chunk(&mut self, seq: i64) -> io::Result<&[u8]> {
        if self.held.as_ref().is_none_or(|(held, _)| *held != seq) {
            let read = self.store.read(|conn| get(conn, self.paper, seq));
            let bytes = read.ok().flatten().ok_or(io::ErrorKind::UnexpectedEof)?;
            self.held = Some((seq, bytes));
        }
        Ok(self.held.as_ref().map_or(&[], |(_, bytes)| bytes))
    }
}

impl Read for Stored {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.length {
            return Ok(0);
        }
        let (seq, from) = (self.at / CHUNK as u64, (self.at % CHUNK as u64) as usize);
        let chunk = self.chunk(seq as i64)?;
        let rest = chunk.get(from..).filter(|rest| !rest.is_empty()).ok_or(io::ErrorKind::UnexpectedEof)?;
        let n = rest.len().min(out.len());
        out[..n].copy_from_slice(&rest[..n]);
        self.at += n as u64;
        Ok(n)
    }
}

impl Seek for Stored {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.length.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

/// A paper's chunks, one after another.
pub(crate) struct Chunks {
    store: Arc<Store>,
    paper: i64,
    seq: i64,
}

impl Chunks {
    /// From its first.
    pub fn new(store: Arc<Store>, paper: i64) -> Self {
        Self { store, paper, seq: 0 }
    }
}

impl Iterator for Chunks {
    type Item = io::Result<Vec<u8>>;

    fn next(&mut self) -> Option<Self::Item> {
        let read = self.store.read(|conn| get(conn, self.paper, self.seq));
        self.seq += 1;
        // What went wrong is the store's to say; here it only ends the call before its last byte.
        read.map_err(|_| io::Error::from(io::ErrorKind::Other)).transpose()
    }
}
