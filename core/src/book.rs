//! One officer's open book: the store, the world, and what is true only while the process lives.

use crate::error::{Error, Result};
use crate::outbox::entry::NetClass;
use crate::outbox::plan::{Link, Step};
use crate::outbox::remote::{Remote, Session};
use crate::outbox::rows::{self, Now};
use crate::outbox::session;
use crate::profile::Profile;
use crate::store::{Lease, Store};
use crate::world::{Clock, Steady, TrustProblem, World};
use jiff::civil::DateTime;
use rusqlite::{Connection, Transaction};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::{Notify, watch};

const DAY_MS: i64 = 86_400_000;

/// When sending may happen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// Nothing new starts.
    Paused,
    /// Between `resume` and `pause`: whenever there is a link and something to do.
    Automatic,
    /// Until the deadline or until nothing is left to do.
    Draining(Steady),
}

/// Which loop: a remote and a class.
pub type LoopId = (&'static str, NetClass);

/// How far a call under way is: written by whoever moves bytes, read by whoever looks.
#[derive(Debug, Default)]
pub struct Tracked {
    pub remote: &'static str,
    pub what: &'static str,
    pub items: AtomicU64,
    pub bytes: AtomicU64,
    pub total_bytes: u64,
}

/// How far a call under way is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Progress {
    /// Which remote.
    pub remote: &'static str,
    /// `send` or `read`; `attach`: a paper is being looked at, and nothing moves yet.
    pub what: &'static str,
    /// Entries in the call, or rows read so far.
    pub items: u64,
    /// Bytes handed to the network or received so far.
    pub bytes: u64,
    /// All bytes of the call; 0 where only the server knows.
    pub total_bytes: u64,
}

/// What is true only now.
#[derive(Debug)]
pub struct Live {
    /// Between `resume` and `pause`.
    pub automatic: bool,
    /// The ends of the drains under way.
    pub drains: Vec<Steady>,
    pub link: Link,
    /// The last step of each loop, when it rests; absent while it works.
    pub resting: BTreeMap<LoopId, Step>,
    /// Raised whenever something changed.
    pub stirs: u64,
    /// The loops that rest and have looked since the last change: another's success may have freed what they wait for.
    pub rested: BTreeSet<LoopId>,
    /// Raised when sending becomes worth a new try at once: a link came, the officer asks for it.
    pub fresh_start: u64,
    /// Calls under way; a call that has ended is gone from here by itself.
    pub calls: Vec<Weak<Tracked>>,
    /// Server's clock minus ours, seconds, from the last verified reply.
    pub skew_s: Option<i64>,
    /// Remotes whose last peer was not verified, and why.
    pub untrusted: BTreeMap<&'static str, TrustProblem>,
    /// Remotes whose answers are unusable three times in a row.
    pub unusable: BTreeMap<&'static str, u32>,
}

impl Live {
    /// When sending may happen, from what the host asked for and the drains under way.
    pub fn mode(&self) -> Mode {
        match (self.automatic, self.drains.iter().max()) {
            (true, _) => Mode::Automatic,
            (false, Some(end)) => Mode::Draining(*end),
            (false, None) => Mode::Paused,
        }
    }

    /// Starts nothing new, whoever asked for it.
    pub fn stop(&mut self) {
        self.automatic = false;
        self.drains.clear();
    }
}

/// This handle's turn to send.
#[derive(Default)]
struct Turn {
    lease: Option<Arc<Lease>>,
    /// The generation that this handle raised last: a higher one in the book is another's.
    raised: i64,
    /// How often it began after another handle had sent: what was known of the remotes is old then.
    others: u64,
}

impl Turn {
    /// Two calls may end in any order: the higher one counts.
    fn raise(&mut self, generation: i64) {
        self.raised = self.raised.max(generation);
    }
}

/// The open book. Everything that acts holds an `Arc` of it.
pub struct Book {
    pub world: World,
    pub store: Arc<Store>,
    pub profile: Arc<Profile>,
    pub officer: String,
    pub remotes: Vec<Arc<dyn Remote>>,
    live: Mutex<Live>,
    turn: Mutex<Turn>,
    /// One whole list of a remote at a time.
    whole_lists: BTreeMap<&'static str, Arc<tokio::sync::Mutex<()>>>,
    /// Wakes the loops: something may have become possible.
    pub wake: Notify,
    /// Wakes whoever waits for the loops to rest or for progress.
    pub stirred: watch::Sender<u64>,
    /// Ends the loops.
    closed: AtomicBool,
}

