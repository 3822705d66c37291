//! A doubt that is settled by a call of its own: one that may be repeated, and whose yes proves that the entry had arrived.
//!
//! It may itself be lost, and what is left of it may land late. So before it leaves the entry is written down as in doubt anew,
//! as if its socket closed only when this call must have ended: nothing newer of its lane leaves before the quiet period after
//! that is over.

use super::calls;
use super::doubt::{self, Worth};
use super::entry::{Entry, EntryId, Reason, State};
use super::policy::{Move, Verdict, code};
use super::remote::{Remote, Says, Session};
use super::rows::{self, Now};
use super::session;
use crate::book::Book;
use crate::error::{Error, Result};
use crate::world::Call;
use rusqlite::Transaction;
use std::sync::Arc;

/// A doubt whose call may leave.
struct Begun {
    /// As it was before: its own quiet period is over.
    doubt: Entry,
    asked: Now,
    session: Session,
    call: Call,
}

/// Sends the call and takes its answer for what it means. `None`: there was nothing to send after all.
///
/// # Errors
/// The store's.
pub async fn settle(book: &Arc<Book>, remote: &Arc<dyn Remote>, id: EntryId) -> Result<Option<Says>> {
    // Held until the outcome is written down.
    let Some(_lease) = book.lease() else { return Ok(None) };
    let of = remote.clone();
    let Some(begun) = book.write(move |book, tx| begin(book, &*of, tx, id)).await? else { return Ok(None) };
    let Begun { doubt, asked, session, call } = begun;
    let (says, verdict) = match book.world.http.change(call).await {
        Ok(reply) => remote.settled(&doubt, &reply),
        Err(_) => (Says::Silent, Verdict::NoVerdict),
    };
    let of = remote.clone();
    book.write(move |_, tx| {
        if says == Says::SignIn {
            session::refuse(tx, of.id(), &session)?;
        }
        finish(&*of, tx, &doubt, asked, verdict.clone())
    })
    .await?;
    calls::heard(book, remote.id(), says).await?;
    Ok(Some(says))
}

fn begin(book: &Book, remote: &dyn Remote, tx: &Transaction<'_>, id: EntryId) -> Result<Option<Begun>> {
    let Some(session) = book.session(tx, remote.id())? else { return Ok(None) };
    let doubt = rows::get(tx, id)?.filter(|entry| entry.head.author == session.officer);
    let Some(doubt) = doubt.filter(|entry| entry.head.state == State::Doubtful) else { return Ok(None) };
    let asked = book.now();
    let call = match remote.settling(tx, &doubt, &session) {
        Ok(call) => call,
        Err(Error::NotFound { .. } | Error::StoreDamaged { place: "row", .. }) => {
            doubt::without_asking(remote, tx, id, Verdict::Absent, asked)?;
            return Ok(None);
        }
        Err(e) => return Err(e),
    };
    let ends = Now { steady: asked.steady.plus(call.limits.total), ..asked };
    let reason = doubt.head.reason.clone().unwrap_or_else(|| Reason::code(code::INTERRUPTED));
    let again = Move::Doubtful { reason, alone: doubt.head.alone };
    Ok(calls::apply(remote, tx, &doubt, again, ends)?.then_some(Begun { doubt, asked, session, call }))
}

/// What the call said counts for the doubt as it was: the entry itself has moved on in time alone.
fn finish(
    remote: &dyn Remote,
    tx: &Transaction<'_>,
    doubt: &Entry,
    asked: Now,
    verdict: Verdict,
) -> Result<()> {
    let worth = Worth { complete: true, key_verified: false, harmless: false, asked };
    doubt::settle(remote, tx, doubt, worth, false, verdict).map(drop)
}
