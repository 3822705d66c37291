//! One downloaded row meets one local row.

use super::download::{CHUNK, Seen};
use super::effect::{CREATE, REJECT, Receipt, UPDATE};
use super::merge;
use super::settle::{Circumstances, Doubts};
use super::wire::Downloaded;
use super::{Field, Fields, Life, ProspectId, download, matching, rows};
use crate::error::{Error, Result};
use crate::feed::{self, Subject};
use crate::outbox::entry::{Entry, Reason, State};
use crate::outbox::policy::{self, Move, Verdict, code};
use crate::outbox::{calls, rows as outbox};
use crate::store::Store;
use rusqlite::Transaction;

/// What a chunk did.
#[derive(Default)]
pub(super) struct Applied {
    pub new: u64,
    pub changed: u64,
    pub skipped: u64,
    pub apart: u64,
    pub conflicts: u64,
    pub settled: u64,
    /// Local ids whose row was in the reply.
    pub known: Vec<ProspectId>,
    /// Of these, the ones that were merged: what they hold now is fresh.
    pub fresh: Vec<ProspectId>,
}

/// Applies staged rows `from..to` and takes them out of the staging table.
pub(super) fn chunk(
    tx: &Transaction<'_>,
    around: &Circumstances<'_>,
    doubts: &Doubts,
    from: i64,
    to: i64,
) -> Result<Applied> {
    let staged = download::unstage(tx, around.asked.download, from, to)?;
    if staged.len() as i64 != to - from {
        return Err(Error::internal("staged")); // swept by another process: the next download brings them
    }
    let mut applied = Applied::default();
    let mut new: Option<(i64, i64)> = None;
    for row in staged {
        let local = match rows::by_code(tx, &row.code) {
            // This one record cannot be read: it is passed over, and what waits for it is set aside when it is encoded.
            Err(Error::StoreDamaged { place: "row", .. }) => {
                let id = rows::id_by_code(tx, &row.code)?;
                applied.known.extend(id);
                applied.fresh.extend(id);
                applied.skipped += 1;
                continue;
            }
            other => other?,
        };
        match local {
            Some(local) => {
                let (id, skipped) = (local.id, applied.skipped);
                known(tx, around, local, &row, &mut applied)?;
                applied.known.push(id);
                if applied.skipped == skipped {
                    applied.fresh.push(id);
                }
            }
            // Perhaps a create of ours that is on its way or in doubt: never taken in as somebody else's.
            None if doubts.hold(&row.code) || rows::own_open(tx, row.created_at())? => applied.skipped += 1,
            None => {
                let id = rows::insert_downloaded(tx, &row)?;
                applied.known.push(id); // it was in the reply: it is not gone
                if !around.whole_list() {
                    feed::touch(tx, &id.lane())?; // a whole list under way was asked for before it
                }
                new = Some((new.map_or(id.0, |(first, _)| first), id.0));
                applied.new += 1;
            }
        }
    }
    if let Some((first, last)) = new {
        feed::touch(tx, &Subject::Prospects(first, last).text())?;
    }
    Ok(applied)
}

fn known(
    tx: &Transaction<'_>,
    around: &Circumstances<'_>,
    local: rows::Row,
    row: &Downloaded,
    applied: &mut Applied,
) -> Result<()> {
    let lane = local.id.lane();
    if around.moved_since(tx, &lane)? {
        applied.skipped += 1;
        return Ok(());
    }
    let open = outbox::open_of_lane(tx, &lane)?;
    if !open.first().is_none_or(|head| around.hers(head)) {
        applied.skipped += 1;
        return Ok(());
    }
    match open.first() {
        None => clean(tx, around, &local, row, applied),
        Some(head) => match (head.head.state, head.head.verb.as_str()) {
            (State::Sending, _) | (_, CREATE) => {
                applied.skipped += 1;
                Ok(())
            }
            (State::Doubtful | State::Asks, REJECT) => {
                applied.settled += u64::from(around.settle(tx, head, false, Verdict::Differs)?);
                Ok(())
            }
            (State::Doubtful, _) => doubtful_update(tx, around, local, head, row, applied),
            (State::Asks, _) if policy::still_read(&head.head) => {
                doubtful_update(tx, around, local, head, row, applied)
            }
            _ => waiting(tx, around, local, &open, row, applied),
        },
    }
}

