//! Everything of a book that is not settled, for a person or another system to carry on with, as one JSON document.
//!
//! It is sealed to the organisation's key before it leaves the library ([`crate::seal`]); plain it exists only in memory,
//! for `rescue`, which has the key. The same document comes from an open book, from one of a newer schema, and from a
//! damaged one through [`crate::store::salvage`].
//!
//! # The document
//! One object, [`Export`]; `format` is `satchel-export/1`. `prospects`, `applicants`, `actions`, `documents`, `chunks`,
//! `tasks`, `collection_results`, `crm_objects`, `entries`, `decisions`, `remotes`, `drafts` and `taken` are rows of the tables of the same names (entries: `outbox`;
//! `remotes` hold the receipt of the last complete download), one object each, by the column names of `core/migrations`,
//! where each column is explained. A paper's bytes are those of its `chunks` in their order (`seq`), as base64. Columns that
//! hold JSON stand as JSON: `local`, the fields with everything typed; `base`, as last agreed with the server; `theirs`, a
//! conflict; `sent`, what the last attempt sent; `reason`, `receipt`, `shown`, `chosen` … What cannot be read as that
//! stands as `{"unreadable": "<base64>"}`, byte for byte. `"older": true` marks a row from an older copy of a damaged
//! page: it may have changed since. Times ending in `_wall` are unix milliseconds. Sessions and keys are never in it.

use crate::error::{Error, Result};
use crate::outbox::entry::State;
use crate::profile::Profile;
use crate::record::{
    ActionId, ApplicationId, CoApplicantId, CollectionResultId, CrmObjectId, DocumentId, ProspectId,
};
use crate::satchel::Satchel;
use crate::seal::Recipient;
use crate::store::salvage::{Salvage, SavedRow, SavedTable, Value};
use crate::store::{self, Place, StoreKey};
use crate::world::{Disk, Rng, World};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;
use std::path::Path;

/// The only format there is.
const FORMAT: &str = "satchel-export/1";

/// Columns that hold JSON.
const JSON: [&str; 16] = [
    "local", "base", "theirs", "server", "body", "sent", "reason", "receipt", "shown", "chosen", "digest",
    "person", "asked", "answer", "paper", "fields",
];

/// Columns that hold bytes.
const BYTES: [&str; 2] = ["bytes", "thumbnail"];

/// How sure the states in an export are.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Made {
    /// By the book itself, which goes on: it may send what is here `ready` at any moment.
    ByBook,
    /// By the book, which will send nothing of it any more ([`Satchel::hand_over`]).
    HandedOver,
    /// From the files, without the vault: they may be damaged, or an old backup, or the book may go on somewhere.
    FromFiles,
}

/// Which book.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Whose {
    /// The book's own number; empty when that is lost.
    pub uid: String,
    /// The officer.
    pub officer: String,
    /// The profile's name.
    pub profile: String,
    /// How often a run began to send.
    pub generation: i64,
}

/// A row by its columns' names. Its `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Row(Map<String, Json>);

impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Row(…)")
    }
}

impl Row {
    /// A column; `None` when there is none or nothing in it.
    #[must_use]
    pub fn get(&self, column: &str) -> Option<&Json> {
        self.0.get(column).filter(|value| !value.is_null())
    }

    /// A column's text; empty when it has none.
    #[must_use]
    pub fn text(&self, column: &str) -> &str {
        self.get(column).and_then(Json::as_str).unwrap_or_default()
    }

    /// A column's whole number.
    #[must_use]
    pub fn number(&self, column: &str) -> Option<i64> {
        self.get(column)?.as_i64()
    }
}

