//! Sending for a while, for a background worker: until nothing is left to do now, or no call fits before the deadline.

use crate::book::{Book, Mode};
use crate::error::Result;
use crate::outbox::entry::State;
use crate::outbox::plan::Step;
use crate::outbox::rows::Counts;
use crate::satchel::Satchel;
use crate::world::Steady;
use std::sync::Arc;
use std::time::Duration;

/// How long a drain that has ended waits for the loops to notice, before it leaves the lease to them.
const NOTICE: Duration = Duration::from_secs(5);

/// Why a drain ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum WhyStopped {
    /// Nothing is left to send.
    Done,
    /// No call fits before the deadline any more.
    OutOfTime,
    /// What is left waits: for `link`, `sign_in`, `other_process`, `paused`, `time`, or the `officer`.
    Waits(&'static str),
}

/// What a drain did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DrainReport {
    /// Entries settled as done while it ran.
    pub sent: i64,
    /// Entries not settled.
    pub left: i64,
    /// Why it ended.
    pub why_stopped: WhyStopped,
    /// After how long another drain makes sense; `None` when only an event (link, sign-in, decision) can help.
    pub next_due: Option<Duration>,
}

/// A drain under way; the book's mode follows from the drains there are, so none can leave a wrong one behind.
struct Draining {
    book: Arc<Book>,
    end: Steady,
}

impl Draining {
    fn new(book: &Arc<Book>, end: Steady) -> Self {
        book.change_mode(|live| live.drains.push(end));
        Self { book: book.clone(), end }
    }
}

impl Drop for Draining {
    fn drop(&mut self) {
        self.book.change_mode(|live| {
            if let Some(at) = live.drains.iter().position(|end| *end == self.end) {
                live.drains.swap_remove(at);
            }
        });
    }
}

impl Satchel {
    /// Sends until nothing is left to do now or the deadline is near: no call starts whose longest time does not fit.
    /// For background workers, and for *send now*. `resume` and `pause` keep their word meanwhile; a caller that goes
    /// away ends the drain.
    ///
    /// # Errors
    /// `Locked`; the store's.
    pub async fn drain(&self, deadline: Duration) -> Result<DrainReport> {
        let (done, _) = self.tally().await?;
        let end = self.book.clock().steady().plus(deadline);
        let draining = Draining::new(&self.book, end);
        self.drained(end).await;
        let stopped = self.stopped(); // what the loops say now is gone when the mode changes
        drop(draining);
        if self.book.live().mode() == Mode::Paused && self.book.at_rest(NOTICE).await {
            self.book.release_lease();
        }
        let (done_now, left) = self.tally().await?;
        let (why_stopped, next_due) = if left == 0 { (WhyStopped::Done, None) } else { stopped };
        Ok(DrainReport { sent: done_now - done, left, why_stopped, next_due })
    }

    /// Waits until every loop rests for a reason that waiting inside this drain does not mend.
    async fn drained(&self, end: Steady) {
        loop {
            let left = self.book.clock().steady().until(end);
            let mut stirred = self.book.stirred.subscribe();
            if !self.book.at_rest(left).await {
                return;
            }
            let soon =
                self.book.live().resting.values().any(|s| matches!(s, Step::Wait(until) if *until < end));
            if !soon || self.book.is_closed() {
                return;
            }
            let _ = stirred.changed().await; // a loop wakes at its time; when it acts it stirs
        }
    }

    /// Done entries, and entries not settled.
    async fn tally(&self) -> Result<(i64, i64)> {
        self.book
            .read(|_, conn| {
                let counts = Counts::of(conn)?;
                Ok((counts.in_state(State::Done), counts.unsettled()))
            })
            .await
    }

    /// Why the loops rest, should anything be left.
    fn stopped(&self) -> (WhyStopped, Option<Duration>) {
        let (live, now) = (self.book.live(), self.book.clock().steady());
        let due = live.resting.values().filter_map(|s| match s {
            Step::Wait(until) => Some(now.until(*until)),
            Step::OutOfTime => Some(Duration::ZERO),
            _ => None,
        });
        let due = due.min();
        let waits = live.resting.values().find_map(|s| match s {
            Step::WaitForLink => Some("link"),
            Step::WaitForSignIn => Some("sign_in"),
            Step::WaitForLease => Some("other_process"),
            Step::Paused => Some("paused"),
            Step::Wait(_) => Some("time"),
            Step::Idle => Some("officer"),
            _ => None,
        });
        let out_of_time = live.resting.values().any(|s| *s == Step::OutOfTime);
        match waits {
            Some(what) if !out_of_time => (WhyStopped::Waits(what), due),
            _ => (WhyStopped::OutOfTime, due),
        }
    }
}
