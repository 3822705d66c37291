//! The state machine: the collection service's messages, rules and faults, and what a restart leaves of it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::collection::*;
use common::machine::{NOW, status_and_text};
use satchel_sandbox::collection::{RESULT_FIELDS, Settings, Start, hashing};
use satchel_sandbox::{Answer, Fate, Fault, Hangup, Kind, Officer, Server};
use serde_json::{Value, json};

#[test]
fn the_documents_samples() {
    let mut server = server();
    server.sessions_mut().add(Officer::new(USER[0], USER[1], "S-3"));
    let reply = server.receive(request(USER, RESULT, SAMPLE), NOW);
    assert_eq!(status_and_text(&reply), (200, TAKEN.to_owned()));
    let reply = server.receive(request(USER, TASKS, ""), NOW);
    assert_eq!(status_and_text(&reply), (200, listed()));
    let asked: Value = serde_json::from_str(LISTED).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&listed()).unwrap(), asked);
    assert_eq!(hashing(ACCOUNT, KEY), server.collection().result(1).unwrap().get("hashing"));
}

#[test]
fn what_is_committed_stands_in_the_ledger() {
    let mut server = server();
    say(&mut server, TASKS, "");
    assert!(server.ledger().is_empty(), "what an officer starts with is no change");
    let reaction = receive(&mut server, RESULT, SAMPLE);
    assert_eq!(reaction.committed, [1]);
    let entry = &server.ledger()[0];
    assert_eq!(
        (entry.remote.as_str(), entry.endpoint.as_str(), entry.officer.as_str(), entry.reply),
        ("collection", "collection/result", "dara", Fate::Sent)
    );
    let effect = &entry.effect;
    assert_eq!((effect.kind.as_str(), effect.code.as_str()), ("result", "1"));
    assert_eq!((effect.natural_key.as_str(), effect.client_ref.as_str()), (ACCOUNT, "2021-12-29 00:00:00"));
    let names: Vec<_> = effect.fields.iter().map(|(name, _)| name).collect();
    assert_eq!(names, RESULT_FIELDS.map(|(name, _)| name));
}

#[test]
fn a_repeated_result_makes_a_second_row() {
    let mut server = server();
    for body in [SAMPLE.to_owned(), SAMPLE.to_owned(), changed(&[("remark", json!("another"))])] {
        assert_eq!(say(&mut server, RESULT, &body), (200, TAKEN.to_owned()));
    }
    server.receive(request(["sok", "other"], RESULT, SAMPLE), NOW);
    assert_eq!((server.collection().results().count(), server.collection().double_results()), (4, 1));
    let digest = |i: usize| server.ledger()[i].effect.digest.clone();
    assert!(digest(0) == digest(1) && digest(0) != digest(2));
}

#[test]
fn nothing_without_user_and_password() {
    let wrong = r#"{"respon_code":"05","respon_mess":"User name or password is wrong"}"#;
    let mut server = server();
    for login in [["dara", "other"], ["nobody", "secret"], ["", ""]] {
        for path in [RESULT, TASKS] {
            let reaction = server.receive(request(login, path, SAMPLE), NOW);
            assert_eq!(status_and_text(&reaction), (401, wrong.to_owned()));
            let Answer::Reply(response, _) = reaction.answer else { panic!("no reply") };
            let asked = ("www-authenticate", "Basic realm=\"collection\"".to_owned());
            assert!(response.headers.contains(&asked));
        }
    }
    let mut bare = request(["dara", "secret"], TASKS, "");
    bare.headers.clear();
    assert_eq!(status_and_text(&server.receive(bare, NOW)).0, 401);
    assert!(server.ledger().is_empty());
}

#[test]
fn the_session_plays_no_part_and_a_changed_password_does() {
    let mut server = server();
    server.sessions_mut().expire_after("dara", 1);
    say(&mut server, TASKS, "");
    assert_eq!(server.sessions().view(NOW)[0].calls_left, Some(1), "no session is used up");
    server.sessions_mut().expire("dara");
    assert_eq!(say(&mut server, TASKS, "").0, 200);
    assert!(server.sessions_mut().set_password("dara", "newer"));
    assert!(!server.sessions_mut().set_password("nobody", "newer"));
    assert_eq!(say(&mut server, TASKS, "").0, 401);
    let reaction = server.receive(request(["dara", "newer"], TASKS, ""), NOW);
    assert_eq!(status_and_text(&reaction).0, 200);
}

