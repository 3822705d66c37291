//! The two things that cross the network: a batch that changes something, and a read. Act in one place.

use super::entry::{Entry, EntryId, State};
use super::policy::{self, Move, Outcome};
use super::remote::{Asked, Judged, ReadFailed, Reading, Remote, Says, Session, Taken};
use super::rows;
use super::session;
use crate::book::{Book, Mode, Tracked};
use crate::error::{Error, Result, Trouble};
use crate::feed;
use crate::world::{Call, Class, Failure, Head, Incoming, Reply};
use rusqlite::Transaction;
use std::collections::BTreeSet;
use std::io::Read;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Weak};
use std::time::Duration;

/// Watchers of a download hear of it each time so many bytes have come.
const TELL_EVERY: u64 = 64 << 10;

/// What a batch came to.
pub struct SendReport {
    pub says: Says,
    /// Nothing left the tablet at all.
    pub not_executed: bool,
    /// Some entries got no usable answer.
    pub doubtful: bool,
}

/// Writes the intent down, sends, judges, writes the outcome down. `None`: there was nothing to send after all.
pub async fn send(
    book: &Arc<Book>,
    remote: &Arc<dyn Remote>,
    ids: Vec<EntryId>,
) -> Result<Option<SendReport>> {
    let Some(ids) = with_fresh_reading(book, remote, ids).await? else { return Ok(None) };
    let begun = {
        let remote = remote.clone();
        book.write(move |book, tx| begin(book, &*remote, tx, &ids)).await?
    };
    let Some((batch, session, mut call)) = begun else { return Ok(None) };
    let _tracked = track(book, remote.id(), "send", batch.len() as u64, &mut call);
    let result = book.world.http.change(call).await;
    if let Ok(reply) = &result {
        note_clock(book, &reply.head);
    }
    let report = finish(book, remote, batch, session, result).await?;
    Ok(Some(report))
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
    let mut fresh = BTreeSet::new();
    for reading in readings {
        fresh.extend(read(book, remote, reading, wanted.clone()).await?.fresh);
    }
    if fresh.len() < wanted.len() {
        // A code that its own read does not return may be gone: only the whole list can say.
        fresh.extend(read(book, remote, Reading::all(), wanted).await?.fresh);
    }
    let left: Vec<_> = batch.iter().filter(|e| fresh.contains(&e.lane)).map(|e| e.head.id).collect();
    Ok((!left.is_empty()).then_some(left))
}

fn load(conn: &rusqlite::Connection, ids: &[EntryId]) -> Result<Vec<Entry>> {
    ids.iter().filter_map(|id| rows::get(conn, *id).transpose()).collect()
}

type Begun = Option<(Vec<Entry>, Session, Call)>;

/// ready → sending, with the fields as sent, in one transaction with the encoding.
fn begin(book: &Book, remote: &dyn Remote, tx: &Transaction<'_>, ids: &[EntryId]) -> Result<Begun> {
    let Some((session, false)) = book.session(tx, remote.id())? else { return Ok(None) };
    let now = book.now();
    let batch: Vec<_> = load(tx, ids)?
        .into_iter()
        .filter(|e| e.head.state == State::Ready && e.head.author == session.officer)
        .collect();
    let Some(out) = remote.encode(tx, &batch, &session, &*book.world.rng, now)? else { return Ok(None) };
    let mut begun = vec![];
    for (id, sent, rev) in &out.sent {
        let entry = batch.iter().find(|e| e.head.id == *id).ok_or(Error::internal("encode"))?;
        if !rows::begin(tx, entry, sent, *rev, now)? {
            return Err(Error::internal("begin"));
        }
        feed::touch(tx, &entry.lane)?;
        begun.push(rows::get(tx, *id)?.ok_or(Error::internal("begin"))?);
    }
    Ok(Some((begun, session, out.call)))
}

/// Judges and writes down. An outcome is never thrown away: while the store refuses, it is tried again.
async fn finish(
    book: &Arc<Book>,
    remote: &Arc<dyn Remote>,
    batch: Vec<Entry>,
    session: Session,
    result: Result<Reply, Failure>,
) -> Result<SendReport> {
    let judged = match &result {
        Ok(reply) => remote.judge(&batch, reply, &session),
        Err(failure) => failed(&batch, failure),
    };
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
            Ok(doubtful) => return Ok(SendReport { says, not_executed, doubtful }),
            Err(e @ (Error::Locked | Error::Closed)) => return Err(e),
            Err(_) if !book.is_closed() => book.world.work.sleep(wait).await,
            Err(e) => return Err(e),
        }
        wait = (wait * 2).min(Duration::from_secs(30));
    }
}

fn failed(batch: &[Entry], failure: &Failure) -> Judged {
    let code = failure.cause.code();
    let outcome = || match failure.class {
        Class::NotExecuted => Outcome::NotExecuted(code),
        Class::Unknown => Outcome::Unknown(code),
    };
    Judged { outcomes: batch.iter().map(|_| outcome()).collect(), says: Says::Silent }
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
                Outcome::Unknown("implausible")
            }
            other => other.clone(),
        };
        let to = policy::judge(entry.head.effect, batch.len(), outcome, None);
        doubtful |= matches!(to, Move::Doubtful { .. });
        apply(book, remote, tx, entry, to)?;
    }
    Ok(doubtful)
}

/// Moves an entry, with the domain's side and the feed, in one transaction. `false`: somebody else moved it first.
pub fn apply(
    book: &Book,
    remote: &dyn Remote,
    tx: &Transaction<'_>,
    entry: &Entry,
    to: Move,
) -> Result<bool> {
    let now = book.now();
    apply_at(remote, tx, entry, to, now)
}