/// Nothing unsent: the row takes what the server says, keeping its own finer dates.
fn clean(
    tx: &Transaction<'_>,
    around: &Circumstances<'_>,
    local: &rows::Row,
    row: &Downloaded,
    applied: &mut Applied,
) -> Result<()> {
    if local.life == Life::Rejected && !around.quiet_over_since(outbox::last_done(tx, &local.id.lane())?) {
        applied.skipped += 1; // the list may lag behind the reject for as long as the server may be late
        return Ok(());
    }
    // A rejected one that is in the list all the same was taken up again at the bank.
    let theirs = row.over(&local.local, around.v100());
    rows::update(tx, local.id, |mine| {
        let merged = merge::merge(&mine.local, &mine.local, &theirs);
        (mine.local, mine.base) = (merged.fields, Some(merged.base));
        (mine.server, mine.life, mine.acked) = (row.server.clone(), Life::Live, mine.revision);
        Ok(())
    })?;
    feed::touch(tx, &local.id.lane())?;
    applied.changed += 1;
    Ok(())
}

/// A lost update is found out: the server holds what was sent, or it does not and is merged before it goes again.
fn doubtful_update(
    tx: &Transaction<'_>,
    around: &Circumstances<'_>,
    local: rows::Row,
    head: &Entry,
    row: &Downloaded,
    applied: &mut Applied,
) -> Result<()> {
    // What cannot be decoded cannot be shown to have arrived: it is merged and sent again.
    let sent: Option<Fields> = head.sent.as_ref().and_then(|sent| sent.decode().ok());
    let sent = sent.unwrap_or_else(|| local.local.clone());
    let arrived = matching::arrived(&sent, row, around.v100());
    let verdict =
        if arrived { Verdict::Proved(Receipt::payload(&row.code, "read_back")?) } else { Verdict::Differs };
    if !around.settle(tx, head, false, verdict)? {
        applied.skipped += 1;
        return Ok(());
    }
    applied.settled += 1;
    if arrived {
        return Ok(());
    }
    let local = rows::get(tx, local.id)?;
    let open = outbox::open_of_lane(tx, &local.id.lane())?;
    waiting(tx, around, local, &open, row, applied)
}

/// What is agreed on once an update has been sent, whatever was heard of it: where the server holds what was sent, that,
/// whatever somebody has changed beside it since. Else the officer would be asked about her own words.
fn landed(mut base: Fields, sent: &Fields, row: &Downloaded, v100: bool) -> Fields {
    let theirs = row.over(&base, v100);
    for field in Field::ALL.into_iter().filter(|f| *f != Field::CreatedAt) {
        if field.same(theirs.get(field), sent.get(field)) {
            base.set(field, sent.get(field));
        }
    }
    base
}

