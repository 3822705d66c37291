//! The onboarding service over real sockets: uploads that are cut, slow or too long, control routes, the inspector.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::onboarding::*;
use common::{SAMPLE, call, control, exchange, post, started, tcp, until};
use satchel_sandbox::onboarding::{Settings, Start};
use satchel_sandbox::{Fate, Fault, Kind, Options, Running, Sandbox};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt;

async fn with_application() -> Running {
    let running = started().await;
    assert_eq!(String::from_utf8_lossy(send(&running, CREATE, VIRAT).await.body()), CREATED_WITH_PARTY);
    running
}

#[tokio::test]
async fn both_services_on_one_port() {
    let running = with_application().await;
    assert!(post(&running, "ProspectAddV2", SAMPLE).await.text().is_some());
    assert_eq!(send(&running, UPLOAD, PDF).await.body(), UPLOADED.as_bytes());
    assert!(
        running.onboarding_url().starts_with("http://127.0.0.1:") && running.onboarding_url().ends_with(BASE)
    );
    let remotes: Vec<_> = running.ledger().into_iter().map(|entry| entry.remote).collect();
    assert_eq!(remotes, ["onboarding", "prospect", "onboarding"]);
    assert_eq!(
        (running.prospects().len(), running.applications().len(), running.documents().len()),
        (1, 1, 1)
    );
    let got = send(&running, LIST, ALL).await;
    assert_eq!(got.header("content-type").as_deref(), Some("application/json; charset=utf-8"));
    assert_eq!(value(&got)["count"], running.actions().len());
}

#[tokio::test]
async fn everything_survives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { state: Some(folder.path().join("state.sqlite")), ..Options::default() };
    let running = Sandbox::start(options.clone()).await.unwrap();
    let settings = Settings { start: Start::Sample, ..Settings::default() };
    running.set_onboarding_settings(settings.clone());
    for (operation, body) in [(CREATE, VIRAT), (UPDATE, ROHIT), (UPLOAD, PDF), (ANSWER, SUBMIT)] {
        assert_eq!(send(&running, operation, body).await.status(), 200);
    }
    assert!(running.withdraw_action("DriverLicense_1778258145_3X88WLM"));
    let list = send(&running, LIST, ALL).await.body().to_vec();
    running.stop();

    let running = Sandbox::start(options).await.unwrap();
    assert_eq!(send(&running, LIST, ALL).await.body(), list);
    assert_eq!(running.onboarding_settings(), settings);
    let document = running.documents().remove(0);
    assert_eq!((document.sha256.as_str(), document.bytes().len()), (PDF_SHA256, 9075));
    assert_eq!(running.applications()[0].co_applicants()[0].name(), "Rohit Sharma");
    assert_eq!(running.insert_application([("FirstName", "Next")]).len(), 7);
    assert_ne!(running.applications()[0].id, running.applications()[1].id);
}

#[tokio::test]
async fn answers_are_lost_and_come_late() {
    let running = with_application().await;
    running.set_faults(vec![Fault::new(Kind::LostReset).on("uploadDocument").times(1)]);
    assert!(send(&running, UPLOAD, PDF).await.was_reset());
    assert_eq!((running.documents().len(), running.ledger()[1].reply), (1, Fate::Lost));
    running.set_faults(vec![Fault::new(Kind::LateCommit { after_ms: 100 }).on("uploadDocument").times(1)]);
    assert!(send(&running, UPLOAD, PDF).await.raw.is_empty());
    assert_eq!(running.documents().len(), 1);
    until(|| running.documents().len() == 2).await;
    assert!(running.ledger()[2].late);
}

