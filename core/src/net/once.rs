//! The transport of changes: one call, one connection, nothing hidden. TCP, TLS, trust, HTTP/1.1, close.
//!
//! Nothing is spawned: connection and call end in one future, so that after it every count stands still. A failed
//! call is *not executed* by where it stood, never by what its error says:
//!
//! 1. before the request is handed to HTTP, because no byte of it exists on the wire;
//! 2. while the kernel has taken no more bytes than the body has, because the head precedes the body and
//!    ciphertext is never shorter than its plaintext;
//! 3. while the witness still holds the body's last chunk.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{Instant, timeout, timeout_at};

use super::HEADERS;
use super::cause;
use super::head;
use super::target::{self, Target};
use super::trust::Trust;
use super::witness::{Watched, Witness};
use crate::world::http::{Call, Cause, Class, Failure, Limits, Reply};

/// What the kernel holds of a body that we gave up on may still arrive; so it holds little.
const SEND_BUFFER: u32 = 64 << 10;
/// The longest reply head.
const HEAD_BYTES: usize = 64 << 10;

/// See [`crate::world::http::Http::change`].
pub(super) async fn change(trust: &Trust, call: Call) -> Result<Reply, Failure> {
    let started = Instant::now();
    let before = |cause: Cause| Failure { class: Class::NotExecuted, cause };
    let Call { method, url, headers, body, limits, progress } = call;

    let target = Target::parse(&url).map_err(|setting| before(setting.into()))?;
    let headers = target::headers(&headers).map_err(|setting| before(setting.into()))?;
    let (body, witness) = Watched::new(body, progress);
    let len = body.len();
    let request = target.request(method, headers, body).map_err(|setting| before(setting.into()))?;

    let tally = Arc::new(Tally::default());
    let ready = started + limits.connect.min(limits.total);
    let line = timeout_at(ready, connect(trust, &target, &limits, ready, &tally)).await;
    let line = line.unwrap_or(Err(Cause::Timeout)).map_err(before)?;
    let opened = tally.taken.load(SeqCst);

    let exchange = exchange(line, request, &limits, &tally, &witness);
    let reply = timeout_at(started + limits.total, exchange).await.unwrap_or(Err(Cause::Timeout));
    // The exchange is gone and with it the socket: reset, nothing left behind that could still send.
    reply.map_err(|cause| {
        let short = tally.taken.load(SeqCst) - opened <= len;
        Failure { class: if short { Class::NotExecuted } else { witness.class() }, cause }
    })
}

trait Line: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Line for T {}

async fn connect(
    trust: &Trust,
    target: &Target,
    limits: &Limits,
    ready: Instant,
    tally: &Arc<Tally>,
) -> Result<Box<dyn Line>, Cause> {
    let addresses = target.addresses().await?;
    let tcp = dial(&addresses, limits.total, ready).await?;
    let counted = Counted { tcp, tally: tally.clone() };
    if target.plain {
        return Ok(Box::new(counted));
    }
    Ok(Box::new(trust.connect(target.server_name()?, counted).await?))
}

/// One address after the other, each with its share of the time: a dead IPv6 route must not eat all of it.
async fn dial(addresses: &[SocketAddr], total: Duration, ready: Instant) -> Result<TcpStream, Cause> {
    let mut why = Cause::Offline;
    for (left, address) in (1..=addresses.len() as u32).rev().zip(addresses) {
        let share = ready.saturating_duration_since(Instant::now()) / left;
        match timeout(share, open(*address, total)).await {
            Ok(Ok(tcp)) => return Ok(tcp),
            Ok(Err(error)) => why = cause::of(&error),
            Err(_) => why = Cause::Timeout,
        }
    }
    Err(why)
}

async fn open(address: SocketAddr, total: Duration) -> io::Result<TcpStream> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_send_buffer_size(SEND_BUFFER)?;
    // Closing throws away what the kernel has not sent; also when the process is killed.
    socket.set_zero_linger()?;
    let tcp = socket.connect(address).await?;
    tcp.set_nodelay(true)?;
    #[cfg(any(target_os = "linux", target_os = "android"))]
    socket2::SockRef::from(&tcp).set_tcp_user_timeout(Some(total))?;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let _ = total;
    Ok(tcp)
}

async fn exchange(
    line: Box<dyn Line>,
    request: http::Request<Watched>,
    limits: &Limits,
    tally: &Tally,
    witness: &Witness,
) -> Result<Reply, Cause> {
    let mut http = http1::Builder::new();
    http.max_headers(HEADERS).max_buf_size(HEAD_BYTES);
    let (mut sender, connection) = http.handshake(TokioIo::new(line)).await.map_err(|e| cause::of(&e))?;
    // Polled here, not spawned: when this future is dropped, so is the socket.
    let mut connection = pin!(connection);
    let mut reply = pin!(reply(&mut sender, request, limits.reply_bytes));
    let mut ended = None;
    let reply = poll_fn(|cx| {
        loop {
            // A reply counts even if the connection broke behind it: a refusal may come before the body is all sent.
            if let Poll::Ready(reply) = reply.as_mut().poll(cx) {
                return Poll::Ready(
                    reply
                        .map_err(|cause| if cause == Cause::Closed { ended.unwrap_or(cause) } else { cause }),
                );
            }
            if ended.is_some() {
                return Poll::Pending;
            }
            let end = ready!(connection.as_mut().poll(cx));
            ended = Some(end.err().map_or(Cause::Closed, |error| cause::of(&error)));
        }
    })
    .await?;
    // All sent, all received: this connection may end as politely as any other.
    if witness.class() == Class::Unknown {
        tally.polite.store(true, SeqCst);
    }
    Ok(reply)
}

async fn reply(
    sender: &mut http1::SendRequest<Watched>,
    request: http::Request<Watched>,
    limit: u64,
) -> Result<Reply, Cause> {
    let (parts, mut incoming) = sender.send_request(request).await.map_err(|e| cause::of(&e))?.into_parts();
    let head = head::accept(parts.status, &parts.headers)?;
    let mut body = Vec::new();
    while let Some(frame) = incoming.frame().await {
        let Ok(data) = frame.map_err(|e| cause::of(&e))?.into_data() else { continue };
        if body.len() as u64 + data.len() as u64 > limit {
            return Err(Cause::ReplyTooLong);
        }
        body.extend_from_slice(&data);
    }
    Ok(Reply { head, body })
}

#[derive(Default)]
struct Tally {
    /// Bytes that the kernel took from us.
    taken: AtomicU64,
    /// Close with FIN rather than RST.
    polite: AtomicBool,
}

/// A socket that counts below TLS.
struct Counted {
    tcp: TcpStream,
    tally: Arc<Tally>,
}

impl Drop for Counted {
    fn drop(&mut self) {
        if self.tally.polite.load(SeqCst) {
            let _ = socket2::SockRef::from(&self.tcp).set_linger(None); // else it ends with a reset: rude, not wrong
        }
    }
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_read(cx, buf)
    }
}

impl AsyncWrite for Counted {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let taken = ready!(Pin::new(&mut self.tcp).poll_write(cx, buf))?;
        self.tally.taken.fetch_add(taken as u64, SeqCst);
        Poll::Ready(Ok(taken))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(cx)
    }
}