/// Everything that is not settled. Its `Debug` shows counts only.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Export {
    /// `satchel-export/1`.
    pub format: String,
    /// How it was made.
    pub made: Made,
    /// When, unix ms.
    pub made_wall: i64,
    /// Which book.
    pub book: Whose,
    /// Damaged pages of the files; 0 for an open book.
    pub damaged_pages: u64,
    /// What was had of each table, for a salvage.
    pub tables: Vec<SavedTable>,
    /// Prospects with something unsent.
    pub prospects: Vec<Row>,
    /// Applicants and co-applicants with something unsent.
    #[serde(default)]
    pub applicants: Vec<Row>,
    /// What the bank asks, where the answer or a paper is unsent.
    #[serde(default)]
    pub actions: Vec<Row>,
    /// Papers that are unsent.
    #[serde(default)]
    pub documents: Vec<Row>,
    /// Their bytes.
    #[serde(default)]
    pub chunks: Vec<Row>,
    /// Records of the CRMs with something unsent.
    #[serde(default)]
    pub crm_objects: Vec<Row>,
    /// Late payers of whom something recorded is unsent,
    #[serde(default)]
    pub tasks: Vec<Row>,
    /// and what that is.
    #[serde(default)]
    pub collection_results: Vec<Row>,
    /// Entries of the outbox neither done nor closed.
    pub entries: Vec<Row>,
    /// Every decision of the officer.
    pub decisions: Vec<Row>,
    /// What is known of each remote: the receipt of the last complete download.
    pub remotes: Vec<Row>,
    /// Half-typed forms.
    pub drafts: Vec<Row>,
    /// What this book took over from others.
    pub taken: Vec<Row>,
}

impl std::fmt::Debug for Export {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Export")
            .field("made", &self.made)
            .field("made_wall", &self.made_wall)
            .field("prospects", &self.prospects.len())
            .field("entries", &self.entries.len())
            .finish_non_exhaustive()
    }
}

/// An export that only the organisation can read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SealedExport {
    /// Armoured text, for `age --decrypt` or `satchel-rescue unseal`: the JSON document of [`crate::export`].
    pub sealed: String,
    /// Entries in it that are not settled.
    pub unsent: u64,
    /// Damaged pages of the files; 0 for an open book.
    pub damaged_pages: u64,
    /// What was had of each table, for a salvage: how many rows, and how many are known to be lost.
    pub tables: Vec<SavedTable>,
}

/// Where rows come from.
trait Source {
    /// Hands on every row of a table; a table that is not there has none.
    fn rows(&self, table: &str, each: &mut dyn FnMut(SavedRow) -> Result<()>) -> Result<Option<SavedTable>>;
}

impl Source for Salvage<'_> {
    fn rows(&self, table: &str, each: &mut dyn FnMut(SavedRow) -> Result<()>) -> Result<Option<SavedTable>> {
        match Salvage::rows(self, table, each) {
            Err(Error::NotFound { .. }) => Ok(None),
            told => told.map(Some),
        }
    }
}

impl Source for Connection {
    fn rows(&self, table: &str, each: &mut dyn FnMut(SavedRow) -> Result<()>) -> Result<Option<SavedTable>> {
        if !self.table_exists(None, table)? {
            return Ok(None);
        }
        // One of this file's own words, never input.
        let mut statement = self.prepare(&format!("SELECT rowid, * FROM {table}"))?;
        let names: Vec<_> = statement.column_names().skip(1).map(str::to_owned).collect();
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let value = |(i, name): (usize, &String)| Ok((name.clone(), row.get::<_, Value>(i + 1)?));
            let columns = names.iter().enumerate().map(value).collect::<rusqlite::Result<_>>()?;
            each(SavedRow { rowid: row.get(0)?, columns, older: false })?;
        }
        Ok(None)
    }
}

