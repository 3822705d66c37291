//! What a reply means: for the entry that was sent, for a list, and for the remote.

use super::effect::{ANSWER, CREATE, Receipt, UPLOAD};
use super::encode::SentPaper;
use super::wire::{self, Refusal, Verdict};
use crate::error::Trouble;
use crate::outbox::entry::{Entry, Reason};
use crate::outbox::policy::{Outcome, code};
use crate::outbox::remote::{Judged, ReadFailed, Says};
use crate::outbox::status::by_status;
use crate::world::Reply;

/// What a no in the reply itself says: the session, the bank's word, or a failure that does not say that nothing was done.
enum No {
    SignIn,
    Refused,
    Failed,
}

fn no(refusal: &Refusal) -> No {
    match refusal {
        no if no.sign_in() => No::SignIn,
        no if no.broke() => No::Failed,
        _ => No::Refused,
    }
}

/// Judges the answer to a call; each carries one entry.
pub(super) fn judge(batch: &[Entry], reply: &Reply) -> Judged {
    if let Some((says, why)) = by_status(reply.head.status, reply.head.retry_after, Says::SignIn) {
        // A session that is not taken proves that nothing ran.
        let outcome = || if says == Says::SignIn { Outcome::SignIn } else { Outcome::Unknown(why) };
        return Judged::all(batch, says, outcome);
    }
    let Some(entry) = batch.first() else { return Judged::all(batch, Says::Usable, || Outcome::Unanswered) };
    match verdict(entry, &reply.body) {
        Verdict::Done(receipt) => {
            let accepted = receipt.payload().map_or(Outcome::Unknown("receipt"), Outcome::Accepted);
            Judged::all(batch, Says::Usable, || accepted.clone())
        }
        Verdict::Refused(refusal) => match no(&refusal) {
            No::SignIn => Judged::all(batch, Says::SignIn, || Outcome::SignIn),
            No::Failed => Judged::all(batch, Says::Busy(None), || Outcome::Unknown("failed")),
            No::Refused => Judged::all(batch, Says::Usable, || {
                Outcome::Refused(Reason::said(code::REFUSED, &refusal.words))
            }),
        },
        Verdict::Unusable => Judged::all(batch, Says::Unusable, || Outcome::Unknown(code::UNDECODABLE)),
    }
}

/// A yes brings what it must: an application its id, a paper its own number.
fn verdict(entry: &Entry, body: &[u8]) -> Verdict<Receipt> {
    let receipt = || Receipt::by("reply");
    match entry.head.verb.as_str() {
        CREATE => wire::created(body).and_then(|created| {
            let (application_id, party_id) = (created.application_id, created.party_id);
            Verdict::Done(Receipt { application_id, party_id, ..receipt() })
        }),
        UPLOAD => {
            let sent: Option<SentPaper> = entry.sent.as_ref().and_then(|sent| sent.decode().ok());
            let Some(sent) = sent else { return Verdict::Unusable };
            wire::uploaded(body, sent.client_id).and_then(|uploaded| {
                Verdict::Done(Receipt { document_id: uploaded.document_id, ..receipt() })
            })
        }
        ANSWER => wire::answered(body).and_then(|_| Verdict::Done(receipt())),
        _ => wire::updated(body).and_then(|()| Verdict::Done(receipt())),
    }
}

/// The bank's no to whoever asked for a list.
pub(super) fn refused(refusal: &Refusal) -> ReadFailed {
    match no(refusal) {
        No::SignIn => ReadFailed::Said(Says::SignIn, Trouble::SignIn),
        No::Failed => ReadFailed::Said(Says::Busy(None), Trouble::Unusable),
        No::Refused => ReadFailed::Said(Says::Usable, Trouble::Refused),
    }
}
