//! What a move of an entry means for its record, in the same transaction.

use super::actions::Answer;
use super::asked::rows as actions;
use super::documents::PaperStage;
use super::documents::rows as documents;
use super::effect::{ANSWER, CREATE, Receipt, UPDATE, UPLOAD};
use super::rows::{self, Stage};
use super::{ONBOARDING, effect};
use crate::error::{Error, Result};
use crate::feed;
use crate::outbox::entry::{Entry, NetClass};
use crate::outbox::policy::Move;
use crate::outbox::rows::{self as outbox, NewEntry, Now};
use crate::record::{ActionId, ApplicationId, CoApplicantId, DocumentId};
use rusqlite::Transaction;

/// What a move means for the record; the last step of every move.
pub(super) fn moved(tx: &Transaction<'_>, entry: &Entry, to: &Move, now: Now) -> Result<()> {
    match entry.head.verb.as_str() {
        CREATE => application(tx, entry, to),
        UPDATE => co_applicant(tx, entry, to, now),
        UPLOAD => document(tx, entry, to, now),
        ANSWER => answer(tx, entry, to, now),
        _ => Ok(()), // requirements: what they bring comes with the list
    }
}

fn application(tx: &Transaction<'_>, entry: &Entry, to: &Move) -> Result<()> {
    let id = ApplicationId::of_lane(&entry.lane).ok_or(Error::internal("lane"))?;
    match to {
        Move::Done(receipt) => {
            let receipt: Receipt = receipt.decode()?;
            rows::set_codes(tx, id.0, &receipt.application_id, receipt.party_id.as_deref())?;
            rows::set_acked(tx, id.0, entry.sent_rev.unwrap_or(1))
        }
        Move::Closed(_) => rows::set_stage(tx, id.0, Stage::Withdrawn),
        _ => Ok(()),
    }
}

/// Does no other application have that Application_id?
pub(super) fn free(tx: &Transaction<'_>, entry: &Entry, code: &str) -> Result<bool> {
    let id = ApplicationId::of_lane(&entry.lane).ok_or(Error::internal("lane"))?;
    Ok(rows::of_application_id(tx, code)?.is_none_or(|owner| owner == id))
}

fn co_applicant(tx: &Transaction<'_>, entry: &Entry, to: &Move, now: Now) -> Result<()> {
    let id = CoApplicantId::of_lane(&entry.lane).ok_or(Error::internal("lane"))?;
    match to {
        Move::Done(_) => {
            let sent = entry.sent_rev.unwrap_or(1);
            rows::set_acked(tx, id.0, sent)?;
            // An edit that was made meanwhile goes out next.
            if rows::revision(tx, id.0)? > sent { again(tx, entry, now) } else { Ok(()) }
        }
        Move::Closed(_) => rows::set_stage_unless_acked(tx, id.0, Stage::Withdrawn),
        _ => Ok(()),
    }
}

fn document(tx: &Transaction<'_>, entry: &Entry, to: &Move, now: Now) -> Result<()> {
    let id = DocumentId::of_lane(&entry.lane).ok_or(Error::internal("lane"))?;
    let action = documents::action_of(tx, id)?;
    match to {
        Move::Done(receipt) => {
            let receipt: Receipt = receipt.decode()?;
            documents::set_document_id(tx, id, receipt.document_id.as_deref().unwrap_or_default())?;
            documents::set_stage(tx, id, PaperStage::Delivered)?;
        }
        Move::Closed(_) => documents::set_stage(tx, id, PaperStage::Withdrawn)?,
        _ => return Ok(()),
    }
    actions::answer_after_papers(tx, action, now)?;
    feed::touch(tx, &action.lane()).map(drop)
}

fn answer(tx: &Transaction<'_>, entry: &Entry, to: &Move, now: Now) -> Result<()> {
    let id = ActionId::of_lane(&entry.lane).ok_or(Error::internal("lane"))?;
    let Move::Done(_) = to else { return Ok(()) };
    let sent = entry.sent_rev.unwrap_or(1);
    actions::set_acked(tx, id, sent)?;
    let newest = actions::revision(tx, id)?;
    // Has she said the same again meanwhile? Then there is nothing to send, and nothing to go over somebody else's with.
    let delivered: Option<Answer> = entry.sent.as_ref().and_then(|sent| sent.decode().ok());
    let same = delivered.is_some() && actions::get(tx, id).is_ok_and(|row| row.answer == delivered);
    match newest > sent {
        true if same => actions::set_acked(tx, id, newest),
        true => again(tx, entry, now),
        false => Ok(()),
    }
}

/// The same once more, with what the record holds by then.
fn again(tx: &Transaction<'_>, entry: &Entry, now: Now) -> Result<()> {
    if outbox::lane_open(tx, &entry.lane)? {
        return Ok(());
    }
    let new = NewEntry {
        remote: ONBOARDING,
        lane: &entry.lane,
        verb: &entry.head.verb,
        effect: effect::effect_of(&entry.head.verb),
        class: NetClass::Small,
        author: &entry.head.author,
        after: None,
        body: None,
    };
    outbox::insert(tx, &new, now).map(drop)
}
