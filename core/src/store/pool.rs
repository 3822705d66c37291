//! Lends connections: one to one borrower at a time, saves before bulk work, none once the book is locked.

use super::connect::{Opener, Role};
use crate::error::{Error, Result};
use rusqlite::{Connection, InterruptHandle};
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::Duration;

/// Who waits for a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Rank {
    /// The officer: goes first.
    Save,
    /// Downloads and housekeeping: go when no save waits.
    Bulk,
}

/// At most `most` connections of one role, opened when they are wanted and kept for the next borrower.
///
/// The mutex is not held while a connection is out, so nothing a borrower does, panics included, can spoil the pool.
pub(super) struct Pool {
    role: Role,
    most: usize,
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    /// `None` once closed: nobody is served any more.
    opener: Option<Arc<Opener>>,
    idle: Vec<Connection>,
    out: Vec<Loan>,
    /// How many wait, by rank.
    waiting: [usize; 2],
    /// The grace is over: what comes back is closed by whoever brings it.
    abandoned: bool,
}

struct Loan {
    to: ThreadId,
    /// Breaks off what runs on it; none while it is being opened.
    handle: Option<InterruptHandle>,
}

impl Pool {
    pub(super) fn new(role: Role, most: usize, opener: Arc<Opener>, idle: Vec<Connection>) -> Self {
        let state = State { opener: Some(opener), idle, out: vec![], waiting: [0; 2], abandoned: false };
        Self { role, most, state: Mutex::new(state), changed: Condvar::new() }
    }

    /// A connection, when it is this rank's turn.
    ///
    /// # Errors
    /// `Locked`; `Internal` to a thread that has one already, since it would wait for itself; those of opening one.
    pub(super) fn take(&self, rank: Rank) -> Result<Lent<'_>> {
        let mut state = self.state();
        if state.loan().is_some() {
            return Err(Error::internal("a call of the store inside another"));
        }
        state.waiting[rank as usize] += 1;
        while state.opener.is_some() && !self.turn(&state, rank) {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.waiting[rank as usize] -= 1;
        self.lend(state)
    }

    /// A connection if nobody else has it or wants it.
    ///
    /// # Errors
    /// `Locked`; those of opening one.
    pub(super) fn take_now(&self) -> Result<Option<Lent<'_>>> {
        let state = self.state();
        match state.opener.is_none() || self.turn(&state, Rank::Bulk) {
            true => self.lend(state).map(Some),
            false => Ok(None),
        }
    }

    /// Serves nobody from now on; who waits gets `Locked`. What is lent stays lent.
    pub(super) fn bar(&self) {
        self.state().opener = None;
        self.changed.notify_all();
    }

    /// Bars, waits at most `grace` for what is lent, and hands out all that is here, to be dropped. What is still out
    /// then is interrupted, and closed when it comes back.
    pub(super) fn close(&self, grace: Duration) -> Vec<Connection> {
        self.bar();
        let waited = self.changed.wait_timeout_while(self.state(), grace, |s| !s.out.is_empty());
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.abandoned = true;
        state.out.iter().filter_map(|loan| loan.handle.as_ref()).for_each(InterruptHandle::interrupt);
        std::mem::take(&mut state.idle)
    }

    /// Whether the pool was closed.
    pub(super) fn barred(&self) -> bool {
        self.state().opener.is_none()
    }

    #[cfg(test)]
    pub(super) fn waiting(&self, rank: Rank) -> usize {
        self.state().waiting[rank as usize]
    }

    fn turn(&self, state: &State, rank: Rank) -> bool {
        let first = rank == Rank::Save || state.waiting[Rank::Save as usize] == 0;
        first && state.out.len() < self.most
    }

    fn lend(&self, mut state: MutexGuard<'_, State>) -> Result<Lent<'_>> {
        let opener = state.opener.clone().ok_or(Error::Locked)?;
        let here = state.idle.pop();
        let handle = here.as_ref().map(Connection::get_interrupt_handle);
        state.out.push(Loan { to: thread::current().id(), handle });
        drop(state);
        let mut lent = Lent { pool: self, conn: here };
        if lent.conn.is_none() {
            // Without the mutex: another process may keep the file busy for seconds.
            let fresh = opener.open(self.role)?;
            if let Some(loan) = self.state().loan() {
                loan.handle = Some(fresh.get_interrupt_handle());
            }
            lent.conn = Some(fresh);
        }
        Ok(lent)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// What this thread has on loan.
    fn loan(&mut self) -> Option<&mut Loan> {
        let me = thread::current().id();
        self.out.iter_mut().find(|loan| loan.to == me)
    }

    fn settle(&mut self) {
        let me = thread::current().id();
        self.out.retain(|loan| loan.to != me);
    }
}

/// A connection on loan; dropping it brings it back. Stays on the thread that took it.
pub(super) struct Lent<'a> {
    pool: &'a Pool,
    /// `None` only while it is being opened, and when that failed.
    conn: Option<Connection>,
}

const HERE: &str = "a loan is handed out with its connection";

impl Deref for Lent<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.conn.as_ref().expect(HERE)
    }
}

impl DerefMut for Lent<'_> {
    fn deref_mut(&mut self) -> &mut Connection {
        self.conn.as_mut().expect(HERE)
    }
}

impl Lent<'_> {
    /// SQLCipher gives nothing more from a connection that has met a damaged page: it is closed, and the next call opens
    /// another. So one damaged page costs what lies on it, and not the book.
    pub(super) fn keep_unless_damaged<T>(&mut self, done: Result<T>) -> Result<T> {
        if let Err(Error::StoreDamaged { place: "database", .. }) = done {
            drop(self.conn.take());
        }
        done
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        let mut conn = self.conn.take();
        let mut state = self.pool.state();
        // With a transaction that could not be rolled back it is no use to anybody; a new one is opened instead.
        if !state.abandoned && conn.as_ref().is_some_and(Connection::is_autocommit) {
            state.idle.extend(conn.take());
        }
        drop(state);
        // Closing may check the log into the database: not under the mutex, and before the loan counts as returned.
        drop(conn);
        self.pool.state().settle();
        self.pool.changed.notify_all();
    }
}
