//! A remote system as the outbox knows it. Adding one is adding a folder with this trait; nothing here names any.

use super::entry::{Entry, EntryId, NetClass, Payload};
use super::policy::{Move, Outcome, Verdict};
use super::rows::Now;
use crate::book::Tracked;
use crate::error::{Result, Trouble};
use crate::feed::Revision;
use crate::profile::Absence;
use crate::store::Store;
use crate::world::{Body, Call, Incoming, Reply, Rng, Secret};
use rusqlite::{Connection, Transaction};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// What differs between remotes in numbers.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The classes it has entries of.
    pub classes: &'static [NetClass],
    /// The most entries in one call.
    pub batch_max: usize,
    /// Verbs that never share a call.
    pub lone_verbs: &'static [&'static str],
    /// Has it a cheap read that proves settings and key?
    pub probe: bool,
    /// Lateness plus transit.
    pub quiet: Duration,
    /// The longest that a call of small entries may take, and one of bulk.
    pub total: Duration,
    /// See `total`.
    pub total_bulk: Duration,
    /// Bulk leaves over an unmetered link only.
    pub bulk_needs_unmetered: bool,
    /// What absence means.
    pub absence: Absence,
    /// Has the server's owner stated a lateness?
    pub lateness_stated: bool,
    /// Absence counts this long after the send.
    pub absence_window: Duration,
    /// Then the officer is asked while reading goes on.
    pub settle_by: Duration,
    /// Waiting after failures.
    pub backoff: crate::profile::Backoff,
    /// Why the profile pauses it.
    pub paused: Option<String>,
}

impl Rules {
    /// The longest a call of this class may take.
    #[must_use]
    pub fn total_of(&self, class: NetClass) -> Duration {
        match class {
            NetClass::Small => self.total,
            NetClass::Bulk => self.total_bulk,
        }
    }
}

/// An officer's secrets for a remote, as JSON that only the remote reads.
#[derive(Clone, Debug)]
pub struct Session {
    /// Whose.
    pub officer: String,
    /// What the app handed in.
    pub secrets: Secret<String>,
}

/// One read call: what to ask for, in the remote's own terms; empty asks for everything.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Reading(pub String);

impl Reading {
    /// The whole list.
    #[must_use]
    pub fn all() -> Self {
        Self(String::new())
    }

    /// Does it ask for the whole list?
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.0.is_empty()
    }
}

/// The circumstances of a read, noted when its request leaves.
#[derive(Clone, Debug)]
pub struct Asked {
    /// What for.
    pub reading: Reading,
    /// The feed's newest revision: lanes that moved since are skipped.
    pub mark: Revision,
    /// When the request left.
    pub at: Now,
    /// The session it was asked in: its answer is read under the same.
    pub session: Session,
    /// Lanes whose entries wait for this read to be sent.
    pub lanes: BTreeSet<String>,
    /// Names this read's staged rows.
    pub download: i64,
    /// Where to count the rows as they come.
    pub progress: Arc<Tracked>,
}

/// How doubts are settled.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Settling {
    /// All of them by one reading.
    Read(Reading),
    /// The first by a call of its own: [`Remote::settling`].
    Call,
    /// The first by sending it once more: it may be repeated, and nothing can be read.
    Again,
    /// The first by nothing that this remote can be asked: the officer is.
    Nothing,
}

/// What a good read did.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Taken {
    /// Rows in the reply.
    pub rows: u64,
    /// Rows new to this book.
    pub new: u64,
    /// Rows that changed here.
    pub changed: u64,
    /// Rows held back because their lane moved since the request left.
    pub skipped: u64,
    /// Rows that differ here because something of theirs is unsent.
    pub apart: u64,
    /// Rows that are there and could not be read: what the server holds is not known whole.
    pub unreadable: u64,
    /// True conflicts found.
    pub conflicts: u64,
    /// Known ones missing from the whole list.
    pub gone: u64,
    /// Entries whose doubt was settled.
    pub settled: u64,
    /// Of the lanes asked for, those whose server row was seen and merged.
    pub fresh: BTreeSet<String>,
}

/// What an answer says about the remote as a whole.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Says {
    /// A usable answer: address, settings and key fit.
    Usable,
    /// The session is invalid or has expired.
    SignIn,
    /// Too large: smaller batches.
    TooLarge,
    /// Come back later.
    Busy(Option<Duration>),
    /// No answer at all, or not a whole one.
    Silent,
    /// Not an answer that this remote documents.
    Unusable,
    /// The remote refuses these settings (401 on Basic).
    Settings,
}

/// A call's answer, judged entry by entry.
#[derive(Debug)]
pub struct Judged {
    /// One outcome for each entry of the batch, in its order.
    pub outcomes: Vec<Outcome>,
    /// About the remote.
    pub says: Says,
}

