//! Papers that are in the book: looking at them, taking them back, and pruning what was delivered long ago.

use super::chunks;
use super::model::Document;
use super::rows::{self, PaperStage};
use crate::error::{Error, Result};
use crate::outbox::entry::{Reason, State};
use crate::outbox::policy::{Move, code};
use crate::outbox::rows::Now;
use crate::outbox::{calls, rows as outbox};
use crate::record::{ActionId, DocumentId};
use crate::satchel::Satchel;
use crate::store::Store;

const DAY_MS: i64 = 86_400_000;

impl Satchel {
    /// One paper, without its bytes.
    ///
    /// # Errors
    /// `NotFound`; `StoreDamaged` in `row` for this one record.
    pub async fn document(&self, id: DocumentId) -> Result<Document> {
        self.book.read(move |_, conn| rows::get(conn, id).map(Document::from)).await
    }

    /// The papers of an action, oldest first; those taken back too.
    ///
    /// # Errors
    /// The store's.
    pub async fn documents(&self, of: ActionId) -> Result<Vec<Document>> {
        self.book
            .read(move |_, conn| Ok(rows::of_action(conn, of)?.into_iter().map(Document::from).collect()))
            .await
    }

    /// Small JPEGs for lists, 160 pixels at most, in the order of those asked for; `None` for a PDF. Ask for those of a
    /// screen at once.
    ///
    /// # Errors
    /// `NotFound`: one of them is not there.
    pub async fn thumbnails(&self, of: Vec<DocumentId>) -> Result<Vec<Option<Vec<u8>>>> {
        self.book.read(move |_, conn| of.into_iter().map(|id| rows::thumbnail(conn, id)).collect()).await
    }

    /// The paper as it is sent, whole: at most the profile's limit.
    ///
    /// # Errors
    /// `NotFound`; `NotPossible` (`pruned`): it was delivered long ago, and its bytes are at the bank alone.
    pub async fn preview(&self, id: DocumentId) -> Result<Vec<u8>> {
        self.book
            .read(move |_, conn| {
                let row = rows::get(conn, id)?;
                let mut bytes = vec![];
                for seq in 0.. {
                    match chunks::get(conn, id.0, seq)? {
                        Some(chunk) => bytes.extend(chunk),
                        None => break,
                    }
                }
                match bytes.len() as i64 == row.bytes {
                    true => Ok(bytes),
                    false if row.pruned || row.stage != PaperStage::Live => {
                        Err(Error::NotPossible { why: "pruned" })
                    }
                    false => Err(Error::StoreDamaged { place: "row", unsent: 0, as_of: 0 }),
                }
            })
            .await
    }

    /// Takes back a paper that never left. It is kept like a delivered one, and seen among its action's papers.
    ///
    /// # Errors
    /// `NotFound`; `NotPossible`: `at_bank`, `under_way` (it may have arrived: answer the question that comes), `withdrawn`.
    pub async fn withdraw_document(&self, id: DocumentId) -> Result<()> {
        self.book
            .write(move |book, tx| {
                match rows::get(tx, id)?.stage {
                    PaperStage::Live => {}
                    PaperStage::Delivered => return Err(Error::NotPossible { why: "at_bank" }),
                    PaperStage::Withdrawn => return Err(Error::NotPossible { why: "withdrawn" }),
                }
                for entry in outbox::open_of_lane(tx, &id.lane())? {
                    let still = matches!(
                        entry.head.state,
                        State::Ready | State::Refused | State::Blocked | State::SetAside
                    );
                    if !still || entry.head.doubts > 0 {
                        return Err(Error::NotPossible { why: "under_way" });
                    }
                    let closed = Move::Closed(Reason::code(code::TAKEN_BACK));
                    calls::apply(&*book.remote(&entry.remote)?, tx, &entry, closed, book.now())?;
                }
                Ok(())
            })
            .await
    }
}

/// Removes some bytes of a paper that was delivered longer ago than the profile keeps them: a few chunks in a quiet
/// moment. Never of one that is not confirmed, nor of one that was given up.
pub(crate) fn prune(store: &Store, keep_days: u32, now: Now) -> Result<()> {
    let before = now.wall - i64::from(keep_days) * DAY_MS;
    let Some(id) = store.read(|conn| rows::prunable(conn, before))? else { return Ok(()) };
    store.write_bulk(|tx| {
        // Asked again: the officer may have said that it goes once more.
        if rows::prunable(tx, before)? != Some(id) {
            return Ok(());
        }
        match chunks::remove_some(tx, id.0)? {
            true => rows::set_pruned(tx, id),
            false => Ok(()),
        }
    })
}