impl Export {
    /// From a book whose files are at rest, damaged or not, with its key; see [`Salvage::open`] for `progress`.
    ///
    /// # Errors
    /// Those of [`Salvage::open`].
    pub fn from_files(
        disk: &dyn Disk,
        place: &Place,
        key: &StoreKey,
        wall: i64,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Self> {
        let salvage = Salvage::open(disk, place, key, progress)?;
        let mut export = Self::of(&salvage, Made::FromFiles, wall)?;
        export.damaged_pages = salvage.damaged_pages();
        if let Some([uid, officer, profile]) =
            store::whose(disk, place).filter(|_| export.book.uid.is_empty())
        {
            export.book = Whose { uid, officer, profile, ..export.book };
        }
        Ok(export)
    }

    /// From an open book, in one snapshot.
    pub(crate) fn from_book(conn: &Connection, made: Made, wall: i64) -> Result<Self> {
        Self::of(conn, made, wall)
    }

    fn of(source: &dyn Source, made: Made, made_wall: i64) -> Result<Self> {
        let mut tables = vec![];
        let mut take = |table: &str, wanted: &dyn Fn(&Row) -> bool| {
            let mut rows = vec![];
            let told = source.rows(table, &mut |row| {
                rows.extend(Some(shown(row)).filter(wanted));
                Ok(())
            })?;
            tables.extend(told);
            rows.sort_by_key(|row: &Row| row.number("id"));
            Ok::<_, Error>(rows)
        };
        let all = |_: &Row| true;
        let settled = [State::Done, State::Closed].map(State::word);
        let entries = take("outbox", &|row| !settled.contains(&row.text("state")))?;
        let lanes: BTreeSet<_> = entries.iter().map(|row| row.text("lane").to_owned()).collect();
        let open = |row: &Row, of: &dyn Fn(i64) -> String| {
            row.number("id").is_some_and(|id| lanes.contains(&of(id)))
        };
        let unsent = |row: &Row| row.number("unsent") != Some(0) || open(row, &|id| ProspectId(id).lane());
        let applies = |row: &Row| {
            open(row, &|id| ApplicationId(id).lane()) || open(row, &|id| CoApplicantId(id).lane())
        };
        let documents = take("document", &|row| open(row, &|id| DocumentId(id).lane()))?;
        let numbers =
            |column: &str| documents.iter().filter_map(|row| row.number(column)).collect::<BTreeSet<_>>();
        let (papers, asked) = (numbers("id"), numbers("action"));
        let of_paper = |row: &Row| row.number("id").is_some_and(|id| asked.contains(&id));
        let asks = |row: &Row| open(row, &|id| ActionId(id).lane()) || of_paper(row);
        let results = take("collection_result", &|row| open(row, &|id| CollectionResultId(id).lane()))?;
        let late: BTreeSet<_> = results.iter().filter_map(|row| row.number("task")).collect();
        let book = take("book", &all)?.pop().unwrap_or_default();
        Ok(Self {
            format: FORMAT.to_owned(),
            made,
            made_wall,
            book: Whose {
                uid: book.text("uid").to_owned(),
                officer: book.text("officer").to_owned(),
                profile: book.text("profile").to_owned(),
                generation: book.number("generation").unwrap_or(0),
            },
            damaged_pages: 0,
            prospects: take("prospect", &unsent)?,
            applicants: take("applicant", &applies)?,
            actions: take("action", &asks)?,
            chunks: take("chunk", &|row| row.number("paper").is_some_and(|paper| papers.contains(&paper)))?,
            documents,
            crm_objects: take("crm_object", &|row| open(row, &|id| CrmObjectId(id).lane()))?,
            tasks: take("task", &|row| row.number("id").is_some_and(|id| late.contains(&id)))?,
            collection_results: results,
            decisions: take("decision", &all)?,
            remotes: take("remote", &all)?,
            drafts: take("draft", &all)?,
            taken: take("taken", &all)?,
            entries,
            tables,
        })
    }

    /// Reads the document.
    ///
    /// # Errors
    /// `InvalidInput` in `export` when it is none, or of a format that this version does not know.
    pub fn parse(json: &[u8]) -> Result<Self> {
        let form = || Error::invalid("export", crate::error::Problem::Form { expected: FORMAT });
        let export: Self = serde_json::from_slice(json).map_err(|_| form())?;
        if export.format == FORMAT { Ok(export) } else { Err(form()) }
    }

    /// Writes the document. Personal data, plain: it stays in memory.
    ///
    /// # Errors
    /// `Internal`.
    pub fn json(&self) -> Result<Vec<u8>> {
        serde_json::to_vec(self).map_err(|_| Error::internal("export"))
    }

    /// Writes the document, sealed.
    ///
    /// # Errors
    /// `Internal`.
    pub fn sealed(self, to: &Recipient, rng: &dyn Rng) -> Result<SealedExport> {
        let json = zeroize::Zeroizing::new(self.json()?);
        Ok(SealedExport {
            sealed: to.seal(&json, rng)?,
            unsent: self.entries.len() as u64,
            damaged_pages: self.damaged_pages,
            tables: self.tables,
        })
    }
}

/// In place of a value that could not be read.
const UNREADABLE: &str = "unreadable";

/// Could this value not be read where it came from?
pub(crate) fn is_unreadable(value: &Json) -> bool {
    value.get(UNREADABLE).is_some()
}

/// A row as JSON: nothing is left out, whatever state it is in.
fn shown(row: SavedRow) -> Row {
    let unreadable = |bytes: &[u8]| serde_json::json!({ UNREADABLE: STANDARD.encode(bytes) });
    let column = |(name, value): (String, Value)| {
        let shown = match value {
            Value::Null => Json::Null,
            Value::Integer(n) => n.into(),
            Value::Real(n) => n.into(),
            Value::Text(text) if JSON.contains(&name.as_str()) => {
                serde_json::from_str(&text).unwrap_or_else(|_| unreadable(text.as_bytes()))
            }
            Value::Text(text) => text.into(),
            Value::Blob(bytes) if BYTES.contains(&name.as_str()) => STANDARD.encode(bytes).into(),
            Value::Blob(bytes) => unreadable(&bytes),
        };
        (name, shown)
    };
    let older = row.older.then(|| ("older".to_owned(), Json::Bool(true)));
    Row(row.columns.into_iter().map(column).chain(older).collect())
}

impl Satchel {
    /// Everything that is not settled, sealed to the organisation's key: also of a book that a newer version wrote. The
    /// book goes on as it was. As long as the unsent work in memory for a moment.
    ///
    /// # Errors
    /// `NotPossible` (`no_organisation_key`); `StoreDamaged`: [`Satchel::salvage`] gives what is left.
    pub async fn export_unsent(&self) -> Result<SealedExport> {
        let to = organisation(&self.book.profile)?;
        self.book
            .read(move |book, conn| {
                let export = Export::from_book(conn, Made::ByBook, book.clock().wall())?;
                export.sealed(&to, &*book.world.rng)
            })
            .await
    }

