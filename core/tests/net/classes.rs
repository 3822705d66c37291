//! Every place where a call can break: is the class right, and is the word for it?

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use bytes::Bytes;
use satchel::world::http::{Body, Call, Cause, Class, Http, Limits, Method};
use tokio::task::JoinSet;

use super::server::{At, Ca, End, nobody, start};
use super::{BOTH, LIMITS, Verb, call, ms, net, run, url};

const SMALL: usize = 1000;
const BIG: usize = 2 << 20;

/// (where, body, what both transports must say, class of a change). None: either class is right there, and only
/// soundness counts, because the server's end races with our first write.
type Row = (At, usize, Cause, Option<Class>);

fn table() -> Vec<Row> {
    use Cause::{Closed, Timeout};
    use Class::{NotExecuted, Unknown};
    let ends = [(End::Fin, Closed), (End::Rst, Closed), (End::Hang, Timeout)];
    let mut rows = vec![];
    for (end, cause) in ends {
        for len in [0, SMALL, BIG] {
            rows.push((At::Tls(end), len, cause, Some(NotExecuted)));
            // Behind the handshake, a small request is in the kernel's hands at once; a big one cannot be.
            let early = if len == BIG { NotExecuted } else { Unknown };
            let raced = (end == End::Hang || len == BIG).then_some(early);
            rows.push((At::TlsDone(end), len, cause, raced));
            rows.push((At::Head(end), len, cause, Some(early)));
            rows.push((At::Body(100 << 10, end), len, cause, Some(early)));
            for late in [At::Last(end), At::HalfHead(end), At::MidReply(end)] {
                rows.push((late, len, cause, Some(Unknown)));
            }
        }
    }
    rows
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_of_the_table() {
    let ca = Ca::new();
    let (net, tls) = (net(&ca), ca.good());
    let mut calls = JoinSet::new();
    for (at, len, cause, class) in table() {
        for verb in BOTH {
            let (net, tls, at) = (net.clone(), tls.clone(), at.clone());
            calls.spawn(async move {
                let (port, truth) = start(Some(tls), at.clone()).await;
                let failure = run(&net, verb, call(port, len)).await.unwrap_err();
                let what = format!("{verb:?} {at:?} {len}: {failure:?}");
                assert_eq!(failure.cause, cause, "{what}");
                tokio::time::sleep(ms(50)).await;
                let (_, _, complete) = truth.get();
                assert!(failure.class == Class::Unknown || complete == 0, "unsound: {what}");
                if let (Verb::Change, Some(class)) = (verb, class) {
                    assert_eq!(failure.class, class, "{what}");
                }
                if verb == Verb::Read && class == Some(Class::Unknown) {
                    assert_eq!(failure.class, Class::Unknown, "{what}");
                }
            });
            if calls.len() >= 24 {
                calls.join_next().await.unwrap().unwrap();
            }
        }
    }
    while let Some(done) = calls.join_next().await {
        done.unwrap();
    }
}

/// Somewhere between *the kernel takes it all* and *hyper holds the end back* lies a length whose last chunk was handed
/// over and yet cannot have left: only the count of bytes knows.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_kernel_did_not_take_is_not_executed() {
    let ca = Ca::new();
    let (net, tls) = (net(&ca), ca.good());
    let mut calls = JoinSet::new();
    for len in (64..1600).step_by(48).map(|kib| kib << 10) {
        let (net, tls) = (net.clone(), tls.clone());
        calls.spawn(async move {
            let (port, truth) = start(Some(tls), At::Head(End::Hang)).await;
            let handed = Arc::new(AtomicBool::new(false));
            let told = handed.clone();
            let mut call = call(port, len);
            call.progress = Some(Arc::new(move |sent, all| told.store(sent == all, SeqCst)));
            let failure = run(&net, Verb::Change, call).await.unwrap_err();
            assert_eq!(truth.get().2, 0);
            (handed.load(SeqCst), failure.class)
        });
    }
    let seen = calls.join_all().await;
    for met in [(true, Class::Unknown), (true, Class::NotExecuted), (false, Class::NotExecuted)] {
        assert!(seen.contains(&met), "{met:?} in {seen:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_there() {
    let net = net(&Ca::new());
    for verb in BOTH {
        for len in [0, SMALL] {
            let failure = run(&net, verb, call(nobody(), len)).await.unwrap_err();
            assert_eq!((failure.class, failure.cause), (Class::NotExecuted, Cause::Offline), "{verb:?}");
        }
        let lost = Call::new(Method::Post, "https://no-such-name.invalid/x", LIMITS).body("x");
        let failure = run(&net, verb, lost).await.unwrap_err();
        // A resolver that takes its time to say no is a timeout: as not executed as any.
        assert!([Cause::Dns, Cause::Timeout].contains(&failure.cause), "{failure:?}");
        assert_eq!(failure.class, Class::NotExecuted);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_call_arrives_whole_and_ends_politely() {
    let ca = Ca::new();
    let (net, tls) = (net(&ca), ca.good());
    for verb in BOTH {
        for len in [0, SMALL, BIG] {
            let (port, truth) = start(Some(tls.clone()), At::Good).await;
            assert_eq!(run(&net, verb, call(port, len)).await.unwrap(), (200, b"ok".to_vec()));
            assert_eq!(truth.get(), (1, len as u64, 1), "{verb:?} {len}");
            tokio::time::sleep(ms(50)).await;
            let ended = *truth.ended.lock().unwrap();
            assert_ne!(ended, Some(std::io::ErrorKind::ConnectionReset), "{verb:?} {len}");
            let head = truth.head.lock().unwrap().clone();
            assert!(head.starts_with("post /api/add?p=") && head.contains("\r\napikey: canary"), "{head}");
            assert!(head.contains(&format!("\r\nhost: localhost:{port}\r\n")), "{head}");
            assert!(head.contains("\r\naccept-encoding: identity\r\n"), "{head}");
            assert!(!head.contains("transfer-encoding") && !head.contains("user-agent"), "{head}");
        }
    }
}

/// Cuts around the last byte, many at a time: *not executed* must never meet a whole body.
#[tokio::test(flavor = "multi_thread")]
async fn random_cuts_are_never_unsound() {
    let ca = Ca::new();
    let (net, tls) = (net(&ca), ca.good());
    let mut seed = 7u64;
    let (mut not, mut whole, mut calls) = (0, 0, JoinSet::new());
    let mut count = |(class, complete): (Option<Class>, u64)| {
        assert!(class != Some(Class::NotExecuted) || complete == 0, "unsound");
        not += (class == Some(Class::NotExecuted)) as u32;
        whole += complete;
    };
    for i in 0..400 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let (net, tls, r) = (net.clone(), tls.clone(), seed >> 20);
        calls.spawn(async move {
            let len = [300, 9_000, 200_000, 3_000_000][(r % 4) as usize];
            let k = if r & 16 == 0 { len - (r >> 8) % 3 } else { (r >> 8) % (len + 1) };
            let end = if r & 32 == 0 { End::Fin } else { End::Rst };
            let at = if r & 192 == 0 { At::TlsDone(end) } else { At::Body(k, end) };
            let (port, truth) = start(Some(tls), at).await;
            let verb = if i % 4 == 3 { Verb::Read } else { Verb::Change };
            let class = run(&net, verb, call(port, len as usize)).await.err().map(|failure| failure.class);
            tokio::time::sleep(ms(50)).await;
            (class, truth.complete.load(SeqCst))
        });
        if calls.len() >= 8 {
            count(calls.join_next().await.unwrap().unwrap());
        }
    }
    while let Some(done) = calls.join_next().await {
        count(done.unwrap());
    }
    assert!(not > 50 && whole > 50, "both sides were met: {not} not executed, {whole} whole");
}

/// The server stops reading, we give up, the server reads on: what we called *not executed* stays so.
#[tokio::test(flavor = "multi_thread")]
async fn the_verdict_holds_when_the_server_reads_on() {
    let ca = Ca::new();
    let (net, tls) = (net(&ca), ca.good());
    let mut calls = JoinSet::new();
    for i in 0..60u64 {
        let (net, tls) = (net.clone(), tls.clone());
        calls.spawn(async move {
            let (port, truth) = start(Some(tls), At::Pause(ms(385 + i % 30))).await;
            let mut call = call(port, 5 << 20);
            call.limits = Limits { total: ms(400), ..LIMITS };
            let failure = run(&net, BOTH[(i % 2) as usize], call).await.err();
            tokio::time::sleep(ms(300)).await;
            let not = failure.is_some_and(|failure| failure.class == Class::NotExecuted);
            assert!(!not || truth.complete.load(SeqCst) == 0, "unsound");
            not
        });
        if calls.len() >= 6 {
            calls.join_next().await.unwrap().unwrap();
        }
    }
    while let Some(done) = calls.join_next().await {
        done.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_call_is_over_at_once() {
    let ca = Ca::new();
    let net = net(&ca);
    let (port, truth) = start(Some(ca.good()), At::Pause(ms(1500))).await;
    assert!(tokio::time::timeout(ms(800), net.change(call(port, BIG))).await.is_err());
    for _ in 0..100 {
        if truth.ended.lock().unwrap().is_some() {
            break;
        }
        tokio::time::sleep(ms(50)).await;
    }
    let (begun, body, complete) = truth.get();
    assert!(begun == 1 && complete == 0 && body < BIG as u64, "{body}");
    assert_eq!(*truth.ended.lock().unwrap(), Some(std::io::ErrorKind::ConnectionReset));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_before_the_body_is_read_is_a_reply() {
    let ca = Ca::new();
    let net = net(&ca);
    const REPLY: &[u8] = b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno";
    let (port, truth) = start(Some(ca.good()), At::Early(REPLY)).await;
    assert_eq!(run(&net, Verb::Change, call(port, BIG)).await.unwrap(), (413, b"no".to_vec()));
    assert_eq!(truth.get().2, 0);
}

fn streamed(port: u16, promised: u64, chunks: usize) -> Call {
    let mut left = chunks;
    let next = Box::new(move || {
        left = left.saturating_sub(1);
        Ok((left > 0).then(|| Bytes::from_static(&[b'p'; 64 << 10])))
    });
    let mut call = Call::new(Method::Put, url(port), LIMITS);
    call.body = Body::Stream { len: promised, next };
    call
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_is_streamed_with_progress() {
    let ca = Ca::new();
    let (port, truth) = start(Some(ca.good()), At::Good).await;
    let (seen, total) = (Arc::new(Mutex::new(vec![])), 16 * (64 << 10));
    let told = seen.clone();
    let mut call = streamed(port, total, 17);
    call.progress = Some(Arc::new(move |sent, all| told.lock().unwrap().push((sent, all))));
    assert_eq!(run(&net(&ca), Verb::Change, call).await.unwrap().0, 200);
    assert_eq!(truth.get(), (1, total, 1));
    let seen = seen.lock().unwrap();
    assert!(seen.is_sorted() && seen.len() == 16 && seen[15] == (total, total), "{seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_that_breaks_its_word_is_not_executed() {
    let ca = Ca::new();
    let tls = ca.good();
    for (promised, chunks) in [(20 * (64 << 10), 17), (100, 17), (64 << 10, 1)] {
        for verb in BOTH {
            let (port, truth) = start(Some(tls.clone()), At::Good).await;
            let failure = run(&net(&ca), verb, streamed(port, promised, chunks)).await.unwrap_err();
            assert_eq!((failure.class, failure.cause), (Class::NotExecuted, Cause::Body), "{verb:?}");
            assert_eq!(truth.get().2, 0);
        }
    }
}

struct Unpark(std::thread::Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// The caller's executor need not be tokio's.
#[tokio::test(flavor = "multi_thread")]
async fn anybody_may_poll() {
    let ca = Ca::new();
    let (port, _) = start(Some(ca.good()), At::Good).await;
    let net = net(&ca);
    let polled = std::thread::spawn(move || {
        let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
        let mut statuses = vec![];
        for verb in BOTH {
            let mut future: std::pin::Pin<Box<dyn Future<Output = u16>>> = match verb {
                Verb::Change => Box::pin(async { net.change(call(port, 9)).await.unwrap().head.status }),
                Verb::Read => Box::pin(async { net.read(call(port, 9)).await.unwrap().head.status }),
            };
            statuses.push(loop {
                match future.as_mut().poll(&mut Context::from_waker(&waker)) {
                    Poll::Ready(status) => break status,
                    Poll::Pending => std::thread::park_timeout(Duration::from_secs(5)),
                }
            });
        }
        statuses
    });
    let statuses = tokio::task::spawn_blocking(|| polled.join().unwrap()).await.unwrap();
    assert_eq!(statuses, [200, 200]);
}
