use super::*;
use crate::onboarding::actions::{DateForm, Kind, Level, Status};
use proptest::prelude::*;
use std::io;

/// The seed's reply of getUserActions: its text, freed of the white space and the lost escapes of its conversion.
const ACTIONS: &str = include_str!("get_user_actions.json");

/// The seed's reply of createPreRequirements, letter by letter.
const REQUIREMENTS: &str = r#"{"count": 1, "opstatus": 0, "Verification": [ { "UserActionName": "TimeOnCurrentAddress", "UserActionId": "CA202243101763", "UserActionStatus": "Created", "ActionMetaData": { "Group": "Verification", "Options": "", "Description": "Please provide the date from when you are staying at the current residence in DD/MM/YYYY format", "Description_Key": "TimeOnCurrentAddress_Description", "NeedsReview": "false", "Title": "Time at the current residence", "OptionsType": "", "Title_Key": "TimeOnCurrentAddress_Title", "ActionLevel": "Entity", "AssistTitle": "Time on the current address/home - Staying since?", "Skippable": "false", "UserActionType": "Date", "isPreRequirement": "true" }, "UserActionIdentifier": "TimeOnCurrentAddress_1844225486_KQHV6GN", "appliesTo": "Shivang", "appliesToId": "1844225486", "DynamicData": { "FirstName": "Shivang", "LastName": "Mishra" } } ], "id": "KQHV6GN", "httpStatusCode": 200 }"#;

fn given(json: &[u8]) -> Result<(Verdict<List>, Vec<Listed>), ListFailure<()>> {
    let mut entries = vec![];
    let verdict = read_list(json, |listed| {
        entries.push(listed);
        Ok(())
    })?;
    Ok((verdict, entries))
}

/// The actions of a reply that is whole.
fn read(json: &str) -> (List, Vec<Action>) {
    let Ok((Verdict::Done(list), entries)) = given(json.as_bytes()) else { panic!("no list") };
    (list, entries.into_iter().filter_map(Result::ok).collect())
}

/// The six actions of the seed.
pub(in crate::onboarding::actions) fn seed() -> Vec<Action> {
    read(ACTIONS).1
}

#[test]
fn the_seeds_list_is_read() {
    let (list, actions) = read(ACTIONS);
    assert!(list.whole() && list.entries == 6 && list.count == Some(6) && list.id.is_none());
    let groups: Vec<_> = actions.iter().map(|action| action.group.as_str()).collect();
    assert_eq!(groups, ["Income", "Income", "Documents", "Documents", "Documents", "Verification"]);
    let titles: Vec<_> = actions.iter().map(|action| action.title.as_str()).collect();
    let upload = "Upload additional Documents( if any) ";
    assert_eq!(
        titles[..3],
        [
            "Upload Income Proof documents Virat Kohli",
            "Upload Income Proof documents Rohit Sharma",
            "Driver License Virat Kohli"
        ]
    );
    assert_eq!(
        titles[3..],
        [upload, "Driver License Rohit Sharma", "Time on the current address/home - Staying since?"]
    );

    let first = &actions[0];
    assert_eq!(first.identifier, "ProofOfIncomeEmployed_1778258145_3X88WLM");
    assert_eq!(
        (first.name.as_str(), &first.status, &first.kind),
        ("ProofOfIncomeEmployed", &Status::Created, &Kind::DocumentUpload)
    );
    assert_eq!((first.party.as_deref(), first.application.as_deref()), (Some("1778258145"), Some("3X88WLM")));
    assert_eq!((&first.level, first.applies_to.as_deref()), (&Level::Applicant, Some("Virat Kohli")));
    assert_eq!(first.title_raw, "Upload Income Proof documents %FirstName% %LastName%");
    assert!(first.description.starts_with("The user should upload single") && first.options.is_empty());
    assert!(first.information_html.contains("\" &lt; &gt; ?") && first.information_text.contains("\" < > ?"));
    assert!((first.prerequirement, first.skippable, first.needs_review) == (true, false, false));
    assert!(first.raw.contains("\"ProductId\":\"ALL\""), "what is not read is kept");
    assert!(actions[3].skippable && actions[3].level == Level::Application);
    assert_eq!((&actions[5].kind, actions[5].date_form), (&Kind::Text, Some(DateForm::Month)));
}

#[test]
fn the_seeds_additional_question_is_read() {
    let (list, actions) = read(REQUIREMENTS);
    assert!(list.whole() && list.id.as_deref() == Some("KQHV6GN"));
    let [one] = &actions[..] else { panic!("one action") };
    assert_eq!((&one.kind, one.date_form, &one.level), (&Kind::Date, Some(DateForm::Day), &Level::Entity));
    assert_eq!((one.party.as_deref(), one.application.as_deref()), (Some("1844225486"), Some("KQHV6GN")));
    assert_eq!(one.applies_to.as_deref(), Some("Shivang"));
    assert_eq!(one.assist_title, "Time on the current address/home - Staying since?");
}