#[tokio::test]
async fn an_upload_that_is_cut_is_not_executed() {
    let running = with_application().await;
    running.set_faults(vec![Fault::new(Kind::CutUpload { after: 1_000 }).on("uploadDocument").times(1)]);
    assert!(value(&send(&running, LIST, ALL).await)["count"].is_u64(), "another endpoint");
    let got = send(&running, UPLOAD, PDF).await;
    assert!(got.raw.is_empty(), "no answer");
    assert!(running.documents().is_empty() && running.ledger().len() == 1);
    assert_eq!((running.fired()["cut_upload"], running.requests_seen()), (1, 3));
    let (_, requests) = control(&running, "GET", "/_requests?after=2", "").await;
    assert_eq!(
        (&requests[0]["endpoint"], &requests[0]["delivery"]),
        (&json!("uploadDocument"), &json!("cut while it came"))
    );
    assert_eq!(requests[0]["fired"], json!(["cut_upload"]));
    assert_eq!(send(&running, UPLOAD, PDF).await.body(), UPLOADED.as_bytes(), "once, and then no more");
}

#[tokio::test]
async fn an_upload_that_its_client_breaks_off_is_not_executed() {
    let running = with_application().await;
    let sent = raw(UPLOAD, "S-1", PDF.as_bytes());
    let mut stream = tcp(&running).await;
    stream.write_all(&sent[..sent.len() - 1]).await.unwrap();
    drop(stream);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(running.documents().is_empty() && running.requests_seen() == 1);
}

#[tokio::test]
async fn a_slow_upload_takes_its_time() {
    let running = with_application().await;
    let body = upload(PAPER, "photo.jpg", &STANDARD.encode(vec![7; 150_000]));
    let rate = 400_000;
    running.set_faults(vec![Fault::new(Kind::Throttle { bytes_per_second: rate }).on("uploadDocument")]);
    let begun = Instant::now();
    let got = send(&running, UPLOAD, &body).await;
    let (took, least) = (begun.elapsed(), Duration::from_secs_f64(body.len() as f64 / rate as f64));
    assert!(took >= least && took < least * 3, "{took:?} for {least:?}");
    assert_eq!((got.status(), running.documents()[0].size), (200, 150_000));
    let (_, requests) = control(&running, "GET", "/_requests?after=1", "").await;
    assert_eq!(requests[0]["fired"], json!(["throttle"]));
    assert_eq!(running.ledger()[1].reply, Fate::Sent);
}

#[tokio::test]
async fn two_megabytes_pass_and_nine_do_not() {
    let running = with_application().await;
    let of = |size: usize| upload(PAPER, "photo.jpg", &STANDARD.encode(vec![7; size]));
    assert_eq!(send(&running, UPLOAD, &of(2 * 1024 * 1024)).await.status(), 200);
    assert_eq!(send(&running, UPLOAD, &of(7 * 1024 * 1024)).await.status(), 413);
    assert_eq!((running.documents().len(), running.requests_seen()), (1, 2));
}

