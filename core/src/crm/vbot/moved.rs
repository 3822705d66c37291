//! What a move of an entry means for its record, in the same transaction.

use super::effect::{VbotRemote, enqueue};
use super::wire::{Said, Verb};
use crate::crm::objects::{self, Life};
use crate::error::{Error, Result};
use crate::outbox::calls;
use crate::outbox::entry::{Entry, Reason, State};
use crate::outbox::policy::{Move, code};
use crate::outbox::rows::{self as outbox, Now};
use crate::record::CrmObjectId;
use rusqlite::Transaction;

pub(super) fn moved(
    remote: &VbotRemote,
    tx: &Transaction<'_>,
    entry: &Entry,
    to: &Move,
    now: Now,
) -> Result<()> {
    let id = CrmObjectId::of_lane(&entry.lane).ok_or(Error::internal("lane"))?;
    match (Verb::of(&entry.head.verb), to) {
        (Some(Verb::Create | Verb::Update), Move::Done(_)) => {
            let sent = entry.sent_rev.unwrap_or(1);
            objects::set_acked(tx, id, sent)?;
            // A change that was made meanwhile goes out next.
            if objects::get(tx, id)?.revision > sent && !outbox::lane_open(tx, &entry.lane)? {
                enqueue(tx, (&entry.head.author, now), id, Verb::Update, None)?;
            }
            Ok(())
        }
        (Some(Verb::Rename), Move::Done(_)) => {
            let sent: Option<Said> = entry.sent.as_ref().map(|sent| sent.decode()).transpose()?;
            let new = sent.and_then(|sent| sent.new_code);
            new.map_or(Ok(()), |new| objects::set_code(tx, id, &new))
        }
        (Some(Verb::Delete), Move::Done(_)) => objects::set_life(tx, id, Life::Deleted),
        (Some(Verb::Create), Move::Closed(_)) if objects::get(tx, id)?.acked == 0 => {
            objects::set_life(tx, id, Life::Withdrawn)?;
            // There is nothing there that they could change.
            for later in outbox::open_of_lane(tx, &entry.lane)? {
                if matches!(later.head.state, State::Ready | State::Blocked | State::Refused) {
                    let closed = Move::Closed(Reason::code(code::TAKEN_BACK));
                    calls::apply(remote, tx, &later, closed, now)?;
                }
            }
            Ok(())
        }
        _ => Ok(()),
    }
}
