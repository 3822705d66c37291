//! Every page of a book by its number, from database and log, as the last commit left it.

use super::super::key::StoreKey;
use super::super::{Place, scan};
use super::btree::{Kind, Page};
use super::codec::{Codec, PAGE};
use super::log::{self, Frame};
use crate::error::{Error, Result};
use crate::world::Disk;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Where a whole copy of a page lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum At {
    Database,
    Log(u64),
    /// In one of the logs that were kept aside.
    Aside(usize, u64),
}

/// What is known of a page.
#[derive(Clone, Copy, Debug)]
struct Known {
    kind: Kind,
    /// Its newest copy, if that is whole.
    now: Option<At>,
    /// Where the newest is damaged: the newest before it that is whole.
    older: Option<At>,
}

/// The pages of a book. Holds two words a page, never the pages.
pub(super) struct Pages<'a> {
    disk: &'a dyn Disk,
    db: PathBuf,
    log: PathBuf,
    aside: Vec<PathBuf>,
    codec: Codec,
    known: Vec<Known>,
}

impl<'a> Pages<'a> {
    /// Looks at every page once; `progress` hears how many are done, and of how many.
    ///
    /// # Errors
    /// The system's.
    pub(super) fn open(
        disk: &'a dyn Disk,
        place: &Place,
        key: &StoreKey,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Self> {
        let codec = Codec::new(key).ok_or(Error::internal("cipher"))?;
        let (db, log, aside) = (place.db(), place.wal(), scan::all_kept(disk, place)?);
        let size = disk.size(&db).div_ceil(PAGE as u64);
        let frames = log::committed(disk, &log, &codec)?;
        let last = frames.iter().filter(|f| f.whole).map(|f| u64::from(f.page)).max().unwrap_or(0);
        let count = u32::try_from(size.max(last)).map_err(|_| Error::internal("pages"))?;
        let none = Known { kind: Kind::Other, now: None, older: None };
        let mut pages = Self { disk, db, log, aside, codec, known: vec![none; count as usize] };
        for number in 1..=count {
            let whole = pages.codec.whole(number, &pages.raw(At::Database, number)?);
            pages.known[number as usize - 1].now = whole.then_some(At::Database);
            progress(number.into(), 2 * u64::from(count));
        }
        for frame in &frames {
            pages.overlay(frame, count)?;
        }
        for number in 1..=count {
            pages.known[number as usize - 1].kind = pages.kind_of(number)?;
            progress(u64::from(count) + u64::from(number), 2 * u64::from(count));
        }
        Ok(pages)
    }

    fn overlay(&mut self, frame: &Frame, count: u32) -> Result<()> {
        // Damaged in its number: the page is whole under the one it was written for.
        let number = if frame.whole { Some(frame.page) } else { self.written_for(frame, count)? };
        let at = number.unwrap_or(frame.page);
        let Some(known) = at.checked_sub(1).and_then(|i| self.known.get_mut(i as usize)) else {
            return Ok(());
        };
        match number {
            Some(_) => (known.now, known.older) = (Some(At::Log(frame.at)), None),
            None => (known.now, known.older) = (None, known.now.or(known.older)),
        }
        Ok(())
    }

    fn written_for(&self, frame: &Frame, count: u32) -> Result<Option<u32>> {
        let raw = self.disk.read_at(&self.log, frame.at, PAGE)?;
        Ok((1..=count).find(|number| self.codec.whole(*number, &raw)))
    }

    fn kind_of(&self, number: u32) -> Result<Kind> {
        let known = self.known[number as usize - 1];
        let bytes = known.now.or(known.older).map(|at| self.opened(at, number)).transpose()?.flatten();
        Ok(bytes.map_or(Kind::Other, |bytes| Page { number, bytes: &bytes }.kind()))
    }

    fn raw(&self, at: At, number: u32) -> Result<Vec<u8>> {
        Ok(match at {
            At::Database => self.disk.read_at(&self.db, u64::from(number - 1) * PAGE as u64, PAGE)?,
            At::Log(at) => self.disk.read_at(&self.log, at, PAGE)?,
            At::Aside(log, at) => self.disk.read_at(&self.aside[log], at, PAGE)?,
        })
    }

    fn opened(&self, at: At, number: u32) -> Result<Option<Vec<u8>>> {
        Ok(self.codec.open(number, self.raw(at, number)?))
    }

    fn known(&self, number: u32) -> Option<Known> {
        self.known.get(number.checked_sub(1)? as usize).copied()
    }

    /// A page as it is now; `None` when it is damaged or there is none.
    pub(super) fn get(&self, number: u32) -> Option<Vec<u8>> {
        self.opened(self.known(number)?.now?, number).ok()?
    }

    /// A page as it once was.
    pub(super) fn once(&self, number: u32, at: At) -> Option<Vec<u8>> {
        self.opened(at, number).ok()?
    }

    /// Copies of pages that do not count any more: of a damaged page the one before, of each log that was kept aside the
    /// last of each page.
    ///
    /// # Errors
    /// The system's.
    pub(super) fn older(&self) -> Result<Vec<(u32, At)>> {
        let before = self.numbers().filter_map(|n| Some((n, self.known(n)?.older?)));
        let mut older: Vec<_> = before.collect();
        for (log, path) in self.aside.iter().enumerate().rev() {
            let frames = log::whole(self.disk, path, &self.codec)?;
            let last: BTreeMap<u32, At> = frames.iter().map(|f| (f.page, At::Aside(log, f.at))).collect();
            older.extend(last);
        }
        Ok(older)
    }

    /// What a page is (of a damaged one: what its older copy was).
    pub(super) fn kind(&self, number: u32) -> Kind {
        self.known(number).map_or(Kind::Other, |k| k.kind)
    }

    pub(super) fn is_whole(&self, number: u32) -> bool {
        self.known(number).is_some_and(|k| k.now.is_some())
    }

    /// The numbers of all pages.
    pub(super) fn numbers(&self) -> impl Iterator<Item = u32> + use<> {
        1..=self.known.len() as u32
    }

    /// How many are damaged.
    pub(super) fn damaged(&self) -> u64 {
        self.known.iter().filter(|k| k.now.is_none()).count() as u64
    }
}
