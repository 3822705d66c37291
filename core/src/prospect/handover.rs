//! Another officer's book: what she left unsent goes to another officer, who makes it her own.
//!
//! ```text
//! her book                                  the taker's book
//! hand_over: nothing leaves it any more ──▶ take_over: new records of the taker's own, each entry once
//! handed_over: closed                   ◀── what was taken
//! ```
//! Every step can be repeated after a crash. In between, the work is in both books and sent by neither blindly: in hers
//! it is set aside, and here only what is known never to have left goes out by itself; all else is a question.

use super::ProspectId;
use super::take::{Taking, Took};
use crate::book::{Book, Live};
use crate::error::{Error, Result};
use crate::export::{Export, Made};
use crate::feed;
use crate::outbox::entry::{Entry, EntryId, Payload, Reason, State};
use crate::outbox::policy::{Move, code};
use crate::outbox::{calls, rows as outbox};
use crate::satchel::Satchel;
use crate::world::Secret;
use rusqlite::{Connection, OptionalExtension, Transaction};
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
    /// `Locked`; `NotPossible` (`sending`) while a call of this book is under way, here or in another process.
    pub async fn hand_over(&self) -> Result<Secret<Vec<u8>>> {
        if self.book.is_closed() {
            return Err(Error::Locked);
        }
        self.book.change_mode(Live::stop);
        if !self.book.at_rest(GRACE).await {
            return Err(Error::NotPossible { why: "sending" });
        }
        let book = self.book.clone();
        let export = self.book.world.run(move || {
            // Nobody else sends from it meanwhile, and what a dead process left as being sent is in doubt.
            if book.hold_lease()?.is_none() {
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
    /// Applications, answers and papers are not taken over: they are among what is left, and the export has them whole.
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

/// Sets every open entry aside, with whether it may have left.
fn stop_all(book: &Book, tx: &Transaction<'_>) -> Result<()> {
    let mut after = EntryId(0);
    loop {
        let some = outbox::waiting(tx, after, 200)?;
        let Some(last) = some.last() else { return Ok(()) };
        after = last.head.id;
        for entry in &some {
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
    calls::apply(&*book.remote(&entry.remote)?, tx, &entry, closed, book.now()).map(drop)
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
    let taking = Taking::new(book, tx, export);
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
            calls::apply(&*book.remote(&entry.remote)?, tx, &entry, asks, book.now())?;
            done.asks += 1;
        }
    }
    Ok(done)
}
