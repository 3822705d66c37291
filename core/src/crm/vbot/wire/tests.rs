use super::*;
use crate::crm::vbot::CustomField;

const WHOSE: (&str, &str) = ("45681xxx", "PR20210223152xxx");

fn sent(verb: Verb, said: &Said, keys: VbotKeys) -> Value {
    serde_json::from_slice(&body(verb, said, WHOSE, keys).expect("a body")).expect("JSON")
}

fn said(code: &str, fields: VbotFields) -> Said {
    Said { code: code.to_owned(), new_code: None, fields }
}

/// The seed's samples, in the sample's own names.
#[test]
fn the_seeds_customer_is_sent_field_by_field() {
    let customer = Customer {
        name: "VPMEDIA".into(),
        phones: vec!["0365296xxx".into(), "0965713xxx".into()],
        address: "163 Nguyễn Khang, Cầu Giấy, Hà Nội".into(),
        email: "canh.dsa".into(),
        status: "MA_TRANG_THAI_KHACH_HANG".into(),
        customer_type: "MA_LOAI_KHACH_HANG".into(),
        group: "Ten_nhom_khach_hang".into(),
        fields: vec![CustomField {
            key: "THONG_TIN_KHAC".into(),
            value: "giá trị của thông tin khác".into(),
        }],
    };
    let said = said(" VPMEDIA01", VbotFields::Customer(customer));
    let seed = json!({
        "vbot_id": "45681xxx", "project_code": "PR20210223152xxx", "customer_name": "VPMEDIA",
        "customer_no": " VPMEDIA01", "customer_address": "163 Nguyễn Khang, Cầu Giấy, Hà Nội",
        "customer_email": "canh.dsa", "customer_phones": ["0365296xxx", "0965713xxx"],
        "customer_status_code": "MA_TRANG_THAI_KHACH_HANG", "customer_type_code": "MA_LOAI_KHACH_HANG",
        "customer_group_name": "Ten_nhom_khach_hang",
        "fileds": [{ "field_key": "THONG_TIN_KHAC", "field_value": "giá trị của thông tin khác" }],
    });
    for verb in [Verb::Create, Verb::Update] {
        assert_eq!(sent(verb, &said, VbotKeys::Sample), seed);
    }
    let gone = json!({ "vbot_id": "45681xxx", "project_code": "PR20210223152xxx", "customer_name": "VPMEDIA",
                       "customer_no": " VPMEDIA01" });
    assert_eq!(sent(Verb::Delete, &said, VbotKeys::Sample), gone);
    let renamed = Said { code: "MA_KHACH_OLD".into(), new_code: Some("MA_KHACH_NEW".into()), ..said };
    let seed = json!({ "vbot_id": "45681xxx", "project_code": "PR20210223152xxx", "customer_no_old": "MA_KHACH_OLD",
                       "customer_no_new": "MA_KHACH_NEW" });
    assert_eq!(sent(Verb::Rename, &renamed, VbotKeys::Sample), seed);
}

#[test]
fn where_table_and_sample_differ_both_are_sent_unless_the_profile_knows() {
    let status = said("A", VbotFields::Status { name: "N".into() });
    let keys = |verb, said: &Said, keys| {
        let body = sent(verb, said, keys);
        let names = body.as_object().expect("an object").keys().filter(|name| {
            !["vbot_id", "project_code"].contains(&name.as_str())
                && !name.ends_with("_name")
                && !name.ends_with("_description")
        });
        names.cloned().collect::<Vec<_>>()
    };
    assert_eq!(keys(Verb::Create, &status, VbotKeys::Both), ["stattus_no", "status_no"]);
    assert_eq!(keys(Verb::Update, &status, VbotKeys::Table), ["stattus_no"]);
    assert_eq!(keys(Verb::Update, &status, VbotKeys::Sample), ["status_no"]);
    assert_eq!(keys(Verb::Delete, &status, VbotKeys::Both), ["status_no"]);
    let kind = said("A", VbotFields::Type { name: "N".into() });
    assert_eq!(keys(Verb::Create, &kind, VbotKeys::Both), ["type_no"]);
    assert_eq!(keys(Verb::Delete, &kind, VbotKeys::Table), ["type_no"]);
    assert_eq!(keys(Verb::Delete, &kind, VbotKeys::Sample), ["status_no"]);
    let group = said("A", VbotFields::Group { name: "N".into(), description: String::new() });
    assert_eq!(keys(Verb::Delete, &group, VbotKeys::Sample), ["status_no"]);
    let renamed = Said { new_code: Some("B".into()), ..group };
    assert_eq!(keys(Verb::Rename, &renamed, VbotKeys::Sample), ["group_no_new", "group_no_old"]);
    let body = sent(Verb::Rename, &renamed, VbotKeys::Table);
    assert_eq!((&body["customer_no_old"], &body["customer_name_new"]), (&json!("A"), &json!("B")));
}

#[test]
fn one_type_of_a_field_is_a_text_and_several_are_a_list() {
    let field = |types: &[&str]| {
        let types = types.iter().map(|one| (*one).to_owned()).collect();
        sent(
            Verb::Create,
            &said("F", VbotFields::Field { name: "N".into(), types, description: "D".into() }),
            VbotKeys::Both,
        )
    };
    assert_eq!(field(&["text"])["field_type"], "text");
    assert_eq!(field(&["a", "b"])["field_type"], json!(["a", "b"]));
    assert_eq!(field(&["text"])["field_no"], "F");
}

#[test]
fn there_are_twenty_paths_and_one_is_spelt_in_capitals() {
    let all: std::collections::BTreeSet<_> =
        Kind::ALL.into_iter().flat_map(|kind| Verb::ALL.map(|verb| path(kind, verb))).collect();
    assert_eq!(all.len(), 20);
    assert!(all.contains("customer/updateNO") && all.contains("group/updateNo"));
}

#[test]
fn only_a_one_that_no_error_contradicts_is_a_yes() {
    let said = |body: &str| answer(body.as_bytes());
    for yes in [
        r#"{"status":1,"error":0,"message":"success","data":"A"}"#,
        r#"{"status":"1","data":true}"#,
        r#"{"status":1,"error":"0"}"#,
    ] {
        assert!(said(yes) == Answer::Yes, "{yes}");
    }
    assert!(said(r#"{"status":0,"error":7,"message":"no"}"#) == Answer::No("no".to_owned()));
    assert!(said(r#"{"status":"0"}"#) == Answer::No(String::new()));
    for neither in [
        "",
        "{}",
        "<html>",
        r#"{"status":1,"error":7}"#,
        r#"{"status":2}"#,
        r#"{"status":true}"#,
        r#"{"status":1,"status":0}"#,
        r#"{"error":0}"#,
    ] {
        assert!(said(neither) == Answer::Unusable, "{neither}");
    }
}
