//! The officer's verbs: each is one transaction, on disk when it returns, and wakes the sending.

use super::draft::{self, About, Draft, DraftInfo};
use super::effect::{CREATE, REJECT, UPDATE};
use super::list::{self, Page, Query, Why};
use super::moved::enqueue;
use super::{Field, FieldChange, Intent, Life, PROSPECT, Prospect, ProspectId, check, decide, merge, rows};
use crate::book::Book;
use crate::error::{Error, Result};
use crate::feed::{self, Subject};
use crate::outbox::entry::{Entry, Reason, State};
use crate::outbox::policy::{Move, code};
use crate::outbox::{calls, rows as outbox};
use crate::satchel::Satchel;
use rusqlite::Transaction;

/// A prospect just added.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Added {
    /// Its number in this book.
    pub id: ProspectId,
    /// Others that are like it: a warning for the officer, nothing was refused because of it.
    pub similar: Vec<(ProspectId, Why)>,
}

/// What taking back did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TakenBack {
    /// It never left: it is closed, and kept.
    Now,
    /// It may have left: the wish is written down. If it arrived it is rejected under its code, if not it is closed. Where
    /// the bank's list is no proof that it did not (the profile states no lateness, or the natural key is not verified),
    /// it is looked for until the profile's `settle_by`, and then asked about.
    WhenKnown,
}

impl Satchel {
    /// Saves a new prospect and its entry in the outbox; removes the draft it came from, in the same transaction.
    ///
    /// # Errors
    /// `InvalidInput` naming the first field that is wrong; nothing is saved. `DiskFull` when even the reserve is used up.
    pub async fn add(&self, given: Vec<FieldChange>, draft: Option<About>) -> Result<Added> {
        let fields = check::new(&self.book.profile.prospect, &given).map_err(|p| check::first(&p))?;
        self.book
            .write(move |book, tx| {
                let names = [fields.get(Field::NameEn), fields.get(Field::NameKh)];
                let similar = list::similar(tx, fields.get(Field::Phone), names)?;
                let id = rows::insert_own(tx, book.civil_now()?, &fields)?;
                enqueue(tx, id, CREATE, &book.officer, book.now())?;
                feed::touch(tx, &id.lane())?;
                without_draft(tx, draft.as_ref())?;
                Ok(Added { id, similar })
            })
            .await
    }

    /// Changes a prospect. What waits is sent with the newest state; what is under way is left alone and the change
    /// goes out next. Nothing is written when nothing changes.
    ///
    /// # Errors
    /// `InvalidInput`; `NotFound`; `NotPossible`: `rejected`, `withdrawn`, `gone`, `taken_back`, `reject_pending`,
    /// `set_aside`.
    pub async fn edit(&self, id: ProspectId, changes: Vec<FieldChange>) -> Result<()> {
        self.book
            .write(move |book, tx| {
                edit(book, tx, id, &changes)?;
                without_draft(tx, Some(&About::Prospect(id)))
            })
            .await
    }

    /// As `edit`, by the bank's code.
    ///
    /// # Errors
    /// As `edit`.
    pub async fn edit_by_code(&self, code: &str, changes: Vec<FieldChange>) -> Result<ProspectId> {
        let code = code.to_owned();
        self.book
            .write(move |book, tx| {
                let id = rows::id_by_code(tx, &code)?.ok_or(Error::NotFound { what: "prospect" })?;
                edit(book, tx, id, &changes)?;
                Ok(id)
            })
            .await
    }

    /// Rejects a prospect at the bank. One that has no code yet is taken back as by `withdraw`.
    ///
    /// # Errors
    /// As `edit`.
    pub async fn reject(&self, id: ProspectId) -> Result<TakenBack> {
        self.book.write(move |book, tx| take_back(book, tx, id, Intent::Reject)).await
    }

    /// Takes back a prospect that the bank does not have: at once when it never left, as a written wish when it may have.
    ///
    /// # Errors
    /// As `edit`; `NotPossible` (`at_bank`): the bank has it, `reject` it.
    pub async fn withdraw(&self, id: ProspectId) -> Result<TakenBack> {
        self.book.write(move |book, tx| take_back(book, tx, id, Intent::Withdraw)).await
    }

    /// One prospect.
    ///
    /// # Errors
    /// `NotFound`; `StoreDamaged` in `row` for this one record.
    pub async fn get(&self, id: ProspectId) -> Result<Prospect> {
        self.book.read(move |_, conn| rows::get(conn, id).map(Prospect::from)).await
    }

    /// One prospect by the bank's code.
    ///
    /// # Errors
    /// As `get`.
    pub async fn get_by_code(&self, code: &str) -> Result<Prospect> {
        let code = code.to_owned();
        self.book
            .read(move |_, conn| {
                rows::by_code(conn, &code)?.map(Prospect::from).ok_or(Error::NotFound { what: "prospect" })
            })
            .await
    }

    /// A page of the book: search, filters, in the order of names.
    ///
    /// # Errors
    /// `InvalidInput` for a search text that is too long or a cursor that is none.
    pub async fn list(&self, query: Query) -> Result<Page> {
        self.book.read(move |_, conn| list::list(conn, &query)).await
    }

    /// Saves a half-typed form over the draft about the same thing: unchecked, encrypted, never sent.
    ///
    /// # Errors
    /// `InvalidInput` for a form over 256 KiB or a name that is none.
    pub async fn save_draft(&self, about: About, form: String) -> Result<i64> {
        self.book
            .write(move |book, tx| {
                let id = draft::save(tx, &about, &form, book.now().wall)?;
                feed::touch(tx, &Subject::Draft(id).text())?;
                Ok(id)
            })
            .await
    }