    /// Everything that is not settled of a book that does not open (damaged, set aside), sealed to the organisation's
    /// key: every row that is not on a damaged page, and how many are lost. `folder` is the book's, as `books` and
    /// `set_aside` tell it; its key is the vault's. Its files are only read; no store of it may be open.
    ///
    /// # Errors
    /// `NotFound`; `NotPossible` (`no_organisation_key`); `KeyUnavailable`; `KeyLost`: with its escrow the
    /// organisation can read it (`satchel-rescue`); `StoreDamaged` when nothing of it can be read.
    pub async fn salvage(world: &World, folder: &Path, profile: &Profile) -> Result<SealedExport> {
        let to = organisation(profile)?;
        let place = Place::of_folder(folder).ok_or(Error::NotFound { what: "book" })?;
        let here = world.clone();
        let job = move || {
            let key = StoreKey::load(&*here.vault, &place)?;
            let key = key.ok_or_else(|| store::lost(&*here.disk, &place))?;
            let wall = here.clock.wall();
            let export = Export::from_files(&*here.disk, &place, &key, wall, &mut |_, _| ())?;
            export.sealed(&to, &*here.rng)
        };
        world.run(job).await
    }
}

fn organisation(profile: &Profile) -> Result<Recipient> {
    profile.organisation()?.ok_or(Error::NotPossible { why: "no_organisation_key" })
}