#[test]
fn requests_that_cannot_be_read() {
    let mut server = server();
    for body in ["", "{", "[]", "null", &changed(&[("period", json!(0))])] {
        assert_eq!(refusal(&mut server, body), ("01".to_owned(), "Invalid request".to_owned()), "{body}");
    }
    let mut bytes = request(["dara", "secret"], RESULT, SAMPLE);
    bytes.body[30] = 0xff;
    assert_eq!(
        status_and_text(&server.receive(bytes, NOW)).1,
        r#"{"respon_code":"01","respon_mess":"Invalid request"}"#
    );
    for (path, method) in [(RESULT, "GET"), (TASKS, "POST")] {
        let mut other = request(["dara", "secret"], path, SAMPLE);
        other.method = method.to_owned();
        assert_eq!(status_and_text(&server.receive(other, NOW)).0, 405);
    }
    for path in ["/collection/", "/collection/results", "/collection/result/"] {
        assert_eq!(say(&mut server, path, SAMPLE).0, 404, "{path}");
    }
    assert!(server.ledger().is_empty());
}

#[test]
fn every_field_of_the_document_and_no_other() {
    let mut server = server();
    for (name, _) in RESULT_FIELDS {
        let body = changed(&[(name, Value::Null)]);
        assert_eq!(refusal(&mut server, &body), ("01".to_owned(), format!("{name} is missing")));
    }
    let body = changed(&[("colection_date", json!("2021-12-29 00:00:00"))]);
    assert_eq!(refusal(&mut server, &body), ("01".to_owned(), "colection_date is not known".to_owned()));
    assert!(server.ledger().is_empty());
}

#[test]
fn lengths() {
    let mut server = server();
    for (name, most) in RESULT_FIELDS {
        let Some(most) = most else { continue };
        let body = changed(&[(name, json!("x".repeat(most + 1)))]);
        assert_eq!(refusal(&mut server, &body), ("01".to_owned(), format!("{name} is too long")));
        // Characters are counted, not bytes.
        let body = changed(&[(name, json!("é".repeat(most)))]);
        let wanted = if name == "hashing" { "02" } else { "00" };
        assert_eq!(refusal(&mut server, &body).0, wanted, "{name}");
    }
}

#[test]
fn dates_and_numbers() {
    let mut server = server();
    let bad = [
        ("account_no", ""),
        ("collection_date", ""),
        ("collection_date", "2021-12-29"),
        ("collection_date", "2021-02-29 00:00:00"),
        ("promise_date", "31/12/2021"),
        ("promise_date", " "),
        ("period", ""),
        ("period", "1.0"),
        ("period", "-1"),
    ];
    for (name, value) in bad {
        let wanted = if value.is_empty() && name == "account_no" { "required" } else { "invalid" };
        let got = refusal(&mut server, &changed(&[(name, json!(value))]));
        assert_eq!(got, ("01".to_owned(), format!("{name} is {wanted}")), "{value:?}");
    }
    for edit in [("promise_date", json!("")), ("period", json!("36")), ("remark", json!(""))] {
        assert_eq!(refusal(&mut server, &changed(&[edit])).0, "00");
    }
}

