//! Where a row ends, and what one costs that cannot be read.

use super::*;

/// Its neighbours are read, and its code if it has one.
#[test]
fn a_row_that_cannot_be_read_costs_itself_alone() {
    let long = "x".repeat(ROW_BYTES);
    let long = |before: &str| format!(r#"{{{before}"CustComment":"{long}","NameKh":"\\"}}"#);
    let text = |json: &str| json.as_bytes().to_vec();
    let bad = [
        (text(&long(r#""Code":"2","#)), Some("2")),
        (text(&long("")), None),
        (text(r#"{"Code":"2","Phone":{"]}":["}"]}}"#), Some("2")),
        (text(r#"{"Code":"2","Phone":"1","Phone":"2"}"#), Some("2")),
        (text(r#"{"Code":"2","NameEn":"\ud800"}"#), Some("2")),
        (text(r#"{"NameEn":"\ud800","Code":"2"}"#), Some("2")),
        (text(r#"{"\ud800":"1","Code":"2"}"#), None),
        (text(r#"{"Code":"2","Code":"3"}"#), None),
        (text(r#"{"Code":{},"NameEn":"2"}"#), None),
        (text(r#"{"Code":"","NameEn":[]}"#), None),
    ];
    for (row, code) in bad {
        let shown = String::from_utf8_lossy(&row[..row.len().min(60)]).into_owned();
        let json =
            [br#"[{"DataList":[{"Code":"1"}, "#, &row[..], br#" ,{"Code":"3"}],"ERR":"Succeed"}]"#].concat();
        let (tail, rows) = given(&json).unwrap_or_else(|_| panic!("{shown}"));
        assert!(tail.succeeded());
        let rows: Vec<_> =
            rows.into_iter().map(|row| row.map(|row| row.code).map_err(|no| no.code)).collect();
        let code = code.map(str::to_owned);
        assert!(rows == [Ok("1".to_owned()), Err(code), Ok("3".to_owned())], "{shown}: {rows:?}");
    }
    for none in [r#"{"Code":"2",}"#, r#"{"Code":"2"]"#, r#"{"Code" "2"}"#, "{\"Code\":\"\n\"}"] {
        assert!(matches!(read(&list(&[none])), Err(ReadFailure::Undecodable)), "{none:?} is no JSON");
    }
    let letters =
        [br#"[{"DataList":[{"Code":"2","NameEn":""#.as_slice(), b"\xff", br#""}],"ERR":"Succeed"}]"#]
            .concat();
    assert!(matches!(given(&letters), Err(ReadFailure::Undecodable)), "no UTF-8 is no JSON");
    let endless = format!(r#"{{"Code":"1","NameEn":"{}"}}"#, "x".repeat(16 * ROW_BYTES));
    assert!(matches!(read(&list(&[endless])), Err(ReadFailure::Undecodable)));
}

/// A service that does not escape its quotes: two rows with a stray one each would pass for one row with the others
/// inside it, however long that is.
#[test]
fn rows_are_never_swallowed_by_another() {
    let clean = |code: u32| format!(r#"{{"Code":"{code}","NameEn":"{}"}}"#, "x".repeat(400));
    let stray = |code: u32| format!(r#"{{"Code":"{code}","NameEn":"So"k"}}"#);
    for last in [4, 900] {
        let rows: Vec<_> = (1..=last + 1)
            .map(|code| if [2, last].contains(&code) { stray(code) } else { clean(code) })
            .collect();
        assert!(matches!(read(&list(&rows)), Err(ReadFailure::Undecodable)), "rows 2 to {last}");
    }
}

/// A code is read whole, however long its row is and wherever in it the code stands.
#[test]
fn a_long_rows_code_is_its_own() {
    let before = ROW_BYTES - r#"{"CustComment":"","Code":294"#.len();
    let cut = format!(r#"{{"CustComment":"{}","Code":2947,"NameEn":"x"}}"#, "x".repeat(before));
    assert_eq!(&cut[..ROW_BYTES][ROW_BYTES - 3..], "294");
    let (_, rows) = given(list(&[cut]).as_bytes()).expect("a reply");
    assert!(rows == [Err(Unreadable { code: Some("2947".into()) })], "{rows:?}");
}

/// Only what stands in the reply's own list is a row.
#[test]
fn rows_are_found_by_their_place() {
    let codes = |json: &str| {
        let (_, rows) = read(json).unwrap_or_else(|_| panic!("{json}"));
        rows.into_iter().map(|row| row.code).collect::<Vec<_>>()
    };
    let one = ["1".to_owned()];
    for json in [
        r#"{"ERR":"Succeed","DataList" : [ {"Code":"1"} ]}"#,
        r#"[{"Other":[{"Code":"2"}],"DataList":[{"Code":"1"}],"ERR":"Succeed"}]"#,
        r#"[{"Other":{"DataList":[{"Code":"2"}]},"DataList":[{"Code":"1"}],"ERR":"Succeed"}]"#,
        r#"[{"SMS":"DataList","Other":[{"Code":"2"}],"DataList":[{"Code":"1"}],"ERR":"Succeed"}]"#,
        r#"[{"SMS":"\"DataList\":[{","DataList":[{"Code":"1","X":"]}]"}],"ERR":"Succeed"}]"#,
        r#"[{"Data\u004cist":[{"Code":"1"}],"ERR":"Succeed"}]"#,
    ] {
        assert_eq!(codes(json), one, "{json}");
    }
    for json in [
        r#"[{"DataList":{"Code":"1"},"ERR":"Succeed"}]"#,
        r#"[{"DataList":[[{"Code":"1"}]],"ERR":"Succeed"}]"#,
        r#"[{"DataList":[{"Code":"1"}{"Code":"2"}],"ERR":"Succeed"}]"#,
        r#"[{"DataList":[{"Code":"1"}],"DataList":[],"ERR":"Succeed"}]"#,
        r#"[[{"DataList":[{"Code":"1"}],"ERR":"Succeed"}]]"#,
    ] {
        assert!(matches!(read(json), Err(ReadFailure::Undecodable)), "{json}");
    }
}
