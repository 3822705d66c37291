//! Each fault over real sockets: what the client sees, and what was committed.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{
    ADDED, SAMPLE, call, control, envelope, exchange, post, raw_request, started, tcp, three, until,
};
use satchel_sandbox::{Fate, Fault, Kind, Part, Running};
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt;

async fn with(kind: Kind) -> Running {
    let running = started().await;
    running.set_faults(vec![Fault::new(kind)]);
    running
}

async fn add(running: &Running) -> common::Got {
    post(running, "ProspectAddV2", SAMPLE).await
}

fn fired(running: &Running, name: &str) -> u64 {
    running.fired().get(name).copied().unwrap_or(0)
}

#[tokio::test]
async fn without_a_fault_all_is_well() {
    let running = started().await;
    let got = add(&running).await;
    assert_eq!((got.status(), got.text().as_deref()), (200, Some(ADDED)));
    assert_eq!(got.header("content-type").as_deref(), Some("application/json; charset=utf-8"));
    assert!(got.end.is_ok() && got.header("date").is_some());
    assert_eq!(running.ledger()[0].reply, Fate::Sent);
    assert!(running.fired().is_empty());
    assert_eq!(running.requests_seen(), 1);
}

#[tokio::test]
async fn the_answer_is_lost() {
    for (kind, reset) in [(Kind::LostClose, false), (Kind::LostReset, true)] {
        let running = with(kind).await;
        let got = add(&running).await;
        assert!(got.raw.is_empty());
        assert_eq!(got.was_reset(), reset, "{:?}", got.end);
        assert_eq!(running.ledger().len(), 1);
        assert_eq!(running.ledger()[0].reply, Fate::Lost);
    }
}

#[tokio::test]
async fn the_next_two_and_then_no_more() {
    let running = started().await;
    running.set_faults(vec![Fault::new(Kind::LostClose).on("ProspectAddV2").skip(1).times(2)]);
    let mut answered = Vec::new();
    for _ in 0..4 {
        answered.push(add(&running).await.text().is_some());
        assert!(post(&running, "ProspectGetV2", "{\"criteriaValue\":\"\"}").await.text().is_some());
    }
    assert_eq!(answered, [true, false, false, true]);
    assert_eq!((fired(&running, "lost_close"), running.prospects().len()), (2, 4));
}

#[tokio::test]
async fn late_commit() {
    let running = with(Kind::LateCommit { after_ms: 150 }).await;
    let before = running.now_ms();
    let got = add(&running).await;
    assert!(got.raw.is_empty() && running.ledger().is_empty());
    assert_eq!(running.in_flight(), 1);
    until(|| running.ledger().len() == 1).await;
    let entry = &running.ledger()[0];
    assert!(entry.late && entry.at_ms >= before + 150);
    assert_eq!(running.in_flight(), 0);
}

#[tokio::test]
async fn arrives_after_the_client_left() {
    let running = with(Kind::ArriveAfterClose { after_ms: 120 }).await;
    let mut stream = tcp(&running).await;
    let sent = raw_request("POST", "/api/ProspectAddV2?p=S-1&msgid=dara", &envelope().seal(SAMPLE));
    stream.write_all(&sent).await.unwrap();
    until(|| running.requests_seen() == 1).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(running.ledger().is_empty(), "while the client waits nothing happens");
    let left = running.now_ms();
    drop(stream);
    until(|| running.ledger().len() == 1).await;
    assert!(running.ledger()[0].late && running.ledger()[0].at_ms >= left + 100);
}

#[tokio::test]
async fn refused_without_being_executed() {
    let status =
        |code, retry_after: Option<&str>| Kind::Status { code, retry_after: retry_after.map(Into::into) };
    for (kind, wanted, header) in [
        (status(413, None), 413, None),
        (status(500, None), 500, None),
        (status(503, Some("30")), 503, Some(("retry-after", "30"))),
        (status(429, Some("-1 soon")), 429, Some(("retry-after", "-1 soon"))),
        (Kind::TooMany { max: 2 }, 413, None),
        (
            Kind::Redirect { status: 302, to: "http://127.0.0.1:9/x".into() },
            302,
            Some(("location", "http://127.0.0.1:9/x")),
        ),
        (Kind::Redirect { status: 307, to: "/api/x".into() }, 307, Some(("location", "/api/x"))),
        (Kind::Redirect { status: 308, to: "/api/x".into() }, 308, Some(("location", "/api/x"))),
        (Kind::CaptivePortal { reaches: false }, 200, Some(("content-type", "text/html; charset=utf-8"))),
    ] {
        let running = with(kind.clone()).await;
        let got = post(&running, "ProspectAddV2", &three()).await;
        assert_eq!(got.status(), wanted, "{kind:?}");
        if let Some((name, value)) = header {
            assert_eq!(got.header(name).as_deref(), Some(value), "{kind:?}");
        }
        assert_eq!(got.text(), None);
        assert!(running.ledger().is_empty(), "{kind:?}");
        assert_eq!(fired(&running, kind.name()), 1);
    }
}

