//! Accepting connections, and doing to each what the state machine says.

use super::Shared;
use super::body::{self, Came};
use super::wire::{Desk, Inner, Orders, Sent, Wire};
use crate::message::{Answer, Hangup, Request, Response};
use crate::server::Server;
use crate::{control, inspector};
use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::fmt;
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tower_service::Service;

/// Connections at a time; more have to wait.
const CONNECTIONS: usize = 1024;
/// The longest a connection may last.
const LIFETIME: Duration = Duration::from_secs(30 * 60);
const HANDSHAKE: Duration = Duration::from_secs(10);
const HEAD: Duration = Duration::from_secs(60);

/// Accepts until it is dropped; then every connection is dropped too.
pub(super) async fn accept(listener: TcpListener, shared: Arc<Shared>, tls: Option<TlsAcceptor>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let pages = control::routes().merge(inspector::routes()).with_state(shared.clone());
    let mut connections = JoinSet::new();
    loop {
        let Ok(place) = places.clone().acquire_owned().await else { return };
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((tcp, _)) => {
                    let visit = Visit { shared: shared.clone(), pages: pages.clone(), desk: Desk::default() };
                    let tls = tls.clone();
                    connections.spawn(async move {
                        let _ = tokio::time::timeout(LIFETIME, visit.serve(tcp, tls)).await;
                        drop(place);
                    });
                }
                // Out of file descriptors, most likely: wait for connections to end.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
}

/// One connection.
#[derive(Clone)]
struct Visit {
    shared: Arc<Shared>,
    pages: Router,
    desk: Desk,
}

/// The state machine wants no answer given: the connection ends here.
#[derive(Debug)]
struct NoAnswer;

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no answer")
    }
}

impl std::error::Error for NoAnswer {}

impl Visit {
    async fn serve(self, tcp: TcpStream, tls: Option<TlsAcceptor>) {
        let _ = tcp.set_nodelay(true);
        let inner = match tls {
            None => Inner::Plain(tcp),
            Some(tls) => match tokio::time::timeout(HANDSHAKE, tls.accept(tcp)).await {
                Ok(Ok(stream)) => Inner::Tls(Box::new(stream)),
                // A client that does not like the certificate; that is what some certificates are for.
                _ => return,
            },
        };
        let wire = Wire::new(inner, self.desk.clone());
        let service = service_fn(move |request| self.clone().handle(request));
        let _ = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD)
            .serve_connection(TokioIo::new(wire), service)
            .await;
    }

    async fn handle(mut self, request: http::Request<Incoming>) -> Result<http::Response<Body>, NoAnswer> {
        self.order(|orders| orders.pace = crate::Pace::Whole);
        if !Server::is_remote(request.uri().path()) {
            // A router is always ready and never fails.
            return self.pages.call(request).await.map_err(|_| NoAnswer);
        }
        let (head, mut body) = request.into_parts();
        let (path, length) = (head.uri.path(), http_body::Body::size_hint(&body).exact());
        let arrival = self.shared.with(|server, _| server.arriving(path, length));
        let body = match body::read(&mut body, Server::longest(path), &arrival).await {
            Came::Whole(bytes) => bytes,
            Came::TooLong => return Ok(plain(413)),
            Came::CutOff => {
                self.shared.with(|server, now| server.broken_off(path, &arrival, now));
                return Err(NoAnswer);
            }
            Came::BrokenOff => return Err(NoAnswer),
        };
        let request = request_of(&head, body);
        let reaction = self.shared.with(|server, now| server.receive_after(request, &arrival, now));
        let mut leaving = Leaving { shared: &self.shared, request: reaction.request, left: true };
        tokio::time::sleep(Duration::from_millis(reaction.wait_ms)).await;
        match reaction.answer {
            Answer::Reply(response, pace) => {
                self.order(|orders| orders.pace = pace);
                leaving.left = false;
                Ok(reply(response))
            }
            Answer::Silence(Hangup::Hold) => std::future::pending().await,
            Answer::Silence(hangup) => {
                self.order(|orders| orders.reset = hangup == Hangup::Reset);
                leaving.left = false;
                Err(NoAnswer)
            }
        }
    }

    fn order(&self, change: impl FnOnce(&mut Orders)) {
        let mut orders = self.desk.lock().unwrap_or_else(PoisonError::into_inner);
        orders.reply += 1;
        change(&mut orders);
    }
}

/// Tells the state machine when a client left before its answer: hyper then drops the handler, and this with it.
struct Leaving<'a> {
    shared: &'a Shared,
    request: u64,
    left: bool,
}

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        if self.left {
            self.shared.with(|server, now| server.client_gone(self.request, now));
        }
    }
}

fn request_of(head: &http::request::Parts, body: Vec<u8>) -> Request {
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    Request {
        method: head.method.as_str().to_owned(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect(),
        body,
    }
}

fn reply(response: Response) -> http::Response<Body> {
    let mut builder = http::Response::builder().status(response.status);
    for (name, value) in &response.headers {
        builder = builder.header(*name, value);
    }
    if let Some(length) = response.claimed_length {
        builder = builder.header("content-length", length);
    }
    let body = Sent::new(response.body, response.claimed_length.is_none());
    // Faults are checked when they are set, so that no header of theirs can be refused here.
    builder.body(Body::new(body)).unwrap_or_else(|_| plain(500))
}

fn plain(status: u16) -> http::Response<Body> {
    let mut response = http::Response::new(Body::empty());
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::BAD_REQUEST);
    response
}
