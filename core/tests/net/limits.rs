//! Replies that are too long, too slow, or not what was asked for.

use std::io::Read;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

use satchel::world::http::{Call, Cause, Class, Http, Limits, Method, Setting};

use super::server::{At, Ca, End, start};
use super::{BOTH, LIMITS, Verb, call, ms, net, run};

fn raw(head: &str, body: &str) -> At {
    At::Raw(format!("HTTP/1.1 {head}\r\n\r\n{body}").into_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_replies() {
    let ca = Ca::new();
    let (net, tls) = (net(&ca), ca.good());
    let headers = (0..65).map(|i| format!("\r\nx-{i}: 1")).collect::<String>();
    let fewer = (0..60).map(|i| format!("\r\nx-{i}: 1")).collect::<String>();
    let long = "x".repeat(500 << 10);
    let far =
        format!("302 Found\r\nLocation: https://localhost:{}/\r\nContent-Length: 0", super::server::nobody());
    for (at, expected) in [
        (raw(&far, ""), Err(Cause::Redirect)),
        (raw("307 Again\r\nLocation: /there\r\nContent-Length: 0", ""), Err(Cause::Redirect)),
        (raw("200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3", "abc"), Err(Cause::Encoded)),
        (raw(&format!("200 OK\r\nContent-Length: 2{headers}"), "ok"), Err(Cause::HeadTooLong)),
        (raw(&format!("200 OK\r\nContent-Length: 2{fewer}"), "ok"), Ok((200, "ok"))),
        (raw(&format!("200 OK\r\nX: {long}\r\nContent-Length: 2"), "ok"), Err(Cause::HeadTooLong)),
        (raw("200 OK\r\nContent-Length: 2\r\nContent-Length: 3", "oki"), Err(Cause::Undecodable)),
        (raw("200 OK\r\nContent-Length: -2", "ok"), Err(Cause::Undecodable)),
        (raw("200 OK\r\nTransfer-Encoding: chunked", "zz\r\nok"), Err(Cause::Undecodable)),
        (
            raw("200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 99", "2\r\nok\r\n0\r\n\r\n"),
            Ok((200, "ok")),
        ),
        (raw("101 Switching\r\nUpgrade: x\r\nConnection: upgrade", ""), Err(Cause::Undecodable)),
        (raw("200 OK\r\nContent-Type: text/html\r\nContent-Length: 6", "<html>"), Ok((200, "<html>"))),
        (raw("503 Busy\r\nRetry-After: 7\r\nContent-Length: 0", ""), Ok((503, ""))),
        (At::Raw(b"hello, this is not HTTP\r\n\r\n".to_vec()), Err(Cause::Undecodable)),
        (At::NoLength(true), Ok((200, "[1,2,3"))),
        (At::NoLength(false), Err(Cause::Closed)),
    ] {
        for verb in BOTH {
            let (port, truth) = start(Some(tls.clone()), at.clone()).await;
            let got = run(&net, verb, call(port, 100)).await;
            assert_eq!(truth.get(), (1, 100, 1), "sent once: {verb:?}");
            assert!(got.as_ref().err().is_none_or(|failure| failure.class == Class::Unknown), "{got:?}");
            let got = got.map_err(|failure| failure.cause);
            let what = format!("{verb:?} {}", &format!("{at:?}").chars().take(80).collect::<String>());
            assert_eq!(got, expected.map(|(status, body): (u16, &str)| (status, body.into())), "{what}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_is_cut_at_its_cap() {
    let ca = Ca::new();
    let (net, tls) = (net(&ca), ca.good());
    let chunk = format!("1000\r\n{}\r\n", "x".repeat(4096)).repeat(100) + "0\r\n\r\n";
    for (at, len) in [
        (raw("200 OK\r\nContent-Length: 409600", &"x".repeat(409_600)), 409_600),
        (raw("200 OK\r\nTransfer-Encoding: chunked", &chunk), 409_600),
        (raw("200 OK\r\nContent-Length: 99999999999999", "x"), 99_999_999_999_999),
    ] {
        for verb in BOTH {
            for (cap, fits) in [(len, true), (len - 1, false), (10, false)] {
                if cap > 1 << 30 {
                    continue;
                }
                let (port, _) = start(Some(tls.clone()), at.clone()).await;
                let mut call = call(port, 100);
                call.limits.reply_bytes = cap;
                let got = run(&net, verb, call).await.map(|(_, body)| body.len() as u64).map_err(|e| e.cause);
                let lying = !fits && verb == Verb::Change && len > 1 << 30;
                let expected = if fits {
                    Ok(len)
                } else if lying && cap > 1 {
                    Err(Cause::Timeout) // one byte, and then nothing
                } else {
                    Err(Cause::ReplyTooLong)
                };
                assert_eq!(got, expected, "{verb:?} {cap} of {len}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drip_ends_with_the_total_and_silence_with_the_idle_limit() {
    let ca = Ca::new();
    let (net, tls) = (net(&ca), ca.good());
    for (verb, pause, at_least, at_most) in [
        (Verb::Change, ms(50), LIMITS.total, LIMITS.total * 2),
        (Verb::Read, ms(50), LIMITS.total, LIMITS.total * 2),
        (Verb::Read, ms(9000), ms(800), ms(2400)),
        (Verb::Change, ms(9000), LIMITS.total, LIMITS.total * 2),
    ] {
        let (port, _) = start(Some(tls.clone()), At::Drip(pause)).await;
        let began = Instant::now();
        let failure = run(&net, verb, call(port, 100)).await.unwrap_err();
        assert_eq!((failure.class, failure.cause), (Class::Unknown, Cause::Timeout));
        let took = began.elapsed();
        assert!(at_least <= took && took < at_most, "{verb:?} {pause:?} {took:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_reader_closes_the_connection() {
    let ca = Ca::new();
    // Half a body, and then silence: no next piece tells that nobody reads.
    let (port, truth) = start(Some(ca.good()), raw("200 OK\r\nContent-Length: 10", "12345")).await;
    let mut call = call(port, 100);
    (call.limits.total, call.limits.idle) = (Duration::from_secs(60), None);
    let mut incoming = net(&ca).read(call).await.unwrap();
    tokio::task::spawn_blocking(move || incoming.body.read_exact(&mut [0; 3]).unwrap()).await.unwrap();
    for _ in 0..100 {
        if truth.over.load(SeqCst) {
            return;
        }
        tokio::time::sleep(ms(50)).await;
    }
    panic!("the connection is still there");
}

/// Reading where one must not block is slow, not a panic.
#[tokio::test(flavor = "multi_thread")]
async fn a_body_read_on_a_worker_is_no_panic() {
    let ca = Ca::new();
    let (port, _) = start(Some(ca.good()), At::Good).await;
    let mut incoming = net(&ca).read(call(port, 10)).await.unwrap();
    let mut body = String::new();
    incoming.body.read_to_string(&mut body).unwrap();
    assert_eq!(body, "ok");
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_http_reaches_this_machine_only() {
    let net = net(&Ca::new());
    for verb in BOTH {
        for host in ["127.0.0.1", "localhost"] {
            let (port, truth) = start(None, At::Good).await;
            let call = Call::new(Method::Post, format!("http://{host}:{port}/x"), LIMITS).body("hello");
            assert_eq!(run(&net, verb, call).await.unwrap(), (200, b"ok".to_vec()));
            assert_eq!(truth.get(), (1, 5, 1));
        }
        for (url, setting) in [
            ("http://10.0.0.1/x", Setting::PlainHttp),
            ("http://bank.test/x", Setting::PlainHttp),
            ("gopher://bank.test/x", Setting::Url),
            ("https://user:pass@bank.test/x", Setting::Url),
            ("no url", Setting::Url),
        ] {
            let failure = run(&net, verb, Call::new(Method::Get, url, LIMITS)).await.unwrap_err();
            let expected = (Class::NotExecuted, Cause::NotConfigured(setting));
            assert_eq!((failure.class, failure.cause), expected, "{url}");
        }
        let call = Call::new(Method::Get, "https://localhost/", LIMITS).header("Content-Length", "3");
        let failure = run(&net, verb, call).await.unwrap_err();
        assert_eq!(failure.cause, Cause::NotConfigured(Setting::Header));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn extreme_limits_are_no_panic() {
    let ca = Ca::new();
    let (net, tls) = (net(&ca), ca.good());
    for verb in BOTH {
        let (port, _) = start(Some(tls.clone()), At::Good).await;
        let endless = Duration::MAX;
        let mut call = call(port, 10);
        call.limits = Limits { connect: endless, total: endless, idle: Some(endless), reply_bytes: u64::MAX };
        assert_eq!(run(&net, verb, call).await.unwrap().0, 200);
        let (port, _) = start(Some(tls.clone()), At::Tls(End::Hang)).await;
        let mut call = super::call(port, 10);
        call.limits = Limits { connect: ms(0), total: ms(0), idle: Some(ms(0)), reply_bytes: 0 };
        let failure = run(&net, verb, call).await.unwrap_err();
        assert_eq!((failure.class, failure.cause), (Class::NotExecuted, Cause::Timeout));
    }
}
