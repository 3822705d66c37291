use super::*;
use proptest::prelude::*;

fn with(pairs: &[(Field, &str)]) -> Fields {
    let mut fields = Fields::default();
    for (field, value) in pairs {
        fields.set(*field, *value);
    }
    fields
}

fn of(field: Field, base: &str, mine: &str, theirs: &str) -> (String, String, usize, bool) {
    let merged = merge(&with(&[(field, base)]), &with(&[(field, mine)]), &with(&[(field, theirs)]));
    let (value, base) = (merged.fields.get(field).to_owned(), merged.base.get(field).to_owned());
    (value, base, merged.conflicts.len(), merged.differs_from_theirs)
}

#[test]
fn every_case_of_one_field() {
    let expect =
        |value: &str, base: &str, conflicts, differs| (value.to_owned(), base.to_owned(), conflicts, differs);
    let cases = [
        // base, mine, theirs → value, new base, conflicts, something to send
        (["a", "a", "a"], expect("a", "a", 0, false)),
        (["a", "b", "a"], expect("b", "a", 0, true)),
        (["a", "a", "b"], expect("b", "b", 0, false)),
        (["a", "b", "b"], expect("b", "b", 0, false)),
        (["a", "b", "c"], expect("b", "a", 1, true)),
        (["a", "", "a"], expect("", "a", 0, true)),
        (["a", "a", ""], expect("", "", 0, false)),
        (["a", "", "c"], expect("", "a", 1, true)),
        (["", "b", ""], expect("b", "", 0, true)),
        (["a", " a", "a"], expect(" a", "a", 0, true)),
    ];
    for ([base, mine, theirs], expected) in cases {
        assert_eq!(of(Field::NameKh, base, mine, theirs), expected, "{base:?} {mine:?} {theirs:?}");
    }
}

#[test]
fn what_the_server_cannot_return_is_no_change() {
    let (day, midnight) = ("2021-02-09 23:59:00.000", "2021-02-09 00:00:00.000");
    assert_eq!(of(Field::Promotion1, day, day, midnight), (day.into(), day.into(), 0, false));
    let (fine, coarse) = ("2021-02-09 23:59:00.500", "2021-02-09 23:59:00.000");
    assert_eq!(of(Field::RegisteredAt, fine, fine, coarse), (fine.into(), fine.into(), 0, false));
    // A day moved by the officer is a change, whatever the time.
    let moved = "2021-02-10 00:00:00.000";
    assert_eq!(of(Field::Promotion1, day, moved, midnight), (moved.into(), day.into(), 0, true));
    // A date-time's time is one too.
    assert_eq!(of(Field::RegisteredAt, day, midnight, day), (midnight.into(), day.into(), 0, true));
    // A date the server cannot say in any known form is compared as a text.
    assert_eq!(of(Field::RegisteredAt, "soon", "soon", "later"), ("later".into(), "later".into(), 0, false));
}

#[test]
fn the_key_is_never_merged() {
    let at = |text| with(&[(Field::CreatedAt, text)]);
    let (mine, theirs) = (at("2021-02-09 23:59:07.000"), at("2021-02-09 23:59:00.000"));
    let merged = merge(&mine, &mine, &theirs);
    assert_eq!((&merged.fields, &merged.base), (&mine, &mine));
    assert!(!merged.differs_from_theirs && merged.conflict().is_none());
}

#[test]
fn a_choice_ends_a_conflict() {
    let base = with(&[(Field::NameEn, "a"), (Field::Phone, "1")]);
    let local = with(&[(Field::NameEn, "b"), (Field::Phone, "2")]);
    let theirs = with(&[(Field::NameEn, "c"), (Field::Phone, "3")]);
    let merged = merge(&base, &local, &theirs);
    let conflict = merged.conflict().expect("both changed both");
    let choose = |choices: &[_]| resolve(&merged.base, &merged.fields, &conflict, choices);

    let one = choose(&[(Field::Phone, Choice::Theirs)]).expect("chosen");
    assert_eq!(one.left.as_ref().map(|c| c.fields.len()), Some(1));
    assert_eq!((one.fields.get(Field::Phone), one.fields.get(Field::NameEn)), ("3", "b"));
    assert_eq!(merge(&one.base, &one.fields, &theirs).conflict(), one.left);

    let both = choose(&[(Field::Phone, Choice::Theirs), (Field::NameEn, Choice::Mine)]).expect("chosen");
    assert_eq!(both.left, None);
    let after = merge(&both.base, &both.fields, &theirs);
    assert!(
        after.conflicts.is_empty() && after.differs_from_theirs,
        "the officer's name is still to be sent"
    );
    assert_eq!(after.fields, both.fields);

    let once_more = merge(&both.base, &both.fields, &with(&[(Field::NameEn, "d"), (Field::Phone, "3")]));
    assert_eq!(once_more.conflicts.len(), 1, "a third value has not been seen by the officer");

    let twice = choose(&[(Field::Phone, Choice::Mine), (Field::Phone, Choice::Theirs)]);
    assert_eq!(twice, Err(Error::invalid("phone", Problem::Twice)));
    assert_eq!(choose(&[(Field::Age, Choice::Mine)]), Err(Error::invalid("age", Problem::NotInList)));
}

