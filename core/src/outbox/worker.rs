//! The loop: look, decide (`plan`), act (`calls`), again. One for each remote and class; none waits for another's call.

use super::backoff::{Backoff, Size};
use super::calls::{self, SendReport};
use super::entry::{EntryId, NetClass};
use super::plan::{self, Situation, Step};
use super::policy::Verdict;
use super::remote::{Reading, Remote, Says, Settling, Taken};
use super::{doubt, remote_row, rows, session, settling};
use crate::book::{Book, Mode};
use crate::error::{Error, Result, Trouble};
use crate::world::Steady;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// The longest rest: another process may have saved something, a suspend may have stretched a sleep.
const REST: Duration = Duration::from_secs(15);

/// Cut off so often in a row, an entry makes room for the others.
const CUTS: u32 = 3;

/// The book is tended in quiet moments, at most this often.
const TEND_EVERY: Duration = Duration::from_secs(2);

pub(crate) struct Worker {
    book: Arc<Book>,
    remote: Arc<dyn Remote>,
    class: NetClass,
    backoff: Backoff,
    size: Size,
    /// The last answer was usable.
    proven: bool,
    /// How often another handle had sent when this loop last looked: what it learnt of the remote, we do not know.
    others: u64,
    not_before: Option<Steady>,
    /// The reading that curiosity asked for last: it is not repeated without end.
    asked: Option<Reading>,
    /// So many probes in a row came to nothing.
    probes: u32,
    /// The entry that was cut off last, and how often in a row.
    cut: Option<(EntryId, u32)>,
    /// The fresh start that was seen last.
    started: u64,
    /// The fresh start and the stirs that stood when the last look began: what an older look found says nothing about the
    /// present.
    looked: (u64, u64),
    /// When the book was tended last.
    tended: Steady,
}

/// What the loop knows by itself.
struct Known {
    size: usize,
    proven: bool,
    others: u64,
    not_before: Option<Steady>,
    asked: Option<Reading>,
}

/// What one look found.
struct Look {
    step: Step,
    curious: Option<Reading>,
}

impl Worker {
    pub fn new(book: Arc<Book>, remote: Arc<dyn Remote>, class: NetClass) -> Self {
        let (backoff, size) = (Backoff::new(book.clock().steady()), Size::new(remote.rules().batch_max));
        Self {
            book,
            remote,
            class,
            backoff,
            size,
            proven: false,
            others: 0,
            not_before: None,
            asked: None,
            probes: 0,
            cut: None,
            started: 0,
            looked: (0, 0),
            tended: Steady(0),
        }
    }

    /// Until the book is closed.
    pub async fn run(mut self) {
        while !self.book.is_closed() {
            // Registered before the look, so that what happens in between wakes us.
            let book = self.book.clone();
            let woken = book.wake.notified();
            tokio::pin!(woken);
            woken.as_mut().enable();
            let rest = match self.turn().await {
                Ok(None) => continue,
                Ok(Some(step)) => self.rest(step),
                Err(Error::Locked) => break,
                Err(_) => {
                    // What the turn itself wrote has woken us: this wait is not cut short by it.
                    let rest = self.trouble();
                    book.world.work.sleep(rest).await;
                    continue;
                }
            };
            tokio::select! {
                biased;
                () = woken => {}
                () = book.world.work.sleep(rest) => {}
            }
        }
        self.book.live().resting.insert((self.remote.id(), self.class), Step::Idle);
        self.book.tell();
    }

    /// One look and one act. `Some`: nothing could be done; the step says why.
    async fn turn(&mut self) -> Result<Option<Step>> {
        let Look { step, curious } = self.look().await?;
        if matches!(step, Step::Send(_) | Step::Settle(_) | Step::Probe) {
            let mut live = self.book.live();
            live.resting.remove(&(self.remote.id(), self.class));
            live.rested.remove(&(self.remote.id(), self.class));
        }
        match step {
            Step::Send(ids) => self.send(ids).await?,
            Step::Settle(ids) => self.settle(ids).await?,
            Step::Probe => self.probe(curious).await?,
            rest => return Ok(Some(rest)),
        }
        Ok(None)
    }

    async fn look(&mut self) -> Result<Look> {
        let (mode, fresh_start) = {
            let live = self.book.live();
            self.looked = (live.fresh_start, live.stirs);
            (live.mode(), live.fresh_start)
        };
        if mode == Mode::Paused {
            return Ok(Look { step: Step::Paused, curious: None });
        }
        if self.started != fresh_start {
            self.start_afresh(fresh_start).await?;
        }
        let (book, remote, class, mine) = (self.book.clone(), self.remote.clone(), self.class, self.known());
        let (look, others) = self.book.world.run(move || look(&book, &*remote, class, mode, &mine)).await?;
        self.proven &= others == self.others;
        self.others = others;
        Ok(look)
    }

