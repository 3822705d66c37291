//! The two things that cross the network: a batch that changes something (here), and a read (`reading`). Act in one place.

mod reading;

pub use reading::read;

use super::entry::{Effect, Entry, EntryId, NetClass, State};
use super::plan::Link;
use super::policy::{self, Move, Outcome, code};
use super::remote::{Judged, Reading, Remote, Says, Session, Streamed};
use super::rows::{self, Now};
use super::{progress, remote_row, session};
use crate::book::{Book, Mode};
use crate::error::{Error, Result, Trouble};
use crate::feed;
use crate::store;
use crate::world::{Call, Cause, Class, Failure, Head, Reply, Steady};
use rusqlite::Transaction;
use std::collections::BTreeSet;
use std::sync::{Arc, atomic::Ordering::SeqCst};
use std::time::Duration;

/// An update whose row was not seen, or could not be read, is looked at again after this.
const LOOK_AGAIN: Duration = Duration::from_secs(60);

/// What a batch came to.
pub struct SendReport {
    pub says: Says,
    /// Nothing left the tablet at all.
    pub not_executed: bool,
    /// Some entries got no usable answer.
    pub doubtful: bool,
    /// None of them got an answer of its own.
    pub none_answered: bool,
    /// The one that went by itself, and was cut off after its first byte had left and before its last one.
    pub cut: Option<EntryId>,
}

/// Writes the intent down, sends, judges, writes the outcome down. `None`: there was nothing to send after all.
pub async fn send(
    book: &Arc<Book>,
    remote: &Arc<dyn Remote>,
    ids: Vec<EntryId>,
) -> Result<Option<SendReport>> {
    // Held until the outcome is written down: nobody else takes what is under way for cut off.
    let Some(_lease) = book.lease() else { return Ok(None) };
    let Some(ids) = with_fresh_reading(book, remote, ids).await? else { return Ok(None) };
    let read = book.clock().steady();
    let begun = {
        let remote = remote.clone();
        book.write(move |book, tx| begin(book, &*remote, tx, &ids, read)).await?
    };
    let Some(Begun { batch, session, mut call, streamed, generation }) = begun else { return Ok(None) };
    if let Some(body) = streamed {
        call.body = body(book.store.clone());
    }
    let tracked = progress::sending(book, remote.id(), batch.len() as u64, &mut call);
    let result = match book.keep_generation(generation).await {
        Ok(()) => book.world.http.change(call).await,
        Err(_) => Err(Failure { class: Class::NotExecuted, cause: Cause::Vault }),
    };
    note_peer(book, remote.id(), result.as_ref().map(|reply| &reply.head));
    let cut = cut_off(&batch, &result, tracked.bytes.load(SeqCst));
    finish(book, remote, batch, session, result, cut).await.map(Some)
}

/// Updates are read just before they leave; those whose row was not seen wait. `None`: none is left.
async fn with_fresh_reading(
    book: &Arc<Book>,
    remote: &Arc<dyn Remote>,
    ids: Vec<EntryId>,
) -> Result<Option<Vec<EntryId>>> {
    let (batch, readings) = {
        let (remote, ids) = (remote.clone(), ids.clone());
        book.read(move |_, conn| {
            let batch = load(conn, &ids)?;
            let readings = remote.reads_before(conn, &batch)?;
            Ok((batch, readings))
        })
        .await?
    };
    if readings.is_empty() {
        return Ok(Some(ids));
    }
    let wanted: BTreeSet<String> = batch.iter().map(|e| e.lane.clone()).collect();
    let fresh = match seen(book, remote, readings, wanted).await {
        // It may be what stands in one row: what waits for it must not stand before all others.
        Err(e @ Error::Remote { trouble: Trouble::Unusable, .. }) => {
            return later(book, remote, ids, LOOK_AGAIN, false).await.and(Err(e));
        }
        other => other?,
    };
    let (left, unseen): (Vec<&Entry>, Vec<&Entry>) = batch.iter().partition(|e| fresh.contains(&e.lane));
    let ids = |entries: Vec<&Entry>| entries.iter().map(|e| e.head.id).collect::<Vec<_>>();
    if !unseen.is_empty() {
        later(book, remote, ids(unseen), LOOK_AGAIN, false).await?;
    }
    Ok(Some(ids(left)).filter(|left| !left.is_empty()))
}

