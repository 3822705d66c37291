//! Takes a list of actions in: read and staged as it comes, and merged, some hundred at a time, only when all of it is good.
//!
//! What a list means for an action is decided by [`actions::merge`]; here it is done. A lane that moved since the request
//! left is skipped: what the bank said is older than what happened here. What the list lacks is gone only where all of the
//! list could be read.

use super::rows::{self, ActionStage, Row};
use super::stage::{Staged, Whole, stage};
use crate::error::{Error, Result};
use crate::feed;
use crate::onboarding::ONBOARDING;
use crate::onboarding::actions::{self, Action, Fate, Mine, Row as Listed, Status, Theirs};
use crate::onboarding::effect::{ANSWER, OnboardingRemote, REQUIREMENTS, Receipt, UPLOAD};
use crate::onboarding::encode::Requested;
use crate::outbox::doubt::{self, Worth};
use crate::outbox::entry::{Entry, Reason, State};
use crate::outbox::policy::{self, Move, Verdict};
use crate::outbox::remote::{Asked, ReadFailed, Remote, Says, Taken};
use crate::outbox::status::{by_status, trouble};
use crate::outbox::{calls, plan, remote_row, rows as outbox, staged};
use crate::record::ActionId;
use crate::store::Store;
use crate::world::Incoming;
use rusqlite::Transaction;
use std::collections::BTreeSet;

/// Why an answer that never left is not sent: codes of a [`Reason`].
mod why {
    /// The bank no longer asks: withdrawn, or answered by someone else.
    pub const WITHDRAWN: &str = "withdrawn_elsewhere";
    /// Somebody else has answered.
    pub const ANSWERED: &str = "answered_elsewhere";
    /// The bank has an answer, and she has written another since: whether it is her own of before, or somebody else's, the
    /// list does not say. She does.
    pub const ALREADY: &str = "answered_already";
    /// The bank asks something else now, which the answer is none to.
    pub const CHANGED: &str = "question_changed";
}

/// See `Remote::take`.
pub(crate) fn take(
    remote: &OnboardingRemote,
    store: &Store,
    asked: &Asked,
    answer: Incoming,
) -> Result<Taken, ReadFailed> {
    if let Some((says, _)) = by_status(answer.head.status, answer.head.retry_after, Says::SignIn) {
        return Err(ReadFailed::Said(says, trouble(says)));
    }
    let taken = stage(store, asked, answer).and_then(|staged| finish(remote, store, asked, staged));
    if taken.is_err() {
        // The first error counts; what is left here is swept on open.
        let _ = staged::discard_all(store, asked.download);
    }
    taken
}

fn finish(remote: &OnboardingRemote, store: &Store, asked: &Asked, list: Whole) -> Result<Taken, ReadFailed> {
    let around = Around { remote, asked, whole: list.whole };
    let mut taken = Taken { rows: list.entries, unreadable: list.unreadable, ..Taken::default() };
    let mut seen = BTreeSet::new();
    let merged = |(part, ids): (Taken, Vec<ActionId>)| {
        add(&mut taken, part);
        seen.extend(ids);
    };
    list.rows.merge(store, |tx, from, some| merge_some(tx, &around, from, some), merged)?;
    if around.whole {
        for id in store.read(rows::expected)?.into_iter().filter(|id| !seen.contains(id)) {
            let part = store.write(|tx| {
                let mut part = Taken::default();
                merge(tx, &around, rows::get(tx, id)?, Theirs::Missing, &mut part)?;
                Ok(part)
            })?;
            add(&mut taken, part);
        }
    }
    taken.settled += settle(store, &around)?;
    let summary = serde_json::json!({ "rows": taken.rows, "sha256": list.sha256 });
    store.write(|tx| remote_row::set_downloaded(tx, ONBOARDING, asked.at.wall, &summary.to_string()))?;
    Ok(taken)
}

fn add(sum: &mut Taken, part: Taken) {
    sum.new += part.new;
    sum.changed += part.changed;
    sum.skipped += part.skipped;
    sum.apart += part.apart;
    sum.gone += part.gone;
    sum.settled += part.settled;
    sum.fresh.extend(part.fresh);
}

/// The circumstances of a good list.
struct Around<'a> {
    remote: &'a OnboardingRemote,
    asked: &'a Asked,
    whole: bool,
}

