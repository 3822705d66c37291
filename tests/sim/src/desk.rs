//! The desk: one queue for everything that runs. Time, tasks, jobs of the store, sleeps and calls under way.
//!
//! Nothing here has a thread. Tasks and jobs wait until [`Desk::run_one`] picks one of them by chance; time stands
//! still meanwhile and moves only when the schedule moves it.

mod inside;

pub use inside::Inside;

use crate::call::{CallId, Calls};
use satchel::world::BoxFuture;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Wake, Waker};

/// A process of the tablet, numbered in the order in which they start.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Pid(pub u32);

/// 2026-11-22 08:00 in Phnom Penh; where every schedule begins, unix ms.
pub const START: i64 = 1_795_309_200_000;

type TaskId = u64;

struct Task {
    pid: Pid,
    /// Out while it is being polled.
    future: Option<BoxFuture<'static, ()>>,
    waker: Waker,
}

struct Job {
    pid: Pid,
    run: Box<dyn FnOnce() + Send>,
}

/// What comes due by itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Due {
    /// The next of the plan's acts.
    Plan,
    /// A request reaches the server.
    Arrives(CallId),
    /// What became of a call reaches the tablet.
    Ends(CallId),
    /// A frozen process thaws.
    Thaws(Pid),
    /// The app is started again.
    Starts,
    /// The link comes back.
    LinkComes,
    /// The server carries something out late.
    Server,
    /// There is room on the disk again.
    RoomComes,
    /// The vault answers again.
    VaultComes,
    /// The second process is ended by the system.
    SecondEnds(Pid),
    /// The app looks after its officer.
    Tends,
}

/// Everything that waits.
#[derive(Default)]
pub struct State {
    /// True ms since the start.
    pub now: i64,
    /// Of them, how long the tablet slept: its timers do not count that.
    asleep: i64,
    /// When it was booted.
    booted: i64,
    /// How far its wall clock is off.
    pub wall_off: i64,
    tasks: BTreeMap<TaskId, Task>,
    jobs: VecDeque<Job>,
    sleeps: BTreeMap<(i64, u64), (Pid, Waker)>,
    pub(crate) agenda: BTreeMap<(i64, u64), Due>,
    frozen: Vec<Pid>,
    dead: Vec<Pid>,
    last: u64,
    /// Jobs run, sleeps ended, events of the agenda.
    pub steps: u64,
    /// The calls under way.
    pub calls: Calls,
}

/// Shared by the worlds of all processes of a schedule.
pub struct Desk {
    state: Mutex<State>,
    ready: Arc<Mutex<VecDeque<TaskId>>>,
}

struct Ready {
    id: TaskId,
    queue: Arc<Mutex<VecDeque<TaskId>>>,
}

