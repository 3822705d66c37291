//! The one door to the network. Nothing else in this crate opens a socket.
//!
//! A failed call must answer one question before all others: *can the server have acted on it?* So every
//! failure carries a [`Class`], and the trait has two verbs, because a change and a read need different proofs.

use std::fmt;
use std::future::Future;
use std::io::{self, Read};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

pub use super::secret::Secret;

mod failure;
pub use failure::{Cause, Class, Failure, Setting, TrustProblem};

/// A future that can be kept in a trait object.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Everything that leaves the tablet goes through here.
///
/// Dropping a returned future ends the call at once and gives no verdict: whoever drops it must take the call
/// for [`Class::Unknown`].
pub trait Http: Send + Sync + 'static {
    /// A call that changes something at the server: one connection, never retried, never redirected, every
    /// failure classed. Returns when the whole reply is here, or when `limits.total` has passed.
    fn change(&self, call: Call) -> BoxFuture<'_, Result<Reply, Failure>>;

    /// A call that only reads. Returns when the reply's head is here; the body is streamed and may still fail.
    fn read(&self, call: Call) -> BoxFuture<'_, Result<Incoming, Failure>>;
}

/// One request. Its `Debug` shows the method and nothing of what is sent or where.
pub struct Call {
    /// The verb.
    pub method: Method,
    /// `https://…`, or `http://` to this machine itself. The query may hold a login session.
    pub url: Secret<String>,
    /// Sent as given, in order. `Host`, `Content-Length` and the like are the transport's.
    pub headers: Vec<(String, Secret<String>)>,
    /// What is sent.
    pub body: Body,
    /// How long and how much.
    pub limits: Limits,
    /// Called with *bytes handed over, bytes in all* while the body goes out. Must return at once.
    pub progress: Option<Progress>,
}

/// See [`Call::progress`].
pub type Progress = Arc<dyn Fn(u64, u64) + Send + Sync>;

impl Call {
    /// A call with no headers, no body and nobody watching.
    pub fn new(method: Method, url: impl Into<Secret<String>>, limits: Limits) -> Self {
        Self { method, url: url.into(), headers: vec![], body: Body::empty(), limits, progress: None }
    }

    /// Adds a header.
    pub fn header(mut self, name: &str, value: impl Into<Secret<String>>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Sets the body.
    pub fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("method", &self.method).field("body", &self.body).finish_non_exhaustive()
    }
}

/// The verbs the five remotes use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// `GET`
    Get,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `DELETE`
    Delete,
}

/// Every wait and every size has an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Name look-up, TCP, TLS and the host's word on the certificate, together.
    pub connect: Duration,
    /// From the start of the call to the last byte of the reply.
    pub total: Duration,
    /// Between two pieces of a streamed reply. Reads only: on a change it would kill a slow photo.
    pub idle: Option<Duration>,
    /// The longest reply body that is taken.
    pub reply_bytes: u64,
}

/// Hands out a body's next chunk; `None` at the end. Called on the thread that polls the call: short reads only.
pub type NextChunk = Box<dyn FnMut() -> io::Result<Option<Bytes>> + Send>;

/// Bytes known now, or streamed from the store. The length is known either way: nothing is sent chunked, so that a
/// body cut short can never be taken for a whole one.
pub enum Body {
    /// All of it.
    Whole(Bytes),
    /// `next` gives non-empty chunks that add up to `len`; anything else fails the call before its last byte.
    Stream {
        /// Bytes in all.
        len: u64,
        /// The next chunk.
        next: NextChunk,
    },
}

impl Body {
    /// No body.
    pub fn empty() -> Self {
        Self::Whole(Bytes::new())
    }

    /// Bytes in all.
    pub fn len(&self) -> u64 {
        match self {
            Self::Whole(bytes) => bytes.len() as u64,
            Self::Stream { len, .. } => *len,
        }
    }

    /// Whether there is nothing to send.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<B: Into<Bytes>> From<B> for Body {
    fn from(bytes: B) -> Self {
        Self::Whole(bytes.into())
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({} bytes)", self.len())
    }
}

/// A whole reply, of any status but a redirect's. Its `Debug` shows no content.
pub struct Reply {
    /// Status and the few headers that matter.
    pub head: Head,
    /// At most `reply_bytes`.
    pub body: Vec<u8>,
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply").field("head", &self.head).field("bytes", &self.body.len()).finish()
    }
}

/// What is kept of a reply's head.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Head {
    /// The HTTP status; never 3xx, which is [`Cause::Redirect`].
    pub status: u16,
    /// `Retry-After`, at most one hour. Negative or garbage is `None`; a date counts from the reply's own `Date`.
    pub retry_after: Option<Duration>,
    /// `Date`, in unix seconds: what the server holds for now.
    pub date: Option<i64>,
}

impl fmt::Debug for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Head")
            .field("status", &self.status)
            .field("retry_after", &self.retry_after)
            .field("date", &self.date)
            .finish_non_exhaustive()
    }
}

/// A reply whose body is still coming.
pub struct Incoming {
    /// Status and the few headers that matter.
    pub head: Head,
    /// To be read on a thread that may block. It ends with an error that carries a [`Cause`] ([`Cause::of`]) unless
    /// the transport saw the end; dropping it closes the connection. Without a length that end proves little: only
    /// the content does.
    pub body: Box<dyn Read + Send>,
}

impl fmt::Debug for Incoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incoming").field("head", &self.head).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CANARY: &str = "canary-7f3a";
    const LIMITS: Limits =
        Limits { connect: Duration::ZERO, total: Duration::ZERO, idle: None, reply_bytes: 0 };

    #[test]
    fn nothing_sent_or_received_is_shown() {
        let call = Call::new(Method::Post, format!("https://{CANARY}/?p={CANARY}"), LIMITS)
            .header("apikey", CANARY)
            .body(CANARY);
        let head = Head { status: 200, ..Head::default() };
        let reply = Reply { head: head.clone(), body: CANARY.into() };
        let incoming = Incoming { head, body: Box::new(CANARY.as_bytes()) };
        let shown = format!("{call:#?} {reply:#?} {incoming:#?} {:?}", Secret::from(CANARY));
        assert!(!shown.contains(CANARY), "{shown}");
        assert!(shown.contains("Post") && shown.contains("200"), "{shown}");
    }
}
