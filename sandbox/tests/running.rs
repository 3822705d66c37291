//! Starting, stopping, restarting, TLS, control routes and the inspector.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{
    ADDED, DOWNLOADED, SAMPLE, call, control, envelope, exchange, port, post, post_in, raw_request, started,
};
use common::{three, until};
use satchel_sandbox::{Fault, Kind, Officer, Options, Sandbox, Tls};
use std::io;
use std::time::Duration;

const ALL: &str = "{\"criteriaValue\":\"\"}";

#[tokio::test]
async fn everything_survives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { state: Some(folder.path().join("state.sqlite")), ..Options::default() };
    let running = Sandbox::start(options.clone()).await.unwrap();
    assert_eq!(post(&running, "ProspectAddV2", SAMPLE).await.text().as_deref(), Some(ADDED));
    let elsewhere = running.insert_as_other_device([("NameEn", "Sok"), ("NameKh", "សុខ")]);
    assert!(running.reject_as_other_device(&elsewhere));
    let session = running.renew_session("dara");
    running.set_faults(vec![Fault::new(Kind::LateCommit { after_ms: 300 })]);
    assert!(post_in(&running, &session, "ProspectAddV2", &three()).await.raw.is_empty());
    let ledger = serde_json::to_string(&running.ledger()).unwrap();
    assert_eq!(running.ledger().len(), 3);
    let again = Options { port: port(&running), ..options };
    running.stop();

    let running = Sandbox::start(again).await.unwrap();
    assert!(serde_json::to_string(&running.ledger()).unwrap().starts_with(&ledger[..ledger.len() - 1]));
    assert_eq!(
        post_in(&running, &session, "ProspectGetV2", "{\"criteriaValue\":\"2947-1\"}")
            .await
            .text()
            .as_deref(),
        Some(DOWNLOADED)
    );
    assert!(post(&running, "ProspectGetV2", ALL).await.text().unwrap().contains("00009"), "the old session");
    until(|| running.ledger().len() == 6).await;
    let next = running.insert_as_other_device([("NameEn", "Next")]);
    assert_eq!(next, "2947-6", "codes are not given out again");
    assert_eq!(running.ledger().last().unwrap().seq, 7);
}

#[tokio::test]
async fn a_file_that_is_no_state_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    std::fs::write(&path, "this is no database, and it is long enough to be sure of that".repeat(40))
        .unwrap();
    assert!(Sandbox::start(Options { state: Some(path), ..Options::default() }).await.is_err());
    let short = Sandbox::start(Options { key: vec![1; 5], ..Options::default() }).await;
    assert_eq!(short.err().map(|e| e.kind()), Some(io::ErrorKind::InvalidInput));
}

#[tokio::test]
async fn tls_that_is_good_and_tls_that_is_not() {
    for tls in [Tls::Good, Tls::WrongHost, Tls::Expired, Tls::UnknownCa] {
        let running = Sandbox::start(Options { tls, ..Options::default() }).await.unwrap();
        assert!(
            running.base_url().starts_with("https://127.0.0.1:") && running.base_url().ends_with("/api/")
        );
        let connected = common::tls(&running, running.ca_pem().unwrap()).await;
        match (tls, connected) {
            (Tls::Good, Ok(mut stream)) => {
                let body = envelope().seal(SAMPLE);
                let got =
                    exchange(&mut stream, &raw_request("POST", "/api/ProspectAddV2?p=S-1", &body)).await;
                assert_eq!(got.text().as_deref(), Some(ADDED));
                running.set_faults(vec![Fault::new(Kind::LostReset)]);
                let mut stream = common::tls(&running, running.ca_pem().unwrap()).await.unwrap();
                let lost =
                    exchange(&mut stream, &raw_request("POST", "/api/ProspectAddV2?p=S-1", &body)).await;
                assert!(lost.was_reset() && running.ledger().len() == 2);
            }
            (Tls::Good, Err(e)) => panic!("{e}"),
            (_, connected) => {
                let why = connected.err().map(|e| e.to_string()).unwrap_or_default();
                let wanted = match tls {
                    Tls::WrongHost => "not valid for",
                    Tls::Expired => "expired",
                    _ => "UnknownIssuer",
                };
                assert!(why.contains(wanted), "{tls:?}: {why}");
                assert_eq!(running.requests_seen(), 0);
            }
        }
    }
}

#[tokio::test]
async fn an_end_ends_everything() {
    let running = started().await;
    let port = port(&running);
    let mut kept = common::tcp(&running).await;
    let got = call(&running, "GET", "/_status", b"").await;
    assert_eq!(got.status(), 200);
    running.stop();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let mut byte = [0];
    let read = tokio::io::AsyncReadExt::read(&mut kept, &mut byte).await;
    assert!(matches!(read, Ok(0) | Err(_)));
    assert!(tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err());
}

#[tokio::test]
async fn two_hundred_at_once() {
    let running = std::sync::Arc::new(started().await);
    running.set_faults(vec![Fault::new(Kind::Delay { ms: 200, jitter_ms: 100 })]);
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let running = running.clone();
        calls.spawn(async move { post(&running, "ProspectAddV2", SAMPLE).await.text().is_some() });
    }
    let begun = std::time::Instant::now();
    assert!(calls.join_all().await.into_iter().all(|answered| answered));
    assert!(begun.elapsed() < Duration::from_secs(15), "they wait side by side");
    assert_eq!(running.ledger().len(), 200);
    let codes: std::collections::BTreeSet<_> = running.prospects().into_iter().map(|row| row.code).collect();
    assert_eq!(codes.len(), 200);
}

