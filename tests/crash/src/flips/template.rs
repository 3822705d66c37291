//! A killed store, and what it held after each save.

use super::salvage::{self, Had, Rows, by_sqlite};
use crate::day::{PHONE, edit, form};
use crate::{Result, tablet};
use rusqlite::types::ValueRef;
use satchel::Satchel;
use satchel::profile::Profile;
use satchel::prospect::{Field, FieldChange, ProspectId};
use satchel::store::{Place, Store};
use satchel::world::{MemoryVault, World};
use satchel_tests::tablet::person;
use sim_files::{Files, Image, Process};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::sync::Arc;

pub(super) const OFFICER: &str = tablet::OFFICER;

/// So many times the officer saves something.
const SAVES: usize = 48;

/// Where the saves lie when the process is killed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    InTheLog,
    Half,
    CheckedIn,
}

pub(super) struct Template {
    pub(super) image: Image,
    /// A digest of every row, after each save.
    pub(super) states: Vec<u64>,
    /// Every row at the end, and before the last save.
    rows: [Rows; 2],
    pub(super) profile: Profile,
    pub(super) folder: String,
    pub(super) database: String,
    pub(super) log: String,
    pub(super) log_bytes: usize,
    device: World,
}

impl Template {
    pub(super) async fn make(kind: Kind) -> Result<Template> {
        let profile = tablet::profile("http://127.0.0.1/");
        let device = satchel_tests::tablet::world(&profile, Arc::new(MemoryVault::default()));
        let files = Files::new();
        // The book's path is its name in this process.
        let root = format!("/{kind:?}");
        let (app, reader) = (files.process(&root), files.process("/reader"));
        let world = |process: &Process| World { disk: Arc::new(process.clone()), ..device.clone() };
        let books = Path::new(&root).join("books");
        let satchel = Satchel::open(world(&app), &books, OFFICER, profile.clone()).await?;
        let store = Store::open(&world(&reader), Path::new("/reader/books"), OFFICER, &profile)?;
        let (mut states, mut rows) = (vec![dump(&store)?], [Rows::new(), Rows::new()]);
        for n in 0..SAVES {
            save(&satchel, n as i64).await?;
            states.push(dump(&store)?);
            rows = [by_sqlite(&store)?, std::mem::take(&mut rows[0])];
            let rest = match kind {
                Kind::InTheLog => false,
                Kind::Half => n == SAVES / 2,
                Kind::CheckedIn => n + 1 == SAVES,
            };
            if rest {
                satchel.pause(std::time::Duration::from_secs(1)).await?;
            }
        }
        app.kill();
        reader.kill();
        let folder = Place::of(Path::new("books"), OFFICER, &profile.name)?.folder();
        let folder = folder.to_string_lossy().into_owned();
        let (database, log) = (format!("{folder}/book.db"), format!("{folder}/book.db-wal"));
        let image = files.image();
        let log_bytes = image.read_file(&log).map_or(0, <[u8]>::len);
        drop(store);
        satchel.shutdown().await.ok();
        Ok(Template { image, states, rows, profile, folder, database, log, log_bytes, device })
    }

    /// What salvage gives of this book as it lies there.
    pub(super) fn salvage(&self, process: &Process) -> Result<Had, String> {
        let said = |e: satchel::Error| e.to_string();
        let place = Place::of(Path::new("/t/books"), OFFICER, &self.profile.name).map_err(said)?;
        salvage::check(process, &*self.device.vault, &place, &self.rows[0], &self.rows[1])
    }

    pub(super) fn world(&self, process: &Process) -> World {
        World { disk: Arc::new(process.clone()), ..self.device.clone() }
    }
}

/// Prospects, edits and drafts in turn, each one transaction.
async fn save(satchel: &Satchel, n: i64) -> Result<()> {
    let name = format!("Customer {n}");
    match n % 3 {
        0 => drop(satchel.add(person(&name, PHONE), None).await?),
        1 => {
            let changes = [FieldChange::text(Field::Comment, edit(&name))];
            satchel.edit(ProspectId(n / 3 / 2 + 1), changes.into()).await?;
        }
        _ => drop(satchel.save_draft(form(&name), "a form".repeat(n as usize)).await?),
    }
    Ok(())
}

/// A digest of every row of every table, every page read and checked.
pub(super) fn dump(store: &Store) -> satchel::Result<u64> {
    store.read(|db| {
        let mut sum = DefaultHasher::new();
        let mut names = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")?;
        let names: Vec<String> = names.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        for name in names {
            name.hash(&mut sum);
            let mut all = db.prepare(&format!("SELECT * FROM \"{name}\" NOT INDEXED"))?;
            let columns = all.column_count();
            let mut rows = all.query([])?;
            while let Some(row) = rows.next()? {
                (0..columns).try_for_each(|column| row.get_ref(column).map(|value| add(&mut sum, value)))?;
            }
        }
        let sound: String = db.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
        match sound.as_str() {
            "ok" => Ok(sum.finish()),
            _ => Err(satchel::Error::StoreDamaged { place: "check", unsent: 0, as_of: 0 }),
        }
    })
}

fn add(sum: &mut DefaultHasher, value: ValueRef<'_>) {
    value.data_type().to_string().hash(sum);
    match value {
        ValueRef::Null => {}
        ValueRef::Integer(n) => n.hash(sum),
        ValueRef::Real(x) => x.to_bits().hash(sum),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.hash(sum),
    }
}
