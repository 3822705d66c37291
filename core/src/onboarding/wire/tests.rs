use super::*;
use proptest::prelude::*;

/// The seed's samples, letter by letter.
const CREATE: &str = r#"{ "FirstName": "Virat", "LastName": "Kohli", "DateOfBirth": "1985-10-10", "Email": "kanand@temenos.com", "MobileCountryCode": "+91", "MobileNumber": "9994305648", "BranchReference": "GB0010001", "ApplicantType": "Applicant", "SectionProgress": "Done", "ConsentIdentifier": "Create_PersonalInfo_Consent", "AcceptanceStatus": "Yes", "Status": "InProgress", "IsExistingCustomer": "No", "CoApplicantCount": null }"#;
const CREATED: &str = r#"{ "Application_id": "3X88WLM", "opstatus": 0, "httpStatusCode": 200 }"#;
const UPDATE: &str = r#"{ "FirstName": "Rohit", "LastName": "Sharma", "DateOfBirth": "1989-10-10", "Email": "rohit@test.com", "MobileCountryCode": "+91", "MobileNumber": "9994305648", "BranchReference": "GB0010001", "ApplicantType": "CoApplicant", "SectionProgress": "Done", "ConsentIdentifier": "Create_CoApplicantPersonalInfo_Consent", "AcceptanceStatus": "Yes", "IsExistentMember": false, "Index": "2021-07-26T02:15:22", "EntityId": "60fe1abbdecbb711d1e76620" }"#;
const UPDATED: &str = r#"{ "opstatus":0, "httpStatusCode":0 }"#;
const LIST: &str = r#"{ "isPre": "true" }"#;
const SUBMIT: &str = r#"{ "UserActionIdentifier": "ProofOfIncomeEmployed_1778258145_3X88WLM", "Response": "", "Status": "Submitted" }"#;
const ANSWERED: &str = r#"{ "opstatus": 0, "id": "60fe1b7edecbb711d1e76641", "httpStatusCode": 200 }"#;
const UPLOADED: &str = r#"{ "Response": [{ "fileName": "techspectemplate.pdf", "fileClientId": 1.62726591323E12, "fileInfo": "", "documentId": "3b18b79d-2fd5-4197-844b-87be10302a3e", "fileType": "application/pdf" }], "opstatus": 0, "httpStatusCode": 200 }"#;

/// A sample without the white space that stands between its tokens.
fn compact(json: &str) -> String {
    let (mut within, mut escaped, mut out) = (false, false, String::new());
    for c in json.chars() {
        if !c.is_whitespace() || within {
            out.push(c);
        }
        within ^= c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
    }
    out
}

fn person() -> Person<'static> {
    Person {
        first_name: "Virat",
        last_name: "Kohli",
        date_of_birth: "1985-10-10",
        email: "kanand@temenos.com",
        mobile_country_code: "+91",
        mobile_number: "9994305648",
        branch_reference: "GB0010001",
        applicant_type: ApplicantType::Applicant,
        section_progress: "Done",
        consent_identifier: "Create_PersonalInfo_Consent",
        acceptance_status: true,
    }
}

fn text(body: crate::error::Result<Vec<u8>>) -> String {
    String::from_utf8(body.expect("a body")).expect("UTF-8")
}

fn virat() -> Create<'static> {
    Create {
        form_code: "",
        application_id: "",
        person: person(),
        status: "InProgress",
        is_existing_customer: false,
        co_applicant_count: None,
    }
}

#[test]
fn requests_are_the_seeds_samples() {
    assert_eq!(text(create(&virat())), compact(CREATE));
    let rohit = Person {
        first_name: "Rohit",
        last_name: "Sharma",
        date_of_birth: "1989-10-10",
        email: "rohit@test.com",
        applicant_type: ApplicantType::CoApplicant,
        consent_identifier: "Create_CoApplicantPersonalInfo_Consent",
        ..person()
    };
    let body = Update {
        person: rohit,
        is_existent_member: false,
        index: "2021-07-26T02:15:22",
        entity_id: "60fe1abbdecbb711d1e76620",
    };
    assert_eq!(text(update(&body)), compact(UPDATE));
    let answer = Submit {
        user_action_identifier: "ProofOfIncomeEmployed_1778258145_3X88WLM",
        response: "",
        status: SUBMITTED,
    };
    assert_eq!(text(submit(&answer)), compact(SUBMIT));
    assert_eq!(text(list("true")), compact(LIST));
    assert_eq!(PRE_REQUIREMENTS, b"jsondata={}");
}

