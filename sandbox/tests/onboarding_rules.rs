//! The state machine: what the onboarding service takes and refuses, and what it does then.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::machine::*;
use common::onboarding::*;
use satchel_sandbox::onboarding::{Settings, Start};
use satchel_sandbox::{Fate, Server};
use serde_json::{Value, json};

#[test]
fn profiles_that_are_refused() {
    let mut server = with(Settings { known_entities_only: true, ..Settings::default() });
    assert_eq!(refusal(&mut server, UPDATE, ROHIT), "EntityId is not found");
    ask(&mut server, CREATE, VIRAT);
    assert_eq!(ask(&mut server, UPDATE, ROHIT), UPDATED);
    let cases = [
        (CREATE, VIRAT, "FirstName", json!(""), "FirstName is required"),
        (CREATE, VIRAT, "FirstName", Value::Null, "FirstName is required"),
        (CREATE, VIRAT, "FirstName", json!("POISON"), "Profile is refused"),
        (CREATE, VIRAT, "DateOfBirth", json!("10/10/1985"), "DateOfBirth is invalid"),
        (CREATE, VIRAT, "DateOfBirth", json!("1985-02-30"), "DateOfBirth is invalid"),
        (UPDATE, ROHIT, "EntityId", json!(""), "EntityId is required"),
        (UPDATE, ROHIT, "Index", json!(""), "Index is required"),
        (UPDATE, ROHIT, "EntityId", json!("60fe"), "EntityId is not found"),
    ];
    for (operation, body, name, value, why) in cases {
        assert_eq!(refusal(&mut server, operation, &changed(body, &[(name, value)])), why);
    }
    assert_eq!(server.ledger().len(), 2);
}

#[test]
fn a_repeated_create_is_a_second_application() {
    let mut server = server();
    for _ in 0..2 {
        ask(&mut server, CREATE, VIRAT);
    }
    let all: Vec<_> = server.onboarding().applications().collect();
    assert!(all.len() == 2 && all[0].id != all[1].id);
    assert_eq!(server.onboarding().double_applications(), 1);
    say(&mut server, "S-2", CREATE, VIRAT);
    assert_eq!(server.onboarding().double_applications(), 1, "another officer's is none");
}

#[test]
fn co_applicants_by_index() {
    let mut server = server();
    ask(&mut server, CREATE, VIRAT);
    ask(&mut server, UPDATE, ROHIT);
    let moved = changed(ROHIT, &[("MobileNumber", json!("077"))]);
    ask(&mut server, UPDATE, &moved);
    let people =
        |server: &Server| server.onboarding().applications().next().unwrap().co_applicants().to_vec();
    assert_eq!((people(&server).len(), people(&server)[0].get("MobileNumber")), (1, "077"));
    assert_eq!(people(&server)[0].get("IsExistentMember"), "false");
    assert_eq!(server.ledger().last().unwrap().effect.kind, "update");
    ask(&mut server, UPDATE, &changed(&moved, &[("Index", json!("2021-07-26T02:15:23"))]));
    assert_eq!((people(&server).len(), server.onboarding().double_people()), (2, 1));

    let mut naive = with(Settings { index_is_key: false, ..Settings::default() });
    ask(&mut naive, CREATE, VIRAT);
    ask(&mut naive, UPDATE, ROHIT);
    ask(&mut naive, UPDATE, ROHIT);
    assert_eq!((people(&naive).len(), naive.onboarding().double_people()), (2, 1));
}

