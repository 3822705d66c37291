//! The state machine: what the prospect service says and does.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{ADDED, DOWNLOADED, SAMPLE, basic, envelope, request, three, upload};
use satchel_sandbox::prospect::{Mixed, Prospects, Settings, Unknown};
use satchel_sandbox::{
    Answer, Fate, Fault, Hangup, Kind, Officer, Payload, Reaction, Request, Server, Sessions,
};
use serde_json::Value;

const NOW: i64 = 1_700_000_000_000;

fn server() -> Server {
    let officers = [Officer::new("dara", "secret", "S-1"), Officer::new("sok", "other", "S-2")];
    Server::new(1, Sessions::new(officers), Prospects::new(envelope()), 60_000)
}

fn set(server: &mut Server, settings: Settings) {
    server.elsewhere(NOW, |all| (all.set_settings(settings), Vec::new()));
}

fn body(reaction: &Reaction) -> &[u8] {
    match &reaction.answer {
        Answer::Reply(response, _) => match &response.body {
            Payload::Bytes(bytes) => bytes,
            Payload::Giant(_) => panic!("a giant reply"),
        },
        Answer::Silence(_) => panic!("no reply"),
    }
}

fn say(server: &mut Server, session: &str, endpoint: &str, text: &str) -> String {
    let reaction = server.receive(request(endpoint, session, text), NOW);
    envelope().open(body(&reaction)).expect("a sealed reply")
}

fn ask(server: &mut Server, endpoint: &str, text: &str) -> String {
    say(server, "S-1", endpoint, text)
}

fn all(server: &mut Server) -> Vec<Value> {
    let reply: Value =
        serde_json::from_str(&ask(server, "ProspectGetV2", "{\"criteriaValue\":\"\"}")).unwrap();
    reply[0]["DataList"].as_array().unwrap().clone()
}

fn entries(reply: &str) -> Vec<Value> {
    let reply: Value = serde_json::from_str(reply).unwrap();
    reply[0]["ProspectAddSMSRS"].as_array().unwrap().clone()
}

const INVALID_ADD: &str =
    r#"[{"ProspectAddSMSRS":null,"ERR":"Error","SMS":"(00002) Invalid request","ERRCode":""}]"#;
const INVALID_GET: &str = r#"[{"ERR":"Error","SMS":"(00002) Invalid request","ERRCode":"","DataList":null}]"#;
const REJECTED: &str = r#"[{"ERR":"Succeed","SMS":"","ERRCode":""}]"#;
const NOT_FOUND: &str = r#"[{"ERR":"Error","SMS":"Code is not found","ERRCode":""}]"#;

#[test]
fn the_documents_upload_comes_back_byte_for_byte() {
    let mut server = server();
    assert_eq!(ask(&mut server, "ProspectAddV2", SAMPLE), ADDED);
    assert_eq!(ask(&mut server, "ProspectGetV2", "{\"criteriaValue\":\"\"}"), DOWNLOADED);
    assert_eq!(ask(&mut server, "ProspectGetV2", "{\"criteriaValue\":\"2947-1\"}"), DOWNLOADED);
}

#[test]
fn rejected_once_and_then_not_found() {
    let mut server = server();
    ask(&mut server, "ProspectAddV2", SAMPLE);
    assert_eq!(ask(&mut server, "ProspectReject", "{\"ProspectCode\":\"1234\"}"), NOT_FOUND);
    assert_eq!(ask(&mut server, "ProspectReject", "{\"ProspectCode\":\"2947-1\"}"), REJECTED);
    assert_eq!(ask(&mut server, "ProspectReject", "{\"ProspectCode\":\"2947-1\"}"), NOT_FOUND);
    assert!(all(&mut server).is_empty(), "rejected ones are not downloaded");
    let kinds: Vec<_> = server.ledger().iter().map(|entry| entry.effect.kind.as_str()).collect();
    assert_eq!(kinds, ["create", "reject"]);
}

#[test]
fn a_code_updates_and_no_code_makes_another_row() {
    let mut server = server();
    ask(&mut server, "ProspectAddV2", SAMPLE);
    let update = upload(&[&[("Code", "2947-1"), ("Phone", "099")]]);
    assert_eq!(entries(&ask(&mut server, "ProspectAddV2", &update))[0]["Code"], "2947-1");
    assert_eq!(all(&mut server).len(), 1);
    assert_eq!(all(&mut server)[0]["Phone"], "099");
    assert_eq!(server.prospects().doubles(), 0);
    assert_eq!(entries(&ask(&mut server, "ProspectAddV2", SAMPLE))[0]["Code"], "2947-2");
    ask(&mut server, "ProspectAddV2", SAMPLE);
    assert_eq!(all(&mut server).len(), 3, "nothing recognises a repeated create");
    assert_eq!(server.prospects().doubles(), 1);
}