#[test]
fn what_the_seeds_text_names_is_sent_where_it_is_given() {
    let all = Create { form_code: "F1", application_id: "3X88WLM", is_existing_customer: true, ..virat() };
    let body = text(create(&Create { co_applicant_count: Some(2), ..all }));
    assert!(body.starts_with(r#"{"FormCode":"F1","Application_id":"3X88WLM","FirstName":"#), "{body}");
    assert!(body.ends_with(r#""IsExistingCustomer":"Yes","CoApplicantCount":2}"#), "{body}");
    let quoted =
        Person { first_name: "a\"b\\", last_name: "សុខ", acceptance_status: false, ..person() };
    let body = text(create(&Create { person: quoted, ..virat() }));
    assert!(
        body.contains(r#""FirstName":"a\"b\\","LastName":"សុខ""#)
            && body.contains(r#""AcceptanceStatus":"No""#)
    );
}

#[test]
fn each_operation_has_its_own_path() {
    let mut paths: Vec<_> = Operation::ALL.map(Operation::path).into();
    paths.sort_unstable();
    paths.dedup();
    assert_eq!(paths.len(), 6);
    for operation in Operation::ALL {
        let form = operation.content_type() != "application/json";
        assert_eq!(form, operation == Operation::CreatePreRequirements);
        assert!(!operation.path().starts_with('/'), "it would replace the base");
    }
}

#[test]
fn the_seeds_replies_are_a_yes() {
    let id = |text: &str| Some(text.to_owned());
    let made = Created { application_id: "3X88WLM".into(), party_id: None };
    assert_eq!(created(CREATED.as_bytes()), Verdict::Done(made));
    assert_eq!(updated(UPDATED.as_bytes()), Verdict::Done(()));
    let taken = Uploaded { document_id: id("3b18b79d-2fd5-4197-844b-87be10302a3e") };
    assert_eq!(uploaded(UPLOADED.as_bytes(), 1_627_265_913_230), Verdict::Done(taken));
    assert_eq!(answered(ANSWERED.as_bytes()), Verdict::Done(Answered { id: id("60fe1b7edecbb711d1e76641") }));
}

#[test]
fn a_party_is_found_by_any_of_its_spellings() {
    for key in ["Party_Id", "/Party_Id", "PartyId", "Party_id"] {
        for value in ["\"1778258145\"", "1778258145"] {
            let body = format!(r#"{{"Application_id":"A","{key}":{value},"opstatus":"0"}}"#);
            let made = Created { application_id: "A".into(), party_id: Some("1778258145".into()) };
            assert_eq!(created(body.as_bytes()), Verdict::Done(made), "{body}");
        }
    }
}

#[test]
fn a_yes_and_a_no_are_told_from_neither() {
    let code = |body: &str| match updated(body.as_bytes()) {
        Verdict::Done(()) => "yes".to_owned(),
        Verdict::Refused(refusal) => refusal.code,
        Verdict::Unusable => "neither".to_owned(),
    };
    let table = [
        (r#"{"opstatus":0,"httpStatusCode":200}"#, "yes"),
        (r#"{"opstatus":"0","httpStatusCode":"200"}"#, "yes"),
        (r#"{"opstatus":0.0,"httpStatusCode":2E2}"#, "yes"),
        (r#"{"opstatus":0}"#, "yes"),
        (r#"{"httpStatusCode":0}"#, "yes"),
        (r#" {"opstatus":null,"httpStatusCode":201} "#, "yes"),
        (r#"{"opstatus":8009,"httpStatusCode":200}"#, "opstatus_8009"),
        (r#"{"opstatus":"-1"}"#, "opstatus_-1"),
        (r#"{"opstatus":0,"httpStatusCode":400}"#, "http_400"),
        (r#"{"httpStatusCode":"500","errmsg":"no"}"#, "http_500"),
        (r#"{"opstatus":5,"httpStatusCode":500}"#, "opstatus_5"),
        (r#"{"opstatus":0,"httpStatusCode":302}"#, "neither"),
        (r#"{"opstatus":0,"httpStatusCode":-1}"#, "neither"),
        (r#"{"opstatus":"ok","httpStatusCode":200}"#, "neither"),
        (r#"{"opstatus":0.5,"httpStatusCode":200}"#, "neither"),
        (r#"{"opstatus":0,"opstatus":5}"#, "neither"),
        (r#"{"opstatus":0}{"opstatus":0}"#, "neither"),
        (r#"[{"opstatus":0}]"#, "neither"),
        (r#"{"opstatus":{}}"#, "neither"),
        ("{}", "neither"),
        ("[0,200]", "neither"),
        ("<html>", "neither"),
        ("", "neither"),
    ];
    for (body, said) in table {
        assert_eq!(code(body), said, "{body}");
    }
}

#[test]
fn a_no_says_what_kind_it_is() {
    let kind = |body: &str| match updated(body.as_bytes()) {
        Verdict::Refused(refusal) => (refusal.sign_in(), refusal.broke()),
        verdict => panic!("{verdict:?}"),
    };
    assert_eq!(kind(r#"{"opstatus":10002,"httpStatusCode":401}"#), (true, false));
    assert_eq!(kind(r#"{"opstatus":0,"httpStatusCode":"400"}"#), (false, false));
    assert_eq!(kind(r#"{"opstatus":8009,"httpStatusCode":500}"#), (false, true));
    assert_eq!(kind(r#"{"opstatus":8009}"#), (false, false));
}

#[test]
fn a_yes_must_give_what_it_promises() {
    for body in [
        r#"{"opstatus":0,"httpStatusCode":200}"#,
        r#"{"Application_id":null,"opstatus":0}"#,
        r#"{"Application_id":"","opstatus":0}"#,
        r#"{"Application_id":{},"opstatus":0}"#,
        // A no that comes with what it refused to make is none.
        r#"{"Application_id":"3X88WLM","opstatus":5}"#,
    ] {
        assert_eq!(created(body.as_bytes()), Verdict::Unusable, "{body}");
    }
    assert!(matches!(created(br#"{"opstatus":5}"#), Verdict::Refused(_)));
}

#[test]
fn a_paper_is_known_by_its_number_alone() {
    let of =
        |papers: &str, tail: &str| uploaded(format!(r#"{{"Response":{papers},{tail}}}"#).as_bytes(), 1000);
    let done = |id: Option<&str>| Verdict::Done(Uploaded { document_id: id.map(str::to_owned) });
    let yes = r#""opstatus":0"#;
    assert_eq!(of(r#"[{"fileClientId":1E3,"documentId":"d"}]"#, yes), done(Some("d")));
    assert_eq!(of(r#"[{"fileClientId":"1000"}]"#, yes), done(None));
    let both = r#"[{"fileClientId":999,"documentId":"x"},{"fileClientId":1000.0,"documentId":"d"}]"#;
    assert_eq!(of(both, yes), done(Some("d")));
    for papers in [
        r#"[{"fileClientId":1001,"documentId":"d"}]"#,
        r#"[{"fileClientId":1000.4,"documentId":"d"}]"#,
        r#"[{"documentId":"d"}]"#,
        r#"[{"fileClientId":1000},{"fileClientId":1E3}]"#,
        "[]",
        "null",
        "{}",
    ] {
        assert_eq!(of(papers, yes), Verdict::Unusable, "{papers}");
    }
    let no = r#""opstatus":0,"httpStatusCode":400"#;
    assert!(matches!(of("[]", no), Verdict::Refused(_)));
    assert!(matches!(of(r#"[{"fileClientId":1000}]"#, no), Verdict::Refused(_)));
    assert_eq!(of(r#"[{"fileClientId":1000,"documentId":"d"}]"#, no), Verdict::Unusable);
}

#[test]
fn the_servers_words_are_kept_short_and_never_logged() {
    let body = format!(r#"{{"opstatus":5,"errmsg":"{}"}}"#, "ខ".repeat(9000));
    let Verdict::Refused(refusal) = answered(body.as_bytes()) else { panic!("no refusal") };
    assert_eq!(refusal.words.chars().count(), 500);
    assert!(!format!("{refusal:?}").contains('ខ'));
    assert!(!format!("{:?}", created(CREATED.as_bytes())).contains("3X88"));
}

proptest! {
    /// Hostile replies cost an error, never a panic; and one byte changed makes no other id of it unseen.
    #[test]
    fn garbage_is_no_answer(noise in prop::collection::vec(any::<u8>(), 0..64), at in 0..UPLOADED.len(), byte in any::<u8>()) {
        prop_assert_eq!(created(&noise), Verdict::Unusable);
        prop_assert_eq!(updated(&noise), Verdict::Unusable);
        let mut flipped = UPLOADED.as_bytes().to_vec();
        flipped[at] = byte;
        let _ = uploaded(&flipped, 1_627_265_913_230);
        let _ = answered(&flipped);
    }
}
