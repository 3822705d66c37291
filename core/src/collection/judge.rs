//! What a reply means: for the result that was sent, for a list, and for the remote.

use super::wire::{self, Said};
use crate::error::Trouble;
use crate::json::Object;
use crate::outbox::entry::{Entry, Payload, Reason};
use crate::outbox::policy::{Outcome, code};
use crate::outbox::remote::{Judged, ReadFailed, Says};
use crate::outbox::status::by_status;
use crate::world::Reply;

/// What a list says of itself where it is a no.
pub(super) const CODES: [&str; 2] = ["respon_code", "respon_mess"];

/// Judges the answer to a result; each call carries one.
pub(super) fn judge(batch: &[Entry], reply: &Reply) -> Judged {
    if let Some((says, why)) = by_status(reply.head.status, reply.head.retry_after, Says::Settings) {
        return Judged::all(batch, says, || Outcome::Unknown(why));
    }
    match wire::said(&reply.body) {
        Said::Yes => Judged::all(batch, Says::Usable, || {
            receipt("reply").map_or(Outcome::Unknown("receipt"), Outcome::Accepted)
        }),
        Said::No { words, .. } => {
            Judged::all(batch, Says::Usable, || Outcome::Refused(Reason::said(code::REFUSED, &words)))
        }
        Said::Unusable => Judged::all(batch, Says::Unusable, || Outcome::Unknown(code::UNDECODABLE)),
    }
}

/// Who says that it is done: `reply` or `officer`.
pub(super) fn receipt(by: &str) -> crate::Result<Payload> {
    Payload::encode(&serde_json::json!({ "by": by }))
}

/// A list that is a no.
pub(super) fn refused(tail: &Object) -> Option<ReadFailed> {
    let code = tail.text("respon_code").filter(|code| code != "00");
    code.map(|_| ReadFailed::Said(Says::Usable, Trouble::Refused))
}
