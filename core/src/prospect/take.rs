//! The taker's side of a hand-over: one entry of the other book becomes a record of this one.

use super::effect::{CREATE, REJECT, UPDATE};
use super::moved::enqueue;
use super::wire::Downloaded;
use super::{Field, Fields, Intent, Life, PROSPECT, ProspectId, ServerFields, check, merge, rows};
use crate::book::Book;
use crate::error::{Error, Result};
use crate::export::{self, Export, Made, Row};
use crate::feed;
use crate::outbox::entry::{EntryId, Payload, Reason, State};
use crate::outbox::policy::{Move, code};
use crate::outbox::{calls, rows as outbox};
use crate::text::civil;
use rusqlite::{Transaction, params};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// What became of one entry.
pub(super) enum Took {
    Now { asks: bool },
    Before,
    Left(&'static str),
}

/// A record of the other book, as far as it can be read.
struct Theirs {
    code: String,
    created_at: String,
    local: Fields,
    base: Option<Fields>,
    server: ServerFields,
    intent: Option<Intent>,
}

/// An export being taken over, in one transaction.
pub(super) struct Taking<'a> {
    book: &'a Book,
    tx: &'a Transaction<'a>,
    export: &'a Export,
    by_id: BTreeMap<i64, &'a Row>,
}

impl<'a> Taking<'a> {
    pub(super) fn new(book: &'a Book, tx: &'a Transaction<'a>, export: &'a Export) -> Self {
        let by_id = export.prospects.iter().filter_map(|p| Some((p.number("id")?, p))).collect();
        Self { book, tx, export, by_id }
    }

    /// Takes one entry, unless that was done before or cannot be.
    pub(super) fn one(&self, id: EntryId, entry: &Row) -> Result<Took> {
        let made = entry.number("made_wall").unwrap_or_default();
        let sql = "SELECT 1 FROM taken WHERE (book, entry, made_wall) = (?1, ?2, ?3)";
        if self.tx.prepare_cached(sql)?.exists((&self.export.book.uid, id.0, made))? {
            return Ok(Took::Before);
        }
        if entry.text("remote") != PROSPECT {
            return Ok(Took::Left("unknown"));
        }
        let reason = entry.get("reason").and_then(|r| r.get("code")?.as_str()).unwrap_or_default();
        // Set aside for another reason: it could not be read there either.
        if entry.text("state") == State::SetAside.word() && !reason.starts_with(code::HANDED_OVER) {
            return Ok(Took::Left("unreadable"));
        }
        let theirs = ProspectId::of_lane(entry.text("lane")).and_then(|id| self.record(id));
        let Some(theirs) = theirs else { return Ok(Took::Left("unreadable")) };
        let sure = self.export.made == Made::HandedOver && reason == code::HANDED_OVER;
        let verb = entry.text("verb");
        let taken = match verb {
            CREATE => self.create(&theirs, entry, sure),
            UPDATE | REJECT if theirs.code.is_empty() => Ok(Err("unreadable")),
            UPDATE => self.update(&theirs, sure),
            REJECT => self.reject(&theirs, sure),
            _ => Ok(Err("unknown")),
        }?;
        let (prospect, asks) = match taken {
            Ok(taken) => taken,
            Err(why) => return Ok(Took::Left(why)),
        };
        let sql = "INSERT INTO taken (book, entry, made_wall, prospect, officer, wall) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let Export { book, .. } = self.export;
        self.tx
            .execute(sql, params![book.uid, id.0, made, prospect, book.officer, self.book.clock().wall()])?;
        feed::touch(self.tx, &prospect.lane())?;
        Ok(Took::Now { asks })
    }

    fn record(&self, id: ProspectId) -> Option<Theirs> {
        let row = *self.by_id.get(&id.0)?;
        let local: Fields = decoded(row, "local")??;
        let base: Option<Fields> = decoded(row, "base")?;
        let whole = [Some(&local), base.as_ref()].into_iter().flatten().all(sane);
        let code = row.text("code").to_owned();
        (whole && (code.is_empty() || check::code(&code).is_ok())).then_some(Theirs {
            code,
            created_at: row.text("created_at").to_owned(),
            local,
            base,
            server: decoded(row, "server")?.unwrap_or_default(),
            intent: decoded(row, "intent")?,
        })
    }

