use super::*;
use crate::onboarding::actions::list::tests::seed;
use proptest::prelude::*;

struct Item(Action, Mark);

impl Asked for Item {
    fn action(&self) -> &Action {
        &self.0
    }
    fn mark(&self) -> Mark {
        self.1
    }
}

fn identifiers<'a>(items: impl IntoIterator<Item = &'a &'a Action>) -> Vec<&'a str> {
    items.into_iter().map(|action| action.name.as_str()).collect()
}

#[test]
fn the_seeds_actions_in_every_order() {
    let all = seed();
    let groups: Vec<_> = by_group(&all).into_iter().map(|s| (s.of, s.items.len(), s.progress.left)).collect();
    assert_eq!(groups, [("Income", 2, 2), ("Documents", 3, 2), ("Verification", 1, 1)]);
    let people: Vec<_> = by_person(&all).into_iter().map(|s| (s.of, s.items.len())).collect();
    assert_eq!(people, [(Some("1778258145"), 4), (Some("1075992239"), 2)]);
    let open = to_do(&all);
    let names = [
        "ProofOfIncomeEmployed",
        "ProofOfIncomeEmployed",
        "DriverLicense",
        "DriverLicense",
        "TimeOnCurrentAddress",
        "OptionalQuestion",
    ];
    assert_eq!(identifiers(&open), names, "what may be skipped stands last");
    assert_eq!(progress(&all), Progress { answered: 0, left: 5, skippable: 1 });
}

#[test]
fn a_group_that_is_named_again_is_one() {
    let mut all = seed();
    all.rotate_left(1);
    all[5].party = None;
    assert_eq!(
        by_group(&all).iter().map(|s| s.of).collect::<Vec<_>>(),
        ["Income", "Documents", "Verification"]
    );
    assert_eq!(by_person(&all).last().map(|s| (s.of, s.items.len())), Some((None, 1)));
    assert!(by_group::<Action>(&[]).is_empty());
}

#[test]
fn percent_is_rounded_down() {
    let percent = |answered, left, skippable| Progress { answered, left, skippable }.percent();
    assert_eq!([percent(0, 5, 1), percent(1, 2, 0), percent(2, 1, 9), percent(999, 1, 0)], [0, 33, 66, 99]);
    assert_eq!(
        [percent(5, 0, 3), percent(0, 0, 0), percent(0, 0, 7), percent(usize::MAX, usize::MAX, 0)],
        [100, 100, 100, 50]
    );
}

#[test]
fn the_banks_status_is_enough_to_be_answered() {
    let mut all = seed();
    all[0].status = Status::Submitted;
    all[1].status = Status::Other("Review".into());
    assert_eq!(progress(&all), Progress { answered: 1, left: 4, skippable: 1 });
}

proptest! {
    /// Every action is in one section of each view, and the sections add up.
    #[test]
    fn nothing_is_lost_or_doubled(marks in prop::collection::vec((0..6_usize, 0..3_u8), 0..40)) {
        let seed = seed();
        let item = |&(which, mark): &(usize, u8)| {
            let mark = [Mark::Open, Mark::Answered, Mark::Withdrawn][usize::from(mark)];
            Item(seed[which].clone(), mark)
        };
        let all: Vec<Item> = marks.iter().map(item).collect();
        let whole = progress(&all);
        let groups = by_group(&all);
        let people = by_person(&all);
        prop_assert_eq!(groups.iter().map(|s| s.items.len()).sum::<usize>(), all.len());
        prop_assert_eq!(people.iter().map(|s| s.items.len()).sum::<usize>(), all.len());
        prop_assert_eq!(groups.iter().map(|s| s.progress.left).sum::<usize>(), whole.left);
        prop_assert_eq!(people.iter().map(|s| s.progress.answered).sum::<usize>(), whole.answered);
        prop_assert_eq!(to_do(&all).len(), whole.left + whole.skippable);
        prop_assert_eq!(whole.percent() == 100, whole.left == 0);
    }
}