impl Book {
    pub fn new(
        world: World,
        store: Store,
        profile: Arc<Profile>,
        officer: String,
        remotes: Vec<Arc<dyn Remote>>,
    ) -> Self {
        let live = Live {
            automatic: false,
            drains: vec![],
            link: Link::Unknown,
            resting: BTreeMap::new(),
            stirs: 0,
            rested: BTreeSet::new(),
            fresh_start: 0,
            calls: vec![],
            skew_s: None,
            untrusted: BTreeMap::new(),
            unusable: BTreeMap::new(),
        };
        let whole_lists = remotes.iter().map(|remote| (remote.id(), Arc::default())).collect();
        Self {
            world,
            store: Arc::new(store),
            profile,
            officer,
            remotes,
            live: Mutex::new(live),
            turn: Mutex::default(),
            whole_lists,
            wake: Notify::new(),
            stirred: watch::Sender::new(0),
            closed: AtomicBool::new(false),
        }
    }

    pub fn now(&self) -> Now {
        Now::of(&*self.world.clock)
    }

    pub fn clock(&self) -> &dyn Clock {
        &*self.world.clock
    }

    /// Now, as the bank's clocks on the wall show it: in the profile's zone, whatever the tablet's.
    pub fn civil_now(&self) -> Result<DateTime> {
        let now =
            jiff::Timestamp::from_millisecond(self.clock().wall()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        let zone = jiff::tz::TimeZone::get(&self.profile.zone).map_err(|_| Error::internal("zone"))?;
        Ok(now.to_zoned(zone).datetime())
    }

    /// The live part. Held for moments, never across a wait.
    pub fn live(&self) -> MutexGuard<'_, Live> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn remote(&self, id: &str) -> Result<Arc<dyn Remote>> {
        self.remotes.iter().find(|r| r.id() == id).cloned().ok_or(Error::NotFound { what: "remote" })
    }

    /// Held by whoever reads a remote's whole list.
    pub fn whole_list(&self, remote: &'static str) -> Arc<tokio::sync::Mutex<()>> {
        self.whole_lists.get(remote).cloned().unwrap_or_default()
    }

    /// A change of the officer: committed when this returns; then the loops look again.
    pub async fn write<T: Send + 'static>(
        self: &Arc<Self>,
        mut job: impl FnMut(&Book, &Transaction<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let book = self.clone();
        let done = self.world.run(move || book.store.write(|tx| job(&book, tx))).await;
        self.stir();
        done
    }

    /// A look into the store.
    pub async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        job: impl FnOnce(&Book, &Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let book = self.clone();
        self.world.run(move || book.store.read(|conn| job(&book, conn))).await
    }

    /// Tells whoever waits for the loops to rest, for progress or for the feed.
    pub fn tell(&self) {
        self.stirred.send_modify(|n| *n = n.wrapping_add(1));
    }

    /// Something changed: loops and waiting readers look again.
    pub fn stir(&self) {
        {
            let mut live = self.live();
            live.stirs += 1;
            live.rested.clear();
        }
        self.tell();
        self.wake.notify_waiters();
    }

    /// Do we hold the sending lease? Takes it when it is free; what was written down as being sent is then in doubt. `Some`:
    /// how often another handle has sent before.
    pub fn hold_lease(&self) -> Result<Option<u64>> {
        let mut turn = self.turn();
        if turn.lease.is_none() {
            // Not raised: the lock is free again, and nothing is sent.
            if let Some(taken) = self.store.try_lease()? {
                let generation = self.store.raise_generation(&self.world)?;
                turn.others += u64::from(generation != turn.raised + 1);
                turn.raise(generation);
                turn.lease = Some(Arc::new(taken));
            }
        }
        Ok(turn.lease.is_some().then_some(turn.others))
    }

    fn turn(&self) -> MutexGuard<'_, Turn> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the vault of a generation that was raised; nothing where none was.
    pub async fn keep_generation(self: &Arc<Self>, raised: Option<i64>) -> Result<()> {
        let Some(generation) = raised else { return Ok(()) };
        self.turn().raise(generation);
        let book = self.clone();
        self.world.run(move || book.store.keep_generation(&book.world, generation)).await
    }

