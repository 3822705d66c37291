//! The door: the core's `Http`, as a process of the simulated tablet has it.

use super::{CallId, Came, End};
use crate::desk::{Desk, Pid};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use satchel::net::head;
use satchel::world::http::NextChunk;
use satchel::world::{Body, BoxFuture, Call, Cause, Class, Failure, Http, Incoming, Limits, Method, Reply};
use satchel_sandbox::{Payload, Request};
use std::future::Future;
use std::io::{self, Read};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// A process's door to the network.
pub struct Wire {
    /// Where it knocks.
    pub desk: Arc<Desk>,
    /// Whose it is.
    pub pid: Pid,
}

impl Http for Wire {
    fn change(&self, call: Call) -> BoxFuture<'_, Result<Reply, Failure>> {
        let limits = call.limits;
        let calling = Calling::new(self, true, call);
        Box::pin(async move {
            let end = match calling {
                Ok(calling) => calling.await,
                Err(cause) => End::Failed(Class::NotExecuted, cause),
            };
            let unknown = |cause| Failure { class: Class::Unknown, cause };
            match end {
                End::Failed(class, cause) => Err(Failure { class, cause }),
                End::Reply(came) => came.whole(limits.reply_bytes).map_err(unknown),
            }
        })
    }

    fn read(&self, call: Call) -> BoxFuture<'_, Result<Incoming, Failure>> {
        let limits = call.limits;
        let calling = Calling::new(self, false, call);
        Box::pin(async move {
            let end = match calling {
                Ok(calling) => calling.await,
                Err(cause) => End::Failed(Class::NotExecuted, cause),
            };
            match end {
                End::Failed(class, cause) => Err(Failure { class, cause }),
                End::Reply(came) => came.streamed(limits.reply_bytes),
            }
        })
    }
}

impl Came {
    fn head(&self) -> Result<satchel::world::Head, Cause> {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.response.headers {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.append(HeaderName::from_static(name), value);
            }
        }
        head::accept(StatusCode::from_u16(self.response.status).map_err(|_| Cause::Undecodable)?, &headers)
    }

    /// The bytes that came, and why no more did.
    fn bytes(self, limit: u64) -> (Vec<u8>, Option<Cause>) {
        match self.response.body {
            Payload::Giant(bytes) => {
                let most = bytes.min(limit).min(1 << 16) as usize;
                (vec![b'A'; most], Some(if bytes > limit { Cause::ReplyTooLong } else { Cause::Closed }))
            }
            Payload::Bytes(mut bytes) => {
                let len = bytes.len() as u64;
                let cut = self.cut.unwrap_or(len);
                bytes.truncate(usize::try_from(cut).unwrap_or(usize::MAX));
                // A length that was announced too short is kept to, and nothing shows that there was more.
                let short = self.response.claimed_length.is_some_and(|claimed| claimed < len);
                (bytes, (cut != len && !short).then_some(Cause::Closed))
            }
        }
    }

    fn whole(self, limit: u64) -> Result<Reply, Cause> {
        let head = self.head()?;
        match self.bytes(limit) {
            (_, Some(cause)) => Err(cause),
            (body, None) if body.len() as u64 > limit => Err(Cause::ReplyTooLong),
            (body, None) => Ok(Reply { head, body }),
        }
    }

    fn streamed(self, limit: u64) -> Result<Incoming, Failure> {
        let head = self.head().map_err(|cause| Failure { class: Class::Unknown, cause })?;
        let (bytes, cause) = self.bytes(limit);
        Ok(Incoming { head, body: Box::new(Body2 { bytes: io::Cursor::new(bytes), cause }) })
    }
}

/// A streamed body that may end badly.
struct Body2 {
    bytes: io::Cursor<Vec<u8>>,
    cause: Option<Cause>,
}

impl Read for Body2 {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match (self.bytes.read(buf)?, self.cause) {
            (0, Some(cause)) if !buf.is_empty() => Err(cause.into()),
            (n, _) => Ok(n),
        }
    }
}

/// A call as the core waits for it; dropping it ends it.
struct Calling {
    desk: Arc<Desk>,
    change: bool,
    begin: Option<(Limits, Request)>,
    id: Option<CallId>,
}

impl Calling {
    fn new(wire: &Wire, change: bool, call: Call) -> Result<Calling, Cause> {
        let limits = call.limits;
        let begin = Some((limits, request(call)?));
        Ok(Calling { desk: wire.desk.clone(), change, begin, id: None })
    }
}

fn request(call: Call) -> Result<Request, Cause> {
    let url = url::Url::parse(call.url.reveal())
        .map_err(|_| Cause::NotConfigured(satchel::world::http::Setting::Url))?;
    let method = match call.method {
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Delete => "DELETE",
    };
    let body = match call.body {
        Body::Whole(body) => body.to_vec(),
        Body::Stream { len, next } => streamed(len, next)?,
    };
    Ok(Request {
        method: method.to_owned(),
        path: url.path().to_owned(),
        query: url.query().unwrap_or_default().to_owned(),
        headers: call.headers.iter().map(|(name, value)| (name.clone(), value.reveal().clone())).collect(),
        body,
    })
}

/// All chunks of a streamed body: what cannot be read from the store never leaves.
fn streamed(len: u64, mut next: NextChunk) -> Result<Vec<u8>, Cause> {
    let mut body = vec![];
    while let Some(chunk) = next().map_err(|_| Cause::Body)? {
        body.extend_from_slice(&chunk);
    }
    if body.len() as u64 == len { Ok(body) } else { Err(Cause::Body) }
}

impl Future for Calling {
    type Output = End;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<End> {
        let desk = self.desk.clone();
        let mut state = desk.state();
        if let Some((limits, request)) = self.begin.take() {
            self.id = Some(state.begin(self.change, limits, request));
        }
        let id = self.id.unwrap_or_default();
        let Some(under) = state.calls.under.get_mut(&id) else { return Poll::Pending };
        match under.ended.take() {
            Some(end) => {
                state.calls.under.remove(&id);
                self.id = None;
                Poll::Ready(end)
            }
            None => {
                under.waker = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl Drop for Calling {
    fn drop(&mut self) {
        if let Some(id) = self.id {
            self.desk.state().left(id);
        }
    }
}
