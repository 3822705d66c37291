//! Another officer's book: what she left unsent goes to another officer, who makes it her own.
//!
//! ```text
//! her book                                  the taker's book
//! hand_over: nothing leaves it any more ──▶ take_over: new records of the taker's own, each entry once
//! handed_over: closed                   ◀── what was taken
//! ```
//! Every step can be repeated after a crash. In between, the work is in both books and sent by neither blindly: in hers
//! it is set aside, and here only what is known never to have left goes out by itself; all else is a question.

use super::effect::{CREATE, REJECT, UPDATE};
use super::moved::enqueue;
use super::wire::Downloaded;
use super::{Field, Fields, Intent, Life, PROSPECT, ProspectId, ServerFields, check, merge, rows};
use crate::book::{Book, Live};
use crate::error::{Error, Result};
use crate::export::{self, Export, Made, Row};
use crate::feed;
use crate::outbox::entry::{Entry, EntryId, Payload, Reason, State};
use crate::outbox::policy::{Move, code};
use crate::outbox::{calls, rows as outbox};
use crate::satchel::Satchel;
use crate::text::civil;
use crate::world::Secret;
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::time::Duration;

/// How long a call under way is waited for.
const GRACE: Duration = Duration::from_secs(5);

/// What taking over did.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TakenOver {
    /// Entries of the other book that are in this one now, those of an earlier time too: what to tell `handed_over`.
    pub taken: Vec<EntryId>,
    /// How many of them ask the officer.
    pub asks: u64,
    /// Entries that were not taken, and why. They stay where they are.
    pub left: Vec<LeftOver>,
}

/// An entry that was not taken over.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LeftOver {
    /// Its number in the other book.
    pub entry: EntryId,
    /// A stable code: `unreadable`, `unknown` (of a remote or kind that this version does not know), `unsent_here` (this
    /// officer has unsent work on the same record: try again when it is settled), `not_live` (here it is rejected or gone).
    pub why: &'static str,
}

/// Where a prospect came from.
#[derive(Clone, PartialEq, Eq)]
pub struct Origin {
    /// The officer who wrote it.
    pub officer: String,
    /// The number of her book.
    pub book: String,
    /// Her entry's number.
    pub entry: EntryId,
    /// When it was taken over, unix ms.
    pub wall: i64,
}
super::shows!(Origin { entry, wall });

impl Satchel {
    /// Of a book whose officer does not return: from now on nothing that is unsent in it leaves it; the export says what
    /// that is. It stays in the book, set aside and counted, until `handed_over`. Called again it gives all of it again.
    ///
    /// The export is personal data, plain, for `take_over` in this process or over the bank's own channel.
    ///
    /// # Errors
    /// `NotPossible` (`sending`) while a call of this book is under way, here or in another process.
    pub async fn hand_over(&self) -> Result<Secret<Vec<u8>>> {
        self.book.change_mode(Live::stop);
        if !self.book.at_rest(GRACE).await {
            return Err(Error::NotPossible { why: "sending" });
        }
        let book = self.book.clone();
        let export = self.book.world.run(move || {
            // Nobody else sends from it meanwhile, and what a dead process left as being sent is in doubt.
            if !book.hold_lease()? {
                return Err(Error::NotPossible { why: "sending" });
            }
            let export = book.store.write(|tx| {
                stop_all(&book, tx)?;
                Export::from_book(tx, Made::HandedOver, book.clock().wall())
            });
            book.release_lease();
            export?.json().map(Secret::new)
        });
        let export = export.await;
        self.book.stir();
        export
    }

    /// Closes what another book has taken: `entries` as its `take_over` told them. They are kept, and seen in `history`.
    ///
    /// # Errors
    /// `NotFound`; `NotPossible` (`not_handed_over`): then nothing is changed. Those that are closed already are passed
    /// over.
    pub async fn handed_over(&self, entries: Vec<EntryId>, to: &str) -> Result<()> {
        let to = to.to_owned();
        self.book.write(move |book, tx| entries.iter().try_for_each(|id| close(book, tx, *id, &to))).await
    }

    /// Takes over what another book left unsent (the JSON of `hand_over`, or of `satchel-rescue export --plain`): as
    /// records of this officer's own, linked to where they came from. The same entry is never taken twice, whatever is
    /// handed in. What is known never to have left goes out as hers; all else asks her first (`asks`, code `handed_over`),
    /// and is settled by itself where the bank's list proves that it had arrived. One transaction.
    ///
    /// Of her own book's export: what was handed over by mistake and taken by nobody comes back, as questions.
    ///
    /// # Errors
    /// `InvalidInput` in `export`; `NotPossible`: `goes_on` (that book still sends: hand it over first), `other_profile`,
    /// `unknown_book` (its number is lost with a damaged page and a missing side file).
    pub async fn take_over(&self, export: Secret<Vec<u8>>) -> Result<TakenOver> {
        let export = Export::parse(export.reveal())?;
        self.book.write(move |book, tx| take_over(book, tx, &export)).await
    }