    /// The draft about that.
    ///
    /// # Errors
    /// `InvalidInput`.
    pub async fn draft(&self, about: About) -> Result<Option<Draft>> {
        self.book.read(move |_, conn| draft::load(conn, &about)).await
    }

    /// The newest drafts.
    ///
    /// # Errors
    /// The store's.
    pub async fn drafts(&self, limit: u32) -> Result<Vec<DraftInfo>> {
        self.book.read(move |_, conn| draft::list(conn, limit)).await
    }

    /// Throws a draft away.
    ///
    /// # Errors
    /// `InvalidInput`.
    pub async fn remove_draft(&self, about: About) -> Result<()> {
        self.book.write(move |_, tx| without_draft(tx, Some(&about))).await
    }
}

fn without_draft(tx: &Transaction<'_>, about: Option<&About>) -> Result<()> {
    let Some(about) = about else { return Ok(()) };
    if let Some(id) = draft::remove(tx, about)? {
        feed::touch(tx, &Subject::Draft(id).text())?;
    }
    Ok(())
}

/// The row, if the officer may still change it, and what of its lane is not settled.
fn changeable(tx: &Transaction<'_>, id: ProspectId) -> Result<(rows::Row, Vec<Entry>)> {
    let row = rows::get(tx, id)?;
    let why = match row.life {
        Life::Rejected => Some("rejected"),
        Life::Withdrawn => Some("withdrawn"),
        Life::Gone => Some("gone"),
        Life::Live if row.intent.is_some() => Some("taken_back"),
        Life::Live => None,
    };
    let open = outbox::open_of_lane(tx, &id.lane())?;
    let stuck = open.iter().find_map(|e| match (e.head.state, e.head.verb.as_str()) {
        (State::SetAside, _) => Some("set_aside"),
        (_, REJECT) => Some("reject_pending"),
        _ => None,
    });
    match why.or(stuck) {
        Some(why) => Err(Error::NotPossible { why }),
        None => Ok((row, open)),
    }
}

fn edit(book: &Book, tx: &Transaction<'_>, id: ProspectId, changes: &[FieldChange]) -> Result<()> {
    let (row, open) = changeable(tx, id)?;
    let after = check::edit(&book.profile.prospect, &row.local, changes).map_err(|p| check::first(&p))?;
    if after == row.local {
        return Ok(());
    }
    match &row.conflict {
        // It is shown with her value: an answer to the older one is no answer to this.
        Some(conflict) => {
            let base = row.base.as_ref().unwrap_or(&row.local);
            decide::keep_resolved(book, tx, id, merge::restate(base, &after, conflict)?)?;
        }
        None => rows::update(tx, id, |row| {
            row.local = after;
            row.revision += 1;
            Ok(())
        })?,
    }
    match open.first() {
        None => {
            enqueue(tx, id, UPDATE, &book.officer, book.now())?;
            rows::set_unsent(tx, id, true)?;
        }
        Some(entry) if entry.head.state == State::Refused => {
            let remote = book.remote(PROSPECT)?;
            calls::apply(&*remote, tx, entry, Move::Ready { due: None, reason: None }, book.now())?;
        }
        Some(_) => outbox::now(tx, &id.lane())?, // goes with it, or next
    }
    feed::touch(tx, &id.lane()).map(drop)
}

fn take_back(book: &Book, tx: &Transaction<'_>, id: ProspectId, intent: Intent) -> Result<TakenBack> {
    let (row, open) = match changeable(tx, id) {
        Err(Error::NotPossible { why: "reject_pending" | "taken_back" }) => return Ok(TakenBack::WhenKnown), // said before
        other => other?,
    };
    if row.code.is_some() {
        if intent == Intent::Withdraw {
            return Err(Error::NotPossible { why: "at_bank" });
        }
        enqueue(tx, id, REJECT, &book.officer, book.now())?;
        rows::set_unsent(tx, id, true)?;
        feed::touch(tx, &id.lane())?;
        return Ok(TakenBack::WhenKnown);
    }
    let Some(create) = open.first() else { return Err(Error::NotPossible { why: "withdrawn" }) };
    match create.head.state {
        // Never in doubt: ready is proven not executed, refused is the bank's own no.
        State::Ready | State::Refused | State::Blocked if create.head.doubts == 0 => {
            let closed = Move::Closed(Reason::code(code::TAKEN_BACK));
            calls::apply(&*book.remote(PROSPECT)?, tx, create, closed, book.now())?;
            Ok(TakenBack::Now)
        }
        state => {
            rows::set_intent(tx, id, Some(intent))?;
            if matches!(state, State::Ready | State::Refused | State::Blocked | State::Asks) {
                // An earlier attempt may have arrived after all: it goes no more, and is looked for once more. So is what
                // asks, for there is nothing left to ask once the bank is known to lack it.
                outbox::forget_doubts(tx, create.head.id)?;
                let doubt = Move::Doubtful { reason: Reason::code(code::TAKEN_BACK), alone: false };
                calls::apply(&*book.remote(PROSPECT)?, tx, create, doubt, book.now())?;
            }
            feed::touch(tx, &id.lane())?;
            Ok(TakenBack::WhenKnown)
        }
    }
}