#[test]
fn the_ledger_says_what_was_sent() {
    let mut server = server();
    ask(&mut server, "ProspectAddV2", SAMPLE);
    let entry = &server.ledger()[0];
    assert_eq!((entry.seq, entry.at_ms, entry.request, entry.late), (1, NOW, 1, false));
    assert_eq!(
        (entry.officer.as_str(), entry.endpoint.as_str(), entry.reply),
        ("dara", "ProspectAddV2", Fate::Sent)
    );
    assert_eq!((entry.effect.kind.as_str(), entry.effect.code.as_str()), ("create", "2947-1"));
    assert_eq!(entry.effect.natural_key, "2021-02-09 23:59:00.000");
    assert_eq!(entry.effect.client_ref, "17");
    assert_eq!(entry.effect.fields.get("ReferName"), " មី ណា");
    assert_eq!(entry.effect.digest.len(), 64);
    ask(&mut server, "ProspectAddV2", &upload(&[&[("Age", "27")], &[("Phone", "1")]]));
    let digests: Vec<_> = server.ledger().iter().map(|entry| entry.effect.digest.clone()).collect();
    assert_eq!(digests[0], digests[1], "age does not tell one person from another");
    assert_ne!(digests[0], digests[2]);
    assert_eq!(server.ledger_after(1).len(), 2);
    assert!(server.ledger_after(99).is_empty());
}

#[test]
fn invalid_requests_execute_nothing() {
    let mut server = server();
    let without = |name: &str| {
        let mut sample: Value = serde_json::from_str(SAMPLE).unwrap();
        sample["ProspectDataList"][0].as_object_mut().unwrap().remove(name);
        sample.to_string()
    };
    let number = SAMPLE.replace("\"26\"", "26");
    for text in ["", "{}", "[]", "nonsense", "{\"ProspectDataList\":[]}", &without("Phone"), &number] {
        assert_eq!(ask(&mut server, "ProspectAddV2", text), INVALID_ADD, "{text}");
    }
    assert_eq!(ask(&mut server, "ProspectGetV2", "{\"criteria\":\"\"}"), INVALID_GET);
    let garbage = Request { body: b"\"AAAA\"".to_vec(), ..request("ProspectGetV2", "S-1", "") };
    let reaction = server.receive(garbage, NOW);
    assert_eq!(envelope().open(body(&reaction)).unwrap(), INVALID_GET);
    assert!(server.ledger().is_empty());
}

#[test]
fn sessions_end_and_begin() {
    let mut server = server();
    let expired = |reply: String| reply.contains("\"ERRCode\":\"00009\"");
    assert!(expired(say(&mut server, "S-0", "ProspectAddV2", SAMPLE)));
    server.sessions_mut().expire_after("dara", 2);
    assert!(!expired(ask(&mut server, "ProspectAddV2", SAMPLE)));
    assert!(!expired(ask(&mut server, "ProspectGetV2", "{\"criteriaValue\":\"\"}")));
    let reply = ask(&mut server, "ProspectAddV2", SAMPLE);
    assert!(expired(reply.clone()) && reply.starts_with("[{\"ProspectAddSMSRS\":null,\"ERR\":\"Error\""));
    assert!(ask(&mut server, "ProspectGetV2", "{\"criteriaValue\":\"\"}").ends_with("\"DataList\":null}]"));
    assert!(expired(ask(&mut server, "ProspectReject", "{\"ProspectCode\":\"2947-1\"}")));
    let renewed = server.sessions_mut().renew("dara").unwrap();
    assert_ne!(renewed, "S-1");
    assert!(expired(ask(&mut server, "ProspectAddV2", SAMPLE)), "the old session stays bad");
    assert!(!expired(say(&mut server, &renewed, "ProspectAddV2", SAMPLE)));
    server.sessions_mut().expire_at("dara", NOW);
    assert!(expired(say(&mut server, &renewed, "ProspectAddV2", SAMPLE)));
    assert_eq!(server.ledger().len(), 2);
    assert_eq!(server.sessions_mut().renew("nobody"), None);
}