#[test]
fn hash_poison_and_tasks_that_are_not_there() {
    let mut server = server();
    let upper = json!(hashing(ACCOUNT, KEY).to_uppercase());
    for wrong in [upper, json!(""), json!(hashing(ACCOUNT, "another"))] {
        let got = refusal(&mut server, &changed(&[("hashing", wrong)]));
        assert_eq!(got, ("02".to_owned(), "hashing is wrong".to_owned()));
    }
    let poison = changed(&[("account_no", json!("POISON"))]);
    assert_eq!(refusal(&mut server, &poison), ("03".to_owned(), "Result is refused".to_owned()));

    let mut strict =
        with(Settings { known_tasks_only: true, poison: String::new(), http_400: true, ..settings() });
    say(&mut strict, TASKS, "");
    assert_eq!(
        say(&mut strict, RESULT, SAMPLE),
        (400, r#"{"respon_code":"04","respon_mess":"account_no is no task"}"#.to_owned())
    );
    let known = changed(&[("account_no", json!("000318270200055"))]);
    assert_eq!(say(&mut strict, RESULT, &known).0, 200);
    assert_eq!((server.ledger().len(), strict.ledger().len()), (0, 1));
}

#[test]
fn tasks_come_change_and_go() {
    let mut server = server();
    assert_eq!(contracts(&mut server), ["000318270200055", "000418110200010"]);
    let put = |server: &mut Server, members: Value| {
        server.elsewhere_in_collection(NOW, |all| all.put_task("dara", &members, NOW))
    };
    let other =
        json!({ "contract_no": "000319280100042", "name": "ANIL", "installment_amount": "7.50", "odd": [1] });
    assert_eq!(put(&mut server, other).as_deref(), Some(ACCOUNT));
    for bad in
        [json!({ "name": "ANIL" }), json!({ "contract_no": 7 }), json!({ "contract_no": "" }), json!([])]
    {
        assert_eq!(put(&mut server, bad), None);
    }
    put(&mut server, json!({ "contract_no": "000418110200010", "penalty": null }));
    let listed = tasks(&mut server);
    assert_eq!(listed.len(), 3);
    assert_eq!((&listed[1]["penalty"], &listed[1]["total_amount"]), (&Value::Null, &json!("26435641.00")));
    assert_eq!(
        [&listed[2]["name"], &listed[2]["product"], &listed[2]["installment_amount"], &listed[2]["odd"]],
        [&json!("ANIL"), &json!("CF - HEAVY EQUIPMENT BARU"), &json!("7.50"), &json!([1])]
    );

    server.receive(request(["sok", "other"], TASKS, ""), NOW);
    let mut remove =
        |contract: &str| server.elsewhere_in_collection(NOW, |all| all.remove_task(contract, NOW));
    assert!(remove("000318270200055") && !remove("000318270200055") && !remove("none"));
    assert_eq!(contracts(&mut server), ["000418110200010", ACCOUNT]);
    assert_eq!(server.collection().tasks_of("sok").count(), 1, "it was paid for everybody");
    let told: Vec<_> = server.ledger().iter().map(|e| (e.officer.as_str(), e.effect.kind.as_str())).collect();
    assert_eq!(told, [("dara", "create"), ("dara", "update"), ("dara", "withdraw"), ("sok", "withdraw")]);
    assert!(server.ledger().iter().all(|entry| entry.reply == Fate::Elsewhere && entry.request == 0));
}

#[test]
fn other_tasks_in_place_of_all() {
    let mut server = server();
    say(&mut server, TASKS, "");
    let mut replace =
        |tasks: &[Value]| server.elsewhere_in_collection(NOW, |all| all.replace_tasks("dara", tasks, NOW));
    assert!(!replace(&[json!({ "contract_no": "1" }), json!({})]));
    assert!(replace(&[json!({ "contract_no": "2" }), json!({ "contract_no": "1" })]));
    assert_eq!(contracts(&mut server), ["2", "1"]);
    assert!(server.elsewhere_in_collection(NOW, |all| all.replace_tasks("dara", &[], NOW)));
    assert_eq!(say(&mut server, TASKS, "").1, r#"{"data":[]}"#);
    assert!(server.elsewhere_in_collection(NOW, |all| all.replace_tasks("sok", &[], NOW)));
    let sok = server.receive(request(["sok", "other"], TASKS, ""), NOW);
    assert_eq!(status_and_text(&sok).1, r#"{"data":[]}"#, "none were given, and so there are none");
    assert!(tasks(&mut with(Settings { start: Start::Nothing, ..settings() })).is_empty());
}

#[test]
fn two_thousand_tasks_the_same_each_time() {
    let made = || {
        let mut server = server();
        for count in [1_500, 500] {
            server.elsewhere_in_collection(NOW, |all| all.generate_tasks("dara", count, NOW));
        }
        say(&mut server, TASKS, "").1
    };
    assert_eq!(made(), made());
    let list: Value = serde_json::from_str(&made()).unwrap();
    let contracts: std::collections::BTreeSet<_> =
        list["data"].as_array().unwrap().iter().map(|task| task["contract_no"].to_string()).collect();
    assert_eq!(contracts.len(), 2_000);
}

#[test]
fn faults_by_endpoint() {
    let mut server = server();
    server.set_faults(vec![
        Fault::new(Kind::Opstatus { code: 9 }).on("collection/result").times(1),
        Fault::new(Kind::ReplyCode { code: 99 }).times(1),
        Fault::new(Kind::ExpiredSession).on("collection/tasks").times(1),
    ]);
    let failed = r#"{"respon_code":"09","respon_mess":"The service failed"}"#;
    assert_eq!(say(&mut server, TASKS, "").0, 401);
    assert_eq!(say(&mut server, TASKS, "").0, 200, "and no code in a list");
    assert_eq!(say(&mut server, RESULT, "{").1, failed);
    assert!(server.ledger().is_empty());
    // The code of a reply befalls what is executed; it was drawn for none yet.
    assert_eq!(say(&mut server, RESULT, SAMPLE).1, TAKEN.replace("\"00\"", "\"99\""));
    assert_eq!(server.ledger()[0].reply, Fate::Damaged);
    server.set_faults(vec![Fault::new(Kind::ReplyCode { code: 0 })]);
    assert_eq!(say(&mut server, RESULT, SAMPLE).1, TAKEN);
    assert_eq!(server.ledger()[1].reply, Fate::Sent);
    server.set_faults(vec![Fault::new(Kind::Opstatus { code: 10_001 })]);
    assert!(say(&mut server, TASKS, "").1.starts_with(r#"{"respon_code":"10001""#));

    server.set_faults(vec![Fault::new(Kind::LostClose)]);
    let lost = receive(&mut server, RESULT, SAMPLE);
    assert!(lost.answer == Answer::Silence(Hangup::Close) && lost.committed == [3]);
    server.set_faults(vec![Fault::new(Kind::FailAfterCommit { code: 500 })]);
    assert_eq!(say(&mut server, RESULT, SAMPLE).0, 500);
    server.set_faults(vec![Fault::new(Kind::CaptivePortal { reaches: true })]);
    assert!(say(&mut server, RESULT, SAMPLE).1.starts_with("<!doctype html>"));
    server.set_faults(vec![Fault::new(Kind::Status { code: 503, retry_after: None })]);
    assert_eq!(say(&mut server, RESULT, SAMPLE).0, 503);
    let fates: Vec<_> = server.ledger()[2..].iter().map(|entry| entry.reply).collect();
    assert_eq!(fates, [Fate::Lost, Fate::Damaged, Fate::Damaged]);

    server.set_faults(vec![Fault::new(Kind::Truncate { bytes: Some(10) })]);
    assert_eq!(say(&mut server, TASKS, "").1, "{\"data\":[{");
    server.set_faults(vec![Fault::new(Kind::Garbage)]);
    assert!(serde_json::from_str::<Value>(&say(&mut server, TASKS, "").1).is_err());
    server.set_faults(vec![Fault::new(Kind::WrongKey), Fault::new(Kind::RoundMinutes)]);
    assert_eq!(say(&mut server, RESULT, SAMPLE).1, TAKEN, "these are faults of the prospect service");
}

#[test]
fn a_late_result_lands_late_and_survives_a_restart() {
    let mut before = server();
    before.set_faults(vec![Fault::new(Kind::LateCommit { after_ms: 5_000 })]);
    assert_eq!(receive(&mut before, TASKS, "").due_ms, None, "a list changes nothing");
    assert_eq!(receive(&mut before, RESULT, SAMPLE).due_ms, Some(NOW + 5_000));
    let mut after = common::machine::server();
    after.restore(before.unsaved().unwrap()).unwrap();
    after.tick(NOW + 4_999);
    assert_eq!(after.collection().results().count(), 0);
    after.tick(NOW + 5_000);
    assert_eq!(after.collection().result(1).unwrap().get("remark"), "Customer pasti bayar 22");
    assert!(after.ledger()[0].late);
}

#[test]
fn what_is_saved_is_what_there_was() {
    let mut before = with(Settings { poison: "0007".to_owned(), ..settings() });
    receive(&mut before, RESULT, SAMPLE);
    say(&mut before, TASKS, "");
    before.elsewhere_in_collection(NOW, |all| {
        all.put_task("dara", &json!({ "contract_no": "1", "z": 1, "a": null }), NOW)
    });
    before.elsewhere_in_collection(NOW, |all| all.remove_task("000418110200010", NOW));
    before.elsewhere_in_collection(NOW, |all| all.replace_tasks("sok", &[], NOW));
    let mut after = common::machine::server();
    after.restore(before.unsaved().unwrap()).unwrap();
    assert!(before.unsaved().is_none(), "nothing changed since");
    assert_eq!(after.collection().settings(), before.collection().settings());
    assert_eq!(say(&mut after, TASKS, ""), say(&mut before, TASKS, ""));
    assert_eq!(contracts(&mut after), ["000318270200055", "1"]);
    let sok = after.receive(request(["sok", "other"], TASKS, ""), NOW);
    assert_eq!(status_and_text(&sok).1, r#"{"data":[]}"#);
    receive(&mut after, RESULT, SAMPLE);
    let numbers: Vec<_> = after.collection().results().map(|result| result.number).collect();
    assert_eq!((numbers, after.collection().double_results()), (vec![1, 2], 1));
    let mut saved = after.unsaved().unwrap();
    saved.records[0].2 = "{".to_owned();
    assert!(server().restore(saved).is_err());
}