    fn known(&self) -> Known {
        Known {
            size: self.size.now(),
            proven: self.proven,
            others: self.others,
            not_before: self.not_before,
            asked: self.asked.clone(),
        }
    }

    async fn send(&mut self, ids: Vec<EntryId>) -> Result<()> {
        match calls::send(&self.book, &self.remote, ids).await {
            // Settled by the reading before it, waiting by itself now, or another process was faster: the remote is well.
            Ok(None) => {}
            Ok(Some(SendReport { says, not_executed, doubtful, none_answered, cut })) => {
                // The outcome is written; what is noted about the remote besides may fail.
                let _ = calls::heard(&self.book, self.remote.id(), says).await;
                match says {
                    Says::Usable if !doubtful => self.worked(),
                    // A usable envelope, and yet no answer for anybody: like an outage.
                    Says::Usable if none_answered => self.failed(None),
                    Says::Usable | Says::SignIn => self.proven = true,
                    Says::Busy(after) => self.failed(after),
                    Says::Silent | Says::TooLarge | Says::Unusable | Says::Settings => self.failed(None),
                }
                if doubtful || says == Says::TooLarge || not_executed {
                    self.size.trouble();
                }
                self.cut_off(cut).await?;
            }
            Err(Error::Remote { .. }) => self.failed(None), // the reading before it; said and noted there
            Err(e) => return Err(e),
        }
        Ok(())
    }

    /// What is cut off again and again by itself (somebody on the way hangs up on what is in it) has not been executed,
    /// so it never asks, and as the oldest it would go round before all others for ever.
    async fn cut_off(&mut self, entry: Option<EntryId>) -> Result<()> {
        let before = self.cut.take();
        let Some(id) = entry else { return Ok(()) };
        let times = before.filter(|(last, _)| *last == id).map_or(0, |(_, times)| times) + 1;
        if times < CUTS {
            self.cut = Some((id, times));
            return Ok(());
        }
        calls::later(&self.book, &self.remote, vec![id], Duration::MAX, true).await
    }

    async fn settle(&mut self, ids: Vec<EntryId>) -> Result<()> {
        let (remote, ids2) = (self.remote.clone(), ids.clone());
        let (settling, lanes) = self
            .book
            .read(move |_, conn| {
                let doubts = calls::load(conn, &ids2)?;
                let lanes: BTreeSet<String> = doubts.iter().map(|e| e.lane.clone()).collect();
                Ok((remote.settles(conn, &doubts)?, lanes))
            })
            .await?;
        let reading = match settling {
            Settling::Read(reading) => reading,
            Settling::Call => return self.settle_by_call(ids[0]).await,
            Settling::Again => return self.without_asking(ids[0], Verdict::Differs).await,
            Settling::Nothing => return self.without_asking(ids[0], Verdict::Absent).await,
        };
        let whole = reading.is_all();
        let taken = self.read(reading, lanes.clone()).await?;
        if !whole && self.proven && taken.unreadable == 0 && !lanes.is_subset(&taken.fresh) {
            // Its own reading lacks it: only the whole list can say that it is gone.
            self.read(Reading::all(), lanes).await?;
        }
        let remote = self.remote.clone();
        self.book.write(move |book, tx| doubt::unread(&*remote, tx, &ids, book.now())).await
    }

    /// The remote can be asked nothing about it: what its own kind says counts.
    async fn without_asking(&self, id: EntryId, verdict: Verdict) -> Result<()> {
        let remote = self.remote.clone();
        self.book
            .write(move |book, tx| doubt::without_asking(&*remote, tx, id, verdict.clone(), book.now()))
            .await
    }

    async fn settle_by_call(&mut self, id: EntryId) -> Result<()> {
        match settling::settle(&self.book, &self.remote, id).await? {
            Some(Says::Usable) => self.worked(),
            Some(Says::Busy(after)) => self.failed(after),
            Some(Says::SignIn) => self.proven = false,
            Some(_) => self.failed(None),
            None => {}
        }
        Ok(())
    }

    async fn probe(&mut self, curious: Option<Reading>) -> Result<()> {
        let reading = match curious {
            Some(reading) => {
                self.asked = Some(reading.clone());
                reading
            }
            None => {
                let (remote, failed) = (self.remote.clone(), self.probes);
                self.book.read(move |_, conn| remote.probe(conn, failed)).await?
            }
        };
        self.read(reading, BTreeSet::new()).await?;
        self.probes = if self.proven { 0 } else { self.probes.wrapping_add(1) };
        Ok(())
    }