    /// The lease for the time of one call: the lock is free only when the last call has ended, whoever lets go meanwhile.
    pub fn lease(&self) -> Option<Arc<Lease>> {
        self.turn().lease.clone()
    }

    /// Lets another process send, unless sending has been asked for again meanwhile. The loops rest.
    pub fn release_lease(&self) {
        let mut turn = self.turn();
        if self.live().mode() == Mode::Paused {
            turn.lease = None;
        }
    }

    /// Changes when sending may happen; the loops look anew, and what they said before no longer counts.
    pub fn change_mode(&self, change: impl FnOnce(&mut Live)) {
        {
            let mut live = self.live();
            change(&mut live);
            live.resting.clear();
            live.fresh_start += u64::from(live.mode() != Mode::Paused);
        }
        self.stir();
    }

    /// The host tells what link there is.
    pub fn set_link(&self, link: Link) {
        {
            let mut live = self.live();
            live.fresh_start += u64::from(live.link != link && link != Link::None);
            live.link = link;
        }
        self.stir();
    }

    /// Calls under way.
    pub fn progress(&self) -> Vec<Progress> {
        let mut live = self.live();
        live.calls.retain(|call| call.strong_count() > 0);
        let calls = live.calls.iter().filter_map(Weak::upgrade);
        calls
            .map(|call| Progress {
                remote: call.remote,
                what: call.what,
                items: call.items.load(SeqCst),
                bytes: call.bytes.load(SeqCst),
                total_bytes: call.total_bytes,
            })
            .collect()
    }

    /// Notes a call under way; it is forgotten when the returned value is dropped.
    pub fn track(&self, call: Tracked) -> Arc<Tracked> {
        let call = Arc::new(call);
        self.live().calls.push(Arc::downgrade(&call));
        call
    }

    /// Housekeeping for quiet moments: the log, the side file, the reserve, old settled entries. What fails is tried
    /// again in the next quiet moment and shown by `health`.
    pub fn tend(&self) {
        let _ = self.store.idle();
        let (now, keep) = (self.clock().wall(), i64::from(self.profile.keep_days) * DAY_MS);
        let _ = self.store.write_bulk(|tx| {
            // A clock that jumped years ahead does not make everything old at once.
            let today = now.min(rows::newest_wall(tx)?.saturating_add(DAY_MS));
            rows::shrink(tx, today - keep, 200)
        });
        for remote in &self.remotes {
            let _ = remote.tend(&self.store, self.now());
        }
    }

    /// The loops there are: one for each remote and class, none for a book that can only be read.
    pub fn loops(&self) -> impl Iterator<Item = (&Arc<dyn Remote>, &'static [NetClass])> {
        let remotes = if self.store.read_only() { &[] } else { &self.remotes[..] };
        remotes.iter().map(|remote| (remote, remote.rules().classes))
    }

    /// Waits until every loop rests though it has seen the last change, at most `most`. `true`: they all do.
    pub async fn at_rest(&self, most: Duration) -> bool {
        let loops: usize = self.loops().map(|(_, classes)| classes.len()).sum();
        let mut stirred = self.stirred.subscribe();
        let end = self.world.work.sleep(most);
        tokio::pin!(end);
        loop {
            if self.resting() >= loops {
                return true;
            }
            tokio::select! {
                biased;
                _ = stirred.changed() => {}
                () = &mut end => return self.resting() >= loops,
            }
        }
    }

    /// Loops that rest and have seen the last change; of a closed book nobody looks any more.
    fn resting(&self) -> usize {
        let live = self.live();
        if self.is_closed() { live.resting.len() } else { live.rested.len() }
    }

    pub fn close(&self) {
        self.closed.store(true, SeqCst);
        self.stir();
    }

    pub fn is_closed(&self) -> bool {
        self.closed.load(SeqCst)
    }

    /// The officer's session at a remote, unless the server has refused it.
    pub fn session(&self, conn: &Connection, remote: &str) -> Result<Option<Session>> {
        let loaded = session::load(conn, remote, &self.officer)?;
        Ok(loaded.filter(|(_, refused)| !refused).map(|(session, _)| session))
    }
}
