//! The state machine: the onboarding service's messages, sessions and faults, and what a restart leaves of it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::machine::*;
use common::onboarding::*;
use satchel_sandbox::onboarding::{Settings, Start};
use satchel_sandbox::{Answer, Fate, Fault, Hangup, Kind, Server};
use serde_json::{Value, json};

#[test]
fn the_documents_samples_one_after_the_other() {
    let mut server = with(Settings { start: Start::Sample, party_id: false, ..Settings::default() });
    assert_eq!(ask(&mut server, CREATE, VIRAT), CREATED);
    assert_eq!(ask(&mut server, UPDATE, ROHIT), UPDATED);
    assert_eq!(ask(&mut server, LIST, ALL), listed());
    assert_eq!(ask(&mut server, UPLOAD, PDF), UPLOADED);
    assert_eq!(ask(&mut server, ANSWER, SUBMIT), SUBMITTED);
    let shivang = [
        ("Application_id", "KQHV6GN"),
        ("Party_Id", "1844225486"),
        ("FirstName", "Shivang"),
        ("LastName", "Mishra"),
    ];
    let shivang = shivang.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let made = server.elsewhere_in_onboarding(NOW, |all| all.insert_application("dara", &shivang, NOW));
    assert_eq!(made.as_deref(), Some("KQHV6GN"));
    assert_eq!(ask(&mut server, REQUIRE, FORM), REQUIRED);
    let document = server.onboarding().documents().next().unwrap();
    assert_eq!((document.sha256.as_str(), document.bytes().len()), (PDF_SHA256, 9075));
    let sent: Value = serde_json::from_str(PDF).unwrap();
    assert_eq!(STANDARD.encode(document.bytes()), sent["Response"][0]["fileContents"]);
}

#[test]
fn the_party_is_told_unless_a_setting_says_otherwise() {
    assert_eq!(ask(&mut server(), CREATE, VIRAT), CREATED_WITH_PARTY);
}

#[test]
fn what_is_committed_stands_in_the_ledger() {
    let mut server = server();
    for (operation, body) in
        [(CREATE, VIRAT), (UPDATE, ROHIT), (UPLOAD, PDF), (ANSWER, SUBMIT), (REQUIRE, FORM)]
    {
        ask(&mut server, operation, body);
    }
    ask(&mut server, LIST, ALL);
    let told: Vec<_> =
        server.ledger().iter().map(|e| (e.endpoint.as_str(), e.effect.kind.as_str())).collect();
    assert_eq!(
        told,
        [
            ("createProspectProfile", "create"),
            ("updateProspectProfile", "create"),
            ("uploadDocument", "upload"),
            ("updateUserAction", "answer"),
            ("createPreRequirements", "create")
        ]
    );
    assert!(server.ledger().iter().all(|entry| entry.remote == "onboarding" && entry.officer == "dara"));
    let [profile, person, file, answer, _] = server.ledger() else { panic!("five effects") };
    assert_eq!(profile.effect.code, "3X88WLM");
    assert_eq!(
        (person.effect.code.as_str(), person.effect.natural_key.as_str()),
        ("1075992239", "2021-07-26T02:15:22")
    );
    assert_eq!((file.effect.digest.as_str(), file.effect.client_ref.as_str()), (PDF_SHA256, "1627265913230"));
    assert_eq!((file.effect.natural_key.as_str(), file.effect.fields.get("size")), (PAPER, "9075"));
    assert_eq!(answer.effect.fields.get("Status"), "Submitted");
    let whole = serde_json::to_string(server.ledger()).unwrap();
    assert!(!whole.contains("JVBERi0"), "no file in the ledger");
    let log: String = server.exchanges().map(|exchange| exchange.asked.as_str()).collect();
    assert!(log.contains("techspectemplate.pdf") && log.contains("… (12100 characters)"), "the log names it");
}

#[test]
fn nothing_without_a_good_session() {
    let expired = r#"{"opstatus":10002,"httpStatusCode":401,"errmsg":"Session is invalid or has expired"}"#;
    let mut server = server();
    let calls =
        [(CREATE, VIRAT), (UPDATE, ROHIT), (UPLOAD, PDF), (ANSWER, SUBMIT), (REQUIRE, FORM), (LIST, ALL)];
    for (operation, body) in calls {
        assert_eq!(say(&mut server, "S-3", operation, body), (401, expired.to_owned()));
    }
    server.sessions_mut().expire_after("dara", 1);
    ask(&mut server, CREATE, VIRAT);
    assert_eq!(say(&mut server, "S-1", LIST, ALL).0, 401);
    let session = server.sessions_mut().renew("dara").unwrap();
    assert_eq!(say(&mut server, &session, LIST, ALL).0, 200);
    assert_eq!(server.ledger().len(), 1);
}

