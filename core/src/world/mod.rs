//! Everything that is not deterministic, behind traits: time, chance, files, threads, the network, the key vault.
//!
//! The rest of the crate asks this module and nothing else (clippy forbids the other ways), so that the very same
//! code runs on a tablet and in a simulator that decides every reply, crash and clock jump from one seed.

mod device;
mod disk;
pub mod http;
mod real;
mod secret;
mod vault;

pub use disk::{Disk, Lock, ReadSeek, RealDisk};
pub use http::{
    Body, BoxFuture, Call, Cause, Class, Failure, Head, Http, Incoming, Limits, Method, Progress, Reply,
    TrustProblem,
};
pub use real::{RealClock, RealRng, RealWork, runtime};
pub use secret::Secret;
pub use vault::{Kept, KeyError, KeyVault, MemoryVault};

use crate::error::{Error, Result};
use std::sync::Arc;
use std::time::Duration;

/// Milliseconds of a clock that never jumps and counts through suspend; starts anew at each boot.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Steady(pub i64);

impl Steady {
    /// How long ago `then` was. After a reboot the clock is behind what was written down: then at least `self` has passed.
    #[must_use]
    pub fn since(self, then: Steady) -> Duration {
        let ms = if self.0 >= then.0 { self.0.saturating_sub(then.0) } else { self.0 };
        Duration::from_millis(ms.max(0) as u64)
    }

    /// How long until `then`; nothing once it has come.
    #[must_use]
    pub fn until(self, then: Steady) -> Duration {
        Duration::from_millis(then.0.saturating_sub(self.0).max(0) as u64)
    }

    /// This moment plus `wait`, saturating.
    #[must_use]
    pub fn plus(self, wait: Duration) -> Steady {
        Steady(self.0.saturating_add(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX)))
    }
}

/// Two clocks with two uses: decisions on `steady`, display on `wall`.
pub trait Clock: Send + Sync + 'static {
    /// Never jumps, counts through suspend (`CLOCK_BOOTTIME`; `CLOCK_MONOTONIC` on Apple).
    fn steady(&self) -> Steady;
    /// Unix milliseconds as the tablet believes. Shown, never decided on.
    fn wall(&self) -> i64;
}

/// Chance: the operating system's generator in production, a seed in the simulator.
pub trait Rng: Send + Sync + 'static {
    /// Fills `out` with unpredictable bytes.
    fn fill(&self, out: &mut [u8]);

    /// A number in `0..n`; 0 for `n` = 0.
    fn below(&self, n: u64) -> u64 {
        let mut b = [0; 8];
        self.fill(&mut b);
        if n == 0 { 0 } else { u64::from_le_bytes(b) % n }
    }
}

/// Threads and sleeping: a runtime in production, one queue in the simulator.
pub trait Work: Send + Sync + 'static {
    /// Runs a loop in the background until it ends by itself.
    fn spawn(&self, task: BoxFuture<'static, ()>);
    /// Runs a job that blocks (the store) off the async workers, to its end, whoever stops waiting.
    fn block(&self, job: Box<dyn FnOnce() + Send>);
    /// Ends after `wait`; may end late after a suspend, so whoever sleeps looks at the clock again.
    fn sleep(&self, wait: Duration) -> BoxFuture<'static, ()>;
}

/// The world as one value, handed to [`crate::Satchel::open`].
#[derive(Clone)]
pub struct World {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub rng: Arc<dyn Rng>,
    /// Threads and sleeping.
    pub work: Arc<dyn Work>,
    /// The network.
    pub http: Arc<dyn Http>,
    /// Where the store's key lives.
    pub vault: Arc<dyn KeyVault>,
    /// Files that are not the database's.
    pub disk: Arc<dyn Disk>,
}

impl World {
    /// Runs `job` off the async workers and waits for it. It runs to its end even when the caller stops waiting.
    ///
    /// # Errors
    /// `Internal` when the job panicked; no payload is kept.
    pub async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (tell, told) = tokio::sync::oneshot::channel();
        self.work.block(Box::new(move || {
            let _ = tell.send(job());
        }));
        told.await.unwrap_or_else(|_| Err(Error::internal("a job of the store ended without an answer")))
    }
}