#[test]
fn basic_and_method_are_checked_first() {
    let mut server = server();
    let status = |reaction: Reaction| match reaction.answer {
        Answer::Reply(response, _) => response.status,
        Answer::Silence(_) => 0,
    };
    for header in
        ["", "Basic", "Basic !", "Bearer ZGFyYTpzZWNyZXQ=", &basic("dara", "wrong"), &basic("x", "secret")]
    {
        let headers = vec![("authorization".to_owned(), header.to_owned())];
        let bad = Request { headers, ..request("ProspectAddV2", "S-1", SAMPLE) };
        assert_eq!(status(server.receive(bad, NOW)), 401, "{header}");
    }
    let get = Request { method: "GET".to_owned(), ..request("ProspectAddV2", "S-1", SAMPLE) };
    assert_eq!(status(server.receive(get, NOW)), 405);
    assert_eq!(status(server.receive(request("ProspectAddV3", "S-1", SAMPLE), NOW)), 404);
    assert!(server.ledger().is_empty());
}

#[test]
fn everybody_sees_their_own() {
    let mut server = server();
    ask(&mut server, "ProspectAddV2", SAMPLE);
    let theirs = say(&mut server, "S-2", "ProspectGetV2", "{\"criteriaValue\":\"\"}");
    assert!(theirs.ends_with("\"DataList\":[]}]"));
    assert_eq!(say(&mut server, "S-2", "ProspectReject", "{\"ProspectCode\":\"2947-1\"}"), NOT_FOUND);
    let update = upload(&[&[("Code", "2947-1")]]);
    assert_eq!(entries(&say(&mut server, "S-2", "ProspectAddV2", &update))[0]["SMS"], "Code is not found");
    assert_eq!(all(&mut server).len(), 1);
}

#[test]
fn entries_are_refused_one_by_one() {
    let mut server = server();
    let mixed = upload(&[
        &[("ProspectClientID", "1")],
        &[("ProspectClientID", "2"), ("Phone", "")],
        &[("ProspectClientID", "3"), ("Phone", "O12")],
        &[("ProspectClientID", "4"), ("CreateDateClient", "2021-02-30 00:00:00.000")],
        &[("ProspectClientID", "5"), ("Code", "2947-99")],
        &[("ProspectClientID", "6"), ("PromotionDate2", "")],
    ]);
    let reply = ask(&mut server, "ProspectAddV2", &mixed);
    let verdicts: Vec<_> = entries(&reply).iter().map(|e| e["ERR"].as_str().unwrap().to_owned()).collect();
    assert_eq!(verdicts, ["Succeed", "Error", "Error", "Error", "Error", "Succeed"]);
    assert!(reply.ends_with("\"ERR\":\"Succeed\",\"SMS\":\"\",\"ERRCode\":null}]"));
    assert_eq!(all(&mut server).len(), 2);
    assert_eq!(all(&mut server)[1]["PromotionDate2"], "");
}

#[test]
fn what_becomes_of_the_good_entries_is_a_switch() {
    let mixed = upload(&[&[("ProspectClientID", "1")], &[("ProspectClientID", "2"), ("Phone", "")]]);
    for (mixed_is, answers) in [(Mixed::AllRefused, 2), (Mixed::OnlyErrorsListed, 1)] {
        let mut server = server();
        set(&mut server, Settings { mixed: mixed_is, ..Settings::default() });
        let reply = ask(&mut server, "ProspectAddV2", &mixed);
        assert_eq!(entries(&reply).len(), answers);
        assert!(entries(&reply).iter().all(|entry| entry["ERR"] == "Error"));
        assert!(server.ledger().is_empty());
        ask(&mut server, "ProspectAddV2", &three());
        assert_eq!(server.ledger().len(), 3, "a call without refused entries is executed");
    }
}

#[test]
fn a_poisoned_entry_spoils_the_call() {
    let mut server = server();
    let spoilt = upload(&[&[], &[("NameEn", "POISON")]]);
    assert_eq!(ask(&mut server, "ProspectAddV2", &spoilt), INVALID_ADD);
    assert!(server.ledger().is_empty());
}

#[test]
fn an_older_version_lacks_two_fields() {
    let mut server = server();
    set(&mut server, Settings { v1_0_0: true, ..Settings::default() });
    let mut sample: Value = serde_json::from_str(SAMPLE).unwrap();
    let entry = sample["ProspectDataList"][0].as_object_mut().unwrap();
    entry.remove("OccupationType");
    entry.remove("COCommends");
    assert_eq!(ask(&mut server, "ProspectAddV2", &sample.to_string()), ADDED);
    let row = &all(&mut server)[0];
    assert!(row.get("OccupationType").is_none() && row.get("COCommends").is_none());
    assert_eq!(row.as_object().unwrap().len(), 23);
}

