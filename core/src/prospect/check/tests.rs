use super::*;
use crate::profile::Profile;
use proptest::prelude::*;

fn profile() -> ProspectProfile {
    let mut profile = Profile::new("test", "https://bank.test/api/").prospect;
    let list = |codes: &[&str]| codes.iter().map(|c| ((*c).to_owned(), String::new())).collect();
    profile.codes.insert("GenderID".into(), list(&["MALE", "FEMALE"]));
    profile.codes.insert("OccupationType".into(), list(&["កសិករ"]));
    profile.required = vec!["NameEn".into(), "Phone".into()];
    profile.max_text = 20;
    profile
}

fn problem(field: Field, text: &str) -> Option<Problem> {
    edit(&profile(), &Fields::default(), &[FieldChange::text(field, text)]).err().map(|mut all| {
        assert_eq!(all.len(), 1);
        let (named, problem) = all.remove(0);
        assert_eq!(named, field);
        problem
    })
}

fn stored(field: Field, text: &str) -> String {
    let fields = edit(&profile(), &Fields::default(), &[FieldChange::text(field, text)]).expect("no problem");
    fields.get(field).to_owned()
}

#[test]
fn texts_are_kept_as_typed() {
    for text in [" មី ណា", "  ", "ស្រី្ត", "a\u{200B}b", "👩‍🌾", "\u{202E}abc", "'; DROP TABLE x;--", "e\u{301}"]
    {
        assert_eq!(stored(Field::NameKh, text), text);
    }
    assert_eq!(stored(Field::Phone, " +855(0)96-85.2/47"), " +855(0)96-85.2/47");
    assert_eq!(stored(Field::Phone, "០១២ ៣៤៥"), "០១២ ៣៤៥");
}

#[test]
fn length_is_counted_in_characters() {
    assert_eq!(problem(Field::NameKh, &"ម".repeat(20)), None);
    assert_eq!(problem(Field::NameKh, &"ម".repeat(21)), Some(Problem::TooLong { max: 20 }));
    assert_eq!(problem(Field::Comment, &"x".repeat(10 << 20)), Some(Problem::TooLong { max: 20 }));
    assert_eq!(problem(Field::RegisteredAt, &"2".repeat(10 << 20)), Some(Problem::TooLong { max: 20 }));
    assert_eq!(problem(Field::Age, &"1".repeat(10 << 20)), Some(Problem::TooLong { max: 20 }));
}

#[test]
fn a_generous_profile_does_not_allow_what_no_download_could_carry() {
    let mut profile = profile();
    profile.max_text = usize::MAX;
    let text = |n| [FieldChange::text(Field::Comment, "x".repeat(n))];
    assert!(edit(&profile, &Fields::default(), &text(LONGEST_TEXT)).is_ok());
    let refused = edit(&profile, &Fields::default(), &text(LONGEST_TEXT + 1));
    assert_eq!(refused.err(), Some(vec![(Field::Comment, Problem::TooLong { max: LONGEST_TEXT })]));
}

#[test]
fn control_characters_are_refused_but_for_lines_in_comments() {
    for c in ['\0', '\u{1}', '\u{1F}', '\u{7F}', '\u{80}', '\u{9F}', '\r'] {
        assert_eq!(problem(Field::Comment, &format!("a{c}b")), Some(Problem::ControlCharacter), "{c:?}");
    }
    for c in ['\n', '\t'] {
        assert_eq!(problem(Field::Comment, &format!("a{c}b")), None);
        assert_eq!(problem(Field::OfficerComment, &format!("a{c}b")), None);
        assert_eq!(problem(Field::NameEn, &format!("a{c}b")), Some(Problem::ControlCharacter));
        assert_eq!(problem(Field::ReferName, &format!("a{c}b")), Some(Problem::ControlCharacter));
    }
}

#[test]
fn numbers_flags_and_phones() {
    for (typed, kept) in [("26", "26"), ("0", "0"), ("150", "150"), ("026", "26"), ("២៦", "26")] {
        assert_eq!(stored(Field::Age, typed), kept);
    }
    for text in ["151", "-1", "+1", " 26", "26.0", "1e1", "x", "999", "1000", "២៦ "] {
        assert!(matches!(problem(Field::Age, text), Some(Problem::Form { .. })), "{text}");
    }
    for text in ["0", "1"] {
        assert_eq!(stored(Field::OldCustomer, text), text);
    }
    for text in ["2", "true", " 1", "00"] {
        assert_eq!(problem(Field::OldCustomer, text), Some(Problem::Form { expected: "0 or 1" }), "{text}");
    }
    for text in ["+", "(-)", "012a", "012\u{200B}345", "012,345", "#31#"] {
        assert_eq!(problem(Field::Phone, text), Some(Problem::Form { expected: "a phone number" }), "{text}");
    }
}