/// Which of these lanes' rows were seen just now.
async fn seen(
    book: &Arc<Book>,
    remote: &Arc<dyn Remote>,
    readings: Vec<Reading>,
    wanted: BTreeSet<String>,
) -> Result<BTreeSet<String>> {
    let (mut fresh, mut unreadable) = (BTreeSet::new(), 0);
    for reading in readings {
        match read(book, remote, reading, wanted.clone()).await {
            Ok(taken) => fresh.extend(taken.fresh),
            // A documented no to one code: only the whole list can say.
            Err(Error::Remote { trouble: Trouble::Refused, .. }) => {}
            // It is there, and the whole list says no more of it.
            Err(Error::Remote { trouble: Trouble::Unreadable, .. }) => unreadable += 1,
            Err(e) => return Err(e),
        }
    }
    if fresh.len() + unreadable < wanted.len() {
        // A code that its own read does not return may be gone: only the whole list can say.
        fresh.extend(read(book, remote, Reading::all(), wanted).await?.fresh);
    }
    Ok(fresh)
}

/// These wait, not the remote; never longer than the longest back-off. If `alone` they share no call from then on.
pub async fn later(
    book: &Arc<Book>,
    remote: &Arc<dyn Remote>,
    ids: Vec<EntryId>,
    wait: Duration,
    alone: bool,
) -> Result<()> {
    let wait = wait.min(Duration::from_millis(remote.rules().backoff.most_ms));
    let due = book.clock().steady().plus(wait);
    book.write(move |_, tx| rows::later(tx, &ids, due, alone)).await
}

/// These entries, as far as they are there.
pub(super) fn load(conn: &rusqlite::Connection, ids: &[EntryId]) -> Result<Vec<Entry>> {
    ids.iter().filter_map(|id| rows::get(conn, *id).transpose()).collect()
}

/// A batch whose intent is durable.
struct Begun {
    batch: Vec<Entry>,
    session: Session,
    call: Call,
    streamed: Option<Streamed>,
    /// The book's generation, where it was raised for this batch: the vault hears of it before a byte leaves.
    generation: Option<i64>,
}

/// ready → sending, with the fields as sent, in one transaction with the encoding.
fn begin(
    book: &Book,
    remote: &dyn Remote,
    tx: &Transaction<'_>,
    ids: &[EntryId],
    read: Steady,
) -> Result<Option<Begun>> {
    let Some(session) = book.session(tx, remote.id())? else { return Ok(None) };
    let now = book.now();
    let batch: Vec<_> = load(tx, ids)?
        .into_iter()
        .filter(|e| e.head.state == State::Ready && e.head.author == session.officer)
        .collect();
    let class = batch.first().map_or(NetClass::Small, |entry| entry.class);
    // What was read before the app was frozen is no reading any more: look again.
    if now.steady.since(read) > remote.rules().total || too_late(book, remote, class, tx, now)? {
        return Ok(None);
    }
    let Some(out) = remote.encode(tx, &batch, &session, &*book.world.rng, now)? else { return Ok(None) };
    let mut begun: Vec<Entry> = vec![];
    for (id, sent, rev) in &out.sent {
        let entry = batch.iter().find(|e| e.head.id == *id).ok_or(Error::internal("encode"))?;
        if !rows::begin(tx, entry, sent, *rev, now)? {
            return Err(Error::internal("begin"));
        }
        feed::touch(tx, &entry.lane)?;
        begun.push(rows::get(tx, *id)?.ok_or(Error::internal("begin"))?);
    }
    // A backup taken before this moment must show that it is old once this batch has left, or it would send it again.
    let repeats_double = begun.iter().any(|entry| entry.head.effect != Effect::Replace);
    let generation = repeats_double.then(|| store::next_generation(tx)).transpose()?;
    Ok(Some(Begun { batch: begun, session, call: out.call, streamed: out.streamed, generation }))
}

/// The decision was before a reading that may have taken long: may a call still begin?
fn too_late(
    book: &Book,
    remote: &dyn Remote,
    class: NetClass,
    tx: &Transaction<'_>,
    now: Now,
) -> Result<bool> {
    let (mode, link) = {
        let live = book.live();
        (live.mode(), live.link)
    };
    let total = remote.rules().total_of(class);
    let outlasts = matches!(mode, Mode::Draining(end) if now.steady.plus(total) > end);
    Ok(outlasts || mode == Mode::Paused || link == Link::None || remote_row::paused(tx, remote)?.is_some())
}

/// Judges and writes down. An outcome is never thrown away: while the store refuses, it is tried again.
async fn finish(
    book: &Arc<Book>,
    remote: &Arc<dyn Remote>,
    batch: Vec<Entry>,
    session: Session,
    result: Result<Reply, Failure>,
    cut: Option<EntryId>,
) -> Result<SendReport> {
    let judged = match &result {
        Ok(reply) => remote.judge(&batch, reply, &session),
        Err(failure) => failed(&batch, failure),
    };
    let unanswered = |o: &Outcome| matches!(o, Outcome::Unanswered | Outcome::Unknown(_));
    let none_answered = judged.outcomes.iter().all(unanswered);
    let not_executed = matches!(&result, Err(f) if f.class == Class::NotExecuted);
    let outcomes = Arc::new((batch, judged.outcomes, session));
    let says = judged.says;
    let mut wait = Duration::from_millis(200);
    loop {
        let (remote, outcomes) = (remote.clone(), outcomes.clone());
        let wrote = book
            .write(move |book, tx| {
                if says == Says::SignIn {
                    session::refuse(tx, remote.id(), &outcomes.2)?;
                }
                record(book, &*remote, tx, &outcomes.0, &outcomes.1)
            })
            .await;
        match wrote {
            Ok(doubtful) => return Ok(SendReport { says, not_executed, doubtful, none_answered, cut }),
            Err(e @ Error::Locked) => return Err(e),
            Err(_) if !book.is_closed() => book.world.work.sleep(wait).await,
            Err(e) => return Err(e),
        }
        wait = (wait * 2).min(Duration::from_secs(30));
    }
}

