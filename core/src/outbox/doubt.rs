//! Doubt: how much a reading is worth for an entry, and what happens to an entry that no reading spoke about.

use super::entry::{Entry, EntryId, NetClass, State};
use super::policy::{self, Doubt, Evidence, Move, Verdict};
use super::remote::{Remote, Rules};
use super::rows::{self, Now};
use super::{calls, plan};
use crate::book::Book;
use crate::error::Result;
use rusqlite::Transaction;
use std::time::Duration;

/// What a reading proves by its own circumstances.
#[derive(Clone, Copy, Debug)]
pub struct Worth {
    /// It holds everything that could be the entry.
    pub complete: bool,
    /// The server is known to keep the natural key.
    pub key_verified: bool,
    /// A second one of what is in doubt does no harm, as the profile says.
    pub harmless: bool,
    /// When its request left.
    pub asked: Now,
}

/// Moves an entry as a verdict says. `true`: it is settled or goes another way now.
pub fn settle(
    remote: &dyn Remote,
    tx: &Transaction<'_>,
    entry: &Entry,
    worth: Worth,
    intent: bool,
    verdict: Verdict,
) -> Result<bool> {
    let doubt = Doubt { head: &entry.head, sent_age: sent_age(entry, worth.asked), intent };
    let Some(to) = policy::settle(&doubt, &evidence(remote.rules(), entry, worth), verdict) else {
        return Ok(false);
    };
    let later = matches!(to, Move::Later { .. });
    Ok(calls::apply(remote, tx, entry, to, worth.asked)? && !later)
}

/// What is written down as being sent while its loop has no call under way was cut off: its outcome is not known.
pub fn abandon(book: &Book, remote: &dyn Remote, class: NetClass) -> Result<()> {
    let cut = book.store.read(|conn| rows::sending(conn, remote.id(), class))?;
    if cut.is_empty() {
        return Ok(());
    }
    book.store.write(|tx| {
        for entry in &cut {
            calls::apply(remote, tx, entry, policy::abandon(entry.head.effect), book.now())?;
        }
        Ok(())
    })
}

/// No reading spoke about these: read again later, and ask when that has gone on for too long.
pub fn unread(remote: &dyn Remote, tx: &Transaction<'_>, ids: &[EntryId], now: Now) -> Result<()> {
    let worth = Worth { complete: false, key_verified: false, harmless: false, asked: now };
    for id in ids {
        let Some(entry) = rows::get(tx, *id)? else { continue };
        let waits = entry.head.due.is_some_and(|due| due > now.steady);
        if matches!(entry.head.state, State::Doubtful | State::Asks) && !waits {
            settle(remote, tx, &entry, worth, false, Verdict::NoVerdict)?;
        }
    }
    Ok(())
}

/// Nothing that the remote could be asked speaks about this one, and its quiet period is over.
pub fn without_asking(
    remote: &dyn Remote,
    tx: &Transaction<'_>,
    id: EntryId,
    verdict: Verdict,
    now: Now,
) -> Result<()> {
    let worth = Worth { complete: true, key_verified: false, harmless: false, asked: now };
    rows::get(tx, id)?.map_or(Ok(()), |entry| settle(remote, tx, &entry, worth, false, verdict).map(drop))
}

/// How long ago it was sent, at most; `None` where the wall clock went back behind the send: then nobody knows.
fn sent_age(entry: &Entry, now: Now) -> Option<Duration> {
    let sent = entry.sent_wall.unwrap_or(entry.made_wall);
    let wall = u64::try_from(now.wall.checked_sub(sent)?).ok()?;
    // Steady time can only show that it was longer ago.
    Some(Duration::from_millis(wall).max(now.steady.since(entry.head.since)))
}

fn evidence(rules: &Rules, entry: &Entry, worth: Worth) -> Evidence {
    Evidence {
        now: worth.asked.steady,
        complete: worth.complete,
        asked_after_quiet: plan::quiet_over(worth.asked.steady, entry.head.since, rules.quiet),
        key_verified: worth.key_verified,
        harmless: worth.harmless,
        lateness_stated: rules.lateness_stated,
        absence: rules.absence,
        window: rules.absence_window,
        settle_by: rules.settle_by,
        longest: Duration::from_millis(rules.backoff.most_ms),
    }
}