    /// A record that the bank may not have: this officer's own now, made when it was made.
    fn create(&self, theirs: &Theirs, entry: &Row, sure: bool) -> Result<Here> {
        let Ok(made) = civil::parse_upload(&theirs.created_at) else { return Ok(Err("unreadable")) };
        let id = rows::insert_own(self.tx, made, &theirs.local)?;
        rows::set_intent(self.tx, id, theirs.intent.filter(|_| !sure))?;
        let entry_id = enqueue(self.tx, id, CREATE, &self.book.officer, self.book.now())?;
        if sure {
            return Ok(Ok((id, false)));
        }
        // What it may have left as: a row at the bank that is just so proves it.
        let sent: Option<Fields> = decoded(entry, "sent").flatten();
        let sent = sent.filter(sane).unwrap_or_else(|| theirs.local.clone());
        outbox::keep_sent(self.tx, entry_id, &Payload::encode(&sent)?, 1)?;
        self.ask(entry_id, code::HANDED_OVER)?;
        Ok(Ok((id, true)))
    }

    /// A change of what the bank has: merged into the record here, as with what the bank says of it.
    fn update(&self, theirs: &Theirs, sure: bool) -> Result<Here> {
        let id = match self.known(theirs)? {
            Ok(id) => id,
            Err(why) => return Ok(Err(why)),
        };
        if outbox::lane_open(self.tx, &id.lane())? {
            return Ok(Err("unsent_here"));
        }
        let conflict = rows::update(self.tx, id, |row| {
            let base = theirs.base.as_ref().unwrap_or(&row.local);
            let mut mine = theirs.local.clone();
            mine.set(Field::CreatedAt, row.local.get(Field::CreatedAt));
            let merged = merge::merge(base, &mine, &row.local);
            row.conflict = merged.conflict();
            (row.local, row.base) = (merged.fields, Some(merged.base));
            row.revision += 1;
            Ok(row.conflict.is_some())
        })?;
        let entry = enqueue(self.tx, id, UPDATE, &self.book.officer, self.book.now())?;
        rows::set_unsent(self.tx, id, true)?;
        match (conflict, sure) {
            (true, _) => self.ask(entry, code::CONFLICT)?,
            (false, false) => self.ask(entry, code::HANDED_OVER)?,
            (false, true) => {}
        }
        Ok(Ok((id, conflict || !sure)))
    }

    fn reject(&self, theirs: &Theirs, sure: bool) -> Result<Here> {
        let id = match self.known(theirs)? {
            Ok(id) => id,
            Err(why) => return Ok(Err(why)),
        };
        let entry = enqueue(self.tx, id, REJECT, &self.book.officer, self.book.now())?;
        rows::set_unsent(self.tx, id, true)?;
        if !sure {
            self.ask(entry, code::HANDED_OVER)?;
        }
        Ok(Ok((id, !sure)))
    }

    /// The record of that code here; taken in when this book does not know it yet.
    fn known(&self, theirs: &Theirs) -> Result<Result<ProspectId, &'static str>> {
        match rows::by_code(self.tx, &theirs.code) {
            Ok(Some(row)) if row.life != Life::Live || row.conflict.is_some() => Ok(Err("not_live")),
            Ok(Some(row)) => Ok(Ok(row.id)),
            Ok(None) => {
                let fields = theirs.base.clone().unwrap_or_else(|| theirs.local.clone());
                let (code, server) = (theirs.code.clone(), theirs.server.clone());
                rows::insert_downloaded(self.tx, &Downloaded { code, fields, server, unsaid: vec![] }).map(Ok)
            }
            Err(Error::StoreDamaged { place: "row", .. }) => Ok(Err("unreadable")),
            Err(e) => Err(e),
        }
    }

    fn ask(&self, id: EntryId, why: &str) -> Result<()> {
        let entry = outbox::get(self.tx, id)?.ok_or(Error::internal("entry"))?;
        let asks = Move::Asks { reason: Reason::code(why), rows: None };
        calls::apply(&*self.book.remote(PROSPECT)?, self.tx, &entry, asks, self.book.now()).map(drop)
    }
}

/// The record here and whether it asks; or why there is none.
type Here = Result<(ProspectId, bool), &'static str>;

/// A column as what it should be: `None` when it is something else, `Some(None)` when nothing is there.
fn decoded<T: DeserializeOwned>(row: &Row, column: &str) -> Option<Option<T>> {
    match row.get(column) {
        None => Some(None),
        Some(value) if export::is_unreadable(value) => None,
        Some(value) => serde_json::from_value(value.clone()).ok().map(Some),
    }
}

/// Texts that this book could have taken at the desk or from the bank.
fn sane(fields: &Fields) -> bool {
    Field::ALL.into_iter().all(|f| fields.get(f).chars().nth(check::LONGEST_TEXT).is_none())
}