/// As [`apply`], at a given moment.
pub fn apply_at(
    remote: &dyn Remote,
    tx: &Transaction<'_>,
    entry: &Entry,
    to: Move,
    now: rows::Now,
) -> Result<bool> {
    let moved = rows::shift(tx, &entry.head, &to, now)?;
    if moved {
        remote.moved(tx, entry, &to, now)?;
        feed::touch(tx, &entry.lane)?;
    }
    Ok(moved)
}

/// One read, whole or not at all.
pub async fn read(
    book: &Arc<Book>,
    remote: &Arc<dyn Remote>,
    reading: Reading,
    lanes: BTreeSet<String>,
) -> Result<Taken> {
    match try_read(book, remote, reading, lanes).await {
        Ok(taken) => {
            heard(book, remote.id(), Says::Usable).await?;
            Ok(taken)
        }
        Err(ReadFailed::Store(e)) => Err(e),
        Err(ReadFailed::Said(says, trouble)) => {
            heard(book, remote.id(), says).await?;
            Err(Error::Remote { remote: remote.id(), trouble })
        }
    }
}

async fn try_read(
    book: &Arc<Book>,
    remote: &Arc<dyn Remote>,
    reading: Reading,
    lanes: BTreeSet<String>,
) -> Result<Taken, ReadFailed> {
    let id = remote.id();
    let (session, mark) =
        book.read(move |book, conn| Ok((book.session(conn, id)?, feed::newest(conn)?))).await?;
    let session = match session {
        Some((session, false)) => session,
        _ => return Err(ReadFailed::Said(Says::SignIn, Trouble::SignIn)),
    };
    let mut call = remote.read_call(&session, &reading, &*book.world.rng)?;
    let download = (book.world.rng.below(1 << 52) + 1) as i64;
    fit(book, &mut call);
    let progress = track(book, id, "read", 0, &mut call);
    let officer = session.officer.clone();
    let asked = Asked { reading, mark, at: book.now(), officer, lanes, download, progress };
    let answer = book.world.http.read(call).await;
    let taken = match answer {
        Ok(answer) => {
            note_clock(book, &answer.head);
            take(book, remote, asked, answer).await
        }
        Err(f) => Err(ReadFailed::Said(Says::Silent, Trouble::Failed(f.cause))),
    };
    if matches!(taken, Err(ReadFailed::Said(Says::SignIn, _))) {
        book.write(move |_, tx| session::refuse(tx, id, &session)).await?;
    }
    book.stir();
    taken
}

/// A drain starts no call that may outlast it.
fn fit(book: &Book, call: &mut Call) {
    if let Mode::Draining(end) = book.live().mode {
        let left = Duration::from_millis((end.0 - book.clock().steady().0).max(1) as u64);
        call.limits.total = call.limits.total.min(left);
    }
}

async fn take(
    book: &Arc<Book>,
    remote: &Arc<dyn Remote>,
    asked: Asked,
    answer: Incoming,
) -> Result<Taken, ReadFailed> {
    let (book2, remote) = (book.clone(), remote.clone());
    let body =
        Counted { body: answer.body, book: Arc::downgrade(book), progress: asked.progress.clone(), told: 0 };
    let answer = Incoming { head: answer.head, body: Box::new(body) };
    book.world.run(move || Ok(remote.take(&book2.store, &asked, answer))).await?
}

/// Three unusable answers in a row: the settings or the key are wrong; the host is told once.
async fn heard(book: &Arc<Book>, remote: &'static str, says: Says) -> Result<()> {
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
    book.write(move |_, tx| super::remote_row::set_trouble(tx, remote, trouble)).await
}

/// As [`heard`], for a change's answer.
pub async fn heard_change(book: &Arc<Book>, remote: &'static str, says: Says) -> Result<()> {
    heard(book, remote, says).await
}

fn track(
    book: &Arc<Book>,
    remote: &'static str,
    what: &'static str,
    items: u64,
    call: &mut Call,
) -> Arc<Tracked> {
    let total_bytes = if what == "send" { call.body.len() } else { 0 };
    let (items, bytes) = (AtomicU64::new(items), AtomicU64::new(0));
    let tracked = book.track(Tracked { remote, what, items, bytes, total_bytes });
    if what == "send" {
        let (weak, bytes) = (Arc::downgrade(book), tracked.clone());
        call.progress = Some(Arc::new(move |sent, _| {
            bytes.bytes.store(sent, SeqCst);
            moved(&weak);
        }));
    }
    tracked
}

/// Tells whoever watches progress.
fn moved(book: &Weak<Book>) {
    if let Some(book) = book.upgrade() {
        book.stirred.send_modify(|n| *n = n.wrapping_add(1));
    }
}

/// A reply's body that counts what has come.
struct Counted {
    body: Box<dyn Read + Send>,
    book: Weak<Book>,
    progress: Arc<Tracked>,
    told: u64,
}

impl Read for Counted {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let n = self.body.read(out)?;
        let bytes = self.progress.bytes.fetch_add(n as u64, SeqCst) + n as u64;
        if bytes - self.told >= TELL_EVERY {
            self.told = bytes;
            moved(&self.book);
        }
        Ok(n)
    }
}

/// The `Date` of a verified reply shows a wrong tablet clock.
fn note_clock(book: &Book, head: &Head) {
    if let Some(date) = head.date {
        book.live().skew_s = Some(date - book.clock().wall() / 1000);
    }
}
