//! Where a paper comes from: a file, an open file, the camera's slot, or bytes that the app writes piece by piece.

use super::chunks::{self, CHUNK, Stored};
use crate::book::Book;
use crate::error::{Error, Problem, Result};
use crate::satchel::Satchel;
use crate::world::ReadSeek;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The longest that any source may be, in bytes: a photo of 108 megapixels has a fifth of it.
pub(super) const LONGEST: u64 = 256 << 20;

/// Where a paper comes from. A captured file is removed once it is attached; no other source is ever changed.
#[derive(Debug)]
pub enum Source {
    /// A plain file. (Not a link, not a folder.)
    Path(PathBuf),
    /// An open file, read from its beginning; the app closes its own descriptor.
    File(File),
    /// What the camera has written into a slot of [`Satchel::capture_slot`], by the slot's name.
    Captured(String),
    /// What was written by [`Satchel::write_paper`].
    Written(Written),
}

/// Bytes that were written piece by piece and are not attached yet. They lie encrypted in the book; what is never
/// attached is gone with the next open.
#[derive(Debug)]
pub struct Written {
    paper: i64,
    length: u64,
}

/// Takes a paper's bytes piece by piece. Nothing of them is ever a plain file.
pub struct PaperWriter {
    book: Arc<Book>,
    paper: i64,
    length: u64,
    seq: i64,
    rest: Vec<u8>,
}

impl std::fmt::Debug for PaperWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PaperWriter").field("length", &self.length).finish_non_exhaustive()
    }
}

impl Satchel {
    /// Begins to take a paper's bytes; hand what `finish` gives to [`Satchel::attach`].
    #[must_use]
    pub fn write_paper(&self) -> PaperWriter {
        // Negative: it is on its way through, and no paper of its own.
        let paper = -i64::try_from(self.book.world.rng.below(1 << 52)).unwrap_or(1) - 1;
        PaperWriter { book: self.book.clone(), paper, length: 0, seq: 0, rest: vec![] }
    }

    /// A path for the camera to write a photo to, in the library's own folder, and its name for [`Source::Captured`].
    /// Attaching removes the file. It is not encrypted until then: take, attach.
    ///
    /// # Errors
    /// `Internal` when the folder cannot be made.
    pub async fn capture_slot(&self) -> Result<(String, PathBuf)> {
        let book = self.book.clone();
        self.book
            .world
            .run(move || {
                let folder = folder(&book);
                book.world.disk.make_dir(&folder)?;
                let name = format!("{:013x}.jpg", book.world.rng.below(1 << 52));
                let path = folder.join(&name);
                Ok((name, path))
            })
            .await
    }

    /// What a camera has written into a slot and was never attached, by the slots' names: the app was killed in between.
    /// What is among them and attached already is removed, not offered.
    ///
    /// # Errors
    /// The store's; `Internal` when the folder cannot be read.
    pub async fn recovered(&self) -> Result<Vec<String>> {
        let book = self.book.clone();
        self.book
            .world
            .run(move || {
                let disk = &book.world.disk;
                let mut left = vec![];
                for name in disk.list(&folder(&book))? {
                    let path = folder(&book).join(&name);
                    if disk.size(&path) == 0 {
                        continue;
                    }
                    let sum = super::attach::sha256(&mut disk.open(&path)?)?;
                    if book.store.read(|conn| super::rows::same(conn, &sum, &sum))?.is_empty() {
                        left.push(name);
                    } else {
                        disk.remove(&path)?;
                    }
                }
                Ok(left)
            })
            .await
    }

    /// Throws a captured photo away that is not wanted.
    ///
    /// # Errors
    /// `InvalidInput` for a name that is no slot's.
    pub async fn discard_captured(&self, slot: &str) -> Result<()> {
        let (book, slot) = (self.book.clone(), slot.to_owned());
        self.book.world.run(move || Ok(book.world.disk.remove(&slot_path(&book, &slot)?)?)).await
    }
}

impl PaperWriter {
    /// Takes some more bytes. They are in the book, encrypted, when this returns, but for less than 64 KiB.
    ///
    /// # Errors
    /// `InvalidInput` beyond 256 MiB; `DiskFull`; the store's.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.length += bytes.len() as u64;
        if self.length > LONGEST {
            return Err(Error::invalid("paper", Problem::Form { expected: "at most 256 MiB" }));
        }
        self.rest.extend_from_slice(bytes);
        while self.rest.len() >= CHUNK {
            let rest = self.rest.split_off(CHUNK);
            let chunk = std::mem::replace(&mut self.rest, rest);
            self.put(chunk).await?;
        }
        Ok(())
    }

    /// That was all of it.
    ///
    /// # Errors
    /// As `write`.
    pub async fn finish(mut self) -> Result<Written> {
        let rest = std::mem::take(&mut self.rest);
        if !rest.is_empty() {
            self.put(rest).await?;
        }
        Ok(Written { paper: self.paper, length: self.length })
    }

    async fn put(&mut self, chunk: Vec<u8>) -> Result<()> {
        let (book, paper, seq) = (self.book.clone(), self.paper, self.seq);
        self.seq += 1;
        self.book.world.run(move || book.store.write_bulk(|tx| chunks::put(tx, paper, seq, &chunk))).await
    }
}

impl Source {
    /// Opens it.
    pub(super) fn open(&mut self, book: &Book) -> Result<Box<dyn ReadSeek>> {
        Ok(match self {
            Source::Path(path) => book.world.disk.open(path).map_err(|e| unreadable(&e))?,
            Source::Captured(slot) => {
                book.world.disk.open(&slot_path(book, slot)?).map_err(|e| unreadable(&e))?
            }
            Source::File(file) => Box::new(file.try_clone().map_err(|e| unreadable(&e))?),
            Source::Written(written) => {
                Box::new(Stored::new(book.store.clone(), written.paper, written.length))
            }
        })
    }

    /// It is attached: what is ours of it goes. What fails here is swept, or found by `recovered`.
    pub(super) fn done(&self, book: &Book) {
        let _ = match self {
            Source::Captured(slot) => {
                slot_path(book, slot).and_then(|path| Ok(book.world.disk.remove(&path)?))
            }
            Source::Written(written) => {
                let paper = written.paper;
                let mut left = Ok(false);
                while matches!(left, Ok(false)) {
                    left = book.store.write(|tx| chunks::remove_some(tx, paper));
                }
                left.map(drop)
            }
            Source::Path(_) | Source::File(_) => Ok(()),
        };
    }
}

/// What cannot be read is the app's to mend: the file is not there, is none, or may not be read.
pub(super) fn unreadable(_: &std::io::Error) -> Error {
    Error::invalid("source", Problem::Form { expected: "a plain file that can be read" })
}

/// Where cameras write.
fn folder(book: &Book) -> PathBuf {
    book.store.place().folder().join("captured")
}

/// A slot's file. A slot is one of our own names: it leads nowhere else.
fn slot_path(book: &Book, slot: &str) -> Result<PathBuf> {
    let name = slot.strip_suffix(".jpg").unwrap_or_default();
    match name.len() == 13 && name.bytes().all(|b| b.is_ascii_hexdigit()) {
        true => Ok(folder(book).join(Path::new(slot))),
        false => Err(Error::invalid("slot", Problem::Form { expected: "the name of a slot" })),
    }
}
