use super::*;
use crate::onboarding::actions::{Choice, decode};
use jiff::civil::date;
use proptest::prelude::*;

fn action(kind: Kind) -> Action {
    let bare = decode("G", r#"{"UserActionIdentifier":"Q"}"#).expect("an action");
    let date_form = (kind == Kind::Date).then_some(DateForm::Day);
    Action { kind, date_form, ..bare }
}

fn choice(values: &[&str], many: bool) -> Action {
    let option = |value: &&str| Choice { value: (*value).to_owned(), label: format!("the {value}") };
    Action { options: values.iter().map(option).collect(), many, ..action(Kind::Choice) }
}

fn chosen(values: &[&str]) -> Answer {
    Answer::Choice(values.iter().map(|value| (*value).to_owned()).collect())
}

fn text(text: &str) -> Answer {
    Answer::Text(text.to_owned())
}

#[test]
fn an_answer_must_be_of_the_kind_that_is_wanted() {
    let day = Answer::Date(date(2020, 2, 29));
    let papers = Answer::Papers(vec![DocumentId(1)]);
    let answers = [text("x"), day, chosen(&["x"]), papers];
    let table = [
        (action(Kind::Text), [true, false, false, false]),
        (action(Kind::Date), [false, true, false, false]),
        (choice(&["x"], false), [false, false, true, false]),
        (action(Kind::DocumentUpload), [false, false, false, true]),
        (action(Kind::Other("Fingerprint".into())), [true, false, false, false]),
        (Action { date_form: Some(DateForm::Month), ..action(Kind::Text) }, [true, true, false, false]),
    ];
    for (action, good) in table {
        for (answer, good) in answers.iter().zip(good) {
            let expected = if good { Ok(()) } else { Err(Wrong::WrongKind) };
            assert_eq!(check(&action, answer, 500), expected, "{:?} to {:?}", answer, action.kind);
        }
    }
}

#[test]
fn what_is_wrong_is_said() {
    let words = action(Kind::Text);
    for (typed, wrong) in [
        ("", Wrong::Empty),
        (" \n", Wrong::Empty),
        ("ខ្មែ", Wrong::TooLong { max: 3 }),
        ("a\0", Wrong::ControlCharacter),
    ] {
        assert_eq!(check(&words, &text(typed), 3), Err(wrong), "{typed:?}");
    }
    assert_eq!(check(&words, &text("a\nb"), 3), Ok(()));
    for (year, good) in [(1899, false), (1900, true), (2100, true), (2101, false), (-1, false)] {
        assert_eq!(check(&action(Kind::Date), &Answer::Date(date(year, 1, 1)), 3).is_ok(), good, "{year}");
    }
    let (one, many) = (choice(&["a", "b"], false), choice(&["a", "b"], true));
    for (action, values, result) in [
        (&one, &["a"][..], Ok(())),
        (&one, &[], Err(Wrong::Empty)),
        (&one, &["A"], Err(Wrong::NotAnOption)),
        (&one, &["the a"], Err(Wrong::NotAnOption)),
        (&one, &["a", "b"], Err(Wrong::OnlyOne)),
        (&many, &["b", "a"], Ok(())),
        (&many, &["a", "a"], Err(Wrong::Twice)),
        (&many, &["a", "c"], Err(Wrong::NotAnOption)),
    ] {
        assert_eq!(check(action, &chosen(values), 3), result, "{values:?}");
    }
    let papers = |ids: &[i64]| Answer::Papers(ids.iter().map(|id| DocumentId(*id)).collect());
    let upload = action(Kind::DocumentUpload);
    assert_eq!(check(&upload, &papers(&[1, 2]), 3), Ok(()));
    assert_eq!(check(&upload, &papers(&[]), 3), Err(Wrong::Empty));
    assert_eq!(check(&upload, &papers(&[1, 2, 1]), 3), Err(Wrong::Twice));
    assert_eq!(Error::from(Wrong::NotAnOption), Error::invalid("answer", Problem::NotInList));
}

#[test]
fn an_answer_is_spelt_as_the_bank_wants_it() {
    let at = Answer::Date(date(2021, 7, 6));
    assert_eq!(response(&action(Kind::Date), &at), "06/07/2021");
    let month = Action { date_form: Some(DateForm::Month), ..action(Kind::Text) };
    assert_eq!(response(&month, &at), "07/2021");
    assert_eq!(response(&month, &text(" since July ")), " since July ");
    assert_eq!(response(&action(Kind::DocumentUpload), &Answer::Papers(vec![DocumentId(1)])), "");
    let many = choice(&["c", "a", "b,d"], true);
    assert_eq!(response(&many, &chosen(&["a", "c"])), "c,a");
    assert_eq!(response(&many, &chosen(&["b,d"])), "b,d");
    assert_eq!(response(&many, &chosen(&["b,d", "c"])), r#"["c","b,d"]"#);
}

#[test]
fn an_answer_is_kept_and_never_logged() {
    for answer in [
        text("CANARY"),
        Answer::Date(date(1985, 10, 10)),
        chosen(&["CANARY"]),
        Answer::Papers(vec![DocumentId(7)]),
    ] {
        let kept: Answer =
            serde_json::from_str(&serde_json::to_string(&answer).expect("JSON")).expect("an answer");
        assert_eq!(kept, answer);
        let shown = format!("{answer:?}");
        assert!(!shown.contains("CANARY") && !shown.contains("1985"), "{shown}");
    }
}

proptest! {
    /// Whatever passes the check of a choice is made of options, and the order of choosing does not show.
    #[test]
    fn a_choice_is_made_of_options(picked in prop::collection::vec(0..5_usize, 0..5), many: bool) {
        let all = ["a", "b", "c", "d"];
        let action = choice(&all, many);
        let values: Vec<&str> = picked.iter().map(|i| all.get(*i).copied().unwrap_or("e")).collect();
        let turned: Vec<&str> = values.iter().rev().copied().collect();
        let good = check(&action, &chosen(&values), 9).is_ok();
        let mut once = picked.clone();
        once.sort_unstable();
        once.dedup();
        let expected = !picked.is_empty() && once.len() == picked.len() && !picked.contains(&4) && (many || picked.len() == 1);
        prop_assert_eq!(good, expected);
        prop_assert_eq!(response(&action, &chosen(&values)), response(&action, &chosen(&turned)));
    }
}
