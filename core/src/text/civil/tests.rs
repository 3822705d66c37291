use super::*;
use jiff::civil::datetime;
use proptest::prelude::*;

#[test]
fn the_documents_samples() {
    let evening = datetime(2021, 2, 9, 23, 59, 0, 0);
    assert_eq!(parse_upload("2021-02-09 23:59:00.000"), Ok(evening));
    assert_eq!(parse_download("2/9/2021 11:59:00 PM"), Ok(evening));
    assert_eq!(parse_download("2/9/2021 10:21:00 AM"), Ok(datetime(2021, 2, 9, 10, 21, 0, 0)));
    assert_eq!(parse_download("2/11/2021 12:00:00 AM"), Ok(datetime(2021, 2, 11, 0, 0, 0, 0)));
    assert_eq!(format_upload(evening).as_deref(), Ok("2021-02-09 23:59:00.000"));
}

#[test]
fn midnight_noon_and_hours_of_one_or_two_digits() {
    for (text, hour, second) in [
        ("1/2/2021 12:00:00 AM", 0, 0),
        ("1/2/2021 12:00:59 AM", 0, 59),
        ("1/2/2021 1:00:00 AM", 1, 0),
        ("01/02/2021 01:00:00 AM", 1, 0),
        ("1/2/2021 11:00:00 AM", 11, 0),
        ("1/2/2021 12:00:00 PM", 12, 0),
        ("1/2/2021 1:00:00 PM", 13, 0),
        ("1/2/2021 11:00:59\u{202F}PM", 23, 59),
    ] {
        assert_eq!(parse_download(text), Ok(datetime(2021, 1, 2, hour, 0, second, 0)), "{text}");
    }
}

#[test]
fn bounds() {
    assert_eq!(parse_upload("0001-01-01 00:00:00.000"), Ok(datetime(1, 1, 1, 0, 0, 0, 0)));
    assert_eq!(parse_upload("9999-12-31 23:59:59.999"), Ok(datetime(9999, 12, 31, 23, 59, 59, 999_000_000)));
    assert_eq!(parse_download("1/1/0001 12:00:00 AM"), Ok(datetime(1, 1, 1, 0, 0, 0, 0)));
    assert_eq!(parse_download("12/31/9999 11:59:59 PM"), Ok(datetime(9999, 12, 31, 23, 59, 59, 0)));
    assert!(
        parse_upload("2024-02-29 00:00:00.000").is_ok() && parse_download("2/29/2024 1:00:00 AM").is_ok()
    );
    assert_eq!(format_upload(datetime(0, 12, 31, 23, 59, 59, 0)), Err(NotCivil));
    assert_eq!(format_upload(datetime(-9999, 1, 1, 0, 0, 0, 0)), Err(NotCivil));
    assert_eq!(format_upload(DateTime::MAX).as_deref(), Ok("9999-12-31 23:59:59.999"));
    assert_eq!(
        format_upload(datetime(7, 6, 5, 4, 3, 2, 1_999_999)).as_deref(),
        Ok("0007-06-05 04:03:02.001")
    );
}

#[test]
fn uploads_that_are_not() {
    for text in [
        "",
        " ",
        "2021-02-09",
        "2021-02-09 23:59:00",
        "2021-02-09T23:59:00.000",
        "2021-02-09 23:59:00.0000",
        "2021-02-09 23:59:00.00",
        "2021-02-09 23:59:00,000",
        " 2021-02-09 23:59:00.000",
        "2021-02-09 23:59:00.000 ",
        "2021-02-09  23:59:00.000",
        "2021-2-9 23:59:00.000",
        "021-02-09 23:59:00.000",
        "12021-02-09 23:59:00.000",
        "0000-01-01 00:00:00.000",
        "-001-01-01 00:00:00.000",
        "+021-01-01 00:00:00.000",
        "2021-02-29 00:00:00.000",
        "1900-02-29 00:00:00.000",
        "2021-13-01 00:00:00.000",
        "2021-00-01 00:00:00.000",
        "2021-01-32 00:00:00.000",
        "2021-04-31 00:00:00.000",
        "2021-01-00 00:00:00.000",
        "2021-01-01 24:00:00.000",
        "2021-01-01 23:60:00.000",
        "2021-01-01 23:59:60.000",
        "2021-01-01-01 00:00:00.000",
        "2021-01-01 00:00:00:00.000",
        "២០២១-០២-០៩ 23:59:00.000",
        "2021-01-01 00:00:00.000Z",
        "2021-01-01 00:00:00.-01",
        "2/9/2021 11:59:00 PM",
    ] {
        assert_eq!(parse_upload(text), Err(NotCivil), "{text:?}");
    }
}