#[test]
fn dates_are_brought_into_one_form() {
    let mut profile = profile();
    profile.max_text = 500;
    for typed in ["2021-02-09 23:59:00.000", "2/9/2021 11:59:00 PM", "2021-02-09 23:59:00.999"] {
        for field in [Field::RegisteredAt, Field::Promotion2] {
            let fields = edit(&profile, &Fields::default(), &[FieldChange::text(field, typed)]);
            assert_eq!(fields.expect("a date").get(field), "2021-02-09 23:59:00.000");
        }
    }
    for text in ["2021-02-30 00:00:00.000", "2021-02-09", "tomorrow", " 2021-02-09 23:59:00.000"] {
        let refused = edit(&profile, &Fields::default(), &[FieldChange::text(Field::ExpectOnBoard, text)]);
        assert!(
            matches!(&refused.expect_err("refused")[..], [(Field::ExpectOnBoard, Problem::Form { .. })]),
            "{text}"
        );
    }
    let ancient = FieldChange::date_time(Field::ExpectOnBoard, jiff::civil::datetime(-5, 1, 1, 0, 0, 0, 0));
    assert!(edit(&profile, &Fields::default(), &[ancient]).is_err());
    let mut raw = Fields::default();
    raw.set(Field::ExpectOnBoard, "2/9/2021 11:59:00 PM");
    assert!(
        matches!(&check_all(&profile, &raw)[..], [_, (_, _), ..]),
        "an uncanonical date does not pass the whole check"
    );
}

#[test]
fn codes_are_of_the_list_when_there_is_one() {
    assert_eq!(problem(Field::Gender, "MALE"), None);
    assert_eq!(problem(Field::Gender, "male"), Some(Problem::NotInList));
    assert_eq!(problem(Field::Occupation, "កសិករ"), None);
    assert_eq!(problem(Field::Occupation, "X"), Some(Problem::NotInList));
    assert_eq!(problem(Field::Village, "anything"), None);
}

#[test]
fn a_field_is_given_once_and_the_key_is_not_given() {
    let twice = [FieldChange::clear(Field::Phone), FieldChange::text(Field::Phone, "012")];
    assert_eq!(
        edit(&profile(), &Fields::default(), &twice).err(),
        Some(vec![(Field::Phone, Problem::Twice)])
    );
    let key = [FieldChange::text(Field::CreatedAt, "2021-02-09 23:59:00.000")];
    assert_eq!(
        edit(&profile(), &Fields::default(), &key).err(),
        Some(vec![(Field::CreatedAt, Problem::ReadOnly)])
    );
    assert!(new(&profile(), &key).expect_err("refused").contains(&(Field::CreatedAt, Problem::ReadOnly)));
}

#[test]
fn a_new_record_is_checked_whole_and_all_problems_are_told() {
    let given = [FieldChange::text(Field::Gender, "?"), FieldChange::text(Field::NameKh, "\0")];
    let problems = new(&profile(), &given).expect_err("refused");
    let expected = vec![
        (Field::Gender, Problem::NotInList),
        (Field::NameEn, Problem::Missing),
        (Field::NameKh, Problem::ControlCharacter),
        (Field::Phone, Problem::Missing),
    ];
    assert_eq!(problems, expected);
    assert_eq!(first(&problems), Error::InvalidInput { field: "gender", problem: Problem::NotInList });
    assert_eq!(
        first(&check_all(&profile(), &Fields::default())),
        Error::invalid("name_en", Problem::Missing)
    );
    let whole = [FieldChange::text(Field::NameEn, "Pha dy"), FieldChange::text(Field::Phone, "012")];
    assert_eq!(check_all(&profile(), &new(&profile(), &whole).expect("whole")), []);
}

#[test]
fn an_edit_answers_for_what_it_changes_only() {
    let mut before = Fields::default();
    before.set(Field::Gender, "OF A FORMER LIST");
    before.set(Field::ExpectOnBoard, "soon");
    before.set(Field::NameEn, "Pha dy");
    let after = edit(&profile(), &before, &[FieldChange::text(Field::Phone, "012")]).expect("taken");
    assert_eq!((after.get(Field::Gender), after.get(Field::Phone)), ("OF A FORMER LIST", "012"));
    let again = edit(&profile(), &before, &[FieldChange::text(Field::Gender, "OF A FORMER LIST")]);
    assert_eq!(again.expect("no change"), before);
    let blank = edit(&profile(), &before, &[FieldChange::text(Field::NameEn, " \u{200B}")]);
    assert_eq!(blank.err(), Some(vec![(Field::NameEn, Problem::Missing)]));
    let cleared = edit(&profile(), &before, &[FieldChange::clear(Field::NameEn)]);
    assert_eq!(cleared.err(), Some(vec![(Field::NameEn, Problem::Missing)]));
    assert_eq!(
        edit(&profile(), &before, &[FieldChange::clear(Field::ExpectOnBoard)])
            .expect("taken")
            .get(Field::ExpectOnBoard),
        ""
    );
}

proptest! {
    /// Whatever is typed gets an answer, and what is taken is taken again unchanged.
    #[test]
    fn taken_once_is_taken_again(field in prop::sample::select(&Field::ALL[..]), text in "\\PC*|[0-9./ :-]*|(?s).{0,30}") {
        let change = |text: &str| [FieldChange::text(field, text)];
        if let Ok(fields) = edit(&profile(), &Fields::default(), &change(&text)) {
            let once = fields.get(field).to_owned();
            let twice = edit(&profile(), &Fields::default(), &change(&once)).expect("its own form");
            prop_assert_eq!(twice.get(field), once);
        }
    }
}
