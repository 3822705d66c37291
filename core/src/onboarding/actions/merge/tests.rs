use super::*;
use crate::onboarding::actions::list::tests::seed;
use crate::onboarding::actions::{Choice, Kind};

/// The seed's one question with a text for an answer.
fn known() -> Action {
    seed().pop().expect("six")
}

fn with(status: Status) -> Action {
    Action { status, ..known() }
}

#[test]
fn the_table_is_as_the_contract_has_it() {
    let (created, submitted, other) =
        (known(), with(Status::Submitted), with(Status::Other("Review".into())));
    let answer = Answer::Text("July 2021".into());
    let mine = [Mine::Nothing, Mine::Waiting(&answer), Mine::Doubtful, Mine::Delivered];
    let (keep, gone, elsewhere) = (Fate::Keep, Fate::Gone, Fate::AnsweredElsewhere);
    let late = [
        (Theirs::Listed(&created), [keep, keep, Fate::NotExecuted, Fate::AskedAgain]),
        (Theirs::Listed(&other), [keep; 4]),
        (Theirs::Listed(&submitted), [elsewhere, elsewhere, Fate::Done, keep]),
        (Theirs::Missing, [gone, gone, Fate::DoneByUsOrAnother, keep]),
        (Theirs::Unseen, [keep; 4]),
    ];
    for (theirs, fates) in late {
        for (mine, fate) in mine.into_iter().zip(fates) {
            assert_eq!(merge(&known(), mine, theirs, true, 500).answer, fate, "{mine:?} {theirs:?}");
            // Asked too early, *created* proves nothing; all else is evidence at any time.
            let early = if matches!(fate, Fate::NotExecuted | Fate::AskedAgain) { keep } else { fate };
            assert_eq!(merge(&known(), mine, theirs, false, 500).answer, early, "{mine:?} {theirs:?}, early");
        }
    }
}

#[test]
fn what_is_sent_again_by_her_word_is_done_where_it_had_arrived() {
    let (created, submitted) = (known(), with(Status::Submitted));
    let answer = Answer::Text("July 2021".into());
    let fate = |theirs| merge(&known(), Mine::Again(&answer), theirs, true, 500).answer;
    assert_eq!(fate(Theirs::Listed(&created)), Fate::Keep);
    assert_eq!(fate(Theirs::Listed(&submitted)), Fate::Done);
    assert_eq!(fate(Theirs::Missing), Fate::DoneByUsOrAnother);
}

#[test]
fn submitted_says_nothing_of_a_correction() {
    let (created, submitted) = (known(), with(Status::Submitted));
    let answer = Answer::Text("July 2021".into());
    let fate = |mine, theirs, late| merge(&submitted, mine, theirs, late, 500).answer;
    for listed in [&created, &submitted] {
        assert_eq!(fate(Mine::Correction(&answer), Theirs::Listed(listed), true), Fate::Keep);
        assert_eq!(fate(Mine::CorrectionInDoubt, Theirs::Listed(listed), true), Fate::NotExecuted);
        assert_eq!(fate(Mine::CorrectionInDoubt, Theirs::Listed(listed), false), Fate::Keep);
    }
    assert_eq!(fate(Mine::Correction(&answer), Theirs::Missing, true), Fate::Gone);
    assert_eq!(fate(Mine::CorrectionInDoubt, Theirs::Missing, true), Fate::DoneByUsOrAnother);
    assert_eq!(fate(Mine::Correction(&answer), Theirs::Unseen, true), Fate::Keep);
}

#[test]
fn a_row_is_replaced_where_it_says_something_else() {
    let row = |theirs: Theirs<'_>| merge(&known(), Mine::Nothing, theirs, true, 500).row;
    assert_eq!(row(Theirs::Listed(&known())), Row::Keep);
    assert_eq!(row(Theirs::Listed(&with(Status::Submitted))), Row::Replace);
    let more = Action { raw: format!("{} ", known().raw), ..known() };
    assert_eq!(row(Theirs::Listed(&more)), Row::Replace, "what is not read counts too");
    assert_eq!((row(Theirs::Missing), row(Theirs::Unseen)), (Row::Gone, Row::Keep));
}

#[test]
fn a_question_that_changed_may_not_be_answered_any_more() {
    let option = Choice { value: "Y".into(), label: "Yes".into() };
    let changed = Action { kind: Kind::Choice, options: vec![option], ..known() };
    let answer = Answer::Text("July 2021".into());
    let merged = merge(&known(), Mine::Waiting(&answer), Theirs::Listed(&changed), true, 500);
    assert_eq!(merged, Merged { row: Row::Replace, answer: Fate::NoLongerFits });
    let gone = merge(&known(), Mine::Doubtful, Theirs::Listed(&changed), true, 500);
    assert_eq!(gone.answer, Fate::NotExecuted);
}

#[test]
fn what_was_submitted_may_leave_the_list() {
    let before = with(Status::Submitted);
    let merged = merge(&before, Mine::Nothing, Theirs::Missing, true, 500);
    assert_eq!(merged, Merged { row: Row::Gone, answer: Fate::Keep });
    assert_eq!(merge(&before, Mine::Nothing, Theirs::Listed(&before), true, 500).answer, Fate::Keep);
}