#[test]
fn an_entry_that_cannot_be_read_costs_itself_alone() {
    let json = r#"{"Any name":[7,{"UserActionIdentifier":"A"},null,{"UserActionIdentifier":"B","UserActionStatus":"x","UserActionStatus":"y"},
        {"UserActionName":"C"},"text",[{}],{"UserActionIdentifier":"D"}],"opstatus":"0"}"#;
    let Ok((Verdict::Done(list), entries)) = given(json.as_bytes()) else { panic!("no list") };
    assert_eq!((list.entries, list.unreadable, list.whole()), (8, 6, false));
    let good: Vec<_> = entries.iter().flatten().map(|action| action.identifier.as_str()).collect();
    assert_eq!(good, ["A", "D"]);
    let raw: Vec<_> =
        entries.iter().filter_map(|entry| entry.as_ref().err()).map(|bad| bad.raw.as_str()).collect();
    assert_eq!((raw[0], raw[1], raw[4]), ("7", "null", "\"text\""));
    assert!(
        matches!(&entries[3], Err(bad) if bad.identifier.as_deref() == Some("B")),
        "as much as can be read"
    );
    let long = format!(
        r#"{{"G":[{{"UserActionIdentifier":"L","x":"{}"}}],"opstatus":0}}"#,
        "x".repeat(ACTION_BYTES)
    );
    let Ok((_, entries)) = given(long.as_bytes()) else { panic!("no list") };
    let [Err(bad)] = &entries[..] else { panic!("one, unreadable") };
    assert_eq!((bad.identifier.as_deref(), bad.raw.len() > ACTION_BYTES), (Some("L"), true));
}

#[test]
fn what_is_no_group_is_passed_over_but_not_forgotten() {
    let (list, actions) = read(r#"{"a":1,"b":-1.5,"c":true,"d":null,"e":"x","opstatus":0,"G":[]}"#);
    assert!(list.whole() && actions.is_empty());
    assert!(
        !read(r#"{"G":{"UserActionIdentifier":"A"},"opstatus":0}"#).0.whole(),
        "there may be more than was read"
    );
    assert!(!read(r#"{"G":[],"count":1,"opstatus":0}"#).0.whole(), "it says so itself");
    assert!(read(r#"{"count":0,"httpStatusCode":0}"#).0.whole());
    assert!(read(r#"{"G":[],"count":"0","opstatus":0}"#).0.whole());
    let (list, actions) =
        read(r#"{"G":[{"UserActionIdentifier":"A"}],"G":[{"UserActionIdentifier":"B"}],"opstatus":0}"#);
    assert_eq!((list.entries, actions.len()), (2, 2), "a group in two parts");
}

#[test]
fn only_a_whole_yes_is_a_list() {
    for json in [
        "",
        "{}",
        "[]",
        "null",
        r#"{"G":[]}"#,
        r#"{"G":[],"opstatus":"x"}"#,
        r#"{"opstatus":0,"opstatus":0}"#,
        r#"{"G":[],"opstatus":0"#,
        r#"{"G":[],"opstatus":0}x"#,
        r#"[{"G":[],"opstatus":0}]"#,
        "<html>",
        r#"{"opstatus":0,"httpStatusCode":302}"#,
    ] {
        assert!(matches!(given(json.as_bytes()), Err(ListFailure::Undecodable)), "{json}");
    }
    let no = given(br#"{"G":[{"UserActionIdentifier":"A"}],"opstatus":8009,"errmsg":"no"}"#);
    assert!(matches!(no, Ok((Verdict::Refused(refusal), _)) if refusal.code == "opstatus_8009"));
    let stopped = read_list(ACTIONS.as_bytes(), |_| Err("enough"));
    assert!(matches!(stopped, Err(ListFailure::Stopped("enough"))));
}

#[test]
fn reading_that_breaks_off_is_told_from_garbage() {
    struct Torn;
    impl Read for Torn {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::ConnectionReset.into())
        }
    }
    let torn = read_list(ACTIONS.as_bytes()[..300].chain(Torn), |_| Ok::<_, ()>(()));
    assert!(matches!(torn, Err(ListFailure::Broken(_))));
    let endless = format!(r#"{{"G":["{}"#, "x".repeat(LONGEST + 1));
    assert!(
        matches!(given(endless.as_bytes()), Err(ListFailure::Undecodable)),
        "an entry of more than 4 MiB"
    );
    let key = format!(r#"{{"{}":1,"opstatus":0}}"#, "x".repeat(LONGEST + 1));
    assert!(matches!(given(key.as_bytes()), Err(ListFailure::Undecodable)));
}

#[test]
fn a_hundred_thousand_entries_are_read_one_by_one() {
    let one = r#"{"UserActionIdentifier":"A","ActionMetaData":{"Title":"%A%"}}"#;
    let json = format!(r#"{{"G":[{}],"opstatus":0}}"#, vec![one; 100_000].join(","));
    let mut held = 0_u32;
    let verdict = read_list(json.as_bytes(), |listed| {
        held += u32::from(listed.is_ok_and(|action| action.raw == one));
        Ok::<_, ()>(())
    });
    assert!(matches!(verdict, Ok(Verdict::Done(list)) if list.entries == 100_000) && held == 100_000);
    let deep = format!(r#"{{"G":[{}],"opstatus":0}}"#, "[".repeat(1 << 20));
    assert!(given(deep.as_bytes()).is_err(), "no depth harms");
    let deep = format!(r#"{{"G":[{}{}],"opstatus":0}}"#, "[".repeat(1 << 20), "]".repeat(1 << 20));
    assert!(given(deep.as_bytes()).is_ok_and(|(_, entries)| entries[0].is_err()));
}

proptest! {
    /// However it is spoilt, it is an error or a list, never a panic; and what is given is never more than what is there.
    #[test]
    fn a_spoilt_list_harms_nobody(at in 0..ACTIONS.len(), byte in any::<u8>(), cut in 0..ACTIONS.trim_end().len()) {
        let mut spoilt = ACTIONS.as_bytes().to_vec();
        spoilt[at] = byte;
        if let Ok((Verdict::Done(list), entries)) = given(&spoilt) {
            prop_assert!(list.entries <= 6 && entries.len() as u64 == list.entries);
            prop_assert!(list.entries == 6 || !list.whole() || list.count.is_none());
        }
        prop_assert!(given(&ACTIONS.as_bytes()[..cut]).is_err());
    }
}
