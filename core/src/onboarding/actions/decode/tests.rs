use super::*;
use serde_json::{Value, json};

fn read(action: &Value) -> Action {
    decode("G", &action.to_string()).expect("an action")
}

fn with(meta: Value) -> Action {
    read(&json!({ "UserActionIdentifier": "Q_1_A", "ActionMetaData": meta }))
}

#[test]
fn hardly_anything_is_an_action_too() {
    let action = read(&json!({ "UserActionIdentifier": "Q" }));
    assert_eq!(
        (action.kind, action.status, action.level),
        (Kind::Other(String::new()), Status::Other(String::new()), Level::Other(String::new()))
    );
    assert!(
        action.title.is_empty()
            && !action.skippable
            && action.party.is_none()
            && action.application.is_none()
    );
    let strange = read(
        &json!({ "UserActionIdentifier": 7, "UserActionName": "N", "ActionMetaData": [1], "PartyId": {}, "new": [1] }),
    );
    assert_eq!((strange.identifier.as_str(), strange.title.as_str(), strange.party), ("7", "N", None));
    assert!(strange.raw.contains("\"new\":[1]"));
}

#[test]
fn yes_and_no_come_in_many_forms() {
    for (said, yes) in [
        (json!("true"), true),
        (json!(true), true),
        (json!("True"), true),
        (json!(1), true),
        (json!("1"), true),
        (json!("false"), false),
        (json!(false), false),
        (json!(""), false),
        (json!(null), false),
        (json!([]), false),
        (json!("perhaps"), false),
    ] {
        let action = with(json!({ "Skippable": said, "NeedsReview": said, "isPreRequirement": said }));
        assert_eq!((action.skippable, action.needs_review, action.prerequirement), (yes, yes, yes), "{said}");
    }
    assert!(
        read(&json!({ "UserActionIdentifier": "Q", "Skippable": true })).skippable,
        "beside the metadata too"
    );
}

#[test]
fn an_identifier_is_taken_apart_where_it_agrees() {
    let of = |identifier: &str, name: &str, party: Value| {
        let action =
            read(&json!({ "UserActionIdentifier": identifier, "UserActionName": name, "PartyId": party }));
        (action.party.unwrap_or_default(), action.application.unwrap_or_default())
    };
    let pair = |party: &str, application: &str| (party.to_owned(), application.to_owned());
    assert_eq!(of("Proof_12_APP", "Proof", json!("12")), pair("12", "APP"));
    assert_eq!(of("Proof_12_APP", "Proof", json!(12)), pair("12", "APP"), "a number will do");
    assert_eq!(of("Proof_of_it_12_APP", "Proof_of_it", json!(null)), pair("12", "APP"));
    assert_eq!(of("Proof_12_APP", "", json!(null)), pair("12", "APP"));
    assert_eq!(of("Proof_of_it", "", json!(null)), pair("", ""), "not every stroke is one of the form's");
    assert_eq!(of("Proof_12_APP", "Other", json!("12")), pair("12", ""));
    assert_eq!(of("Proof_12_APP", "Proof", json!("13")), pair("13", ""));
    for bad in ["Proof", "Proof_12", "__", "_12_APP", "Proof_12_", "Proof__APP"] {
        assert_eq!(of(bad, "", json!(null)), pair("", ""), "{bad}");
    }
    let category = with(json!({ "CategoryMetadata": { "identifier": "3X88WLM", "type": "Application" } }));
    assert_eq!(category.application.as_deref(), Some("A"), "the identifier comes first");
    let category = json!({ "identifier": "3X88WLM", "type": "Application" });
    let action = json!({ "UserActionIdentifier": "Q", "ActionMetaData": { "CategoryMetadata": category } });
    assert_eq!(read(&action).application.as_deref(), Some("3X88WLM"));
}

#[test]
fn a_kind_is_known_by_its_word_and_its_options() {
    let kind = |word: &str, options: Value| {
        let action = with(json!({ "UserActionType": word, "Options": options }));
        (action.kind, action.options.len())
    };
    let none = || json!("");
    assert_eq!(kind("documentupload", none()), (Kind::DocumentUpload, 0));
    assert_eq!(kind("Date", json!("a,b")), (Kind::Date, 0));
    assert_eq!(kind("Text", none()), (Kind::Text, 0));
    assert_eq!(kind("Text", json!("a,b")), (Kind::Choice, 2));
    assert_eq!(kind("Dropdown", json!(["a", "b"])), (Kind::Choice, 2));
    assert_eq!(
        kind("Choice", none()),
        (Kind::Other("Choice".into()), 0),
        "no list is held against the officer"
    );
    assert_eq!(kind("Fingerprint", none()), (Kind::Other("Fingerprint".into()), 0));
    let many: Vec<_> = (0..1001).collect();
    assert_eq!(kind("Choice", json!(many)), (Kind::Other("Choice".into()), 0));
    let several = |options_type: &str| with(json!({ "Options": "a,b", "OptionsType": options_type })).many;
    assert!(several("MultiSelect") && several("checkbox") && !several("Radio") && !several(""));
}

#[test]
fn a_date_is_written_as_the_actions_words_ask() {
    let form =
        |kind: &str, words: &str| with(json!({ "UserActionType": kind, "Description": words })).date_form;
    assert_eq!(form("Date", "since when"), Some(DateForm::Day));
    assert_eq!(form("Date", "the Month and Year"), Some(DateForm::Month));
    assert_eq!(form("Date", "month and year, in DD/MM/YYYY format"), Some(DateForm::Day));
    assert_eq!(form("Text", "as MM/YYYY"), Some(DateForm::Month));
    assert_eq!(form("Text", "as dd/mm/yyyy"), Some(DateForm::Day));
    assert_eq!(form("Text", "your name"), None);
    assert_eq!(form("DocumentUpload", "month and year"), None);
}

#[test]
fn names_come_from_within_or_from_beside() {
    let action = json!({ "UserActionIdentifier": "Q", "ActionMetaData": { "Title": "%FirstName% %N%", "DynamicData": "{\"FirstName\":\"Sok\",\"N\":7}" } });
    assert_eq!(read(&action).title, "Sok 7", "as a text too");
    let action = json!({ "UserActionIdentifier": "Q", "DynamicData": { "FirstName": "Dara" }, "ActionMetaData": { "Title": "%FirstName%" } });
    let action = read(&action);
    assert_eq!((action.title.as_str(), action.applies_to.as_deref()), ("Dara", Some("Dara")));
    let bare = read(
        &json!({ "UserActionIdentifier": "Q", "UserActionName": "Name", "ActionMetaData": { "Title": "%Nobody%" } }),
    );
    assert_eq!(bare.title, "Name", "never nothing");
}

#[test]
fn it_is_kept_as_it_was_read_and_never_logged() {
    let action = with(
        json!({ "Title": "CANARY", "UserActionType": "CANARY", "ActionLevel": "CANARY", "InformationText": "<b>x" }),
    );
    let kept: Action =
        serde_json::from_str(&serde_json::to_string(&action).expect("JSON")).expect("an action");
    assert_eq!(kept, Action { raw: String::new(), ..action.clone() });
    assert!(!format!("{action:?}").contains("CANARY"));
    let bad = decode("G", "\"CANARY\"").expect_err("no action");
    assert!(!format!("{bad:?}").contains("CANARY"));
}
