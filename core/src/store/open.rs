//! Opening: first the key, then the folder, then the log, then the database.

use super::connect::{Opener, Role, encrypted};
use super::generation::Known;
use super::pool::Pool;
use super::reserve::Reserve;
use super::scan::Log;
use super::side::{Side, SideFile, damaged, key_lost};
use super::write::{failed_io, full};
use super::{Place, Store, books, escrow, hex, key, migrate, scan, upkeep};
use crate::error::{Error, Result};
use crate::profile::Profile;
use crate::world::World;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, Transaction};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// How many may read at once.
const READERS: usize = 3;

impl Store {
    /// Opens an officer's book under a profile, or makes it if there is none. Several stores may be open on one book,
    /// in several processes too; each change of one is seen by all.
    ///
    /// A book with a newer schema opens read-only (`read_only`): what is unsent in it can still be seen.
    /// A crash at any moment leaves a book that opens, or none yet. Blocks: call it through `World::run`.
    ///
    /// # Errors
    /// - `InvalidInput`: a blank, overlong or unprintable name.
    /// - `KeyUnavailable`: the vault does not answer for now or says no. Nothing was touched; for a new book an empty
    ///   folder at most.
    /// - `KeyLost`: there is a book, and the vault has no key, or another than the book was made with.
    /// - `StoreDamaged`: the key is right and the database cannot be read, or it is gone and its side file is not.
    /// - `NotPossible`: `being_made` while another process makes this very book; `other_book` when the folder holds
    ///   another officer's.
    /// - `DiskFull`, `Internal`.
    ///
    /// After each of them the files of a book that was there are as they were.
    pub fn open(world: &World, root: &Path, officer: &str, profile: &Profile) -> Result<Store> {
        let place = Place::of(root, officer, &profile.name)?;
        let disk = &*world.disk;
        let side = Side::read(disk, &place);
        let found = books::there(disk, &place);
        if side.is_some() && !found {
            // The side file is first written after the database's first commit.
            return Err(damaged("database", side.as_ref()));
        }
        // Before the book is looked at: a run that raises both meanwhile must not make it look old.
        let known = Known::load(&*world.vault, &place)?;
        let key = match key::load(&*world.vault, &place)? {
            Some(key) => key,
            None if found => return Err(key_lost(side.as_ref())),
            None => {
                disk.make_dir(&place.folder())?;
                key::draw(world, &place)?
            }
        };
        disk.make_dir(&place.folder())?;
        let known = if found { known } else { known.begin(&*world.vault, &place)? };
        let escrowed = match profile.organisation()? {
            None => true,
            // Before the first save. A book that was there is not kept shut by it; the next open tries again.
            Some(organisation) => match escrow::keep(world, &place, &key, &organisation) {
                Err(e) if !found => return Err(e),
                kept => kept.is_ok(),
            },
        };
        let reserve = Reserve::new(world.disk.clone(), &place, profile.reserve_bytes);
        let mut opening = Opening { world, place: &place, officer, profile, known, side: side.as_ref() };
        let made = opening.side_for(&key);
        let opener = Arc::new(Opener::new(place.db(), disk, key));
        let opened = match opening.database(&opener) {
            Err(e) if full(&e) && reserve.release() => opening.database(&opener),
            done => done,
        };
        let (writer, schema) = opened.map_err(|e| opening.explain(e, &made))?;
        Ok(Store { escrowed, ..opening.finish(writer, Side { schema, ..made }, opener, reserve)? })
    }
}

/// What is known while a book is being opened.
struct Opening<'a> {
    world: &'a World,
    place: &'a Place,
    officer: &'a str,
    profile: &'a Profile,
    known: Known,
    side: Option<&'a Side>,
}

