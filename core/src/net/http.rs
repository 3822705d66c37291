//! The transport of reads: reqwest, with everything set by hand. A client lives for one call, so that nothing (no
//! idle connection, no cookie, no TLS session) is carried from one to the next.

use std::time::Duration;

use reqwest::{Client, Response};
use tokio::runtime::Handle;
use tokio::time::{Instant, timeout, timeout_at};

use super::HEADERS;
use super::chunks;
use super::target::{self, Target};
use super::trust::Trust;
use super::witness::{Watched, Witness};
use super::{cause, head};
use crate::world::http::{Call, Cause, Class, Failure, Incoming, Setting};

/// See [`crate::world::http::Http::read`].
pub(super) async fn read(trust: &Trust, runtime: &Handle, call: Call) -> Result<Incoming, Failure> {
    let started = Instant::now();
    let (limits, end) = (call.limits, started + call.limits.total);
    let mut sent = None;
    let response =
        timeout_at(end, send(trust, started, call, &mut sent)).await.unwrap_or(Err(Cause::Timeout));
    let accepted = response.and_then(|response| {
        let head = head::accept(response.status(), response.headers())?;
        match response.content_length() {
            Some(bytes) if bytes > limits.reply_bytes => Err(Cause::ReplyTooLong),
            _ => Ok((head, response)),
        }
    });
    let (head, response) = accepted.map_err(|cause| {
        let class = sent.map_or(Class::NotExecuted, |witness| witness.class());
        Failure { class, cause }
    })?;

    let (feeder, body) = chunks::pipe();
    let mut body_reader = Bounded { response, end, idle: limits.idle, left: limits.reply_bytes };
    runtime.spawn(feeder.feed(async move || body_reader.next().await));
    Ok(Incoming { head, body: Box::new(body) })
}

/// Leaves the witness behind once the request may have left.
async fn send(
    trust: &Trust,
    started: Instant,
    call: Call,
    sent: &mut Option<Witness>,
) -> Result<Response, Cause> {
    let Call { method, url, headers, body, limits, progress } = call;
    let target = Target::parse(&url)?;
    let headers = target::headers(&headers)?;
    let ready = started + limits.connect.min(limits.total);
    let addresses = timeout_at(ready, target.addresses()).await.unwrap_or(Err(Cause::Timeout))?;

    let mut client = strict(ready.saturating_duration_since(Instant::now()), limits.total, !target.plain);
    if let Some(name) = target.domain() {
        client = client.resolve_to_addrs(name, &addresses); // looked up once, above
    }
    let client = trust.equip(client, target.plain).build().map_err(|_| Setting::Platform)?;
    let (body, witness) = Watched::new(body, progress);
    let empty = body.len() == 0;
    let mut request = client.request(target::verb(method), target.url().clone()).headers(headers);
    if !empty {
        request = request.body(reqwest::Body::wrap(body));
    }
    *sent = Some(witness);
    request.send().await.map_err(|error| {
        if error.is_connect() {
            *sent = None; // no connection, so nothing was sent, whatever an empty body cannot prove
        }
        cause::of(&error.without_url())
    })
}

/// No default of reqwest is relied on: several of them resend, follow, or leak.
fn strict(connect: Duration, total: Duration, https_only: bool) -> reqwest::ClientBuilder {
    let client = Client::builder()
        .https_only(https_only)
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .no_proxy() // the environment's is honoured otherwise
        .pool_max_idle_per_host(0)
        .connect_timeout(connect)
        .timeout(total)
        .tcp_nodelay(true)
        .http1_max_headers(HEADERS);
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let client = client.tcp_user_timeout(total);
    client
}

/// A body with an end: in time, in silence and in length.
struct Bounded {
    response: Response,
    end: Instant,
    idle: Option<Duration>,
    left: u64,
}

impl Bounded {
    async fn next(&mut self) -> Result<Option<bytes::Bytes>, Cause> {
        let wait = self.end.saturating_duration_since(Instant::now());
        let wait = self.idle.map_or(wait, |idle| idle.min(wait));
        let chunk = timeout(wait, self.response.chunk()).await.map_err(|_| Cause::Timeout)?;
        let chunk = chunk.map_err(|error| cause::of(&error.without_url()))?;
        if let Some(chunk) = &chunk {
            self.left = self.left.checked_sub(chunk.len() as u64).ok_or(Cause::ReplyTooLong)?;
        }
        Ok(chunk)
    }
}