#[tokio::test]
async fn a_batch_is_refused_and_one_is_not() {
    for kind in [Kind::RefuseBatch, Kind::TooMany { max: 1 }] {
        let running = with(kind).await;
        let got = post(&running, "ProspectAddV2", &three()).await;
        assert!(got.text().is_none_or(|text| text.contains("(00002)")));
        assert!(running.ledger().is_empty());
        assert_eq!(add(&running).await.text().as_deref(), Some(ADDED));
    }
}

#[tokio::test]
async fn an_expired_session_by_fault_is_good_the_next_time() {
    let running = started().await;
    running.set_faults(vec![Fault::new(Kind::ExpiredSession).times(1)]);
    assert!(add(&running).await.text().unwrap().contains("00009"));
    assert!(running.ledger().is_empty());
    assert_eq!(add(&running).await.text().as_deref(), Some(ADDED));
}

#[tokio::test]
async fn executed_and_then_an_error_or_a_page() {
    for (kind, status) in
        [(Kind::FailAfterCommit { code: 500 }, 500), (Kind::CaptivePortal { reaches: true }, 200)]
    {
        let running = with(kind).await;
        let got = add(&running).await;
        assert_eq!((got.status(), got.text()), (status, None));
        assert_eq!(running.ledger()[0].reply, Fate::Damaged);
    }
}

#[tokio::test]
async fn broken_messages() {
    for kind in [
        Kind::Garbage,
        Kind::WrongKey,
        Kind::Truncate { bytes: Some(16) },
        Kind::Truncate { bytes: Some(7) },
        Kind::Truncate { bytes: None },
    ] {
        let running = with(kind.clone()).await;
        let got = add(&running).await;
        assert_eq!(got.status(), 200);
        assert!(got.end.is_ok(), "whole as HTTP goes");
        assert!(got.text().is_none_or(|text| text != ADDED), "{kind:?}");
        assert_eq!(running.ledger()[0].reply, Fate::Damaged);
    }
}

#[tokio::test]
async fn a_depth_bomb_is_well_sealed() {
    let running = with(Kind::DepthBomb { depth: 50_000 }).await;
    let text = add(&running).await.text().unwrap();
    assert_eq!(text, "[".repeat(50_000) + &"]".repeat(50_000));
}

#[tokio::test]
async fn cut_in_the_head_and_in_the_body() {
    for (part, after) in [(Part::Head, 0), (Part::Head, 12), (Part::Body, 0), (Part::Body, 33)] {
        let running = with(Kind::Cut { part, after }).await;
        let got = add(&running).await;
        let counted = match part {
            Part::Head => got.raw.len(),
            Part::Body => got.body().len(),
        };
        assert_eq!(counted as u64, after, "{part:?}");
        assert_eq!(got.head_end().is_some(), part == Part::Body);
        assert_eq!(running.ledger()[0].reply, Fate::Lost);
    }
}

#[tokio::test]
async fn dripping_takes_its_time_and_arrives_whole() {
    for part in [Part::Head, Part::Body] {
        let running = with(Kind::Drip { part, bytes: 40, every_ms: 20 }).await;
        let begun = Instant::now();
        let got = add(&running).await;
        let drops = if part == Part::Head { got.raw.len() } else { got.body().len() } / 40;
        assert!(drops >= 4 && begun.elapsed() >= Duration::from_millis(20 * (drops as u64 - 1)));
        assert_eq!(got.text().as_deref(), Some(ADDED));
    }
}

#[tokio::test]
async fn a_delay_is_waited_for() {
    let running = with(Kind::Delay { ms: 150, jitter_ms: 50 }).await;
    let begun = Instant::now();
    assert_eq!(add(&running).await.text().as_deref(), Some(ADDED));
    assert!(begun.elapsed() >= Duration::from_millis(150));
}

#[tokio::test]
async fn lengths_that_lie() {
    let running = with(Kind::LyingLength { by: 50 }).await;
    let more = add(&running).await;
    let claimed = |got: &common::Got| got.header("content-length").unwrap().parse::<usize>().unwrap();
    assert_eq!(claimed(&more), more.body().len() + 50);
    assert_eq!(more.text().as_deref(), Some(ADDED), "all that there is was sent");
    running.set_faults(vec![Fault::new(Kind::LyingLength { by: -50 })]);
    let less = add(&running).await;
    assert_eq!((claimed(&less), less.body().len()), (more.body().len() - 50, more.body().len() - 50));
}