impl Judged {
    /// The same outcome for every entry.
    #[must_use]
    pub fn all(batch: &[Entry], says: Says, outcome: impl Fn() -> Outcome) -> Self {
        Self { outcomes: batch.iter().map(|_| outcome()).collect(), says }
    }
}

/// Gives a body that is read from the store while it leaves: called once what is to be sent is committed.
pub type Streamed = Box<dyn FnOnce(Arc<Store>) -> Body + Send>;

/// A batch as it leaves.
pub struct Outgoing {
    /// The call.
    pub call: Call,
    /// Its body, where it is too large to be held.
    pub streamed: Option<Streamed>,
    /// For each entry that is in it: the fields as sent and their revision.
    pub sent: Vec<(EntryId, Payload, Option<i64>)>,
}

/// A remote system.
pub trait Remote: Send + Sync + 'static {
    /// Its name in entries, feed and errors.
    fn id(&self) -> &'static str;

    /// Its numbers.
    fn rules(&self) -> &Rules;

    /// What must be read just before these leave.
    fn reads_before(&self, conn: &Connection, batch: &[Entry]) -> Result<Vec<Reading>>;

    /// The cheapest read that proves address, settings and key. `failed` counts those in a row that did not: another one
    /// is asked for then, lest one row that cannot be read stands before everything.
    fn probe(&self, conn: &Connection, failed: u32) -> Result<Reading>;

    /// A read that would make the remote's answers worth more before anything new is created (an unverified key).
    fn curious(&self, conn: &Connection) -> Result<Option<Reading>>;

    /// What can settle these doubts, or the first of them.
    fn settles(&self, conn: &Connection, doubts: &[Entry]) -> Result<Settling>;

    /// The call that settles this doubt, where [`Settling::Call`] says that there is one: it may be repeated, and its yes
    /// proves that the entry had arrived.
    ///
    /// # Errors
    /// `NotFound`, `StoreDamaged` in `row`: there is none after all, and the officer is asked.
    fn settling(&self, _conn: &Connection, _doubt: &Entry, _session: &Session) -> Result<Call> {
        Err(crate::error::Error::NotFound { what: "call" })
    }

    /// What the answer to that call means.
    fn settled(&self, _doubt: &Entry, _reply: &Reply) -> (Says, Verdict) {
        (Says::Unusable, Verdict::NoVerdict)
    }

    /// The call for a read.
    fn read_call(&self, session: &Session, reading: &Reading, rng: &dyn Rng) -> Result<Call>;

    /// Takes a read's answer in: streams, stages, merges, settles. Blocking. Nothing is applied unless all of it is good.
    ///
    /// # Errors
    /// The remote's no comes as [`ReadFailed::Said`]; the store's own errors as [`ReadFailed::Store`].
    fn take(&self, store: &Store, asked: &Asked, answer: Incoming) -> Result<Taken, ReadFailed>;

    /// Encodes a batch from the rows' current state, in the transaction that marks it as being sent.
    /// An entry that cannot be decoded is set aside here and left out.
    fn encode(
        &self,
        tx: &Transaction<'_>,
        batch: &[Entry],
        session: &Session,
        rng: &dyn Rng,
        now: Now,
    ) -> Result<Option<Outgoing>>;

    /// Judges the answer to a batch, one outcome for each of `batch` in order.
    fn judge(&self, batch: &[Entry], reply: &Reply, session: &Session) -> Judged;

    /// The domain's side of a move that has just happened, in the same transaction.
    fn moved(&self, tx: &Transaction<'_>, entry: &Entry, to: &Move, now: Now) -> Result<()>;

    /// The officer's word that this entry, whose outcome was the question, has arrived under the bank's `code`: what
    /// proves it from now on.
    ///
    /// # Errors
    /// `NotPossible` or `InvalidInput` where that cannot be.
    fn arrived(&self, tx: &Transaction<'_>, entry: &Entry, code: &str) -> Result<Payload>;

    /// Housekeeping in a quiet moment: short, and nothing that is not done again if it fails.
    ///
    /// # Errors
    /// The store's: tried again in the next quiet moment.
    fn tend(&self, _store: &Store, _now: Now) -> Result<()> {
        Ok(())
    }

    /// May this receipt be taken for this entry? (A code that another row owns may not.)
    fn plausible(&self, tx: &Transaction<'_>, entry: &Entry, receipt: &Payload) -> Result<bool>;
}

/// Why a read came to nothing.
#[derive(Debug)]
pub enum ReadFailed {
    /// The remote's answer, and what it means.
    Said(Says, Trouble),
    /// The store.
    Store(crate::error::Error),
}

impl<E: Into<crate::error::Error>> From<E> for ReadFailed {
    fn from(e: E) -> Self {
        ReadFailed::Store(e.into())
    }
}