#[test]
fn an_unknown_code_to_download_is_a_switch() {
    let mut server = server();
    let ask_one = "{\"criteriaValue\":\"2947-9\"}";
    assert!(ask(&mut server, "ProspectGetV2", ask_one).ends_with("\"DataList\":[]}]"));
    set(&mut server, Settings { unknown_code: Unknown::NotFound, ..Settings::default() });
    let reply = ask(&mut server, "ProspectGetV2", ask_one);
    assert_eq!(reply, r#"[{"ERR":"Error","SMS":"Code is not found","ERRCode":"","DataList":null}]"#);
}

#[test]
fn a_late_commit_is_late_but_not_later_than_stated() {
    let mut server = server();
    server.set_faults(vec![Fault::new(Kind::LateCommit { after_ms: 100_000 }).times(1)]);
    let reaction = server.receive(request("ProspectAddV2", "S-1", SAMPLE), NOW);
    assert!(reaction.answer == Answer::Silence(Hangup::Close));
    assert_eq!((reaction.due_ms, server.next_due()), (Some(NOW + 60_000), Some(NOW + 60_000)));
    server.tick(NOW + 59_999);
    assert!(server.ledger().is_empty());
    assert_eq!(server.in_flight(), 1);
    server.tick(NOW + 60_000);
    assert_eq!(server.ledger().len(), 1);
    assert_eq!((server.ledger()[0].late, server.ledger()[0].reply), (true, Fate::Lost));
    assert_eq!((server.in_flight(), server.next_due()), (0, None));
}

#[test]
fn a_late_update_lands_on_a_newer_one() {
    let mut server = server();
    ask(&mut server, "ProspectAddV2", SAMPLE);
    server.set_faults(vec![Fault::new(Kind::LateCommit { after_ms: 5_000 }).times(1)]);
    server.receive(request("ProspectAddV2", "S-1", &upload(&[&[("Code", "2947-1"), ("Phone", "1")]])), NOW);
    ask(&mut server, "ProspectAddV2", &upload(&[&[("Code", "2947-1"), ("Phone", "2")]]));
    assert_eq!(server.prospects().row("2947-1").unwrap().get("Phone"), "2");
    server.tick(NOW + 5_000);
    assert_eq!(server.prospects().row("2947-1").unwrap().get("Phone"), "1");
}

#[test]
fn a_request_arrives_after_its_client_left() {
    let mut server = server();
    server.set_faults(vec![Fault::new(Kind::ArriveAfterClose { after_ms: 700 })]);
    let reaction = server.receive(request("ProspectAddV2", "S-1", SAMPLE), NOW);
    assert!(reaction.answer == Answer::Silence(Hangup::Hold));
    server.tick(NOW + 1_000_000);
    assert!(server.ledger().is_empty(), "while the client waits nothing happens");
    server.client_gone(reaction.request, NOW + 2_000_000);
    assert_eq!(server.next_due(), Some(NOW + 2_000_700));
    server.tick(NOW + 2_000_700);
    assert_eq!(server.ledger().len(), 1);
    assert!(server.ledger()[0].late);
}

#[test]
fn an_answer_nobody_waited_for_was_lost() {
    let mut server = server();
    server.set_faults(vec![Fault::new(Kind::Delay { ms: 500, jitter_ms: 100 })]);
    let reaction = server.receive(request("ProspectAddV2", "S-1", SAMPLE), NOW);
    assert!((500..=600).contains(&reaction.wait_ms));
    assert_eq!(server.ledger()[0].reply, Fate::Sent);
    server.client_gone(reaction.request, NOW + 100);
    assert_eq!(server.ledger()[0].reply, Fate::Lost);
}

#[test]
fn times_to_the_minute_are_stored_so_and_logged_as_sent() {
    let mut server = server();
    server.set_faults(vec![Fault::new(Kind::RoundMinutes)]);
    ask(&mut server, "ProspectAddV2", &three());
    assert!(all(&mut server).iter().all(|row| row["CreateDateClient"] == "2/9/2021 10:00:00 AM"));
    assert_eq!(server.ledger()[2].effect.natural_key, "2021-02-09 10:00:03.000");
}

#[test]
fn confused_replies_to_a_batch() {
    let references = |kind: Kind| {
        let mut server = server();
        server.set_faults(vec![Fault::new(kind)]);
        let reply = ask(&mut server, "ProspectAddV2", &three());
        assert_eq!(server.ledger().len(), 3, "all is executed all the same");
        let texts = |e: &Value| (e["ProspectClientID"].as_str().unwrap().to_owned(), e["ERR"] == "Succeed");
        entries(&reply).iter().map(texts).collect::<Vec<_>>()
    };
    let good = |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), true)).collect::<Vec<_>>();
    assert_eq!(references(Kind::SwapReplies), good(&["3", "2", "1"]));
    assert_eq!(references(Kind::MissingReply).len(), 2);
    let wrong = references(Kind::WrongReference);
    assert_eq!(wrong.iter().filter(|(name, _)| name.ends_with("999999")).count(), 1);
    let twice = references(Kind::DuplicateReply { contradict: false });
    assert!(twice.len() == 4 && twice.windows(2).any(|pair| pair[0] == pair[1]));
    let contradicting = references(Kind::DuplicateReply { contradict: true });
    assert!(contradicting.windows(2).any(|pair| pair[0].0 == pair[1].0 && pair[0].1 != pair[1].1));
}

