//! What lies beside a book: its plain file and its log, in any state, under a database that is whole.
//!
//! Whatever stands there, opening gives a book whose records are whole, perhaps without its newest ones, or an error;
//! and what is salvaged page by page from such files, or from a database with bytes changed, is what was saved.

use super::{byte, folder};
use crate::tablet;
use jiff::civil::datetime;
use satchel::error::Error;
use satchel::profile::Profile;
use satchel::prospect::{Field, Fields, ProspectId, rows};
use satchel::store::salvage::{Salvage, SavedRow, Value};
use satchel::store::{Place, Store, StoreKey, books};
use satchel::world::{MemoryVault, RealDisk, World};
use std::fs;
use std::path::Path;
use std::sync::{Arc, OnceLock};

const NAMES: [&str; 4] = ["First", "Second", "Third", "Fourth"];

/// A book that was copied while it was open: the first record is in the database, the others are in its log.
struct Model {
    world: World,
    profile: Profile,
    db: Vec<u8>,
    wal: Vec<u8>,
    side: Vec<u8>,
}

fn model() -> &'static Model {
    static MODEL: OnceLock<Model> = OnceLock::new();
    MODEL.get_or_init(|| {
        let (folder, mut profile) = (folder(), Profile::new("fuzz", "https://localhost/api/"));
        profile.reserve_bytes = 0;
        let world = tablet::world(&profile, Arc::new(MemoryVault::default()));
        let store = Store::open(&world, folder.path(), "dara", &profile).expect("it opens");
        for name in NAMES {
            let mut fields = Fields::default();
            fields.set(Field::NameEn, name);
            let saved = store.write(|tx| rows::insert_own(tx, datetime(2021, 2, 9, 10, 0, 7, 0), &fields));
            saved.expect("saved");
            if name == NAMES[0] {
                store.pause().expect("the log goes into the database");
            }
        }
        let file = |name: &str| fs::read(store.place().folder().join(name)).expect("a file");
        let [db, wal, side] = ["book.db", "book.db-wal", "book.json"].map(file);
        assert!(wal.len() > 3 * 4096, "three records are in the log");
        Model { db, wal, side, world, profile }
    })
}

pub(super) fn beside(mut data: &[u8]) {
    let (model, how) = (model(), byte(&mut data));
    let (root, wal) = (folder(), changed(&model.wal, data));
    match how % 5 {
        0 => alone(model, root.path(), data),
        1 => {
            lay(model, root.path(), data, &model.wal);
            assert_eq!(found(model, root.path()), Some(NAMES.len()), "the plain file decides nothing");
        }
        2 => {
            lay(model, root.path(), &model.side, &wal);
            salvaged(model, root.path());
            found(model, root.path());
        }
        3 => {
            let whole = [&model.db, &model.wal].map(|bytes| changed(bytes, data));
            lay(model, root.path(), &model.side, &whole[1]);
            fs::write(place(model, root.path()).folder().join("book.db"), &whole[0]).expect("written");
            salvaged(model, root.path());
        }
        _ => {
            lay(model, root.path(), &model.side, data);
            assert_eq!(salvaged(model, root.path()), 1);
            assert_eq!(found(model, root.path()), Some(1), "no bytes make a record");
        }
    }
}

/// The log with bytes changed: each four say where (two), by what, and whether the log ends there.
fn changed(wal: &[u8], how: &[u8]) -> Vec<u8> {
    let mut wal = wal.to_vec();
    for change in how.chunks_exact(4).take(8) {
        let at = (usize::from(change[0]) << 8 | usize::from(change[1])) % wal.len().max(1);
        match change[3] {
            255 => wal.truncate(at),
            _ => wal.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= change[2]),
        }
    }
    wal
}

fn place(model: &Model, root: &Path) -> Place {
    Place::of(root, "dara", &model.profile.name).expect("a place")
}

/// How many records can be salvaged as they are; each of them is one that was saved, under its number.
fn salvaged(model: &Model, root: &Path) -> usize {
    let place = place(model, root);
    let key = StoreKey::load(&*model.world.vault, &place).expect("a vault").expect("a key");
    let salvage = match Salvage::open(&RealDisk, &place, &key, &mut |_, _| ()) {
        Ok(salvage) => salvage,
        Err(Error::StoreDamaged { .. } | Error::NotFound { .. }) => return 0,
        Err(other) => panic!("{other:?}"),
    };
    let mut found = 0;
    let told = salvage.rows("prospect", &mut |row: SavedRow| {
        let local = row.columns.iter().find(|(name, _)| name == "local").map(|(_, value)| value.clone());
        let Some(Value::Text(local)) = local else { panic!("a record without its fields") };
        let saved = NAMES.get(row.rowid as usize - 1).expect("one of those saved");
        assert!(local.contains(&format!("\"{saved}\"")), "an earlier state, whole");
        found += usize::from(!row.older);
        Ok(())
    });
    match told {
        Ok(told) => assert_eq!(told.rows, found as u64),
        Err(Error::NotFound { .. }) => assert_eq!(found, 0), // the schema's page is lost
        Err(other) => panic!("{other:?}"),
    }
    found
}

fn lay(model: &Model, root: &Path, side: &[u8], wal: &[u8]) {
    let folder = place(model, root).folder();
    fs::create_dir_all(&folder).expect("a folder");
    for (name, bytes) in [("book.db", &model.db[..]), ("book.db-wal", wal), ("book.json", side)] {
        fs::write(folder.join(name), bytes).expect("written");
    }
    listed(root);
}

/// The list of books shows it, and nothing of whose it is.
fn listed(root: &Path) {
    let books = books(&RealDisk, root).expect("listed");
    let [book] = &books[..] else { panic!("one book") };
    let shown = format!("{book:?}");
    assert!(
        book.officer.as_ref().is_none_or(|officer| officer.len() < 4 || !shown.contains(officer.as_str()))
    );
}

/// How many records the opened book holds, the first so many, whole; `None` when it does not open.
fn found(model: &Model, root: &Path) -> Option<usize> {
    let store = match Store::open(&model.world, root, "dara", &model.profile) {
        Ok(store) => store,
        Err(Error::StoreDamaged { .. } | Error::KeyLost { .. }) => return None,
        Err(other) => panic!("{other:?}"),
    };
    let mut found = 0;
    for (n, name) in NAMES.into_iter().enumerate() {
        match store.read(|conn| rows::get(conn, ProspectId(n as i64 + 1))) {
            Ok(row) => {
                assert_eq!((row.local.get(Field::NameEn), found), (name, n), "an earlier state, whole");
                found += 1;
            }
            Err(Error::NotFound { .. }) => {}
            Err(Error::StoreDamaged { .. }) => return None,
            Err(other) => panic!("{other:?}"),
        }
    }
    Some(found)
}

/// A plain file without its database.
fn alone(model: &Model, root: &Path, side: &[u8]) {
    let place = place(model, root);
    fs::create_dir_all(place.folder()).expect("a folder");
    fs::write(place.folder().join("book.json"), side).expect("written");
    let readable = books(&RealDisk, root).expect("listed").len() == 1;
    match Store::open(&model.world, root, "dara", &model.profile) {
        Ok(store) => {
            assert!(!readable, "what shows a book is not taken for an empty folder");
            assert!(matches!(store.read(|conn| rows::get(conn, ProspectId(1))), Err(Error::NotFound { .. })));
        }
        Err(Error::StoreDamaged { place: "database", .. }) => assert!(readable),
        Err(other) => panic!("{other:?}"),
    }
}
