//! The host app's word on a certificate, in two steps.
//!
//! The verifier runs inside the handshake, where waiting would stop a whole task, timers included. So it only keeps
//! what it saw; between the handshake and the first byte of a request the app is asked, on a thread that may block,
//! with a limit of time.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use rustls::CertificateError;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use crate::world::http::TrustProblem;

/// Implemented by the host app where only it can reach the platform's trust manager.
pub trait ServerTrust: Send + Sync + 'static {
    /// Is this certificate chain (DER, the server's own first) good for `host`, now? Called for every connection, off
    /// the runtime's workers. An error, a panic or a late answer refuses the connection before any byte of a request;
    /// the error's text goes nowhere.
    fn check(&self, chain: Vec<Vec<u8>>, host: String) -> Result<Trusted, String>;
}

/// The answer *yes*. A value rather than nothing, because some bridges turn a thrown error into "returned".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trusted;

/// What the verifier saw.
pub(crate) struct Seen {
    chain: Vec<Vec<u8>>,
    host: String,
}

enum Slot {
    /// No handshake that will be followed by asking runs on this thread.
    Shut,
    Open,
    Filled(Seen),
}

thread_local!(static SLOT: RefCell<Slot> = const { RefCell::new(Slot::Shut) });

/// Called by the verifier. Outside of [`catch`] it refuses: a configuration that escaped its asking trusts nobody.
pub(crate) fn keep(
    leaf: &CertificateDer<'_>,
    rest: &[CertificateDer<'_>],
    name: &ServerName<'_>,
) -> Result<(), rustls::Error> {
    SLOT.with_borrow_mut(|slot| match slot {
        Slot::Shut => Err(CertificateError::ApplicationVerificationFailure.into()),
        Slot::Open | Slot::Filled(_) => {
            let chain = std::iter::once(leaf).chain(rest).map(|cert| cert.to_vec()).collect();
            *slot = Slot::Filled(Seen { chain, host: name.to_str().into_owned() });
            Ok(())
        }
    })
}

/// Runs a handshake and hands out what its verifier saw. The slot is open only while this very handshake is polled,
/// and the verifier runs inside that poll: chain and connection cannot be mixed up.
pub(crate) async fn catch<F: Future>(handshake: F) -> (F::Output, Option<Seen>) {
    Catch(Box::pin(handshake), None).await
}

struct Catch<F>(Pin<Box<F>>, Option<Seen>);

impl<F: Future> Future for Catch<F> {
    type Output = (F::Output, Option<Seen>);

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        SLOT.set(Slot::Open);
        let out = self.0.as_mut().poll(cx);
        if let Slot::Filled(seen) = SLOT.replace(Slot::Shut) {
            self.1 = Some(seen);
        }
        out.map(|out| (out, self.1.take()))
    }
}

/// Whom to ask, and for how long to wait.
#[derive(Clone)]
pub(crate) struct Ask {
    host: Arc<dyn ServerTrust>,
    limit: Duration,
    /// One question at a time: an app that never answers costs one thread, not one for each call.
    turn: Arc<Semaphore>,
    runtime: Handle,
}

impl Ask {
    pub(crate) fn new(host: Arc<dyn ServerTrust>, limit: Duration, runtime: Handle) -> Self {
        Self { host, limit, turn: Arc::new(Semaphore::new(1)), runtime }
    }

    pub(crate) async fn about(&self, seen: Option<Seen>) -> Result<(), TrustProblem> {
        let Seen { chain, host } = seen.ok_or(TrustProblem::Other)?; // no certificate, no trust
        let question = async {
            let turn = self.turn.clone().acquire_owned().await.map_err(|_| TrustProblem::HostSilent)?;
            let app = self.host.clone();
            let asked = self.runtime.spawn_blocking(move || {
                let answer = app.check(chain, host);
                drop(turn);
                answer
            });
            match asked.await {
                Ok(Ok(Trusted)) => Ok(()),
                Ok(Err(_)) => Err(TrustProblem::HostRefused),
                Err(_) => Err(TrustProblem::HostSilent),
            }
        };
        tokio::time::timeout(self.limit, question).await.unwrap_or(Err(TrustProblem::HostSilent))
    }
}

/// Puts the asking between reqwest's handshake and the moment it sees the connection.
#[derive(Clone)]
pub(crate) struct AskLayer(pub(crate) Ask);

#[derive(Clone)]
pub(crate) struct AskService<S>(S, Ask);

impl<S> tower_layer::Layer<S> for AskLayer {
    type Service = AskService<S>;

    fn layer(&self, inner: S) -> AskService<S> {
        AskService(inner, self.0.clone())
    }
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;

impl<S, R> tower_service::Service<R> for AskService<S>
where
    S: tower_service::Service<R, Error = BoxError>,
    S::Future: Send + 'static,
    S::Response: Send,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, target: R) -> Self::Future {
        let (connecting, ask) = (self.0.call(target), self.1.clone());
        Box::pin(async move {
            let (connection, seen) = catch(connecting).await;
            let connection = connection?;
            ask.about(seen).await?;
            Ok(connection)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outside_of_an_asking_handshake_nobody_is_trusted() {
        let (cert, name) = (CertificateDer::from(vec![1]), ServerName::try_from("bank.test").unwrap());
        let nobody = |r: Result<(), rustls::Error>| {
            matches!(
                r,
                Err(rustls::Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure))
            )
        };
        assert!(nobody(keep(&cert, &[], &name)));
        let mut caught = Box::pin(catch(async { keep(&cert, std::slice::from_ref(&cert), &name) }));
        let Poll::Ready((kept, seen)) =
            caught.as_mut().poll(&mut Context::from_waker(std::task::Waker::noop()))
        else {
            panic!("nothing to wait for")
        };
        assert!(kept.is_ok());
        let seen = seen.unwrap();
        assert_eq!((seen.chain, seen.host.as_str()), (vec![vec![1], vec![1]], "bank.test"));
        assert!(nobody(keep(&cert, &[], &name)), "the slot is shut again");
    }
}
