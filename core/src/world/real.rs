//! The real clock, chance and threads.
#![allow(clippy::disallowed_methods, reason = "this is where the forbidden sources are wrapped")]

use super::{BoxFuture, Clock, Rng, Steady, Work};
use std::sync::OnceLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::runtime::{Builder, Handle, Runtime};

/// The device's clocks.
#[derive(Clone, Copy, Default, Debug)]
pub struct RealClock;

impl Clock for RealClock {
    fn steady(&self) -> Steady {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        let id = rustix::time::ClockId::Boottime;
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        let id = rustix::time::ClockId::Monotonic;
        let t = rustix::time::clock_gettime(id);
        Steady(t.tv_sec * 1000 + t.tv_nsec / 1_000_000)
    }

    fn wall(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        since.map_or_else(|e| -(e.duration().as_millis() as i64), |d| d.as_millis() as i64)
    }
}

/// The operating system's generator.
#[derive(Clone, Copy, Default, Debug)]
pub struct RealRng;

impl Rng for RealRng {
    fn fill(&self, out: &mut [u8]) {
        getrandom::fill(out).expect("the operating system gives random bytes");
    }
}

/// The library's own runtime: one for the process, never dropped, so that nothing is cut off when a handle is freed.
///
/// # Panics
/// When the process cannot start a thread at all.
pub fn runtime() -> &'static Handle {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME
        .get_or_init(|| {
            Builder::new_multi_thread()
                .worker_threads(2)
                .max_blocking_threads(16)
                .thread_name("satchel")
                .enable_io()
                .enable_time()
                .build()
                .expect("a thread for the library can be started")
        })
        .handle()
}

/// Threads of the library's runtime.
#[derive(Clone, Copy, Default, Debug)]
pub struct RealWork;

impl Work for RealWork {
    fn spawn(&self, task: BoxFuture<'static, ()>) {
        runtime().spawn(task);
    }

    fn block(&self, job: Box<dyn FnOnce() + Send>) {
        runtime().spawn_blocking(job);
    }

    fn sleep(&self, wait: Duration) -> BoxFuture<'static, ()> {
        let _enter = runtime().enter();
        Box::pin(tokio::time::sleep(wait))
    }
}
