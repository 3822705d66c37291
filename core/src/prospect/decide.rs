//! What only the officer can say about a prospect: that a row at the bank is it, and how a conflict ends.

use super::download::Staged;
use super::effect::{CREATE, Receipt, prospect_of};
use super::merge::{self, Choice, Resolved};
use super::{Field, Fields, PROSPECT, ProspectId, check, rows, shows};
use crate::book::Book;
use crate::error::{Error, Result};
use crate::feed;
use crate::outbox::entry::{Entry, Payload, State};
use crate::outbox::policy::{Move, code::CONFLICT};
use crate::outbox::{calls, rows as outbox};
use crate::satchel::Satchel;
use crate::stamp::Stamp;
use crate::text::civil::same_minute;
use rusqlite::Transaction;
use std::collections::BTreeMap;

/// A row at the bank that may be the record in question.
#[derive(Clone, PartialEq, Eq)]
pub struct NearRow {
    /// Its code.
    pub code: String,
    /// Its fields.
    pub fields: Fields,
}
shows!(NearRow {});

impl Satchel {
    /// Decides a conflict as it was shown (`asked`: its [`Conflict::asked`](super::Conflict::asked)), field by field;
    /// fields not named stay open, as a conflict to be shown anew. When none is left the record goes on its way.
    ///
    /// # Errors
    /// `NotFound`; `NotPossible`: `no_conflict`, `asked_anew` (the values are no longer those that were shown);
    /// `InvalidInput` for a field that is not in conflict. Then nothing is changed.
    pub async fn resolve(&self, id: ProspectId, asked: Stamp, choices: Vec<(Field, Choice)>) -> Result<()> {
        self.book.write(move |book, tx| resolve(book, tx, id, asked, &choices)).await
    }
}

/// The rows that the bank holds, as they lie in the book. Only what asks shows any.
pub(crate) fn rows_shown(entry: &Entry) -> Option<&Payload> {
    entry.receipt.as_ref().filter(|_| entry.head.state == State::Asks)
}

/// The rows that the bank holds, as they are shown with the question.
pub(crate) fn shown(entry: &Entry) -> Vec<NearRow> {
    let rows: Vec<Staged> =
        rows_shown(entry).map(Payload::decode).transpose().unwrap_or_default().unwrap_or_default();
    rows.into_iter().map(|row| NearRow { code: row.code, fields: row.fields }).collect()
}

/// The code, and the fields in their order.
pub(crate) fn texts(row: NearRow) -> Vec<String> {
    let fields = Field::ALL.into_iter().map(|field| row.fields.get(field).to_owned());
    std::iter::once(row.code).chain(fields).collect()
}

/// A create is said to be the bank's record of that code: one that was shown, or one that a download brought. Then what
/// was sent is what both had agreed on: what others have changed since is taken over, what she has changed goes out as
/// an update, and where both did she decides.
pub(super) fn arrived(tx: &Transaction<'_>, entry: &Entry, code: &str) -> Result<Payload> {
    check::code(code)?;
    if entry.head.verb != CREATE {
        return Err(Error::NotPossible { why: "not_a_create" });
    }
    let id = prospect_of(entry)?;
    let shown = shown(entry).into_iter().find(|row| row.code == code).map(|row| row.fields);
    let theirs = match rows::id_by_code(tx, code)? {
        Some(copy) if copy != id => {
            if !rows::is_mere_copy(tx, copy)? {
                return Err(Error::NotPossible { why: "code_taken" });
            }
            // The same record: it gives its place, for nothing in it is the officer's.
            let row = rows::get(tx, copy)?;
            rows::remove_copy(tx, copy)?;
            crate::onboarding::prospect_moved(tx, copy, id)?;
            feed::touch(tx, &copy.lane())?;
            row.base.or(shown)
        }
        _ => shown,
    };
    let theirs = theirs.ok_or(Error::NotPossible { why: "unknown_code" })?;
    let (made, held) = (rows::get(tx, id)?.created_at, theirs.get(Field::CreatedAt).to_owned());
    let sent: Option<Fields> = entry.sent.as_ref().and_then(|sent| sent.decode().ok());
    rows::update(tx, id, |row| {
        let merged = merge::merge(sent.as_ref().unwrap_or(&theirs), &row.local, &theirs);
        (row.local, row.base) = (merged.fields, Some(merged.base));
        Ok(())
    })?;
    // Cut to the minute it is the server's doing, and stays to show it; any other key is that of another record.
    if !same_minute(&made, &held) {
        rows::disown(tx, id)?;
    }
    Receipt::payload(code, "officer")
}

fn resolve(
    book: &Book,
    tx: &Transaction<'_>,
    id: ProspectId,
    asked: Stamp,
    choices: &[(Field, Choice)],
) -> Result<()> {
    let row = rows::get(tx, id)?;
    let Some(conflict) = &row.conflict else { return Err(Error::NotPossible { why: "no_conflict" }) };
    if conflict.asked != asked {
        return Err(Error::NotPossible { why: "asked_anew" });
    }
    let base = row.base.clone().unwrap_or_else(|| row.local.clone());
    let resolved = merge::resolve(&base, &row.local, conflict, choices)?;
    let chosen: BTreeMap<_, _> =
        choices.iter().map(|(f, c)| (f.wire(), if *c == Choice::Mine { "mine" } else { "theirs" })).collect();
    for entry in in_conflict(tx, id)? {
        let (shown, chosen) = (Payload::encode(conflict)?, Payload::encode(&chosen)?);
        outbox::decided(tx, &entry, &book.officer, &shown, &chosen, book.now())?;
    }
    keep_resolved(book, tx, id, resolved)?;
    feed::touch(tx, &id.lane()).map(drop)
}

/// Writes a change of the officer's to a record in conflict. When no conflict is left the record goes on its way: to the
/// bank, or nowhere if that holds the same.
pub(super) fn keep_resolved(
    book: &Book,
    tx: &Transaction<'_>,
    id: ProspectId,
    resolved: Resolved,
) -> Result<()> {
    let same = resolved.fields.differing(&resolved.base).next().is_none();
    let (left, code) = rows::update(tx, id, |row| {
        (row.local, row.base, row.conflict) = (resolved.fields, Some(resolved.base), resolved.left);
        row.revision += 1;
        if same {
            row.acked = row.revision;
        }
        Ok((row.conflict.is_some(), row.code.clone().unwrap_or_default()))
    })?;
    if left {
        return Ok(());
    }
    for entry in in_conflict(tx, id)? {
        let to = match same {
            true => Move::Done(Receipt::payload(&code, "already")?),
            false => Move::Ready { due: None, reason: None },
        };
        calls::apply(&*book.remote(PROSPECT)?, tx, &entry, to, book.now())?;
    }
    Ok(())
}

/// The entries that wait for the conflict to be decided.
fn in_conflict(tx: &Transaction<'_>, id: ProspectId) -> Result<Vec<Entry>> {
    let mut open = outbox::open_of_lane(tx, &id.lane())?;
    open.retain(|entry| entry.head.reason.as_ref().is_some_and(|r| r.code == CONFLICT));
    Ok(open)
}
