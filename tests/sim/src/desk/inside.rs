//! A process's own view of the desk: the core's clock, chance and threads.

use super::{Desk, Job, Pid, START, lock};
use satchel::world::{BoxFuture, Clock, Rng, Steady, Work};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

/// A process's clock, chance and threads.
pub struct Inside {
    desk: Arc<Desk>,
    pid: Pid,
    chance: Mutex<fastrand::Rng>,
}

impl Inside {
    /// Of that process, its chance from that seed.
    #[must_use]
    pub fn new(desk: &Arc<Desk>, pid: Pid, seed: u64) -> Arc<Inside> {
        let chance = Mutex::new(fastrand::Rng::with_seed(seed));
        Arc::new(Inside { desk: desk.clone(), pid, chance })
    }
}

impl Clock for Inside {
    fn steady(&self) -> Steady {
        let state = self.desk.state();
        Steady(state.now - state.booted)
    }

    fn wall(&self) -> i64 {
        let state = self.desk.state();
        START + state.now + state.wall_off
    }
}

impl Rng for Inside {
    fn fill(&self, out: &mut [u8]) {
        lock(&self.chance).fill(out);
    }
}

impl Work for Inside {
    fn spawn(&self, task: BoxFuture<'static, ()>) {
        self.desk.spawn(self.pid, task);
    }

    fn block(&self, run: Box<dyn FnOnce() + Send>) {
        let mut state = self.desk.state();
        if !state.dead.contains(&self.pid) {
            state.jobs.push_back(Job { pid: self.pid, run });
        }
    }

    fn sleep(&self, wait: Duration) -> BoxFuture<'static, ()> {
        let until = self.desk.state().awake() + wait.as_millis() as i64;
        Box::pin(Sleep { desk: self.desk.clone(), pid: self.pid, until, key: None })
    }
}

struct Sleep {
    desk: Arc<Desk>,
    pid: Pid,
    /// In awake time.
    until: i64,
    key: Option<(i64, u64)>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let desk = self.desk.clone();
        let mut state = desk.state();
        if state.awake() >= self.until {
            return Poll::Ready(());
        }
        let key = match self.key {
            Some(key) => key,
            None => (self.until, state.number()),
        };
        self.key = Some(key);
        state.sleeps.insert(key, (self.pid, cx.waker().clone()));
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            self.desk.state().sleeps.remove(&key);
        }
    }
}