    /// Where a prospect was taken over from; `None`: it is this officer's own.
    ///
    /// # Errors
    /// The store's.
    pub async fn origin(&self, id: ProspectId) -> Result<Option<Origin>> {
        self.book.read(move |_, conn| origin(conn, id)).await
    }
}

fn origin(conn: &Connection, id: ProspectId) -> Result<Option<Origin>> {
    let sql = "SELECT officer, book, entry, wall FROM taken WHERE prospect = ?1 ORDER BY rowid LIMIT 1";
    let origin = |r: &rusqlite::Row<'_>| {
        Ok(Origin { officer: r.get(0)?, book: r.get(1)?, entry: EntryId(r.get(2)?), wall: r.get(3)? })
    };
    Ok(conn.prepare_cached(sql)?.query_row([id], origin).optional()?)
}

/// Sets every open entry of the prospects aside, with whether it may have left.
fn stop_all(book: &Book, tx: &Transaction<'_>) -> Result<()> {
    let mut after = EntryId(0);
    loop {
        let some = outbox::waiting(tx, after, 200)?;
        let Some(last) = some.last() else { return Ok(()) };
        after = last.head.id;
        for entry in some.iter().filter(|e| e.remote == PROSPECT) {
            let why = match entry.head.state {
                State::Ready | State::Refused | State::Blocked => code::HANDED_OVER,
                State::Sending | State::Doubtful | State::Asks => code::HANDED_OVER_OPEN,
                State::SetAside | State::Done | State::Closed => continue,
            };
            outbox::set_aside(tx, entry.head.id, &Reason::code(why), book.now())?;
            feed::touch(tx, &entry.lane)?;
        }
    }
}

fn is_handed_over(entry: &Entry) -> bool {
    let reason = entry.head.reason.as_ref().map(|r| r.code.as_str());
    matches!(reason, Some(code::HANDED_OVER | code::HANDED_OVER_OPEN))
}

fn close(book: &Book, tx: &Transaction<'_>, id: EntryId, to: &str) -> Result<()> {
    let entry = outbox::get(tx, id)?.ok_or(Error::NotFound { what: "entry" })?;
    match (is_handed_over(&entry), entry.head.state) {
        (true, State::Closed) => return Ok(()),
        (true, State::SetAside) => {}
        _ => return Err(Error::NotPossible { why: "not_handed_over" }),
    }
    let chosen = Payload::encode(&BTreeMap::from([("answer", "handed_over"), ("to", to)]))?;
    outbox::decided(tx, &entry, &book.officer, &Payload::encode(&entry.head.reason)?, &chosen, book.now())?;
    let closed = Move::Closed(Reason::code(code::HANDED_OVER));
    calls::apply(&*book.remote(PROSPECT)?, tx, &entry, closed, book.now()).map(drop)
}

fn take_over(book: &Book, tx: &Transaction<'_>, export: &Export) -> Result<TakenOver> {
    let not = |why| Err(Error::NotPossible { why });
    if export.made == Made::ByBook {
        return not("goes_on");
    }
    if export.book.uid.is_empty() {
        return not("unknown_book");
    }
    if export.book.profile != book.profile.name {
        return not("other_profile");
    }
    let own: String = tx.query_row("SELECT uid FROM book", [], |r| r.get(0))?;
    if own == export.book.uid {
        return take_back(book, tx, export);
    }
    let by_id = export.prospects.iter().filter_map(|p| Some((p.number("id")?, p))).collect();
    let taking = Taking { book, tx, export, by_id };
    let mut done = TakenOver::default();
    for entry in &export.entries {
        let id = EntryId(entry.number("id").unwrap_or_default());
        match taking.one(id, entry)? {
            Took::Now { asks } => {
                done.taken.push(id);
                done.asks += u64::from(asks);
            }
            Took::Before => done.taken.push(id),
            Took::Left(why) => done.left.push(LeftOver { entry: id, why }),
        }
    }
    Ok(done)
}

/// What was handed over by mistake: nobody here knows whether it was taken, so each is a question.
fn take_back(book: &Book, tx: &Transaction<'_>, export: &Export) -> Result<TakenOver> {
    let mut done = TakenOver::default();
    for id in export.entries.iter().filter_map(|e| e.number("id")) {
        let Some(entry) = outbox::get(tx, EntryId(id))? else { continue };
        if entry.head.state == State::SetAside && is_handed_over(&entry) {
            let asks = Move::Asks { reason: Reason::code(code::HANDED_OVER), rows: None };
            calls::apply(&*book.remote(PROSPECT)?, tx, &entry, asks, book.now())?;
            done.asks += 1;
        }
    }
    Ok(done)
}

enum Took {
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

struct Taking<'a> {
    book: &'a Book,
    tx: &'a Transaction<'a>,
    export: &'a Export,
    by_id: BTreeMap<i64, &'a Row>,
}

impl Taking<'_> {
    fn one(&self, id: EntryId, entry: &Row) -> Result<Took> {
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