impl Around<'_> {
    fn moved_since(&self, tx: &Transaction<'_>, lane: &str) -> Result<bool> {
        Ok(feed::last(tx, lane)? > self.asked.mark)
    }

    /// Moves an entry as a verdict says; one of another officer, or that the verdict is too early for, stays.
    fn settle(&self, tx: &Transaction<'_>, entry: &Entry, verdict: Verdict) -> Result<bool> {
        if entry.head.author != self.asked.session.officer {
            return Ok(false);
        }
        let worth = Worth {
            complete: self.whole,
            key_verified: false,
            harmless: self.remote.onboarding.second_upload_harmless && entry.head.verb == UPLOAD,
            asked: self.asked.at,
        };
        doubt::settle(self.remote, tx, entry, worth, false, verdict)
    }

    /// Was the answer that is at the bank there long enough before this list was asked for to be in it?
    fn late_enough(&self, tx: &Transaction<'_>, lane: &str) -> Result<bool> {
        let done = outbox::last_done(tx, lane)?;
        let quiet = self.remote.rules().quiet;
        Ok(done.is_none_or(|then| plan::quiet_over(self.asked.at.steady, then, quiet)))
    }
}

/// Actions that stand in the list from that place on. Gives their local numbers.
fn merge_some(
    tx: &Transaction<'_>,
    around: &Around<'_>,
    from: i64,
    actions: &[Staged],
) -> Result<(Taken, Vec<ActionId>)> {
    let (mut taken, mut ids) = (Taken::default(), vec![]);
    for (place, action) in (from..).zip(actions.iter().map(|Staged(action)| action)) {
        let id = match rows::id_of(tx, &action.identifier)? {
            None => insert(tx, action, place, &mut taken)?,
            Some(id) => {
                let row = rows::get(tx, id)?;
                rows::set_place(tx, id, place)?;
                merge(tx, around, row, Theirs::Listed(action), &mut taken)?;
                id
            }
        };
        ids.push(id);
    }
    Ok((taken, ids))
}

fn insert(tx: &Transaction<'_>, action: &Action, place: i64, taken: &mut Taken) -> Result<ActionId> {
    let open = action.status != Status::Submitted;
    let stage = if open { ActionStage::Open } else { ActionStage::AnsweredElsewhere };
    let id = rows::insert(tx, action, place, stage)?;
    taken.new += 1;
    feed::touch(tx, &id.lane())?;
    Ok(id)
}

/// What the list says of an action that is known.
fn merge(
    tx: &Transaction<'_>,
    around: &Around<'_>,
    row: Row,
    theirs: Theirs<'_>,
    taken: &mut Taken,
) -> Result<()> {
    let lane = row.id.lane();
    if around.moved_since(tx, &lane)? {
        taken.skipped += 1;
        return Ok(());
    }
    let entry = outbox::open_of_lane(tx, &lane)?.into_iter().find(|entry| entry.head.verb == ANSWER);
    let mine = mine(&row, entry.as_ref());
    let late = around.late_enough(tx, &lane)?;
    let merged = actions::merge(&row.asked, mine, theirs, late, around.remote.onboarding.max_text);
    let stage = stage_of(row.stage, theirs, merged.answer);
    let listed = if let Theirs::Listed(action) = theirs { Some(action) } else { None };
    if let (Listed::Replace, Some(action)) = (merged.row, listed) {
        rows::set_asked(tx, row.id, action)?;
    }
    if stage != row.stage {
        rows::set_stage(tx, row.id, stage)?;
        taken.gone += u64::from(stage == ActionStage::Gone);
    }
    if merged.row == Listed::Replace || stage != row.stage {
        taken.changed += u64::from(listed.is_some());
        feed::touch(tx, &lane)?;
    }
    let corrects = matches!(mine, Mine::Correction(_));
    let open = listed.is_some_and(|action| corrects || action.status != Status::Submitted);
    if open && around.asked.lanes.contains(&lane) {
        taken.fresh.insert(lane);
    }
    entry.map_or(Ok(()), |entry| answer(tx, around, &entry, merged.answer, taken))
}

