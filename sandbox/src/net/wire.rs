//! The connection's last yard: cutting, dripping and resetting what hyper writes, and bodies that lie.

use crate::faults::Part;
use crate::message::{Pace, Payload};
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;
use tokio_rustls::server::TlsStream;

/// What the handler of a request tells the connection it came over.
#[derive(Default)]
pub(super) struct Orders {
    pub pace: Pace,
    pub reset: bool,
    /// Goes up with each reply, so that the connection starts counting anew.
    pub reply: u64,
}

/// Orders shared by a connection and its handler.
pub(super) type Desk = Arc<Mutex<Orders>>;

/// A connection that follows orders when it writes.
pub(super) struct Wire {
    inner: Inner,
    desk: Desk,
    head: Head,
    /// Bytes of this reply that left since counting began.
    left: u64,
    reply: u64,
    pause: Option<Pin<Box<Sleep>>>,
}

/// Plain or TLS. The TLS stream is large and boxed.
pub(super) enum Inner {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// How much of the empty line that ends the head has been seen.
#[derive(Clone, Copy, Default)]
struct Head {
    matched: usize,
}

const END: &[u8; 4] = b"\r\n\r\n";

impl Head {
    fn over(self) -> bool {
        self.matched == END.len()
    }

    /// Takes the bytes of the head in `bytes`; how many they are.
    fn take(&mut self, bytes: &[u8]) -> usize {
        for (i, byte) in bytes.iter().enumerate() {
            if self.over() {
                return i;
            }
            self.matched =
                if *byte == END[self.matched] { self.matched + 1 } else { usize::from(*byte == b'\r') };
        }
        bytes.len()
    }
}

impl Wire {
    pub fn new(inner: Inner, desk: Desk) -> Wire {
        Wire { inner, desk, head: Head::default(), left: 0, reply: 0, pause: None }
    }

    fn tcp(&self) -> &TcpStream {
        match &self.inner {
            Inner::Plain(tcp) => tcp,
            Inner::Tls(tls) => tls.get_ref().0,
        }
    }

    /// The pace in force; a new reply's head is yet to come.
    fn pace(&mut self) -> Pace {
        let Orders { pace, reply, .. } = *self.desk.lock().unwrap_or_else(PoisonError::into_inner);
        if reply != self.reply {
            (self.reply, self.head, self.left) = (reply, Head::default(), 0);
        }
        pace
    }

    /// How many of these bytes the pace lets out now; none once the reply is to be cut.
    fn allowed(&self, pace: Pace, bytes: &[u8]) -> Option<usize> {
        let (part, least) = match pace {
            Pace::Whole => return Some(bytes.len()),
            Pace::Cut { part, after } => (part, after.saturating_sub(self.left)),
            Pace::Drip { part, bytes: n, .. } => (part, n.max(1)),
        };
        if part == Part::Body && !self.head.over() {
            return Some(self.head.clone().take(bytes));
        }
        let allowed = usize::try_from(least).unwrap_or(usize::MAX).min(bytes.len());
        (allowed > 0).then_some(allowed)
    }

    /// Notes that these bytes left.
    fn note(&mut self, pace: Pace, bytes: &[u8]) {
        let in_head = self.head.take(bytes);
        let (counted, pause) = match pace {
            Pace::Whole => return,
            Pace::Cut { part: Part::Body, .. } => (bytes.len() - in_head, None),
            Pace::Cut { part: Part::Head, .. } => (bytes.len(), None),
            Pace::Drip { part: Part::Body, .. } if in_head == bytes.len() => (0, None),
            Pace::Drip { every_ms, .. } => (bytes.len(), Some(every_ms)),
        };
        self.left += counted as u64;
        self.pause = pause.map(|ms| Box::pin(tokio::time::sleep(Duration::from_millis(ms))));
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        if self.desk.lock().unwrap_or_else(PoisonError::into_inner).reset {
            // Lingering for no time turns closing into a reset; a socket that refuses is closed as usual.
            let _ = socket2::SockRef::from(self.tcp()).set_linger(Some(Duration::ZERO));
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut self.inner {
            Inner::Plain(tcp) => Pin::new(tcp).poll_read(cx, buf),
            Inner::Tls(tls) => Pin::new(tls.as_mut()).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        if let Some(pause) = &mut self.pause {
            ready!(pause.as_mut().poll(cx));
            self.pause = None;
        }
        let pace = self.pace();
        let Some(allowed) = self.allowed(pace, buf) else {
            ready!(self.as_mut().poll_flush(cx))?;
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        };
        let written = ready!(match &mut self.inner {
            Inner::Plain(tcp) => Pin::new(tcp).poll_write(cx, &buf[..allowed]),
            Inner::Tls(tls) => Pin::new(tls.as_mut()).poll_write(cx, &buf[..allowed]),
        })?;
        self.note(pace, &buf[..written]);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.inner {
            Inner::Plain(tcp) => Pin::new(tcp).poll_flush(cx),
            Inner::Tls(tls) => Pin::new(tls.as_mut()).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.inner {
            Inner::Plain(tcp) => Pin::new(tcp).poll_shutdown(cx),
            Inner::Tls(tls) => Pin::new(tls.as_mut()).poll_shutdown(cx),
        }
    }
}

/// A reply's body as hyper sends it.
pub(super) enum Sent {
    /// With its true length.
    Whole(Option<Bytes>),
    /// Without a length of its own, so that the header's lie stands. A moment passes before its end, or hyper would
    /// drop it unsent when it notices that bytes are missing.
    Unmeasured(Option<Bytes>, Pin<Box<Sleep>>),
    /// So many bytes still to be made.
    Giant(u64),
}

/// What giant replies are made of: it looks like the start of a sealed message.
static FILLER: [u8; 64 * 1024] = [b'A'; 64 * 1024];

impl Sent {
    pub fn new(payload: Payload, measured: bool) -> Sent {
        match payload {
            Payload::Giant(bytes) => Sent::Giant(bytes),
            Payload::Bytes(bytes) if measured => Sent::Whole(Some(bytes.into())),
            Payload::Bytes(bytes) => {
                Sent::Unmeasured(Some(bytes.into()), Box::pin(tokio::time::sleep(Duration::from_millis(30))))
            }
        }
    }
}

impl Body for Sent {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let data = match self.get_mut() {
            Sent::Whole(bytes) => bytes.take(),
            Sent::Unmeasured(bytes, end) => match bytes.take() {
                None => {
                    ready!(end.as_mut().poll(cx));
                    None
                }
                some => some,
            },
            Sent::Giant(left) => {
                let n = (*left).min(FILLER.len() as u64);
                *left -= n;
                (n > 0).then(|| Bytes::from_static(&FILLER[..n as usize]))
            }
        };
        Poll::Ready(data.map(|bytes| Ok(Frame::data(bytes))))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Sent::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |b| b.len() as u64)),
            Sent::Giant(left) => SizeHint::with_exact(*left),
            Sent::Unmeasured(..) => SizeHint::default(),
        }
    }
}