impl Wake for Ready {
    fn wake(self: Arc<Self>) {
        let mut queue = lock(&self.queue);
        if !queue.contains(&self.id) {
            queue.push_back(self.id);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    fn awake(&self) -> i64 {
        self.now - self.asleep
    }

    /// A number that was not given before.
    pub fn number(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    /// Puts something on the agenda, so many ms from now.
    pub fn after(&mut self, ms: i64, due: Due) {
        let key = (self.now + ms.max(0), self.number());
        self.agenda.insert(key, due);
    }

    fn stopped(&self, pid: Pid) -> bool {
        self.frozen.contains(&pid) || self.dead.contains(&pid)
    }
}

/// What is next when nothing can run now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Next {
    /// A sleep ends, at that time.
    Sleep(i64),
    /// Something of the agenda.
    Due(i64, Due),
    /// Nothing, ever.
    Nothing,
}

impl Desk {
    /// An empty one.
    #[must_use]
    pub fn new() -> Arc<Desk> {
        Arc::new(Desk { state: Mutex::default(), ready: Arc::default() })
    }

    /// What waits.
    pub fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// True ms since the start.
    pub fn now(&self) -> i64 {
        self.state().now
    }

    /// Starts a task of a process.
    pub fn spawn(&self, pid: Pid, future: BoxFuture<'static, ()>) {
        let mut state = self.state();
        if state.dead.contains(&pid) {
            return;
        }
        let id = state.number();
        let waker = Waker::from(Arc::new(Ready { id, queue: self.ready.clone() }));
        state.tasks.insert(id, Task { pid, future: Some(future), waker });
        lock(&self.ready).push_back(id);
    }

    /// Whether any task or job could run now.
    pub fn can_run(&self) -> bool {
        let state = self.state();
        let ready = lock(&self.ready);
        ready.iter().any(|id| state.tasks.get(id).is_some_and(|t| !state.stopped(t.pid)))
            || state.jobs.iter().any(|job| !state.stopped(job.pid))
    }

    /// Runs one task or job that can run, `chance` picks which. `None`: none can; else whose it was, and whether it was
    /// a job.
    pub fn run_one(&self, chance: &mut fastrand::Rng) -> Option<(Pid, bool)> {
        let (tasks, jobs) = {
            let state = self.state();
            let tasks: Vec<_> = lock(&self.ready).iter().copied().collect();
            let can = |id: &TaskId| state.tasks.get(id).is_none_or(|t| !state.stopped(t.pid));
            let mut tasks: Vec<_> = tasks.into_iter().filter(can).collect();
            // Who was woken first may be chance: tokio's watch wakes its waiters in an order of its own.
            tasks.sort_unstable();
            let jobs = state.jobs.iter().enumerate().filter(|(_, j)| !state.stopped(j.pid));
            (tasks, jobs.map(|(i, _)| i).collect::<Vec<_>>())
        };
        let all = tasks.len() + jobs.len();
        if all == 0 {
            return None;
        }
        let pick = if all == 1 { 0 } else { chance.usize(..all) };
        match tasks.get(pick) {
            Some(id) => Some((self.poll(*id), false)),
            None => Some((self.job(jobs[pick - tasks.len()]), true)),
        }
    }

    fn job(&self, at: usize) -> Pid {
        let job = {
            let mut state = self.state();
            state.steps += 1;
            state.jobs.remove(at)
        };
        let Some(job) = job else { unreachable!("picked among the jobs") };
        (job.run)();
        job.pid
    }

    fn poll(&self, id: TaskId) -> Pid {
        lock(&self.ready).retain(|other| *other != id);
        let out = {
            let mut state = self.state();
            let task = state.tasks.get_mut(&id);
            task.and_then(|t| Some((t.pid, t.future.take()?, t.waker.clone())))
        };
        let Some((pid, mut future, waker)) = out else { return Pid(0) };
        let done = future.as_mut().poll(&mut Context::from_waker(&waker)).is_ready();
        let left = {
            let mut state = self.state();
            match state.tasks.get_mut(&id) {
                Some(task) if !done => {
                    task.future = Some(future);
                    None
                }
                _ => {
                    state.tasks.remove(&id);
                    Some(future)
                }
            }
        };
        drop(left); // may drop sleeps and calls, which take the lock
        pid
    }

    /// When something happens next by itself.
    pub fn next(&self) -> Next {
        let state = self.state();
        let sleep = state.sleeps.iter().find(|(_, (pid, _))| !state.stopped(*pid));
        let sleep = sleep.map(|((awake, _), _)| (*awake + state.asleep).max(state.now));
        let due = state.agenda.first_key_value().map(|((at, _), due)| (*at, *due));
        match (sleep, due) {
            (Some(sleep), Some((at, due))) if at <= sleep => Next::Due(at, due),
            (Some(sleep), _) => Next::Sleep(sleep),
            (None, Some((at, due))) => Next::Due(at, due),
            (None, None) => Next::Nothing,
        }
    }

    /// Moves time to what is next and takes it off the agenda, or wakes who sleeps until then.
    pub fn advance(&self, next: Next) {
        let woken = {
            let mut state = self.state();
            state.steps += 1;
            match next {
                Next::Due(at, _) => {
                    state.now = state.now.max(at);
                    state.agenda.pop_first();
                    None
                }
                Next::Sleep(at) => {
                    state.now = state.now.max(at);
                    let (awake, key) = (state.awake(), state.sleeps.iter());
                    let key = key.filter(|((t, _), _)| *t <= awake).find(|(_, (p, _))| !state.stopped(*p));
                    let key = key.map(|(key, _)| *key);
                    key.and_then(|key| state.sleeps.remove(&key))
                }
                Next::Nothing => None,
            }
        };
        if let Some((_, waker)) = woken {
            waker.wake();
        }
    }

    /// Takes everything of this kind off the agenda.
    pub fn strike(&self, is: impl Fn(&Due) -> bool) {
        self.state().agenda.retain(|_, due| !is(due));
    }

    /// Lets a little time pass, as work does.
    pub fn pass(&self, ms: i64) {
        self.state().now += ms;
    }

    /// The tablet sleeps: time passes, its timers stand still. What others do meanwhile comes when it wakes.
    pub fn suspend(&self, ms: i64) {
        let mut state = self.state();
        state.now += ms;
        state.asleep += ms;
    }

    /// The first thing by then that happens beyond the tablet; taken off the agenda.
    pub fn beyond(&self, end: i64) -> Option<(i64, Due)> {
        let mut state = self.state();
        let is = |due: &Due| matches!(due, Due::Arrives(_) | Due::Server);
        let key = state.agenda.iter().find(|((at, _), due)| *at <= end && is(due)).map(|(key, _)| *key)?;
        Some((key.0, state.agenda.remove(&key)?))
    }

    /// The tablet boots: its steady clock begins anew.
    pub fn boot(&self) {
        let mut state = self.state();
        state.booted = state.now;
    }

    /// Nothing of this process runs from now on until it thaws.
    pub fn freeze(&self, pid: Pid, ms: i64) {
        let mut state = self.state();
        state.frozen.push(pid);
        state.after(ms, Due::Thaws(pid));
    }

    /// It runs again.
    pub fn thaw(&self, pid: Pid) {
        self.state().frozen.retain(|other| *other != pid);
    }

    /// The process is gone: nothing of it runs again, its calls break off.
    pub fn bury(&self, pid: Pid) {
        let (tasks, jobs) = {
            let mut state = self.state();
            state.dead.push(pid);
            state.frozen.retain(|other| *other != pid);
            let ids: Vec<_> = state.tasks.iter().filter(|(_, t)| t.pid == pid).map(|(id, _)| *id).collect();
            let tasks: Vec<_> = ids.iter().filter_map(|id| state.tasks.remove(id)).collect();
            let (gone, left) =
                std::mem::take(&mut state.jobs).into_iter().partition::<Vec<_>, _>(|j| j.pid == pid);
            state.jobs = left.into();
            lock(&self.ready).retain(|id| !ids.contains(id));
            (tasks, gone)
        };
        // Dropped without the lock: a task that goes gives up its sleeps and calls.
        drop(tasks);
        drop(jobs);
    }

    /// Tasks and jobs there are.
    pub fn crowd(&self) -> usize {
        let state = self.state();
        state.tasks.len() + state.jobs.len()
    }
}
