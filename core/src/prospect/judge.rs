//! How a reply becomes an outcome for each entry of the batch.

use super::effect::{CREATE, REJECT, Receipt, prospect_of};
use super::wire::{self, AddEntry, Tail};
use crate::net::envelope::Envelope;
use crate::outbox::entry::{Entry, Reason};
use crate::outbox::policy::{Outcome, code};
use crate::outbox::remote::{Judged, Says};
use crate::outbox::status::by_status;
use crate::world::Reply;
use std::time::Duration;

/// Judges the answer to a batch, one outcome for each entry in order.
pub(super) fn judge(batch: &[Entry], reply: &Reply, envelope: &Envelope) -> Judged {
    if let Some((says, why)) = by_status(reply.head.status, reply.head.retry_after, Says::Settings) {
        return Judged::all(batch, says, || Outcome::Unknown(why));
    }
    match batch.first().map(|e| e.head.verb.as_str()) {
        Some(REJECT) => judge_reject(batch, &reply.body, envelope),
        _ => judge_add(batch, &reply.body, envelope),
    }
}

pub(super) fn status_says(status: u16, retry_after: Option<Duration>) -> Option<Says> {
    by_status(status, retry_after, Says::Settings).map(|(says, _)| says)
}

fn judge_reject(batch: &[Entry], body: &[u8], envelope: &Envelope) -> Judged {
    let Ok(reply) = envelope.open(body).and_then(|plain| wire::parse_tail(&plain)) else {
        return Judged::all(batch, Says::Unusable, || Outcome::Unknown(code::UNDECODABLE));
    };
    if reply.succeeded() {
        return Judged::all(batch, Says::Usable, || accepted("", "reply"));
    }
    if reply.session_expired() {
        return Judged::all(batch, Says::SignIn, || nothing_ran(&reply));
    }
    if !reply.refused() {
        return Judged::all(batch, Says::Unusable, || Outcome::Unknown(code::UNDECODABLE));
    }
    // After a doubtful reject the code is gone because the first one arrived.
    let repeated = batch.first().is_some_and(|e| e.head.doubts > 0);
    if repeated && reply.sms.contains("Code is not found") {
        return Judged::all(batch, Says::Usable, || accepted("", "already"));
    }
    Judged::all(batch, Says::Usable, || Outcome::Refused(Reason::said(code::REFUSED, &reply.sms)))
}

/// The session is over. That proves that nothing ran, unless the same breath says that it did.
fn nothing_ran(tail: &Tail) -> Outcome {
    if tail.err == "Succeed" { Outcome::Unknown(code::UNDECODABLE) } else { Outcome::SignIn }
}

fn accepted(code: &str, by: &str) -> Outcome {
    Receipt::payload(code, by).map_or(Outcome::Unknown("receipt"), Outcome::Accepted)
}

/// Replies are matched by ProspectClientID, never by position; each entry is judged by its own answer alone.
fn judge_add(batch: &[Entry], body: &[u8], envelope: &Envelope) -> Judged {
    let Ok(reply) = envelope.open(body).and_then(|plain| wire::parse_add(&plain)) else {
        return Judged::all(batch, Says::Unusable, || Outcome::Unknown(code::UNDECODABLE));
    };
    if reply.entries.is_none() {
        return if reply.tail.session_expired() {
            Judged::all(batch, Says::SignIn, || nothing_ran(&reply.tail))
        } else if reply.tail.succeeded() {
            Judged::all(batch, Says::Usable, || Outcome::Unanswered)
        } else if reply.tail.refused() {
            Judged::all(batch, Says::Usable, || {
                Outcome::BatchError(Reason::said(code::REFUSED, &reply.tail.sms))
            })
        } else {
            Judged::all(batch, Says::Unusable, || Outcome::Unknown(code::UNDECODABLE))
        };
    }
    let outcomes = batch.iter().map(|entry| match prospect_of(entry).ok().and_then(|id| reply.answer(id)) {
        Some(answer) => answered(entry, answer),
        None => Outcome::Unanswered,
    });
    let says = if reply.tail.session_expired() { Says::SignIn } else { Says::Usable };
    Judged { outcomes: outcomes.collect(), says }
}

/// A refused create is sent again once it is mended: only what is a no beyond doubt may be taken for one. A no that
/// comes with a code for what it refused to make is none.
fn answered(entry: &Entry, answer: &AddEntry) -> Outcome {
    let made = entry.head.verb == CREATE && !answer.code.is_empty();
    if answer.succeeded() {
        accepted(&answer.code, "reply")
    } else if answer.refused() && !made {
        Outcome::Refused(Reason::said(code::REFUSED, &answer.sms))
    } else {
        Outcome::Unknown(code::UNDECODABLE)
    }
}

#[cfg(test)]
mod tests;
