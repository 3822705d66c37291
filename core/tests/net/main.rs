//! The two transports against servers that break at a chosen place and tell what they really got.
#![allow(clippy::unwrap_used, reason = "a test")]
#![allow(
    clippy::disallowed_methods,
    reason = "real sockets need the real clock; the simulator replaces Http as a whole"
)]

mod classes;
mod limits;
mod server;
mod trust;

use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use satchel::net::trust::{Pins, TrustSource};
use satchel::net::{Net, NetConfig};
use satchel::world::http::{Call, Cause, Class, Failure, Http, Incoming, Limits, Method};
use tokio::runtime::Handle;

/// 15 June 2025: inside the validity of the test certificates.
const NOW: i64 = 1_750_000_000;
/// Must never be shown: it stands in every query, header and body.
const CANARY: &str = "canary-51c0ffee";

const fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// Wide enough for a busy machine.
const LIMITS: Limits =
    Limits { connect: ms(2000), total: ms(2500), idle: Some(ms(800)), reply_bytes: 1 << 20 };

fn net_with(trust: TrustSource, pins: Option<Pins>, now: i64) -> Arc<Net> {
    let config = NetConfig { trust, pins, clock: Arc::new(move || now), runtime: Handle::current() };
    Arc::new(Net::new(config).unwrap())
}

fn net(ca: &server::Ca) -> Arc<Net> {
    net_with(TrustSource::Roots(ca.pem.clone()), None, NOW)
}

fn url(port: u16) -> String {
    format!("https://localhost:{port}/api/Add?p={CANARY}&msgid=x")
}

fn call(port: u16, len: usize) -> Call {
    let mut body = CANARY.repeat(len / CANARY.len() + 1);
    body.truncate(len);
    Call::new(Method::Post, url(port), LIMITS).header("apikey", CANARY).body(body)
}

/// Which of the two verbs.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Verb {
    Change,
    Read,
}

const BOTH: [Verb; 2] = [Verb::Change, Verb::Read];

/// The whole call, as status and body. A failure while the body comes is as unknown as any after the last byte.
async fn run(net: &Net, verb: Verb, call: Call) -> Result<(u16, Vec<u8>), Failure> {
    let out = match verb {
        Verb::Change => net.change(call).await.map(|reply| (reply.head.status, reply.body)),
        Verb::Read => match net.read(call).await {
            Ok(incoming) => drain(incoming).await,
            Err(failure) => Err(failure),
        },
    };
    let shown = format!("{out:?} {}", out.as_ref().err().map(|e| e.to_string()).unwrap_or_default());
    assert!(!shown.contains(CANARY) && !shown.contains("localhost") && !shown.contains("127.0"), "{shown}");
    out
}

async fn drain(mut incoming: Incoming) -> Result<(u16, Vec<u8>), Failure> {
    let status = incoming.head.status;
    let read = tokio::task::spawn_blocking(move || {
        let mut body = vec![];
        incoming.body.read_to_end(&mut body).map(|_| body)
    });
    let body = read.await.unwrap();
    if let Err(error) = &body {
        assert!(!format!("{error} {error:?}").contains(CANARY));
    }
    body.map(|body| (status, body))
        .map_err(|error| Failure { class: Class::Unknown, cause: Cause::of(&error) })
}