/// Unsent work meets what the server holds: three ways, by field. A true conflict waits for the officer.
fn waiting(
    tx: &Transaction<'_>,
    around: &Circumstances<'_>,
    local: rows::Row,
    open: &[Entry],
    row: &Downloaded,
    applied: &mut Applied,
) -> Result<()> {
    let update = open.iter().find(|e| e.head.verb == UPDATE);
    let sent: Option<Fields> = update.and_then(|e| e.sent.as_ref()).and_then(|sent| sent.decode().ok());
    let base = local.base.clone().unwrap_or_else(|| local.local.clone());
    let base = sent.iter().fold(base, |base, sent| landed(base, sent, row, around.v100()));
    let merged = merge::merge(&base, &local.local, &row.over(&base, around.v100()));
    let conflict = merged.conflict();
    applied.apart += u64::from(merged.differs_from_theirs || conflict.is_some());
    rows::update(tx, local.id, |mine| {
        (mine.local, mine.base) = (merged.fields, Some(merged.base));
        (mine.server, mine.life) = (row.server.clone(), Life::Live);
        mine.conflict.clone_from(&conflict);
        Ok(())
    })?;
    match update.filter(|e| matches!(e.head.state, State::Ready | State::Asks | State::Refused)) {
        Some(update) if conflict.is_some() => {
            applied.conflicts += 1;
            let to = Move::Asks { reason: Reason::code(code::CONFLICT), rows: None };
            if update.head.reason.as_ref().is_none_or(|r| r.code != code::CONFLICT) {
                calls::apply(around.remote, tx, update, to, around.asked.at)?;
            }
        }
        Some(update) if !merged.differs_from_theirs => {
            // The server holds it already: nothing is left to send.
            rows::update(tx, local.id, |mine| {
                mine.acked = mine.revision;
                Ok(())
            })?;
            let done = Move::Done(Receipt::payload(&row.code, "already")?);
            calls::apply(around.remote, tx, update, done, around.asked.at)?;
            applied.settled += 1;
        }
        Some(update) if update.head.state == State::Asks && local.conflict.is_some() => {
            // The conflict has dissolved.
            calls::apply(
                around.remote,
                tx,
                update,
                Move::Ready { due: None, reason: None },
                around.asked.at,
            )?;
        }
        _ => {}
    }
    feed::touch(tx, &local.id.lane())?;
    applied.changed += 1;
    Ok(())
}

/// Known codes that the whole list lacks: rejected or moved by someone else. Marked, never dropped.
pub(super) fn gone(store: &Store, around: &Circumstances<'_>, seen: &Seen) -> Result<u64> {
    let mut missing = vec![];
    store.read(|conn| {
        rows::each_expected(conn, |id| {
            if !seen.contains(id.0) {
                missing.push(id);
            }
        })
    })?;
    let mut gone = 0;
    for some in missing.chunks(CHUNK) {
        gone += around.write(store, |tx| {
            some.iter().try_fold(0, |n, id| Ok(n + u64::from(missing_one(tx, around, *id)?)))
        })?;
    }
    Ok(gone)
}

fn missing_one(tx: &Transaction<'_>, around: &Circumstances<'_>, id: ProspectId) -> Result<bool> {
    if rows::code_of(tx, id)?.is_none() || around.moved_since(tx, &id.lane())? {
        return Ok(false);
    }
    let open = outbox::open_of_lane(tx, &id.lane())?;
    if open.iter().any(|e| e.head.state == State::Sending) {
        return Ok(false);
    }
    let rejects = open.iter().any(|e| e.head.verb == REJECT);
    for entry in &open {
        if !around.hers(entry) {
            return Ok(false);
        }
        let to = match (entry.head.state, entry.head.verb.as_str()) {
            // In doubt, or asking: the reading says what became of it.
            (State::Doubtful | State::Asks, REJECT) => {
                let proved = Verdict::Proved(Receipt::payload("", "read_back")?);
                around.settle(tx, entry, false, proved)?;
                continue;
            }
            (State::Doubtful, _) if !around.settle(tx, entry, false, Verdict::Absent)? => return Ok(false),
            (State::Doubtful, _) if rejects => {
                let now = outbox::get(tx, entry.head.id)?.ok_or(Error::internal("entry"))?;
                let closed = Move::Closed(Reason::code(code::GONE));
                calls::apply(around.remote, tx, &now, closed, around.asked.at)?;
                continue;
            }
            (State::Doubtful, _) => continue,
            // What she wants is so already.
            (_, REJECT) => Move::Done(Receipt::payload("", "already")?),
            (_, UPDATE) if rejects => Move::Closed(Reason::code(code::GONE)),
            (State::Ready | State::Asks | State::Blocked, UPDATE) => Move::Refused(Reason::code(code::GONE)),
            _ => continue,
        };
        calls::apply(around.remote, tx, entry, to, around.asked.at)?;
    }
    if rejects || rows::life(tx, id)? != Some(Life::Live) {
        return Ok(false);
    }
    rows::set_life(tx, id, Life::Gone)?;
    feed::touch(tx, &id.lane())?;
    Ok(true)
}