#[test]
fn headers_by_setting() {
    let mut server = with(Settings {
        session_header: "X-Kony-Authorization".to_owned(),
        required_headers: [("X-App-Key".to_owned(), "k-1".to_owned())].into(),
        ..Settings::default()
    });
    let mut call = request(LIST, "S-1", ALL);
    assert_eq!(
        status_and_text(&server.receive(call.clone(), NOW)).0,
        401,
        "the session is in another header"
    );
    call.headers = vec![("x-kony-authorization".to_owned(), "S-1".to_owned())];
    assert_eq!(status_and_text(&server.receive(call.clone(), NOW)).0, 401, "the key is not there");
    call.headers.push(("x-app-key".to_owned(), "k-2".to_owned()));
    assert_eq!(status_and_text(&server.receive(call.clone(), NOW)).0, 401, "it is another key");
    call.headers[1].1 = "k-1".to_owned();
    assert_eq!(status_and_text(&server.receive(call, NOW)).0, 200);
}

#[test]
fn requests_that_cannot_be_read() {
    let invalid = r#"{"opstatus":10001,"httpStatusCode":400,"errmsg":"Bad request"}"#;
    let mut server = server();
    ask(&mut server, CREATE, VIRAT);
    let bad = [
        (CREATE, "{"),
        (CREATE, "[]"),
        (CREATE, r#"{"FirstName":["Virat"]}"#),
        (UPLOAD, r#"{"UserActionIdentifier":7,"Response":[]}"#),
        (UPLOAD, r#"{"UserActionIdentifier":"a","Response":[{"fileClientId":"1"}]}"#),
        (UPLOAD, r#"{"UserActionIdentifier":"a","Response":[{"fileClientId":1.62726591323E12}]}"#),
        (LIST, "{}"),
        (LIST, "isPre=true"),
        (REQUIRE, "{}"),
        (REQUIRE, "jsondata=x"),
    ];
    for (operation, body) in bad {
        assert_eq!(ask(&mut server, operation, body), invalid, "{operation} {body}");
    }
    let mut with_400 = with(Settings { http_400: true, ..Settings::default() });
    assert_eq!(say(&mut with_400, "S-1", CREATE, "{"), (400, invalid.to_owned()));
    assert_eq!(server.ledger().len(), 1);
    let mut get = request(LIST, "S-1", ALL);
    get.method = "GET".to_owned();
    assert_eq!(status_and_text(&server.receive(get, NOW)).0, 405);
    for path in
        ["UserAction/createProspectProfile", "PersonalInfo/getUserActions", "UserAction/updateUserActionBulk"]
    {
        assert_eq!(say(&mut server, "S-1", path, VIRAT).0, 404, "{path}");
    }
}

#[test]
fn faults_by_endpoint() {
    let mut server = server();
    server.set_faults(vec![
        Fault::new(Kind::Opstatus { code: 8009 }).on("createProspectProfile").times(1),
        Fault::new(Kind::ReplyCode { code: 500 }).on("createProspectProfile").times(1),
        Fault::new(Kind::ExpiredSession).on("getUserActions").times(1),
        Fault::new(Kind::LostClose).on("uploadDocument").times(1),
    ]);
    assert_eq!(
        ask(&mut server, CREATE, VIRAT),
        r#"{"opstatus":8009,"httpStatusCode":200,"errmsg":"The service failed"}"#
    );
    assert!(server.ledger().is_empty());
    let spent: Vec<_> = server.faults().iter().map(satchel_sandbox::Armed::spent).collect();
    assert_eq!(spent, [true, true, false, false]);
    ask(&mut server, CREATE, VIRAT);
    assert_eq!(say(&mut server, "S-1", LIST, ALL).0, 401);
    assert_eq!(say(&mut server, "S-1", LIST, ALL).0, 200, "the session itself is good");
    let lost = server.receive(request(UPLOAD, "S-1", PDF), NOW);
    assert!(lost.answer == Answer::Silence(Hangup::Close) && lost.committed == [2]);
    assert_eq!(server.ledger()[1].reply, Fate::Lost);

    server.set_faults(vec![Fault::new(Kind::ReplyCode { code: 500 })]);
    assert!(ask(&mut server, ANSWER, SUBMIT).ends_with(r#""httpStatusCode":500}"#));
    assert_eq!(server.ledger()[2].reply, Fate::Damaged);
    server.set_faults(vec![Fault::new(Kind::ReplyCode { code: 0 })]);
    assert!(ask(&mut server, CREATE, VIRAT).ends_with(r#""httpStatusCode":0}"#));
    assert_eq!(server.ledger()[3].reply, Fate::Sent);
}

#[test]
fn faults_of_the_reply_and_of_its_files() {
    let mut server = server();
    ask(&mut server, CREATE, VIRAT);
    let mut files: Value = serde_json::from_str(&upload(PAPER, "a.png", "AAAA")).unwrap();
    let mut other = files["Response"][0].clone();
    other["fileClientId"] = json!(8);
    files["Response"].as_array_mut().unwrap().push(other);
    let ids = |server: &mut Server, kind| {
        server.set_faults(vec![Fault::new(kind)]);
        let reply: Value = serde_json::from_str(&ask(server, UPLOAD, &files.to_string())).unwrap();
        let all = reply["Response"].as_array().unwrap().iter();
        all.map(|file| file["fileClientId"].as_f64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&mut server, Kind::SwapReplies), [8.0, 7.0]);
    assert_eq!(ids(&mut server, Kind::MissingReply).len(), 1);
    assert_eq!(ids(&mut server, Kind::DuplicateReply { contradict: true }).len(), 3);
    assert_eq!(ids(&mut server, Kind::WrongReference).iter().filter(|id| **id > 8.0).count(), 1);
    server.set_faults(vec![Fault::new(Kind::RefuseBatch)]);
    assert_eq!(refusal(&mut server, UPLOAD, &files.to_string()), "Bad request");
    server.set_faults(vec![Fault::new(Kind::Truncate { bytes: Some(10) })]);
    assert_eq!(ask(&mut server, LIST, ALL), "{\"Personal");
    server.set_faults(vec![Fault::new(Kind::WrongKey), Fault::new(Kind::RoundMinutes)]);
    ask(&mut server, CREATE, VIRAT);
    assert!(server.fired().get("wrong_key").is_none() && server.fired().get("round_minutes").is_none());
}

#[test]
fn a_late_upload_lands_late_and_survives_a_restart() {
    let mut before = server();
    ask(&mut before, CREATE, VIRAT);
    before.set_faults(vec![Fault::new(Kind::LateCommit { after_ms: 5_000 })]);
    assert_eq!(before.receive(request(UPLOAD, "S-1", PDF), NOW).due_ms, Some(NOW + 5_000));
    ask(&mut before, LIST, ALL);
    let mut after = server();
    after.restore(before.unsaved().unwrap()).unwrap();
    after.tick(NOW + 4_999);
    assert_eq!(after.onboarding().documents().count(), 0);
    after.tick(NOW + 5_000);
    assert_eq!(after.onboarding().documents().next().unwrap().sha256, PDF_SHA256);
    assert!(after.ledger()[1].late);
}

#[test]
fn what_is_saved_is_what_there_was() {
    let mut before = server();
    for (operation, body) in
        [(CREATE, VIRAT), (UPDATE, ROHIT), (UPLOAD, PDF), (ANSWER, SUBMIT), (REQUIRE, FORM)]
    {
        ask(&mut before, operation, body);
    }
    let settings = Settings { poison: "Nobody".to_owned(), ..Settings::default() };
    before.elsewhere_in_onboarding(NOW, |all| (all.set_settings(settings.clone()), Vec::new()));
    let mut after = server();
    after.restore(before.unsaved().unwrap()).unwrap();
    assert!(before.unsaved().is_none(), "nothing changed since");
    assert_eq!(*after.onboarding().settings(), settings);
    assert_eq!(
        after.onboarding().documents().next().unwrap().bytes(),
        before.onboarding().documents().next().unwrap().bytes()
    );
    for body in [CREATE, REQUIRE, LIST] {
        let asked = match body {
            CREATE => VIRAT,
            REQUIRE => FORM,
            _ => ALL,
        };
        assert_eq!(ask(&mut after, body, asked), ask(&mut before, body, asked), "the same numbers go on");
    }
}

#[test]
fn a_document_that_was_spoilt_in_the_file_is_refused() {
    let mut before = server();
    ask(&mut before, CREATE, VIRAT);
    ask(&mut before, UPLOAD, &upload(PAPER, "a.png", "AAAA"));
    let mut saved = before.unsaved().unwrap();
    let document = saved.records.iter_mut().find(|(_, key, _)| key == "document 1").unwrap();
    document.2 = document.2.replace("AAAA", "A*AA");
    assert!(server().restore(saved).is_err());
}