#[test]
fn every_length_of_a_truncated_message() {
    let whole = envelope().encrypt(ADDED.as_bytes()).len() as u64;
    for bytes in 0..whole {
        let mut server = server();
        server.set_faults(vec![Fault::new(Kind::Truncate { bytes: Some(bytes) })]);
        let reaction = server.receive(request("ProspectAddV2", "S-1", SAMPLE), NOW);
        let text = envelope().open(body(&reaction));
        assert!(text.is_none_or(|text| text != ADDED), "{bytes} of {whole}");
        assert_eq!(server.ledger()[0].reply, Fate::Damaged);
    }
}

#[test]
fn other_hands_write_the_ledger_too() {
    let mut server = server();
    let fields = [("NameEn".to_owned(), "Sok".to_owned())];
    let code = server.elsewhere(NOW, |all| all.insert("sok", &fields, NOW)).unwrap();
    let edits = [("Phone".to_owned(), "0999".to_owned())];
    assert!(server.elsewhere(NOW, |all| all.edit(&code, &edits, NOW)));
    assert!(server.elsewhere(NOW, |all| all.remove(&code, NOW)));
    assert!(!server.elsewhere(NOW, |all| all.edit("2947-77", &edits, NOW)));
    let nonsense = [("Fone".to_owned(), "1".to_owned())];
    assert!(!server.elsewhere(NOW, |all| all.edit(&code, &nonsense, NOW)));
    assert_eq!(server.elsewhere(NOW, |all| all.insert("sok", &nonsense, NOW)), None);
    let kinds: Vec<_> = server.ledger().iter().map(|e| (e.effect.kind.as_str(), e.reply)).collect();
    assert_eq!(
        kinds,
        [("create", Fate::Elsewhere), ("update", Fate::Elsewhere), ("reject", Fate::Elsewhere)]
    );
}

#[test]
fn the_same_seed_gives_the_same_reactions() {
    let run = |seed: u64| {
        let sessions = Sessions::new([Officer::new("dara", "secret", "S-1")]);
        let mut server = Server::new(seed, sessions, Prospects::new(envelope()), 60_000);
        server.set_faults(vec![
            Fault::new(Kind::LateCommit { after_ms: 400 }).chance(0.2),
            Fault::new(Kind::MissingReply).chance(0.3),
            Fault::new(Kind::Garbage).chance(0.2),
            Fault::new(Kind::Truncate { bytes: None }).chance(0.2),
            Fault::new(Kind::LostClose).chance(0.2),
            Fault::new(Kind::Delay { ms: 1, jitter_ms: 1000 }).chance(0.5),
        ]);
        let step = |i: i64| {
            let text = if i % 3 == 0 { "{\"criteriaValue\":\"\"}".to_owned() } else { three() };
            let endpoint = if i % 3 == 0 { "ProspectGetV2" } else { "ProspectAddV2" };
            server.receive(request(endpoint, "S-1", &text), NOW + i * 100)
        };
        let reactions: Vec<Reaction> = (0..60).map(step).collect();
        (reactions, serde_json::to_string(server.ledger()).unwrap())
    };
    assert!(run(5) == run(5));
    assert!(run(5) != run(6));
}
