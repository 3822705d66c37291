//! The network: two transports behind [`Http`], one trust file, the envelope of the prospect service, and limits on
//! what a reply may be.
//!
//! Reads go through reqwest. Changes go through `once`, because only there can it be known how much left. Neither
//! follows, repeats, unpacks or remembers anything, and neither uses a proxy.
//!
//! Nothing here is simulated: the simulator replaces [`Http`] as a whole, so this module keeps its own timers and
//! tasks, all on the runtime that it is given.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::runtime::Handle;

use crate::world::http::{BoxFuture, Call, Failure, Http, Incoming, Limits, Reply, Setting};

mod ask;
pub(crate) mod basic;
pub(crate) mod budget;
mod cause;
mod chunks;
pub mod envelope;
// Open for this project's own tests alone: no part of its promise.
#[doc(hidden)]
pub mod head;
mod http;
mod once;
mod target;
pub mod trust;
mod witness;

/// The most headers that a reply may have.
const HEADERS: usize = 64;
/// No call lasts longer, whatever its limits say.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// The wall clock, in unix seconds.
pub type WallClock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// What the transports need to know.
pub struct NetConfig {
    /// Who vouches for servers.
    pub trust: trust::TrustSource,
    /// What they must hold besides.
    pub pins: Option<trust::Pins>,
    /// For the validity of certificates and pins; nothing else looks at it.
    pub clock: WallClock,
    /// Runs timers, sockets and the questions to the host app. Must have time and I/O enabled and outlive every call.
    pub runtime: Handle,
}

impl fmt::Debug for NetConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NetConfig")
            .field("trust", &self.trust)
            .field("pins", &self.pins)
            .finish_non_exhaustive()
    }
}

/// The real network.
///
/// ```no_run
/// # use satchel::net::{Net, NetConfig, trust::TrustSource};
/// # use satchel::world::http::{Call, Http, Limits, Method, Setting};
/// # use std::{sync::Arc, time::Duration};
/// # async fn example(runtime: tokio::runtime::Handle) -> Result<(), Setting> {
/// let clock = Arc::new(|| 1_612_915_140);
/// let net = Net::new(NetConfig { trust: TrustSource::Platform, pins: None, clock, runtime })?;
/// let limits = Limits {
///     connect: Duration::from_secs(10),
///     total: Duration::from_secs(60),
///     idle: None,
///     reply_bytes: 4 << 20,
/// };
/// let call = Call::new(Method::Post, "https://bank.example/api/ProspectReject?p=…", limits).body("\"…\"");
/// match net.change(call).await {
///     Ok(reply) => println!("{}", reply.head.status),
///     Err(failure) => println!("{:?}, because {}", failure.class, failure.cause),
/// }
/// # Ok(()) }
/// ```
pub struct Net {
    trust: trust::Trust,
    runtime: Handle,
}

impl Net {
    /// Checks the configuration; opens nothing.
    pub fn new(config: NetConfig) -> Result<Self, Setting> {
        Ok(Self { trust: trust::Trust::new(&config)?, runtime: config.runtime })
    }
}

impl fmt::Debug for Net {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Net")
    }
}

impl Http for Net {
    fn change(&self, call: Call) -> BoxFuture<'_, Result<Reply, Failure>> {
        within(&self.runtime, once::change(&self.trust, bounded(call)))
    }

    fn read(&self, call: Call) -> BoxFuture<'_, Result<Incoming, Failure>> {
        within(&self.runtime, http::read(&self.trust, &self.runtime, bounded(call)))
    }
}

fn bounded(mut call: Call) -> Call {
    let Limits { connect, total, .. } = &mut call.limits;
    (*connect, *total) = ((*connect).min(LONGEST), (*total).min(LONGEST));
    call
}

/// Runs a future as if on `runtime`, whoever polls it, and drops it there too. Nothing is spawned for it: when the
/// caller drops it, the call is over.
fn within<'a, F: Future + Send + 'a>(runtime: &Handle, future: F) -> BoxFuture<'a, F::Output> {
    Box::pin(Within { runtime: runtime.clone(), future: Some(Box::pin(future)) })
}

struct Within<F> {
    runtime: Handle,
    future: Option<Pin<Box<F>>>,
}

impl<F: Future> Future for Within<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = &mut *self;
        let _on = this.runtime.enter();
        match this.future.as_mut() {
            Some(future) => future.as_mut().poll(cx),
            None => Poll::Pending, // only after the drop
        }
    }
}

impl<F> Drop for Within<F> {
    fn drop(&mut self) {
        let _on = self.runtime.enter();
        self.future = None;
    }
}
