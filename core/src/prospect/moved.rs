//! What a move of an entry means for its row, in the same transaction.

use super::effect::{CREATE, REJECT, Receipt, UPDATE, effect_of, prospect_of};
use super::{Field, Fields, Life, PROSPECT, ProspectId, rows};
use crate::error::{Error, Result};
use crate::outbox::entry::{Entry, EntryId, NetClass, Payload, Reason, State};
use crate::outbox::policy::{Move, code};
use crate::outbox::rows::{self as outbox, NewEntry, Now};
use rusqlite::Transaction;

/// What a move means for the row; the last step of every move.
pub(super) fn moved(tx: &Transaction<'_>, entry: &Entry, to: &Move, now: Now) -> Result<()> {
    let id = prospect_of(entry)?;
    match (entry.head.verb.as_str(), to) {
        (REJECT, Move::Done(_)) => rows::set_life(tx, id, Life::Rejected)?,
        (_, Move::Done(receipt)) => upsert_done(tx, entry, id, &receipt.decode()?, now)?,
        (CREATE, Move::Closed(_)) => {
            rows::set_life(tx, id, Life::Withdrawn)?;
            rows::set_intent(tx, id, None)?;
        }
        (UPDATE, Move::Closed(_)) => {
            let dropped = rows::update(tx, id, |row| {
                let dropped = Payload::encode(&row.local)?;
                row.local = row.base.clone().unwrap_or_else(|| row.local.clone());
                (row.conflict, row.acked) = (None, row.revision);
                Ok(dropped)
            })?;
            outbox::keep_body(tx, entry.head.id, &dropped)?;
        }
        // It never arrived and she has taken it back meanwhile.
        (CREATE, Move::Ready { .. } | Move::Refused(_)) if rows::intent(tx, id)?.is_some() => {
            let now_there = outbox::get(tx, entry.head.id)?.ok_or(Error::internal("entry"))?;
            let closed = Move::Closed(Reason::code(code::TAKEN_BACK));
            if outbox::shift(tx, &now_there.head, &closed, now)? {
                return moved(tx, &now_there, &closed, now);
            }
        }
        // A book put back from a backup does not know what it sent: what the row holds now, before any further edit, is
        // the best there is.
        (CREATE, Move::Doubtful { reason, .. })
            if reason.code == code::RESTORED && entry.head.state != State::Doubtful =>
        {
            if let Ok(row) = rows::get(tx, id) {
                outbox::keep_sent(tx, entry.head.id, &Payload::encode(&row.local)?, row.revision)?;
            }
        }
        _ => {}
    }
    rows::set_unsent(tx, id, outbox::lane_open(tx, &entry.lane)?)
}

/// What was sent is what both agree on now; a newer edit, or an intention, goes out next.
fn upsert_done(
    tx: &Transaction<'_>,
    entry: &Entry,
    id: ProspectId,
    receipt: &Receipt,
    now: Now,
) -> Result<()> {
    let sent: Option<Fields> = entry.sent.as_ref().and_then(|sent| sent.decode().ok());
    let acknowledged = rows::update(tx, id, |row| {
        // What the server held before, or what the officer was shown, is the base already.
        if let Some(sent) = sent.filter(|_| !matches!(receipt.by.as_str(), "already" | "officer")) {
            (row.base, row.acked) = (Some(sent), entry.sent_rev.unwrap_or(row.revision));
        }
        row.life = Life::Live;
        // When it was made is its identity, and no change to send.
        let differs =
            row.base.as_ref().is_some_and(|base| row.local.differing(base).any(|f| f != Field::CreatedAt));
        let newer = entry.sent_rev.is_some_and(|sent| sent < row.revision);
        Ok((newer || (receipt.by == "officer" && differs), row.intent.take()))
    });
    let (newer, intent) = match acknowledged {
        // The entry is done whatever state its row is in; the row is that row's problem, and nobody else's.
        Err(Error::StoreDamaged { place: "row", .. }) => {
            let intent = rows::intent(tx, id)?;
            rows::set_intent(tx, id, None)?;
            (false, intent)
        }
        other => other?,
    };
    if entry.head.verb == CREATE {
        rows::set_code(tx, id, &receipt.code)?;
    }
    if intent.is_some() {
        return enqueue(tx, id, REJECT, &entry.head.author, now).map(drop);
    }
    // Behind a reject nothing would ever be there to be updated.
    if newer && !outbox::open_of_lane(tx, &entry.lane)?.iter().any(|e| e.head.verb == REJECT) {
        enqueue(tx, id, UPDATE, &entry.head.author, now)?;
    }
    Ok(())
}

/// Makes an entry of this remote; the row's own state is its body.
pub(super) fn enqueue(
    tx: &Transaction<'_>,
    id: ProspectId,
    verb: &str,
    author: &str,
    now: Now,
) -> Result<EntryId> {
    let (lane, class) = (id.lane(), NetClass::Small);
    let effect = effect_of(verb);
    let new =
        NewEntry { remote: PROSPECT, lane: &lane, verb, effect, class, author, after: None, body: None };
    outbox::insert(tx, &new, now)
}