impl Opening<'_> {
    /// The writer, and the schema found or made.
    fn database(&mut self, opener: &Opener) -> Result<(Connection, i64)> {
        let disk = &*self.world.disk;
        let log = scan::look(disk, self.place, self.world.clock.wall())?;
        let mut db = opener.open(Role::Writer)?;
        let ready = self.ready(&mut db, log);
        if ready.as_ref().is_err_and(|e| log == Log::Damaged || !failed_io(e)) {
            // Closing again must leave the log where it is: once it is checked in, nothing says that it had lost its end.
            // Only where files failed under a whole one is it checked in, over what a failed sync may have left.
            db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        }
        Ok((db, ready?))
    }

    /// The schema, once the book is one that this officer can work with.
    fn ready(&mut self, db: &mut Connection, log: Log) -> Result<i64> {
        let schema = migrate::migrate(db, |tx| self.birth(tx))?;
        encrypted(&self.world.disk.read(&self.place.db(), 16)?.unwrap_or_default())?;
        // SQLite would go on in the middle of the old log, and the frames behind would look like damage at the next cut.
        match log {
            Log::Sound => {}
            // Nothing is lost: what fails here, or finds another process at work, leaves the log as it was.
            Log::Torn => drop(upkeep::empty_log(db)),
            Log::Damaged => {
                let generation = db.query_row("SELECT generation FROM book", [], |r| r.get(0))?;
                self.known = self.known.behind(&*self.world.vault, self.place, generation)?;
                upkeep::empty_log(db)?;
            }
        }
        match schema > migrate::KNOWN {
            true => db.execute_batch("PRAGMA query_only = ON")?,
            false => self.mine(db)?,
        }
        Ok(schema)
    }

    fn birth(&self, tx: &Transaction<'_>) -> Result<()> {
        if self.side.is_some() {
            // There was a book here: with the first frames of its log gone, an empty one would take its place.
            return Err(damaged("database", self.side));
        }
        let mut uid = [0; 16];
        self.world.rng.fill(&mut uid);
        let sql = "INSERT INTO book (id, officer, profile, generation, uid) VALUES (1, ?1, ?2, ?3, ?4)";
        // A vault that has outlived an older book would call this one restored if it began at 0.
        tx.execute(sql, (self.officer, &self.profile.name, self.known.start(), hex(&uid)))?;
        Ok(())
    }

    /// A folder copied to another's name must not send under the wrong officer.
    fn mine(&self, db: &Connection) -> Result<()> {
        let sql = "SELECT officer = ?1 AND profile = ?2 FROM book";
        match db.query_row(sql, (self.officer, &self.profile.name), |r| r.get(0))? {
            true => Ok(()),
            false => Err(Error::NotPossible { why: "other_book" }),
        }
    }

    /// What the side file will say, the counts as they were.
    fn side_for(&self, key: &key::StoreKey) -> Side {
        Side {
            officer: self.officer.to_owned(),
            profile: self.profile.name.clone(),
            key: key.fingerprint(),
            salt: key.salt(),
            ..self.side.cloned().unwrap_or_default()
        }
    }

    /// SQLCipher says the same of a wrong key and of a damaged file; the fingerprint tells them apart.
    fn explain(&self, e: Error, made: &Side) -> Error {
        match (e, self.side) {
            (Error::StoreDamaged { .. }, Some(side)) if side.key != made.key => key_lost(self.side),
            (Error::StoreDamaged { place, .. }, side) => damaged(place, side),
            (e, _) if full(&e) => Error::DiskFull,
            (e, _) => e,
        }
    }

    fn finish(&self, db: Connection, mut made: Side, opener: Arc<Opener>, reserve: Reserve) -> Result<Store> {
        let disk = &*self.world.disk;
        let schema = made.schema;
        let read_only = schema > migrate::KNOWN;
        let restored =
            !read_only && self.known.ahead_of(db.query_row("SELECT generation FROM book", [], |r| r.get(0))?);
        if !read_only {
            made.uid = db.query_row("SELECT uid FROM book", [], |r| r.get(0))?;
        }
        // A clock of 0 makes the file stale, so that it is written if anything in it is new.
        let as_of = if self.side == Some(&made) { made.as_of } else { 0 };
        let side = SideFile::new(Side { as_of, ..made });
        if !read_only {
            reserve.fill();
            // Best effort: the book is open, and the next save or idle moment tries again.
            let _ = side.refresh(&db, disk, self.place, self.world.clock.wall());
        }
        Ok(Store {
            log_damage: scan::kept(disk, self.place)?,
            writer: Pool::new(Role::Writer, 1, opener.clone(), vec![db]),
            readers: Pool::new(Role::Reader, READERS, opener, vec![]),
            place: self.place.clone(),
            disk: self.world.disk.clone(),
            clock: self.world.clock.clone(),
            restored: AtomicBool::new(restored),
            escrowed: true,
            side,
            reserve,
            schema,
        })
    }
}