#[tokio::test]
async fn control_routes() {
    let running = started().await;
    let order = |body: Value| {
        let body = body.to_string();
        let running = &running;
        async move { control(running, "POST", "/_control/onboarding", &body).await }
    };
    let made = order(
        json!({ "action": "insert_application", "fields": { "FirstName": "Virat", "LastName": "Kohli" } }),
    )
    .await;
    assert_eq!(made, (200, json!({ "id": "3X88WLM" })));
    let asked = order(json!({ "action": "create_action", "application": "3X88WLM", "members": { "UserActionName": "Map" } })).await;
    assert_eq!(asked.1["id"], "Map_1778258145_3X88WLM");
    let answer =
        order(json!({ "action": "answer", "identifier": "Map_1778258145_3X88WLM", "response": "here" }))
            .await;
    assert_eq!(answer.0, 200);
    assert_eq!(order(json!({ "action": "withdraw_action", "identifier": PAPER })).await.0, 200);
    assert_eq!(order(json!({ "action": "withdraw_action", "identifier": PAPER })).await.0, 404);
    assert_eq!(order(json!({ "action": "insert_application", "fields": { "Nose": "1" } })).await.0, 404);
    assert_eq!(
        order(json!({ "action": "insert_application", "fields": { "Application_id": "3X88WLM" } })).await.0,
        404
    );
    assert_eq!(order(json!({ "action": "paint" })).await.0, 400);

    send(&running, UPLOAD, &upload("Map_1778258145_3X88WLM", "map.png", "AAAA")).await;
    let (_, applications) = control(&running, "GET", "/_applications", "").await;
    assert_eq!(applications[0]["people"][0]["fields"]["LastName"], "Kohli");
    let (_, actions) = control(&running, "GET", "/_actions", "").await;
    let map = actions.as_array().unwrap().last().unwrap();
    assert_eq!(
        (&map["response"], &map["answered_by"], &map["shown"]["UserActionStatus"]),
        (&json!("here"), &json!("someone else"), &json!("Submitted"))
    );
    let (_, documents) = control(&running, "GET", "/_documents", "").await;
    assert_eq!((&documents[0]["size"], documents[0].get("bytes")), (&json!(3), None));
    let path = format!("/_documents/{}", documents[0]["id"].as_str().unwrap());
    let got = call(&running, "GET", &path, b"").await;
    assert_eq!(
        (got.status(), got.body(), got.header("content-type").as_deref()),
        (200, &[0, 0, 0][..], Some("image/png"))
    );
    assert!(got.header("content-security-policy").unwrap().starts_with("sandbox"));
    assert_eq!(call(&running, "GET", "/_documents/none", b"").await.status(), 404);

    let route = "/_control/onboarding/settings";
    let (_, settings) =
        control(&running, "PUT", route, r#"{"file_limit":10,"required_headers":{"a":"b"}}"#).await;
    assert_eq!((&settings["file_limit"], &settings["session_header"]), (&json!(10), &json!("x-session")));
    assert_eq!(control(&running, "GET", route, "").await.1, settings);
    assert_eq!(control(&running, "PUT", route, r#"{"file_limt":10}"#).await.0, 400);
    let (_, status) = control(&running, "GET", "/_status", "").await;
    assert_eq!(
        (&status["applications"], &status["documents"], &status["double_documents"]),
        (&json!(1), &json!(1), &json!(0))
    );
    assert_eq!(status["onboarding"], running.onboarding_url());
}

#[tokio::test]
async fn by_somebody_else_from_rust() {
    let running = with_application().await;
    assert_eq!(running.insert_application([("Party_Id", "0000000007"), ("FirstName", "Anil")]).len(), 7);
    assert_eq!(running.insert_application([("Nose", "1")]), "");
    assert_eq!(running.applications()[1].people[0].party, "0000000007");
    let made = running.create_action("3X88WLM", &json!({ "UserActionName": "Map", "ActionMetaData": null }));
    assert_eq!(made, "Map_1778258145_3X88WLM");
    assert_eq!(running.create_action("none", &json!({ "UserActionName": "Map" })), "");
    let shown = value(&send(&running, LIST, ALL).await);
    assert_eq!(
        shown["Other"][0]["UserActionName"], "Map",
        "an action without its data is in no group of its own"
    );
    assert!(running.answer_as_someone_else(&made, "there") && !running.answer_as_someone_else("none", ""));
    assert_eq!(running.actions().last().unwrap().response, "there");
    assert!(running.withdraw_action(&made) && !running.withdraw_action(&made));
    running.set_onboarding_settings(Settings { party_id: false, ..Settings::default() });
    assert!(value(&send(&running, CREATE, VIRAT).await).get("Party_Id").is_none());
}

async fn page(running: &Running, path: &str) -> String {
    let got = call(running, "GET", path, b"").await;
    assert_eq!(got.status(), 200, "{path}");
    String::from_utf8_lossy(got.body()).into_owned()
}

fn has(page: &str, all: &[&str]) {
    all.iter().for_each(|text| assert!(page.contains(text), "{text}"));
}

#[tokio::test]
async fn the_inspector_shows() {
    let running = started().await;
    send(&running, CREATE, &VIRAT.replace("Kohli", "<b>Kohli</b>")).await;
    send(&running, UPDATE, ROHIT).await;
    send(&running, UPLOAD, &upload(PAPER, "slip.png", "AAAA")).await;
    send(&running, UPLOAD, &upload(PAPER, "slip again.png", "AAAA")).await;
    let document = running.documents().remove(0);
    has(
        &page(&running, "/").await,
        &["Prospects", "Applications", "Open actions", "Documents", "Doubles in onboarding", "3X88WLM"],
    );
    let list = page(&running, "/onboarding").await;
    has(
        &list,
        &[
            "3X88WLM",
            "Virat &lt;b&gt;Kohli&lt;/b&gt;",
            "Rohit Sharma",
            PAPER,
            "slip.png",
            "Withdraw",
            "3 bytes",
        ],
    );
    assert!(!list.contains("<b>Kohli"));
    has(
        &page(&running, "/onboarding/applications/3X88WLM").await,
        &["1778258145", "1075992239", "60fe1abbdecbb711d1e76620", "co-applicant", "slip.png"],
    );
    has(&page(&running, "/onboarding/applications/1075992239").await, &["Rohit Sharma"]);
    has(&page(&running, "/onboarding/applications/none").await, &["There is no such application"]);
    let sheet = page(&running, &format!("/onboarding/documents/{}", document.id)).await;
    has(
        &sheet,
        &["slip.png", &document.sha256, "3 bytes", &format!("<img src=\"/_documents/{}\"", document.id)],
    );
    has(
        &page(&running, "/ledger").await,
        &[&format!("/onboarding/documents/{}", document.id), "/onboarding/applications/1075992239"],
    );
    has(&page(&running, "/sessions").await, &["How the onboarding service is set up", "x-session"]);
    has(&page(&running, "/faults").await, &["Upload cut", "Slow upload", "uploadDocument", "ProspectAddV2"]);
    has(&page(&running, "/requests").await, &["uploadDocument"]);
}

#[tokio::test]
async fn the_inspector_does() {
    let running = with_application().await;
    let form = async |path: &str, body: &str| {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        exchange(&mut tcp(&running).await, head.as_bytes()).await.status()
    };
    let ask_for =
        "action=create_action&application=3X88WLM&name=Map&UserActionType=Date&Group=Land&Title=&members=";
    assert_eq!(form("/onboarding", &format!("{ask_for}%7B%22PartyId%22%3Anull%7D")).await, 303);
    let map = running.actions().pop().unwrap();
    assert_eq!((map.shown.group(), map.shown.kind(), map.shown.party.as_deref()), ("Land", "Date", None));
    assert_eq!(form("/onboarding", &format!("{ask_for}%7B")).await, 400);
    assert_eq!(form("/onboarding", &format!("action=answer&identifier={PAPER}&response=ok")).await, 303);
    assert_eq!(form("/onboarding", &format!("action=withdraw_action&identifier={PAPER}")).await, 303);
    assert_eq!(form("/onboarding", &format!("action=withdraw_action&identifier={PAPER}")).await, 400);
    let paper = running.actions().into_iter().find(|action| action.identifier() == PAPER).unwrap();
    assert!(paper.withdrawn && paper.response == "ok");
    assert_eq!(form("/onboarding", "action=insert_application&FirstName=Anil&LastName=&officer=").await, 303);
    assert_eq!(running.applications()[1].people[0].name(), "Anil Else");
    assert_eq!(
        form("/onboarding/settings", "start=nothing&file_limit=9&required=FirstName,+LastName&poison=").await,
        303
    );
    let settings = running.onboarding_settings();
    assert!(!settings.party_id && settings.session_header == "x-session");
    assert_eq!((settings.start, settings.file_limit, settings.required.len()), (Start::Nothing, 9, 2));
    assert_eq!(
        form("/faults", "kind=throttle&bytes_per_second=1000&endpoint=uploadDocument&times=1").await,
        303
    );
    has(&page(&running, "/faults").await, &["Slow upload", "bytes_per_second 1000"]);
}