#[test]
fn downloads_that_are_not() {
    for text in [
        "",
        "2/9/2021",
        "2/9/2021 11:59:00",
        "2/9/2021 11:59 PM",
        "2/9/2021 11:59:00PM",
        "2/9/2021 11:59:00 pm",
        "2/9/2021 11:59:00 PM ",
        " 2/9/2021 11:59:00 PM",
        "2/9/2021  11:59:00 PM",
        "2/9/2021 11:59:00  PM",
        "2/9/2021 0:00:00 AM",
        "2/9/2021 00:00:00 AM",
        "2/9/2021 13:00:00 PM",
        "2/9/2021 23:59:00",
        "2/9/21 1:00:00 AM",
        "2/9/0000 1:00:00 AM",
        "2/9/20211 1:00:00 AM",
        "13/1/2021 1:00:00 AM",
        "0/1/2021 1:00:00 AM",
        "2/0/2021 1:00:00 AM",
        "2/29/2021 1:00:00 AM",
        "4/31/2021 1:00:00 AM",
        "002/9/2021 1:00:00 AM",
        "2/9/2021 001:00:00 AM",
        "2/9/2021 1:0:00 AM",
        "2/9/2021 1:00:0 AM",
        "2/9/2021 1:60:00 AM",
        "2/9/2021 1:00:60 AM",
        "2/9/2021 1:00:00.000 AM",
        "2/9/2021 1:00:00 AM PM",
        "2-9-2021 1:00:00 AM",
        "+2/9/2021 1:00:00 AM",
        "-2/9/2021 1:00:00 AM",
        "2/9/2021/1 1:00:00 AM",
        "2/9/2021 1:00:00:00 AM",
        "2021-02-09 23:59:00.000",
    ] {
        assert_eq!(parse_download(text), Err(NotCivil), "{text:?}");
    }
}

#[test]
fn sameness_is_of_what_the_server_keeps() {
    let at = "2021-02-09 23:59:00.000";
    assert!(same_second(at, "2021-02-09 23:59:00.999") && same_day(at, "2021-02-09 00:00:00.000"));
    assert!(!same_second(at, "2021-02-09 23:59:01.000") && !same_day(at, "2021-02-10 23:59:00.000"));
    assert!(!same_second(at, "2021-02-10 23:59:00.000") && !same_second(at, "2021-02-09 11:59:00.000"));
    assert!(same_minute(at, "2021-02-09 23:59:59.000") && !same_minute(at, "2021-02-09 23:58:00.000"));
    assert!(
        !same_minute(at, "2021-02-10 23:59:00.000")
            && !same_minute("", "")
            && !same_minute(at, "2021-02-09 23:59")
    );
    assert!(!same_second("", "") && !same_day("x", "x") && !same_day(at, "") && !same_second("", at));
}

#[test]
fn the_error_repeats_nothing() {
    assert_eq!(NotCivil.to_string(), "not a date-time of the expected form");
    assert_eq!(format!("{:?}", parse_upload("Pha dy")), "Err(NotCivil)");
}

/// The server's own way of writing, in the test alone: nothing of ours writes it.
fn download_form(at: DateTime) -> String {
    let (hour, half) = (at.hour(), if at.hour() < 12 { "AM" } else { "PM" });
    let hour = if hour % 12 == 0 { 12 } else { hour % 12 };
    let (month, day, year, minute, second) = (at.month(), at.day(), at.year(), at.minute(), at.second());
    format!("{month}/{day}/{year:04} {hour}:{minute:02}:{second:02} {half}")
}

prop_compose! {
    fn moment()(days in 0i64..3_652_059, second in 0i64..86_400, millis in 0i64..1_000) -> DateTime {
        let span = jiff::Span::new().days(days).seconds(second).milliseconds(millis);
        datetime(1, 1, 1, 0, 0, 0, 0).checked_add(span).expect("within year 9999")
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(at in moment()) {
        let text = format_upload(at).expect("a year of four digits");
        prop_assert_eq!(text.len(), 23);
        prop_assert_eq!(parse_upload(&text), Ok(at));
    }

    #[test]
    fn both_forms_say_the_same_second(at in moment()) {
        let second = at.with().subsec_nanosecond(0).build().expect("same second");
        prop_assert_eq!(parse_download(&download_form(at)), Ok(second));
    }

    #[test]
    fn text_sorts_as_time_does(a in moment(), b in moment()) {
        let text = |at| format_upload(at).expect("a year of four digits");
        prop_assert_eq!(text(a).cmp(&text(b)), a.cmp(&b));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[0-9/:. \\-APMT]{0,26}|\\PC*") {
        if let Ok(at) = parse_upload(&text) {
            prop_assert_eq!(format_upload(at), Ok(text.clone()));
        }
        if let Ok(at) = parse_download(&text) {
            prop_assert!((1..=9999).contains(&at.year()));
        }
    }
}
