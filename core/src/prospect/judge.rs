//! How a reply becomes an outcome for each entry of the batch.

use super::effect::{REJECT, Receipt, prospect_of};
use super::wire;
use crate::net::envelope::Envelope;
use crate::outbox::entry::{Entry, Payload, Reason};
use crate::outbox::policy::Outcome;
use crate::outbox::remote::{Judged, Says};
use crate::world::Reply;
use std::time::Duration;

/// Judges the answer to a batch, one outcome for each entry in order.
pub(super) fn judge(batch: &[Entry], reply: &Reply, envelope: &Envelope) -> Judged {
    if let Some((says, why)) = by_status(reply.head.status, reply.head.retry_after) {
        return all(batch, says, || Outcome::Unknown(why));
    }
    match batch.first().map(|e| e.head.verb.as_str()) {
        Some(REJECT) => judge_reject(batch, &reply.body, envelope),
        _ => judge_add(batch, &reply.body, envelope),
    }
}

fn by_status(status: u16, retry_after: Option<Duration>) -> Option<(Says, &'static str)> {
    match status {
        200 => None,
        401 | 403 => Some((Says::Settings, "http_401")),
        413 => Some((Says::TooLarge, "http_413")),
        429 | 503 => Some((Says::Busy(retry_after), "http_busy")),
        500..=599 => Some((Says::Busy(retry_after), "http_5xx")),
        _ => Some((Says::Unusable, "http_status")),
    }
}

pub(super) fn status_says(status: u16, retry_after: Option<Duration>) -> Option<Says> {
    by_status(status, retry_after).map(|(says, _)| says)
}

pub(super) fn all(batch: &[Entry], says: Says, outcome: impl Fn() -> Outcome) -> Judged {
    Judged { outcomes: batch.iter().map(|_| outcome()).collect(), says }
}

fn judge_reject(batch: &[Entry], body: &[u8], envelope: &Envelope) -> Judged {
    let reply = envelope.open(body).map_err(drop).and_then(|plain| wire::parse_tail(&plain).map_err(drop));
    let Ok(reply) = reply else {
        return all(batch, Says::Unusable, || Outcome::Unknown("undecodable"));
    };
    if reply.succeeded() {
        return all(batch, Says::Usable, || accepted("", "reply"));
    }
    if reply.session_expired() {
        return all(batch, Says::SignIn, || Outcome::SignIn);
    }
    // After a doubtful reject the code is gone because the first one arrived.
    let repeated = batch.first().is_some_and(|e| e.head.doubts > 0);
    if repeated && reply.sms.contains("Code is not found") {
        return all(batch, Says::Usable, || accepted("", "already"));
    }
    all(batch, Says::Usable, || Outcome::Refused(Reason::said("refused", &reply.sms)))
}

fn accepted(code: &str, by: &str) -> Outcome {
    let receipt = Receipt { code: code.to_owned(), by: by.to_owned() };
    Payload::encode(&receipt).map_or(Outcome::Unknown("receipt"), Outcome::Accepted)
}

/// Replies are matched by ProspectClientID, never by position; each entry is judged by its own answer alone.
fn judge_add(batch: &[Entry], body: &[u8], envelope: &Envelope) -> Judged {
    let reply = envelope.open(body).map_err(drop).and_then(|plain| wire::parse_add(&plain).map_err(drop));
    let Ok(reply) = reply else {
        return all(batch, Says::Unusable, || Outcome::Unknown("undecodable"));
    };
    if reply.entries.is_none() {
        return if reply.tail.session_expired() {
            all(batch, Says::SignIn, || Outcome::SignIn)
        } else if reply.tail.succeeded() {
            all(batch, Says::Usable, || Outcome::Unanswered)
        } else {
            all(batch, Says::Usable, || Outcome::BatchError(Reason::said("refused", &reply.tail.sms)))
        };
    }
    let outcomes = batch.iter().map(|entry| match prospect_of(entry).ok().and_then(|id| reply.answer(id)) {
        Some(answer) if answer.succeeded() => accepted(&answer.code, "reply"),
        Some(answer) => Outcome::Refused(Reason::said("refused", &answer.sms)),
        None => Outcome::Unanswered,
    });
    let says = if reply.tail.session_expired() { Says::SignIn } else { Says::Usable };
    Judged { outcomes: outcomes.collect(), says }
}