    async fn read(&mut self, reading: Reading, lanes: BTreeSet<String>) -> Result<Taken> {
        match calls::read(&self.book, &self.remote, reading, lanes).await {
            Ok(taken) => {
                self.proven = true;
                self.not_before = None;
                Ok(taken)
            }
            // The officer signs in; nothing is learnt about waiting.
            Err(Error::Remote { trouble: Trouble::SignIn, .. }) => {
                self.proven = false;
                Ok(Taken::default())
            }
            // A documented no is a usable answer: address, settings and key fit.
            Err(Error::Remote { trouble: Trouble::Refused, .. }) => {
                self.proven = true;
                Ok(Taken::default())
            }
            // So is the row of one record that cannot be read.
            Err(Error::Remote { trouble: Trouble::Unreadable, .. }) => {
                self.proven = true;
                Ok(Taken { unreadable: 1, ..Taken::default() })
            }
            Err(Error::Remote { .. }) => {
                self.failed(None);
                Ok(Taken::default())
            }
            Err(e) => Err(e),
        }
    }

    /// A link came or the officer asks: what was learnt about waiting no longer holds. A little chance keeps a fleet
    /// that gets its link back at once from coming back at once.
    async fn start_afresh(&mut self, fresh_start: u64) -> Result<()> {
        let (remote, class) = (self.remote.id(), self.class);
        self.book.write(move |_, tx| rows::all_now(tx, remote, class)).await?;
        self.started = fresh_start;
        self.cut = None;
        self.backoff.worked();
        let (now, chance) = (self.book.clock().steady(), self.book.world.rng.below(u64::MAX));
        let waited = self.not_before.is_some();
        self.not_before = waited.then(|| self.backoff.start(now, &self.remote.rules().backoff, chance));
        Ok(())
    }

    fn worked(&mut self) {
        self.proven = true;
        self.not_before = None;
        self.backoff.worked();
        self.size.worked();
    }

    /// Wait, and let a cheap read go first.
    fn failed(&mut self, retry_after: Option<Duration>) {
        self.proven = false;
        let (now, chance) = (self.book.clock().steady(), self.book.world.rng.below(u64::MAX));
        self.not_before = Some(self.backoff.failed(now, &self.remote.rules().backoff, chance, retry_after));
    }

    /// Says why nothing is done now, and for how long at most.
    fn rest(&mut self, step: Step) -> Duration {
        let now = self.book.clock().steady();
        if now.since(self.tended) >= TEND_EVERY {
            self.tended = now;
            let book = self.book.clone();
            self.book.world.work.block(Box::new(move || book.tend()));
        }
        let wait = match step {
            Step::Wait(until) => self.book.clock().steady().until(until).min(REST),
            _ => REST,
        };
        {
            let mut live = self.book.live();
            // Started afresh meanwhile: the loop is woken already and does not rest.
            if live.fresh_start == self.looked.0 {
                live.resting.insert((self.remote.id(), self.class), step);
            }
            if live.stirs == self.looked.1 {
                live.rested.insert((self.remote.id(), self.class));
            }
        }
        self.book.tell();
        wait.max(Duration::from_millis(5))
    }

    /// The store said no (disk full, busy): shown by `health`; never a hot loop.
    fn trouble(&mut self) -> Duration {
        self.failed(None);
        self.looked.1 = self.book.live().stirs; // no change ends this wait
        self.rest(Step::Wait(self.book.clock().steady().plus(Duration::from_secs(2))))
    }
}

/// Takes the lease if it is free, gathers what a decision needs, and decides. Says too how often another handle has sent.
fn look(book: &Book, remote: &dyn Remote, class: NetClass, mode: Mode, mine: &Known) -> Result<(Look, u64)> {
    let turn = book.hold_lease()?;
    let (lease, others) = (turn.is_some(), turn.unwrap_or(mine.others));
    if lease {
        doubt::abandon(book, remote, class)?;
    }
    let (rules, link) = (remote.rules(), book.live().link);
    book.store.read(|conn| {
        let curious = remote.curious(conn)?.filter(|r| mine.asked.as_ref() != Some(r));
        let now = book.clock().steady();
        let heads = rows::heads(conn, remote.id(), class, &book.officer, now, 2 * mine.size + 64)?;
        let step = plan::next(&Situation {
            now,
            link,
            class,
            bulk_needs_unmetered: rules.bulk_needs_unmetered,
            paused: remote_row::paused(conn, remote)?.is_some(),
            lease,
            officer: &book.officer,
            session: session::state(conn, remote.id(), &book.officer)?,
            probe: rules.probe,
            proven: mine.proven && others == mine.others && curious.is_none(),
            not_before: mine.not_before,
            batch: mine.size,
            quiet: rules.quiet,
            longest: Duration::from_millis(rules.backoff.most_ms),
            deadline: match mode {
                Mode::Draining(end) => Some((end, rules.total_of(class))),
                Mode::Automatic | Mode::Paused => None,
            },
            heads: &heads,
            lone_verbs: rules.lone_verbs,
        });
        Ok((Look { step, curious }, others))
    })
}