#[test]
fn mine_is_what_the_officer_holds_now() {
    let base = with(&[(Field::NameEn, "a")]);
    let merged = merge(&base, &with(&[(Field::NameEn, "b")]), &with(&[(Field::NameEn, "c")]));
    let edited_since = with(&[(Field::NameEn, "bb")]);
    let conflict = merged.conflict().expect("a conflict");
    let resolved =
        resolve(&merged.base, &edited_since, &conflict, &[(Field::NameEn, Choice::Mine)]).expect("chosen");
    assert_eq!((resolved.fields.get(Field::NameEn), resolved.base.get(Field::NameEn)), ("bb", "c"));
}

/// Few values, so that all the equalities occur; dates that are the same to the server among them.
fn fields() -> impl Strategy<Value = Fields> {
    let value = prop::sample::select(vec![
        "",
        "a",
        "b",
        "2021-02-09 23:59:00.000",
        "2021-02-09 23:59:00.700",
        "2021-02-09 00:00:00.000",
        "2021-02-10 00:00:00.000",
    ]);
    prop::collection::vec(value, Field::ALL.len()).prop_map(|values| {
        let mut fields = Fields::default();
        Field::ALL.into_iter().zip(values).for_each(|(f, v)| fields.set(f, v));
        fields
    })
}

fn merged_fields() -> impl Iterator<Item = Field> {
    Field::ALL.into_iter().filter(|f| *f != Field::CreatedAt)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_unsent_edit_is_lost(base in fields(), local in fields(), theirs in fields()) {
        let merged = merge(&base, &local, &theirs);
        for f in merged_fields().filter(|f| !f.same(base.get(*f), local.get(*f))) {
            prop_assert_eq!(merged.fields.get(f), local.get(f));
        }
        prop_assert_eq!(merged.fields.get(Field::CreatedAt), local.get(Field::CreatedAt));
    }

    #[test]
    fn theirs_is_taken_where_nothing_was_edited(base in fields(), local in fields(), theirs in fields()) {
        let merged = merge(&base, &local, &theirs);
        for f in merged_fields().filter(|f| f.same(base.get(*f), local.get(*f))) {
            prop_assert!(f.same(merged.fields.get(f), theirs.get(f)));
            prop_assert!(f.same(merged.base.get(f), theirs.get(f)));
        }
        let untouched = merge(&base, &base, &theirs);
        prop_assert!(untouched.conflicts.is_empty() && !untouched.differs_from_theirs);
    }

    #[test]
    fn merging_again_changes_nothing(base in fields(), local in fields(), theirs in fields()) {
        let once = merge(&base, &local, &theirs);
        prop_assert_eq!(&merge(&once.base, &once.fields, &theirs), &once);
    }

    #[test]
    fn a_conflict_is_exactly_three_different_values(base in fields(), local in fields(), theirs in fields()) {
        let merged = merge(&base, &local, &theirs);
        for f in merged_fields() {
            let (b, m, t) = (base.get(f), local.get(f), theirs.get(f));
            let expected = !f.same(b, m) && !f.same(b, t) && !f.same(m, t);
            prop_assert_eq!(merged.conflicts.iter().any(|c| c.field == f), expected);
        }
    }

    /// Seen from the other side the same fields are in conflict, and the rest comes out the same.
    #[test]
    fn it_is_symmetric(base in fields(), local in fields(), theirs in fields()) {
        let (here, there) = (merge(&base, &local, &theirs), merge(&base, &theirs, &local));
        let names = |m: &Merged| m.conflicts.iter().map(|c| c.field).collect::<Vec<_>>();
        prop_assert_eq!(names(&here), names(&there));
        for f in merged_fields().filter(|f| !names(&here).contains(f)) {
            prop_assert!(f.same(here.fields.get(f), there.fields.get(f)));
        }
    }

    /// Nothing to send is said only when the server already holds what the officer sees.
    #[test]
    fn nothing_to_send_means_the_same(base in fields(), local in fields(), theirs in fields()) {
        let merged = merge(&base, &local, &theirs);
        let differs = merged.fields.differing(&theirs).any(|f| f != Field::CreatedAt);
        prop_assert_eq!(merged.differs_from_theirs, differs);
    }

    #[test]
    fn all_choices_end_the_conflict(base in fields(), local in fields(), theirs in fields(), mine in any::<bool>()) {
        let merged = merge(&base, &local, &theirs);
        let Some(conflict) = merged.conflict() else { return Ok(()) };
        let choice = if mine { Choice::Mine } else { Choice::Theirs };
        let choices: Vec<_> = conflict.fields.iter().map(|c| (c.field, choice)).collect();
        let resolved = resolve(&merged.base, &merged.fields, &conflict, &choices).expect("all of the conflict");
        let after = merge(&resolved.base, &resolved.fields, &theirs);
        prop_assert!(resolved.left.is_none() && after.conflicts.is_empty());
        prop_assert_eq!(after.fields, resolved.fields);
    }
}