#[tokio::test]
async fn compressed_mislabelled_and_misdated() {
    let running = with(Kind::Gzip).await;
    let got = add(&running).await;
    assert_eq!(got.header("content-encoding").as_deref(), Some("gzip"));
    let mut plain = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(got.body()), &mut plain).unwrap();
    assert_eq!(envelope().open(&plain).as_deref(), Some(ADDED));

    running.set_faults(vec![Fault::new(Kind::ContentType { value: "image/png".into() })]);
    assert_eq!(add(&running).await.header("content-type").as_deref(), Some("image/png"));

    running.set_faults(vec![Fault::new(Kind::ClockSkew { seconds: -86_400 * 400 })]);
    let skewed = call(&running, "POST", "/api/ProspectGetV2?p=S-1", &envelope().seal("{}")).await;
    let year = |date: &str| date.split(' ').nth(3).unwrap().parse::<i32>().unwrap();
    running.clear_faults();
    let right = add(&running).await;
    let difference = year(&right.header("date").unwrap()) - year(&skewed.header("date").unwrap());
    assert!((1..=2).contains(&difference));
}

#[tokio::test]
async fn a_giant_comes_whole_and_a_client_may_leave_it() {
    let running = with(Kind::Giant { bytes: 8 << 20 }).await;
    let got = add(&running).await;
    assert_eq!(got.body().len(), 8 << 20);
    running.set_faults(vec![Fault::new(Kind::Giant { bytes: 1 << 30 })]);
    let mut stream = tcp(&running).await;
    let sent = raw_request("POST", "/api/ProspectAddV2?p=S-1&msgid=dara", &envelope().seal(SAMPLE));
    stream.write_all(&sent).await.unwrap();
    let mut first = [0; 64];
    tokio::io::AsyncReadExt::read_exact(&mut stream, &mut first).await.unwrap();
    assert!(first.starts_with(b"HTTP/1.1 200"));
    drop(stream);
    running.clear_faults();
    assert_eq!(add(&running).await.status(), 200);
}

#[tokio::test]
async fn faults_do_not_outlive_their_reply_on_a_kept_connection() {
    let running = started().await;
    running.set_faults(vec![Fault::new(Kind::Drip { part: Part::Body, bytes: 30, every_ms: 30 }).times(1)]);
    let mut stream = tcp(&running).await;
    let last = raw_request("POST", "/api/ProspectAddV2?p=S-1&msgid=dara", &envelope().seal(SAMPLE));
    let kept = String::from_utf8(last.clone()).unwrap().replace("Connection: close\r\n", "");
    let begun = Instant::now();
    stream.write_all(kept.as_bytes()).await.unwrap();
    until(|| running.requests_seen() == 1).await;
    let got = exchange(&mut stream, &last).await;
    assert!(begun.elapsed() >= Duration::from_millis(150));
    let text = String::from_utf8(got.raw).unwrap();
    assert_eq!(text.matches("HTTP/1.1 200 OK").count(), 2);
}

#[tokio::test]
async fn switches_over_http() {
    let running = started().await;
    let faults = json!([{ "kind": "lost_close", "endpoint": "ProspectAddV2", "times": 1 }]).to_string();
    let (status, set) = control(&running, "PUT", "/_faults", &faults).await;
    assert_eq!((status, set["set"][0]["kind"].as_str()), (200, Some("lost_close")));
    assert!(add(&running).await.raw.is_empty());
    let (_, added) = control(&running, "POST", "/_faults", r#"{"kind":"delay","ms":5}"#).await;
    let id = added["id"].as_u64().unwrap();
    let (_, now) = control(&running, "GET", "/_faults", "").await;
    assert_eq!(now["set"].as_array().unwrap().len(), 2);
    assert_eq!((now["set"][0]["fired"].as_u64(), now["fired"]["lost_close"].as_u64()), (Some(1), Some(1)));
    let path = format!("/_faults/{id}");
    assert_eq!(control(&running, "DELETE", &path, "").await.0, 200);
    assert_eq!(control(&running, "DELETE", &path, "").await.0, 404);
    assert_eq!(control(&running, "DELETE", "/_faults", "").await.1["set"], json!([]));
    for bad in ["", "[{}]", r#"[{"kind":"no_such"}]"#, r#"[{"kind":"lost_close","tims":1}]"#] {
        let (status, said) = control(&running, "PUT", "/_faults", bad).await;
        assert!(status == 400 && said["error"].is_string(), "{bad}");
    }
}