#[tokio::test]
async fn control_routes() {
    let running = started().await;
    post(&running, "ProspectAddV2", SAMPLE).await;
    let order = |text: &'static str| control(&running, "POST", "/_control/prospect", text);
    assert_eq!(order(r#"{"action":"edit","code":"2947-1","fields":{"Phone":"077"}}"#).await.0, 200);
    assert_eq!(running.prospects()[0].get("Phone"), "077");
    assert_eq!(order(r#"{"action":"insert","fields":{"NameEn":"Sok"}}"#).await.1["code"], "2947-2");
    assert_eq!(order(r#"{"action":"reject","code":"2947-2"}"#).await.0, 200);
    assert_eq!(order(r#"{"action":"reject","code":"2947-3"}"#).await.0, 404);
    assert_eq!(order(r#"{"action":"edit","code":"2947-1","fields":{"Nose":"1"}}"#).await.0, 404);
    assert_eq!(order(r#"{"action":"paint"}"#).await.0, 400);

    let session = |text: &'static str| control(&running, "POST", "/_control/session", text);
    assert_eq!(session(r#"{"action":"expire","user":"dara"}"#).await.0, 200);
    assert!(post(&running, "ProspectGetV2", ALL).await.text().unwrap().contains("00009"));
    let (_, renewed) = session(r#"{"action":"renew","user":"dara"}"#).await;
    let renewed = renewed["session"].as_str().unwrap();
    assert!(post_in(&running, renewed, "ProspectGetV2", ALL).await.text().unwrap().contains("077"));
    assert_eq!(session(r#"{"action":"expire","user":"nobody"}"#).await.0, 404);
    assert_eq!(session(r#"{"action":"add","user":"sok","password":"p","session":"S-9"}"#).await.0, 200);
    assert_eq!(running.officers()[1], Officer::new("sok", "p", "S-9"));

    let (_, settings) = control(&running, "PUT", "/_control/settings", r#"{"mixed":"all_refused"}"#).await;
    assert_eq!(
        (settings["mixed"].as_str(), settings["check_phone"].as_bool()),
        (Some("all_refused"), Some(true))
    );
    assert_eq!(control(&running, "PUT", "/_control/settings", r#"{"mixd":"kept"}"#).await.0, 400);

    let (_, ledger) = control(&running, "GET", "/_ledger?after=1", "").await;
    let kinds: Vec<_> = ledger.as_array().unwrap().iter().map(|e| e["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["update", "create", "reject"]);
    let (_, status) = control(&running, "GET", "/_status", "").await;
    assert_eq!((status["requests"].as_u64(), status["ledger"].as_u64()), (Some(3), Some(4)));
    assert_eq!(control(&running, "GET", "/_prospects", "").await.1[0]["fields"]["Phone"], "077");
    let (_, requests) = control(&running, "GET", "/_requests?after=2", "").await;
    assert_eq!(requests.as_array().unwrap().len(), 1);
    assert_eq!(requests[0]["asked"], ALL);
}

#[tokio::test]
async fn the_inspector_shows_and_switches() {
    let running = started().await;
    let sharp = SAMPLE.replace("Pha dy", "<b>Pha</b>");
    post(&running, "ProspectAddV2", &sharp).await;
    for path in [
        "/",
        "/prospects",
        "/prospects/2947-1",
        "/ledger",
        "/requests",
        "/requests/1",
        "/faults",
        "/sessions",
    ] {
        let got = call(&running, "GET", path, b"").await;
        let page = String::from_utf8_lossy(got.body()).into_owned();
        assert_eq!(got.status(), 200, "{path}");
        assert!(page.starts_with("<!DOCTYPE html>") && !page.contains("<b>Pha</b>"), "{path}");
        assert!(!page.contains("src=") && !page.contains("url(") && !page.contains("secret"), "{path}");
        assert!(got.header("content-security-policy").is_some());
    }
    let prospects = call(&running, "GET", "/prospects?q=%E1%9E%87%E1%9E%B6", b"").await;
    assert!(String::from_utf8_lossy(prospects.body()).contains("ជា ឌី"));

    let form = async |path: &str, body: &str| {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        exchange(&mut common::tcp(&running).await, head.as_bytes()).await
    };
    let set = form("/faults", "kind=lost_close&endpoint=ProspectAddV2&times=1&chance=&skip=").await;
    assert_eq!((set.status(), set.header("location").as_deref()), (303, Some("/faults")));
    assert!(post(&running, "ProspectAddV2", SAMPLE).await.raw.is_empty());
    let refused = form("/faults", "kind=lost_close&chance=7").await;
    assert!(refused.header("location").unwrap().starts_with("/faults?refused="));
    form("/faults/clear", "").await;
    assert_eq!(form("/prospects/2947-1", "action=edit&field=Phone&value=055").await.status(), 303);
    assert_eq!(running.prospects()[0].get("Phone"), "055");
    assert_eq!(form("/prospects", "NameEn=Form&NameKh=&Phone=&officer=").await.status(), 303);
    form("/sessions", "action=expire&user=dara").await;
    assert!(post(&running, "ProspectGetV2", ALL).await.text().unwrap().contains("00009"));
    form("/settings", "mixed=only_errors_listed&unknown_code=not_found&poison=&branch=1234").await;
    let settings = running.settings();
    assert!(!settings.check_phone && settings.branch == "1234");
}
