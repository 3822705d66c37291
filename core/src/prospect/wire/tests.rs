use super::*;
use crate::prospect::{Field, Fields, ProspectId};
use proptest::prelude::*;
use std::io::{self, Read};

mod rows;

/// The contract's sample, compact, as the seed has it.
const UPLOAD: &str = r#"{"ProspectDataList":[{"Age":"26","BizStatusID":"1","Code":"","CollateralStatusID":"1","CreateDateClient":"2021-02-09 23:59:00.000","CustComment":"","ExpectOnBoardDate":"2021-02-16 23:59:00.000","GenderID":"MALE","LoanEligibleID":"1","NameEn":"Pha dy","NameKh":"ជា ឌី","Phone":"0968523147","PromotionDate1":"2021-02-09 23:59:00.000","PromotionDate2":"2021-02-10 23:59:00.000","PromotionDate3":"2021-02-11 23:59:00.000","ProspectClientID":"17","ProspectStatusID":"2","ReferByID":"AMK","ReferName":" មី ណា","RegisterDate":"2021-02-09 10:21:00.000","VillageID":"03070105","IsOldCust":"0","OccupationType":"ធ្វើការក្រុមហ៊ុន","COCommends":"រង់ចាំ"}]}"#;

const DOWNLOAD: &str = r#"[{"ERR":"Succeed","SMS":"","ERRCode":"","DataList":[{"Code":"2947-1","CreateDateClient":"2/9/2021 11:59:00 PM","RegisterDate":"2/9/2021 10:21:00 AM","ReferByID":"AMK","ReferName":" មី ណា","NameKh":"ជា ឌី","NameEn":"Pha dy","GenderID":"MALE","Age":"26","Phone":"0968523147","VillageID":"03070105","BizStatusID":"1","CollateralStatusID":"1","LoanEligibleID":"1","PromotionDate1":"2/9/2021 12:00:00 AM","PromotionDate2":"2/10/2021 12:00:00 AM","PromotionDate3":"2/11/2021 12:00:00 AM","CustComment":"","ExpectOnBoardDate":"2/16/2021 11:59:00 PM","ProspectStatusID":"2","CustServerID":"","IsOldCust":"0","FromSystemID":"1","OccupationType":"ធ្វើការក្រុមហ៊ុន","COCommends":"រង់ចាំ"}]}]"#;

fn sample() -> Fields {
    let body: serde_json::Value = serde_json::from_str(UPLOAD).expect("JSON");
    let mut fields = Fields::default();
    for field in Field::ALL {
        fields.set(field, body["ProspectDataList"][0][field.wire()].as_str().expect("a text"));
    }
    fields
}

type Given = Result<Downloaded, Unreadable>;

fn given(json: &[u8]) -> Result<(Tail, Vec<Given>), ReadFailure<()>> {
    let mut rows = vec![];
    let tail = read_rows(json, |row| {
        rows.push(row);
        Ok(())
    })?;
    Ok((tail, rows))
}

fn read(json: &str) -> Result<(Tail, Vec<Downloaded>), ReadFailure<()>> {
    let (tail, rows) = given(json.as_bytes())?;
    Ok((tail, rows.into_iter().filter_map(Result::ok).collect()))
}

/// The row, if it is one.
fn row(json: &str) -> Option<Downloaded> {
    read(&list(&[json])).ok().and_then(|(_, mut rows)| rows.pop())
}

