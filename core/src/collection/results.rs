//! What the officer does with late payers: record, correct, take back; and what became of it.

use super::effect::{enqueue, profile};
use super::model::{CollectionResult, ResultFields, ResultStage};
use super::{COLLECTION, check, rows};
use crate::error::{Error, Result};
use crate::feed::{self, Subject};
use crate::outbox::entry::{Entry, Reason, State};
use crate::outbox::policy::{Move, code};
use crate::outbox::remote::{Reading, Taken};
use crate::outbox::{calls, rows as outbox, session};
use crate::record::{CollectionResultId, TaskId};
use crate::satchel::Satchel;
use crate::world::Secret;
use rusqlite::Transaction;
use std::collections::BTreeSet;

impl Satchel {
    /// Takes the officer's secrets for the collection service and keeps them in her encrypted book, as
    /// [`Satchel::sign_in`] those for prospects.
    ///
    /// # Errors
    /// `InvalidInput` for what cannot be sent, and for no HashKey; `NotFound` where the profile has no collection.
    pub async fn sign_in_collection(
        &self,
        secrets: super::CollectionSecrets,
        expires_wall: Option<i64>,
    ) -> Result<()> {
        let kept = Secret::new(secrets.checked()?);
        self.book
            .write(move |book, tx| {
                profile(book)?;
                session::keep(tx, COLLECTION, &book.officer, &kept, expires_wall)
            })
            .await
    }

    /// Reads the officer's late payers from the bank and merges them in. Nothing is applied unless the whole reply is good.
    /// Who is no longer listed stays, as gone, with everything that was recorded.
    ///
    /// # Errors
    /// `NotFound` where the profile has no collection; `Remote`: what happened. Nothing was applied.
    pub async fn download_tasks(&self) -> Result<Taken> {
        let remote = self.book.remote(COLLECTION).map_err(|_| Error::NotFound { what: "collection" })?;
        calls::read(&self.book, &remote, Reading::all(), BTreeSet::new()).await
    }

    /// Records a visit or a call, online or not. It leaves once, with the time that it has here. An answer that is lost is
    /// asked about: nothing at the bank shows whether it arrived.
    ///
    /// # Errors
    /// `InvalidInput` naming the first field that is wrong (`contract`: the bank's own number of it is longer than its
    /// service for results takes); `NotFound`. Nothing is saved.
    pub async fn record_result(&self, of: TaskId, fields: ResultFields) -> Result<CollectionResultId> {
        self.book
            .write(move |book, tx| {
                let checked = check::check(fields.clone(), profile(book)?, book.civil_now()?)?;
                check::names(&rows::task(tx, of)?.task.contract, &book.officer)?;
                let id = rows::insert(tx, of, &checked, book.now().wall)?;
                enqueue(book, tx, id)?;
                touched(tx, id, of)?;
                Ok(id)
            })
            .await
    }

    /// Corrects what was recorded, as long as it never left, or the bank refused it; then it leaves again.
    ///
    /// # Errors
    /// As `record_result`; `NotPossible`: `at_bank` (there is no call to change it), `under_way` (it may have arrived),
    /// `withdrawn`, `set_aside`.
    pub async fn edit_result(&self, id: CollectionResultId, fields: ResultFields) -> Result<()> {
        self.book
            .write(move |book, tx| {
                let checked = check::check(fields.clone(), profile(book)?, book.civil_now()?)?;
                let row = rows::result(tx, id)?;
                let entry = changeable(tx, &row)?;
                rows::set_fields(tx, id, &checked)?;
                match entry.head.state {
                    State::Refused => {
                        let ready = Move::Ready { due: None, reason: None };
                        calls::apply(&*book.remote(COLLECTION)?, tx, &entry, ready, book.now())?;
                    }
                    _ => outbox::now(tx, &id.lane())?,
                }
                touched(tx, id, row.task)
            })
            .await
    }

    /// Takes back what never left, or what the bank refused. It is kept, and seen in `history`.
    ///
    /// # Errors
    /// As `edit_result`.
    pub async fn withdraw_result(&self, id: CollectionResultId) -> Result<()> {
        self.book
            .write(move |book, tx| {
                let row = rows::result(tx, id)?;
                let entry = changeable(tx, &row)?;
                let closed = Move::Closed(Reason::code(code::TAKEN_BACK));
                calls::apply(&*book.remote(COLLECTION)?, tx, &entry, closed, book.now())?;
                touched(tx, id, row.task)
            })
            .await
    }

    /// Something that was recorded.
    ///
    /// # Errors
    /// `NotFound`; `StoreDamaged` in `row` for this one record.
    pub async fn collection_result(&self, id: CollectionResultId) -> Result<CollectionResult> {
        self.book
            .read(move |_, conn| Ok(rows::result(conn, id)?.shown(outbox::lane_open(conn, &id.lane())?)))
            .await
    }

    /// What was recorded of a late payer on this tablet, oldest first; what was taken back too.
    ///
    /// # Errors
    /// The store's.
    pub async fn collection_results(&self, of: TaskId) -> Result<Vec<CollectionResult>> {
        self.book
            .read(move |_, conn| {
                let open = outbox::open_lanes(conn, COLLECTION)?;
                let shown = |row: rows::ResultRow| {
                    let unsent = open.contains(&row.id.lane());
                    row.shown(unsent)
                };
                Ok(rows::results(conn, Some(of))?.into_iter().map(shown).collect())
            })
            .await
    }
}

/// The entry of something that has not left, or that the bank refused.
fn changeable(tx: &Transaction<'_>, row: &rows::ResultRow) -> Result<Entry> {
    let not = |why| Err(Error::NotPossible { why });
    let open = outbox::open_of_lane(tx, &row.id.lane())?;
    let Some(entry) = open.into_iter().next() else {
        return not(if row.stage == ResultStage::Withdrawn { "withdrawn" } else { "at_bank" });
    };
    match entry.head.state {
        State::SetAside => not("set_aside"),
        // Of one that is sent again by her word the first sending may have arrived.
        State::Ready if entry.head.doubts > 0 => not("under_way"),
        State::Ready | State::Refused | State::Blocked => Ok(entry),
        _ => not("under_way"),
    }
}

/// What a move means for the record; the last step of every move.
pub(super) fn moved(tx: &Transaction<'_>, entry: &Entry, to: &Move) -> Result<()> {
    let id = CollectionResultId::of_lane(&entry.lane).ok_or(Error::internal("lane"))?;
    let stage = match to {
        Move::Done(_) => ResultStage::Delivered,
        Move::Closed(_) => ResultStage::Withdrawn,
        _ => return Ok(()),
    };
    rows::set_stage(tx, id, stage)?;
    // A row that cannot be read is its own problem: who it is of is shown with it no more.
    rows::result(tx, id).map_or(Ok(()), |row| touched(tx, id, row.task))
}

fn touched(tx: &Transaction<'_>, id: CollectionResultId, of: TaskId) -> Result<()> {
    feed::touch(tx, &id.lane())?;
    feed::touch(tx, &Subject::Task(of.0).text()).map(drop)
}