fn mine<'a>(row: &'a Row, entry: Option<&Entry>) -> Mine<'a> {
    let corrects = row.stage == ActionStage::Answered;
    match (entry.map(|entry| entry.head.state), &row.answer) {
        (Some(State::Sending | State::Doubtful | State::Asks), _) if corrects => Mine::CorrectionInDoubt,
        (Some(State::Ready | State::Blocked | State::Refused), Some(answer)) if corrects => {
            Mine::Correction(answer)
        }
        (Some(State::Sending | State::Doubtful | State::Asks), _) => Mine::Doubtful,
        (_, Some(answer)) if entry.is_some_and(|entry| policy::sent_again(&entry.head)) => {
            Mine::Again(answer)
        }
        (Some(State::Ready | State::Blocked | State::Refused), Some(answer)) => Mine::Waiting(answer),
        (None, _) if corrects => Mine::Delivered,
        _ => Mine::Nothing,
    }
}

fn stage_of(before: ActionStage, theirs: Theirs<'_>, fate: Fate) -> ActionStage {
    match (fate, theirs) {
        (Fate::AskedAgain, _) => ActionStage::Open,
        (Fate::AnsweredElsewhere, _) => ActionStage::AnsweredElsewhere,
        (Fate::Gone, _) => ActionStage::Gone,
        // What was gone, or answered by someone else, is asked for again.
        (Fate::Keep | Fate::NoLongerFits, Theirs::Listed(action))
            if action.status == Status::Created && before != ActionStage::Answered =>
        {
            ActionStage::Open
        }
        _ => before,
    }
}

/// What becomes of the officer's answer.
fn answer(
    tx: &Transaction<'_>,
    around: &Around<'_>,
    entry: &Entry,
    fate: Fate,
    taken: &mut Taken,
) -> Result<()> {
    let proved = |by: &str| Ok::<_, Error>(Verdict::Proved(Receipt::by(by).payload()?));
    let settled = match fate {
        Fate::Keep | Fate::AskedAgain => false,
        Fate::NotExecuted => around.settle(tx, entry, Verdict::Differs)?,
        Fate::Done => {
            let settled = around.settle(tx, entry, proved("read_back")?)?;
            // What she wrote while it was in doubt goes over nobody's answer unseen.
            for newer in outbox::open_of_lane(tx, &entry.lane)?.iter().filter(|_| settled) {
                turned_down(tx, around, newer, why::ALREADY, taken)?;
            }
            settled
        }
        Fate::DoneByUsOrAnother => around.settle(tx, entry, proved("gone")?)?,
        Fate::AnsweredElsewhere => turned_down(tx, around, entry, why::ANSWERED, taken)?,
        Fate::Gone => turned_down(tx, around, entry, why::WITHDRAWN, taken)?,
        Fate::NoLongerFits => turned_down(tx, around, entry, why::CHANGED, taken)?,
    };
    taken.settled += u64::from(settled);
    Ok(())
}

/// An answer that never left has nobody to go to any more: the officer hears of it, and it is kept.
fn turned_down(
    tx: &Transaction<'_>,
    around: &Around<'_>,
    entry: &Entry,
    why: &str,
    taken: &mut Taken,
) -> Result<bool> {
    if matches!(entry.head.state, State::Ready | State::Blocked) {
        let refused = Move::Refused(Reason::code(why));
        taken.apart += u64::from(calls::apply(around.remote, tx, entry, refused, around.asked.at)?);
    }
    Ok(false)
}

/// Gives the doubts that are no answer their verdict. Returns how many were settled.
fn settle(store: &Store, around: &Around<'_>) -> Result<u64> {
    let mut settled = 0;
    for verb in [REQUIREMENTS, UPLOAD] {
        for seen in store.read(|conn| outbox::begun(conn, ONBOARDING, verb))? {
            settled += u64::from(store.write(|tx| settle_one(tx, around, &seen))?);
        }
    }
    Ok(settled)
}

fn settle_one(tx: &Transaction<'_>, around: &Around<'_>, seen: &Entry) -> Result<bool> {
    let Some(entry) = outbox::get(tx, seen.head.id)? else { return Ok(false) };
    // Sent again meanwhile: this list is about an older attempt.
    if entry.head.attempt != seen.head.attempt || around.moved_since(tx, &entry.lane)? {
        return Ok(false);
    }
    let sent: Option<Requested> = entry.sent.as_ref().and_then(|sent| sent.decode().ok());
    let came = match sent.filter(|_| entry.head.verb == REQUIREMENTS) {
        Some(sent) => rows::requirement_after(tx, sent.newest)?,
        None => false, // nothing lists papers
    };
    let verdict = match came {
        true => Verdict::Proved(Receipt::by("read_back").payload()?),
        false => Verdict::Absent,
    };
    around.settle(tx, &entry, verdict)
}