fn list(rows: &[impl AsRef<str>]) -> String {
    let rows: Vec<_> = rows.iter().map(AsRef::as_ref).collect();
    format!(r#"[{{"DataList":[{}],"ERR":"Succeed"}}]"#, rows.join(","))
}

#[test]
fn an_upload_is_written_as_the_contract_has_it() {
    let fields = sample();
    let create = Item { id: ProspectId(17), code: None, fields: &fields };
    let body = upload(&[create], false).expect("a body");
    assert_eq!(String::from_utf8(body).expect("UTF-8"), UPLOAD);

    let update = upload(&[Item { code: Some("2947-1"), ..create }, create], false).expect("a body");
    let update = String::from_utf8(update).expect("UTF-8");
    assert!(update.contains(r#""Code":"2947-1""#) && update.contains(r#""Code":"""#), "both are in one list");

    let old: serde_json::Value =
        serde_json::from_slice(&upload(&[create], true).expect("a body")).expect("JSON");
    let keys: Vec<_> = old["ProspectDataList"][0].as_object().expect("an object").keys().collect();
    assert_eq!(keys.len(), 22);
    assert!(!keys.iter().any(|k| ["OccupationType", "COCommends"].contains(&k.as_str())));
    assert_eq!(upload(&[], false).expect("a body"), br#"{"ProspectDataList":[]}"#);
}

#[test]
fn the_small_requests_are_the_contracts() {
    assert_eq!(reject("1234").expect("a body"), br#"{"ProspectCode":"1234"}"#);
    assert_eq!(download(None).expect("a body"), br#"{"criteriaValue":""}"#);
    assert_eq!(download(Some("2947-1")).expect("a body"), br#"{"criteriaValue":"2947-1"}"#);
}

#[test]
fn the_contracts_replies_to_an_upload() {
    let good = br#"[{"ProspectAddSMSRS":[{"ERR":"Succeed","SMS":"","ProspectClientID":"17","Code":"2947-1"}],"ERR":"Succeed","SMS":"","ERRCode":null}]"#;
    let reply = parse_add(good).expect("a reply");
    assert!(reply.tail.succeeded() && reply.tail.err_code.is_none());
    let answer = reply.answer(ProspectId(17)).expect("an answer");
    assert!(answer.succeeded() && answer.code == "2947-1");
    assert!(reply.answer(ProspectId(1)).is_none());

    let bad = br#"[{"ProspectAddSMSRS":null,"ERR":"Error","SMS":"(00002) Invalid request","ERRCode":""}]"#;
    let reply = parse_add(bad).expect("a reply");
    assert!(!reply.tail.succeeded() && !reply.tail.session_expired() && reply.entries.is_none());
    assert_eq!((reply.tail.sms.as_str(), &reply.tail.err_code), ("(00002) Invalid request", &None));

    let expired = parse_add(br#"[{"ProspectAddSMSRS":null,"ERR":"Error","SMS":"","ERRCode":"00009"}]"#)
        .expect("a reply");
    assert!(expired.tail.session_expired() && !expired.tail.succeeded());
}

#[test]
fn replies_are_read_with_tolerance_where_nothing_is_guessed() {
    let odd = br#" {"ERR":"Succeed","ProspectAddSMSRS":[{"ProspectClientID":17,"Code":2947,"ERR":"Succeed","New":[{}]}],"More":{"a":[1]}} "#;
    let reply = parse_add(odd).expect("a reply");
    assert_eq!(reply.answer(ProspectId(17)).map(|a| a.code.as_str()), Some("2947"));
    assert!(parse_add(br#"[{"ERR":"Error"}]"#).expect("a reply").entries.is_none());
    let twice = br#"[{"ERR":"Succeed","ProspectAddSMSRS":[{"ERR":"Succeed","ProspectClientID":"1"},{"ERR":"Error","ProspectClientID":"1"}]}]"#;
    assert!(parse_add(twice).expect("a reply").answer(ProspectId(1)).is_none(), "two answers are none");
    for id in [r#""""#, r#"" 17""#, "null", "1.5", r#""x""#] {
        let reply = format!(
            r#"[{{"ERR":"Succeed","ProspectAddSMSRS":[{{"ERR":"Succeed","ProspectClientID":{id}}}]}}]"#
        );
        assert!(parse_add(reply.as_bytes()).expect("a reply").answer(ProspectId(17)).is_none(), "{id}");
    }
}

#[test]
fn what_is_no_reply_is_one_error() {
    for text in [
        "",
        "null",
        "[]",
        "{}",
        "[{}]",
        "[null]",
        "[[]]",
        "\"Succeed\"",
        "<html>",
        "[{\"ERR\":{}}]",
        "[{\"ERR\":[\"Succeed\"]}]",
        r#"[{"ERR":"Succeed"},{"ERR":"Error"}]"#,
        r#"[{"ERR":"Succeed"}] x"#,
        r#"[{"ERR":"Succeed"}"#,
        r#"[{"ERR":"Succeed","ERR":"Error"}]"#,
        r#"[["Succeed","",null]]"#,
        r#"[[{"ERR":"Succeed"}]]"#,
    ] {
        assert_eq!(parse_add(text.as_bytes()).err(), Some(Undecodable), "add: {text}");
        assert_eq!(parse_tail(text.as_bytes()).err(), Some(Undecodable), "tail: {text}");
        assert!(matches!(read(text), Err(ReadFailure::Undecodable)), "get: {text}");
    }
    for entries in
        [r#"["x"]"#, r#"[null]"#, r#"{}"#, r#""words""#, r#"[["Succeed","","17","1"]]"#, r#"[{"SMS":""}]"#]
    {
        let text = format!(r#"[{{"ERR":"Succeed","ProspectAddSMSRS":{entries}}}]"#);
        assert_eq!(parse_add(text.as_bytes()).err(), Some(Undecodable), "{text}");
    }
    // Depth costs an error where a value is read, and nothing where it is passed over.
    let deep =
        |key| format!(r#"[{{"ERR":"Succeed","{key}":{}{}}}]"#, "[".repeat(100_000), "]".repeat(100_000));
    for key in ["SMS", "ERRCode"] {
        assert_eq!(parse_tail(deep(key).as_bytes()).err(), Some(Undecodable));
    }
    assert_eq!(parse_add(deep("ProspectAddSMSRS").as_bytes()).err(), Some(Undecodable));
    assert!(matches!(read(&deep("DataList")), Err(ReadFailure::Undecodable)));
    assert!(parse_tail(deep("New").as_bytes()).is_ok());
    assert!(read(&deep("New").replacen('{', r#"{"DataList":[],"#, 1)).is_ok());
    // A success without its list is not an empty list: nothing may be taken for absent because of it.
    for text in [r#"[{"ERR":"Succeed"}]"#, r#"[{"ERR":"Succeed","DataList":null}]"#] {
        assert!(matches!(read(text), Err(ReadFailure::Undecodable)), "{text}");
    }
}

#[test]
fn the_contracts_download() {
    let (tail, rows) = read(DOWNLOAD).expect("a reply");
    assert!(tail.succeeded());
    let [row] = &rows[..] else { panic!("one row") };
    assert_eq!((row.code.as_str(), row.created_at()), ("2947-1", "2021-02-09 23:59:00.000"));
    assert_eq!((row.server.customer_server_id.as_str(), row.server.from_system_id.as_str()), ("", "1"));
    assert!(row.unsaid.is_empty());
    assert_eq!(row.fields.differing(&sample()).count(), 0, "what was sent has come back");
    assert_eq!(row.fields.get(Field::ReferName), " មី ណា");
    assert_eq!(row.fields.get(Field::Promotion1), "2021-02-09 00:00:00.000");

    let failed = r#"[{"ERR":"Error","SMS":"(00002) Invalid request","ERRCode":"","DataList":null}]"#;
    let (tail, rows) = read(failed).expect("a reply");
    assert!(!tail.succeeded() && rows.is_empty() && tail.sms == "(00002) Invalid request");
    let (tail, _) = read(r#"{"ERR":"Error","ERRCode":"00009"}"#).expect("a reply");
    assert!(tail.session_expired());
}

#[test]
fn values_of_other_types_are_taken_when_they_are_exact() {
    let row = row(
        r#"{"Code":2947,"Age":26,"IsOldCust":false,"Phone":null,"NameEn":1.5e3,"VillageID":-3,"X":{"Code":"9"}}"#,
    );
    let row = row.expect("a row");
    assert_eq!(row.code, "2947");
    let value = |f| row.fields.get(f);
    assert_eq!([value(Field::Age), value(Field::OldCustomer), value(Field::Phone)], ["26", "0", ""]);
    assert_eq!([value(Field::NameEn), value(Field::Village)], ["1500", "-3"]);
    for value in ["[]", "{}", "1e300", "123456789012345678901234567890"] {
        assert!(self::row(&format!(r#"{{"Code":{value}}}"#)).is_none(), "{value}");
    }
    assert!(self::row(r#"{"Code":"1","Code":"2"}"#).is_none(), "two codes");
    for none in ["null", "[]", "\"x\"", "0", "[{}]"] {
        assert!(matches!(read(&list(&[none])), Err(ReadFailure::Undecodable)), "{none} is no row");
    }
    let twice = r#"[{"ERR":"Succeed","DataList":[],"DataList":[]}]"#;
    assert!(matches!(read(twice), Err(ReadFailure::Undecodable)));
}

#[test]
fn what_a_row_does_not_speak_of_keeps_its_value() {
    let (mut base, row) =
        (sample(), row(r#"{"Code":"1","NameEn":"New","Phone":null,"COCommends":""}"#).expect("a row"));
    assert_eq!(row.unsaid.len(), 19);
    let over = row.over(&base, false);
    assert_eq!(
        (over.get(Field::NameEn), over.get(Field::Phone), over.get(Field::OfficerComment)),
        ("New", "", "")
    );
    assert_eq!(over.get(Field::NameKh), base.get(Field::NameKh));
    let of_old_server = row.over(&base, true);
    assert_eq!(of_old_server.get(Field::OfficerComment), base.get(Field::OfficerComment));
    base.set(Field::NameEn, "New");
    assert_eq!(row.over(&base, true).get(Field::NameEn), "New");
}

#[test]
fn a_date_in_no_known_form_is_kept_as_it_came() {
    let row = row(r#"{"Code":"1","CreateDateClient":"9 Feb 2021","RegisterDate":"2021-02-09 10:21:00.000"}"#)
        .expect("a row");
    assert_eq!(
        (row.created_at(), row.fields.get(Field::RegisteredAt)),
        ("9 Feb 2021", "2021-02-09 10:21:00.000")
    );
}

#[test]
fn no_cut_is_taken_for_a_whole_reply() {
    let whole = DOWNLOAD.as_bytes();
    for end in 0..whole.len() {
        let cut = read_rows(&whole[..end], |_| Ok::<_, ()>(()));
        assert!(matches!(cut, Err(ReadFailure::Undecodable)), "cut at {end}");
    }
    assert!(matches!(read(&format!("{DOWNLOAD}]")), Err(ReadFailure::Undecodable)));
    assert!(read(&format!(" {DOWNLOAD}\n")).is_ok());
}

/// Yields some bytes, then fails.
struct Failing<'a>(&'a [u8], io::ErrorKind);
impl Read for Failing<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.0.is_empty() { Err(self.1.into()) } else { self.0.read(out) }
    }
}

#[test]
fn a_broken_reader_is_not_an_undecodable_reply() {
    let half = &DOWNLOAD.as_bytes()[..DOWNLOAD.len() / 2];
    for at in [&half[..0], half, DOWNLOAD.as_bytes()] {
        let broken = read_rows(Failing(at, io::ErrorKind::TimedOut), |_| Ok::<_, ()>(()));
        assert!(matches!(broken, Err(ReadFailure::Broken(e)) if e.kind() == io::ErrorKind::TimedOut));
        let garbled = read_rows(Failing(at, io::ErrorKind::InvalidData), |_| Ok::<_, ()>(()));
        assert!(matches!(garbled, Err(ReadFailure::Undecodable)), "the envelope's own word");
    }
}

#[test]
fn the_receiver_can_stop() {
    let row = r#"{"Code":"1"}"#;
    let json = format!(r#"[{{"ERR":"Succeed","DataList":[{row},{row},{row}]}}]"#);
    let mut seen = 0;
    let stopped = read_rows(json.as_bytes(), |_| {
        seen += 1;
        if seen == 2 { Err("full") } else { Ok(()) }
    });
    assert!(matches!(stopped, Err(ReadFailure::Stopped("full"))) && seen == 2);
}

#[test]
fn a_row_has_a_budget_and_a_download_has_none() {
    let long = |n: usize| format!(r#"{{"Code":"1","CustComment":"{}"}}"#, "x".repeat(n));
    let many = vec![long(ROW_BYTES - 1_000); 20];
    assert_eq!(read(&list(&many)).expect("a reply").1.len(), 20);
    let endless = io::Read::chain(&b"[{\"DataList\":[{\"Code\":\""[..], io::repeat(b'x'));
    assert!(matches!(read_rows(endless, |_| Ok::<_, ()>(())), Err(ReadFailure::Undecodable)));
    let blank = io::Read::chain(DOWNLOAD.as_bytes(), io::repeat(b' '));
    assert!(matches!(read_rows(blank, |_| Ok::<_, ()>(())), Err(ReadFailure::Undecodable)));
}

#[test]
fn whatever_the_desk_takes_comes_back_however_it_is_escaped() {
    let mut fields = Fields::default();
    Field::ALL.iter().for_each(|f| fields.set(*f, "👩".repeat(crate::prospect::check::LONGEST_TEXT)));
    let escaped = "\\ud83d\\udc69".repeat(crate::prospect::check::LONGEST_TEXT);
    let pairs: Vec<_> = Field::ALL.iter().map(|f| format!(r#""{}":"{escaped}""#, f.wire())).collect();
    assert!(row(&format!("{{{}}}", pairs.join(","))).expect("a row").fields == fields);
}

#[test]
fn debug_shows_no_personal_data() {
    let reply = br#"[{"ERR":"CANARY","SMS":"CANARY","ERRCode":"CANARY","ProspectAddSMSRS":[{"ERR":"CANARY","SMS":"CANARY","ProspectClientID":"CANARY","Code":"CANARY"}]}]"#;
    let reply = parse_add(reply).expect("a reply");
    let row = row(r#"{"Code":"CANARY","NameEn":"CANARY","CustServerID":"CANARY"}"#).expect("a row");
    let shown = format!("{reply:?} {:?} {row:?} {:?}", reply.entries, read("[CANARY").err());
    assert!(!shown.contains("CANARY"), "{shown}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Sent, answered as a server that stores it would, and read: nothing but the contract's losses.
    #[test]
    fn any_text_survives_the_round(values in prop::collection::vec("(?s).{0,12}", 22), code in "(?s).{0,12}") {
        let mut fields = Fields::default();
        Field::ALL.iter().zip(&values).for_each(|(f, v)| fields.set(*f, v.as_str()));
        let sent = upload(&[Item { id: ProspectId(1), code: Some(&code), fields: &fields }], false).expect("a body");
        let sent: serde_json::Value = serde_json::from_slice(&sent).expect("JSON");
        let row = row(&sent["ProspectDataList"][0].to_string()).expect("a row");
        prop_assert_eq!(&row.code, &code);
        prop_assert!(row.fields.differing(&fields).next().is_none() && row.unsaid.is_empty());
    }

    /// Hostile replies cost an error, never a panic.
    #[test]
    fn garbage_is_an_error(noise in prop::collection::vec(any::<u8>(), 0..64), at in 0..DOWNLOAD.len(), byte in any::<u8>()) {
        prop_assert!(parse_add(&noise).is_err() && parse_tail(&noise).is_err());
        let mut flipped = DOWNLOAD.as_bytes().to_vec();
        flipped[at] = byte;
        let mut rows = 0;
        let read = read_rows(&flipped[..], |_| { rows += 1; Ok::<_, ()>(()) });
        prop_assert!(read.is_err() || rows <= 1);
    }
}