#[test]
fn a_co_applicant_joins_the_application_that_its_entity_names() {
    let mut server = server();
    ask(&mut server, CREATE, VIRAT);
    let first = server.onboarding().applications().next().unwrap().clone();
    ask(&mut server, CREATE, &changed(VIRAT, &[("FirstName", json!("Anil"))]));
    let index = |n: u32| ("Index", json!(format!("i{n}")));
    let names =
        [first.id.clone(), first.people[0].party.clone(), first.entity.clone(), "unheard of".to_owned()];
    for (n, entity) in (0..).zip(names) {
        ask(&mut server, UPDATE, &changed(ROHIT, &[("EntityId", json!(entity)), index(n)]));
    }
    let counts: Vec<_> = server.onboarding().applications().map(|a| a.co_applicants().len()).collect();
    assert_eq!(counts, [3, 1], "an entity nobody bears means the newest");
    say(&mut server, "S-2", UPDATE, ROHIT);
    assert_eq!(server.ledger().len(), 6, "the other officer has none");
}

#[test]
fn an_application_starts_with_something_of_every_kind() {
    let mut server = server();
    ask(&mut server, CREATE, VIRAT);
    let reply: Value = serde_json::from_str(&ask(&mut server, LIST, ALL)).unwrap();
    let lists = reply.as_object().unwrap().iter().filter(|(_, list)| list.is_array());
    let all: Vec<&Value> = lists.flat_map(|(_, list)| list.as_array().unwrap()).collect();
    assert_eq!(reply["count"], all.len());
    let kind = |action: &&Value| action["ActionMetaData"]["UserActionType"].as_str().unwrap().to_owned();
    for wanted in ["DocumentUpload", "Text", "Date", "Choice"] {
        assert!(all.iter().map(kind).any(|kind| kind == wanted), "{wanted}");
    }
    let booleans = |yes: fn(&Value) -> bool| all.iter().any(|a| yes(&a["ActionMetaData"]["Skippable"]));
    assert!(booleans(Value::is_string) && booleans(Value::is_boolean));
    assert!(all.iter().any(|action| action.get("PartyId").is_none() && action.get("ProductId").is_none()));
    let every = identifiers(&mut server, "S-1", ALL).len();
    let others = identifiers(&mut server, "S-1", r#"{"isPre":"false"}"#).len();
    assert_eq!((every, others), (6, 1));
    assert_eq!(refusal(&mut server, LIST, r#"{"isPre":"perhaps"}"#), "isPre is true or false");
    assert_eq!(identifiers(&mut server, "S-2", ALL), [""; 0]);
    server.elsewhere_in_onboarding(NOW, |all| {
        (
            all.set_settings(Settings { strict_is_pre: true, start: Start::Nothing, ..Settings::default() }),
            Vec::new(),
        )
    });
    assert_eq!(identifiers(&mut server, "S-1", r#"{"isPre":true}"#).len(), 5, "a boolean will do");
    ask(&mut server, CREATE, VIRAT);
    assert_eq!(server.onboarding().open_actions(), 6, "this one starts with nothing");
}

#[test]
fn answers() {
    let mut server = server();
    ask(&mut server, CREATE, VIRAT);
    let date = "EmploymentStart_1778258145_3X88WLM";
    let answer =
        json!({ "UserActionIdentifier": date, "Response": "01/02/2020", "Status": "Submitted" }).to_string();
    ask(&mut server, ANSWER, &answer);
    let action = server.onboarding().actions().find(|action| action.identifier() == date).unwrap().clone();
    assert_eq!(
        (action.response.as_str(), action.status(), action.answered_by.as_str()),
        ("01/02/2020", "Submitted", "dara")
    );
    assert!(identifiers(&mut server, "S-1", ALL).contains(&date.to_owned()), "it stays, as submitted");
    assert_eq!(
        refusal(&mut server, ANSWER, &changed(&answer, &[("UserActionIdentifier", json!("Nose_1_2"))])),
        "UserActionIdentifier is not found"
    );
    assert_eq!(
        refusal(&mut server, ANSWER, r#"{"UserActionIdentifier":"EmploymentStart_1778258145_3X88WLM"}"#),
        "Response is required"
    );
    assert_eq!(refusal(&mut server, ANSWER, r#"{"Response":""}"#), "UserActionIdentifier is required");
    ask(&mut server, ANSWER, &answer);
    let settings = Settings { refuse_second_answer: true, submitted_leave: true, ..Settings::default() };
    server.elsewhere_in_onboarding(NOW, |all| (all.set_settings(settings), Vec::new()));
    assert_eq!(refusal(&mut server, ANSWER, &answer), "The action is submitted already");
    assert!(!identifiers(&mut server, "S-1", ALL).contains(&date.to_owned()));
    assert!(say(&mut server, "S-2", ANSWER, SUBMIT).1.contains("not found"), "it is another officer's");
}

#[test]
fn files_that_are_refused() {
    let mut server = with(Settings { file_limit: 5, ..Settings::default() });
    ask(&mut server, CREATE, VIRAT);
    let refused =
        |server: &mut Server, name: &str, base64: &str| refusal(server, UPLOAD, &upload(PAPER, name, base64));
    assert_eq!(refused(&mut server, "a:b.png", "AAAA"), "File name contains special characters");
    assert_eq!(refused(&mut server, "a", "AAAA"), "File name must have an extension name");
    assert_eq!(refused(&mut server, "a.png", "AAA"), "File contents are not base64");
    assert_eq!(refused(&mut server, "a.png", ""), "File is empty");
    assert_eq!(refused(&mut server, "a.png", "AAAAAAAA"), "File exceeds the limit");
    for (name, why) in [("fileType", "File type is required"), ("fileClientId", "File client id is required")]
    {
        let mut whole: Value = serde_json::from_str(&upload(PAPER, "a.png", "AAAA")).unwrap();
        whole["Response"][0].as_object_mut().unwrap().remove(name);
        assert_eq!(refusal(&mut server, UPLOAD, &whole.to_string()), why);
    }
    assert_eq!(refusal(&mut server, UPLOAD, r#"{"UserActionIdentifier":"a"}"#), "Response is required");
    assert_eq!(
        refusal(&mut server, UPLOAD, &upload("", "a.png", "AAAA")),
        "UserActionIdentifier is required"
    );
    assert_eq!(
        refusal(&mut server, UPLOAD, &upload("a", "a.png", "AAAA")),
        "UserActionIdentifier is not found"
    );
    let mut two: Value = serde_json::from_str(&upload(PAPER, "a.png", "AAAA")).unwrap();
    let mut other = two["Response"][0].clone();
    other["fileName"] = json!("b");
    two["Response"].as_array_mut().unwrap().push(other);
    assert_eq!(refusal(&mut server, UPLOAD, &two.to_string()), "File name must have an extension name");
    assert_eq!(server.onboarding().documents().count(), 0, "all or nothing");
    two["Response"][1]["fileName"] = json!("b.png");
    ask(&mut server, UPLOAD, &two.to_string());
    assert_eq!(server.onboarding().documents().count(), 2);
}

#[test]
fn two_megabytes_and_not_a_byte_more() {
    let mut server = server();
    ask(&mut server, CREATE, VIRAT);
    let limit = 2 * 1024 * 1024;
    let of = |size: usize| upload(PAPER, "photo.jpg", &STANDARD.encode(vec![7; size]));
    assert!(of(limit).len() < Server::longest(BASE));
    assert_eq!(refusal(&mut server, UPLOAD, &of(limit + 1)), "File exceeds the limit");
    ask(&mut server, UPLOAD, &of(limit));
    assert_eq!(server.onboarding().documents().next().unwrap().size, limit as u64);
    assert!(server.exchanges().all(|exchange| exchange.asked.len() < 1000), "the log stays small");
}

#[test]
fn a_second_upload_is_a_second_document() {
    let mut server = server();
    ask(&mut server, CREATE, VIRAT);
    let bodies =
        [upload(PAPER, "a.png", "AAAA"), upload(PAPER, "b.png", "AAAA"), upload(PAPER, "c.png", "AAAB")];
    bodies.iter().for_each(|body| drop(ask(&mut server, UPLOAD, body)));
    let other = "DriverLicense_1778258145_3X88WLM";
    ask(&mut server, UPLOAD, &upload(other, "a.png", "AAAA"));
    assert_eq!((server.onboarding().documents().count(), server.onboarding().double_documents()), (4, 1));
    let ids: std::collections::BTreeSet<_> = server.onboarding().documents().map(|d| d.id.clone()).collect();
    assert_eq!(ids.len(), 4);
    assert_eq!(server.onboarding().actions().find(|a| a.identifier() == PAPER).unwrap().status(), "Created");
}

#[test]
fn prerequirements_are_of_the_newest_application_and_made_each_time() {
    let mut server = server();
    assert_eq!(refusal(&mut server, REQUIRE, FORM), "No application");
    ask(&mut server, CREATE, VIRAT);
    ask(&mut server, CREATE, &changed(VIRAT, &[("FirstName", json!("Anil"))]));
    for _ in 0..2 {
        let reply: Value = serde_json::from_str(&ask(&mut server, REQUIRE, FORM)).unwrap();
        assert_eq!(reply["Verification"][0]["appliesTo"], "Anil");
    }
    assert_eq!(server.onboarding().double_actions(), 1);
    let listed = identifiers(&mut server, "S-1", ALL);
    assert_eq!(listed.iter().filter(|name| name.starts_with("TimeOnCurrentAddress")).count(), 2);
}

#[test]
fn by_somebody_else() {
    let mut server = server();
    ask(&mut server, CREATE, VIRAT);
    let members = json!({
        "UserActionName": "Sketch",
        "PartyId": null,
        "ActionMetaData": { "Group": "Farm & field", "UserActionType": "Drawing", "Skippable": true, "Colour": [1, 2] },
        "Weight": 7
    });
    let made =
        server.elsewhere_in_onboarding(NOW, |all| all.create_action("3X88WLM", &members, NOW)).unwrap();
    assert_eq!(made, "Sketch_1778258145_3X88WLM");
    let reply: Value = serde_json::from_str(&ask(&mut server, LIST, ALL)).unwrap();
    let shown = &reply["Farm & field"][0];
    assert_eq!((&shown["ActionMetaData"]["Colour"], &shown["Weight"]), (&json!([1, 2]), &json!(7)));
    assert!(shown.get("PartyId").is_none() && shown["ActionMetaData"]["Skippable"] == true);
    let none = |server: &mut Server, application: &str, members: Value| {
        server.elsewhere_in_onboarding(NOW, |all| all.create_action(application, &members, NOW))
    };
    assert_eq!(none(&mut server, "NOTHERE", members), None);
    assert_eq!(none(&mut server, "3X88WLM", json!({ "UserActionName": 7 })), None);
    assert_eq!(none(&mut server, "3X88WLM", json!({ "UserActionName": "a", "ActionMetaData": 7 })), None);

    assert!(server.elsewhere_in_onboarding(NOW, |all| all.answer_as_someone_else(PAPER, "done", NOW)));
    let paper = server.onboarding().actions().find(|action| action.identifier() == PAPER).unwrap();
    assert_eq!((paper.status(), paper.answered_by.as_str()), ("Submitted", "someone else"));
    assert!(server.elsewhere_in_onboarding(NOW, |all| all.withdraw_action(PAPER, NOW)));
    assert!(!server.elsewhere_in_onboarding(NOW, |all| all.withdraw_action(PAPER, NOW)));
    assert!(!identifiers(&mut server, "S-1", ALL).contains(&PAPER.to_owned()));
    assert_eq!(refusal(&mut server, UPLOAD, PDF), "UserActionIdentifier is not found");
    let told: Vec<_> = server.ledger().iter().map(|e| (e.effect.kind.as_str(), e.reply)).collect();
    assert_eq!(
        told,
        [
            ("create", Fate::Sent),
            ("create", Fate::Elsewhere),
            ("answer", Fate::Elsewhere),
            ("withdraw", Fate::Elsewhere)
        ]
    );
}