/// See [`SendReport::cut`]. Where not a byte of it left, nobody can mean what is in it: the remote waits.
fn cut_off(batch: &[Entry], result: &Result<Reply, Failure>, left: u64) -> Option<EntryId> {
    let cut =
        matches!(result, Err(Failure { class: Class::NotExecuted, cause: Cause::Closed | Cause::Body }));
    batch.first().filter(|_| cut && left > 0 && batch.len() == 1).map(|entry| entry.head.id)
}

fn failed(batch: &[Entry], failure: &Failure) -> Judged {
    let why = failure.cause.code();
    let outcome = || match failure.class {
        Class::NotExecuted => Outcome::NotExecuted(why),
        Class::Unknown => Outcome::Unknown(why),
    };
    Judged::all(batch, says(failure.cause), outcome)
}

/// A call that the profile itself made impossible says that it is wrong; any other failure says nothing of it.
fn says(cause: Cause) -> Says {
    match cause {
        Cause::NotConfigured(_) => Says::Settings,
        _ => Says::Silent,
    }
}

fn record(
    book: &Book,
    remote: &dyn Remote,
    tx: &Transaction<'_>,
    batch: &[Entry],
    outcomes: &[Outcome],
) -> Result<bool> {
    let mut doubtful = false;
    for (entry, outcome) in batch.iter().zip(outcomes) {
        let outcome = match outcome {
            Outcome::Accepted(receipt) if !remote.plausible(tx, entry, receipt)? => {
                Outcome::Unknown(code::IMPLAUSIBLE)
            }
            other => other.clone(),
        };
        let to = policy::judge(entry.head.effect, batch.len(), outcome);
        doubtful |= matches!(to, Move::Doubtful { .. });
        if !apply(remote, tx, entry, to.clone(), book.now())?
            && !matches!(to, Move::Doubtful { .. } | Move::Asks { .. })
        {
            // Somebody took it for lost meanwhile. An answer to this very attempt beats that.
            let now = rows::get(tx, entry.head.id)?.filter(|e| e.head.attempt == entry.head.attempt);
            if let Some(e) = now.filter(|e| matches!(e.head.state, State::Doubtful | State::Asks)) {
                apply(remote, tx, &e, to, book.now())?;
            }
        }
    }
    Ok(doubtful)
}

/// Moves an entry, with the domain's side and the feed, in one transaction. `false`: somebody else moved it first.
pub fn apply(remote: &dyn Remote, tx: &Transaction<'_>, entry: &Entry, to: Move, now: Now) -> Result<bool> {
    let moved = rows::shift(tx, &entry.head, &to, now)?;
    if moved {
        remote.moved(tx, entry, &to, now)?;
        feed::touch(tx, &entry.lane)?;
    }
    Ok(moved)
}

/// Three unusable answers in a row: the settings or the key are wrong; the host is told once.
pub async fn heard(book: &Arc<Book>, remote: &'static str, says: Says) -> Result<()> {
    let count = {
        let mut live = book.live();
        let n = live.unusable.entry(remote).or_default();
        *n = match says {
            Says::Unusable | Says::Settings => *n + 1,
            Says::Silent | Says::Busy(_) => *n, // says nothing about the settings
            Says::Usable | Says::SignIn | Says::TooLarge => 0,
        };
        *n
    };
    let trouble = (count >= 3 || says == Says::Settings).then_some("settings");
    book.write(move |_, tx| remote_row::set_trouble(tx, remote, trouble)).await
}

/// The `Date` of a verified reply shows a wrong tablet clock. A peer that was not verified is shown until one is: a
/// clock that is far off never comes to a reply.
fn note_peer(book: &Book, remote: &'static str, met: Result<&Head, &Failure>) {
    let wall = book.clock().wall();
    let mut live = book.live();
    match met {
        Ok(head) => {
            live.untrusted.remove(remote);
            live.skew_s = head.date.map(|date| date - wall / 1000).or(live.skew_s);
        }
        Err(Failure { cause: Cause::Untrusted(problem), .. }) => {
            live.untrusted.insert(remote, *problem);
        }
        Err(_) => {}
    }
}
