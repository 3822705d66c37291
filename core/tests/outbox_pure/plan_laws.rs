//! Laws of `plan::next`. Times are small numbers, so that every edge is met often.

use proptest::prelude::*;
use proptest::sample::select;
use satchel::outbox::entry::{Effect, EntryId, Head, NetClass, Reason, State};
use satchel::outbox::plan::{Link, SessionState, Situation, Step, next};
use satchel::outbox::policy::code;
use satchel::world::Steady;
use std::time::Duration;

const VERBS: &[(&str, Effect)] = &[
    ("create", Effect::Create),
    ("update", Effect::Replace),
    ("reject", Effect::Replace),
    ("redeem", Effect::Once),
];

/// A situation that owns what it names.
#[derive(Clone, Debug)]
struct Case {
    now: i64,
    link: Link,
    class: NetClass,
    needs: bool,
    shut: (bool, bool, SessionState),
    proven: (bool, bool),
    not_before: Option<i64>,
    longest: u64,
    batch: usize,
    quiet: u64,
    deadline: Option<(i64, u64)>,
    heads: Vec<Head>,
}

impl Case {
    fn situation(&self) -> Situation<'_> {
        Situation {
            now: Steady(self.now),
            link: self.link,
            class: self.class,
            bulk_needs_unmetered: self.needs,
            paused: self.shut.0,
            lease: !self.shut.1,
            officer: "a",
            session: self.shut.2,
            proven: self.proven.0,
            probe: self.proven.1,
            not_before: self.not_before.map(Steady),
            longest: Duration::from_millis(self.longest),
            batch: self.batch,
            quiet: Duration::from_millis(self.quiet),
            deadline: self.deadline.map(|(end, total)| (Steady(end), Duration::from_millis(total))),
            heads: &self.heads,
            lone_verbs: &["reject"],
        }
    }

    fn next(&self) -> Step {
        next(&self.situation())
    }

    fn open(mut self) -> Self {
        self.shut = (false, false, SessionState::Open);
        self.link = Link::Unmetered;
        self.deadline = None;
        self
    }

    fn has_come(&self, due: Option<Steady>) -> bool {
        due.is_none_or(|due| due.0 <= self.now || due.0 > self.now + self.longest as i64)
    }

    fn may_send(&self, head: &Head) -> bool {
        head.author == "a" && head.state == State::Ready && self.has_come(head.due)
    }

    fn held(&self) -> bool {
        self.class == NetClass::Bulk && self.needs && self.link != Link::Unmetered
    }

    fn may_settle(&self, head: &Head) -> bool {
        let since = head.since.0;
        let passed = if self.now >= since { self.now - since } else { self.now };
        readable(head) && self.has_come(head.due) && passed >= self.quiet as i64
    }

    fn head(&self, id: &EntryId) -> &Head {
        self.heads.iter().find(|head| head.id == *id).expect("only what was shown")
    }
}

fn readable(head: &Head) -> bool {
    let unread = head.reason.as_ref().is_some_and(|r| r.code == code::NO_VERDICT);
    head.author == "a" && (head.state == State::Doubtful || head.state == State::Asks && unread)
}

fn actionable(head: &Head) -> bool {
    readable(head) || head.author == "a" && head.state == State::Ready
}

fn lone(head: &Head) -> bool {
    head.alone || head.doubts >= 2 || head.verb == "reject" || head.effect == Effect::Once
}

prop_compose! {
    fn any_head()(
        (verb, effect) in select(VERBS), state in select(State::ALL), ready: bool,
        author in select(vec!["a", "a", "a", "b"]), due in prop::option::of(0..600i64), since in 0..500i64,
        alone in prop::bool::weighted(0.2), doubts in 0..4i64, reason in select(vec![None, Some(code::NO_VERDICT), Some("near")]),
    ) -> Head {
        Head {
            id: EntryId(0), verb: verb.into(), effect, author: author.into(), attempt: doubts, alone, doubts,
            state: if ready { State::Ready } else { state },
            due: due.map(Steady), since: Steady(since), reason: reason.map(Reason::code),
        }
    }
}

prop_compose! {
    fn any_case()(
        now in 0..400i64, link in select(vec![Link::None, Link::Metered, Link::Unmetered, Link::Unknown]),
        class in select(NetClass::ALL), needs: bool,
        shut in (prop::bool::weighted(0.1), prop::bool::weighted(0.1),
            select(vec![SessionState::Open, SessionState::Open, SessionState::Missing, SessionState::Refused])),
        proven: (bool, bool), not_before in prop::option::of(0..500i64), longest in 0..200u64, batch in 0..5usize,
        quiet in 0..150u64, deadline in prop::option::of((0..500i64, 0..50u64)),
        mut heads in prop::collection::vec(any_head(), 0..9),
    ) -> Case {
        for (n, head) in heads.iter_mut().enumerate() {
            head.id = EntryId(10 * (n as i64 + 1));
        }
        Case { now, link, class, needs, shut, proven, not_before, longest, batch, quiet, deadline, heads }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn only_what_may_leave_is_sent(case in any_case()) {
        let Step::Send(ids) = case.next() else { return Ok(()) };
        let sent: Vec<_> = ids.iter().map(|id| case.head(id)).collect();
        prop_assert!(!sent.is_empty() && sent.len() <= case.batch.max(1));
        prop_assert!(sent.is_sorted_by(|a, b| a.id < b.id), "one of a lane, in order");
        prop_assert!(sent.iter().all(|head| case.may_send(head) && head.verb == sent[0].verb));
        prop_assert!(sent.len() == 1 || case.proven.0 && !sent.iter().any(|head| lone(head)));
        prop_assert!(case.proven != (false, true) || sent[0].effect == Effect::Replace);
        prop_assert!(!case.held());
        prop_assert!(!case.heads.iter().any(|head| case.may_settle(head)), "doubts come first");
        let oldest = case.heads.iter().find(|head| case.may_send(head));
        prop_assert_eq!(oldest, Some(sent[0]));
    }

    #[test]
    fn a_batch_is_as_full_as_it_may_be(case in any_case()) {
        let Step::Send(ids) = case.next() else { return Ok(()) };
        let first = case.head(&ids[0]);
        let like = |head: &&Head| case.may_send(head) && head.verb == first.verb && !lone(head);
        let room = if case.proven.0 && !lone(first) { case.batch.max(1) } else { 1 };
        prop_assert_eq!(ids.len(), case.heads.iter().filter(like).count().clamp(1, room));
    }

    #[test]
    fn exactly_the_doubts_that_may_be_settled_are(case in any_case()) {
        let may: Vec<_> = case.heads.iter().filter(|head| case.may_settle(head)).map(|head| head.id).collect();
        match case.next() {
            Step::Settle(ids) => prop_assert_eq!(ids, may),
            Step::Send(_) | Step::Probe => prop_assert!(may.is_empty()),
            _ => {}
        }
    }

    #[test]
    fn no_call_passes_a_shut_gate(case in any_case()) {
        if matches!(case.next(), Step::Send(_) | Step::Settle(_) | Step::Probe) {
            prop_assert_eq!(case.shut, (false, false, SessionState::Open));
            prop_assert!(case.link != Link::None && case.has_come(case.not_before.map(Steady)));
            prop_assert!(case.deadline.is_none_or(|(end, total)| case.now + total as i64 <= end));
        }
    }

    #[test]
    fn a_gate_is_named_only_when_something_waits_behind_it(case in any_case()) {
        let work = case.heads.iter().any(actionable);
        let (paused, unleased, session) = case.shut;
        match case.next() {
            Step::Idle => prop_assert!(!work),
            Step::Paused => prop_assert!(work && paused),
            Step::WaitForLink => prop_assert!(work && !paused && (case.link == Link::None || case.held())),
            Step::WaitForSignIn => prop_assert!(work && !paused && session != SessionState::Open),
            Step::WaitForLease => prop_assert!(unleased),
            _ => prop_assert!(work),
        }
    }

    #[test]
    fn whoever_may_leave_brings_a_call_about(case in any_case()) {
        let case = Case { not_before: None, ..case.open() };
        let can = case.heads.iter().any(|head| case.may_send(head) || case.may_settle(head));
        prop_assert_eq!(can, matches!(case.next(), Step::Send(_) | Step::Settle(_) | Step::Probe));
    }

    #[test]
    fn a_stuck_lane_changes_nothing_for_others(case in any_case(), mut stuck in any_head(), place in 0..90i64) {
        stuck.id = EntryId(place | 1);
        let case = case.open();
        if case.may_send(&stuck) || case.may_settle(&stuck) {
            stuck.state = State::Refused;
        }
        let before = case.next();
        let mut with = case.clone();
        with.heads.push(stuck);
        with.heads.sort_by_key(|head| head.id);
        match (before, with.next()) {
            (Step::Idle, Step::Wait(_)) => {}
            (Step::Wait(before), Step::Wait(after)) => prop_assert!(after <= before),
            (before, after) => prop_assert_eq!(before, after),
        }
    }

    #[test]
    fn a_wait_ends_with_something_to_do_and_not_before(case in any_case()) {
        let mut case = case;
        case.deadline = None;
        // A head can be put off twice by a clock that began anew, and the back-off once.
        for _ in 0..=2 * case.heads.len() + 2 {
            let Step::Wait(until) = case.next() else { return Ok(()) };
            prop_assert!(until.0 > case.now);
            let before = Case { now: until.0 - 1, ..case.clone() };
            prop_assert!(before.now == case.now || matches!(before.next(), Step::Wait(_)));
            case.now = until.0;
        }
        prop_assert!(!matches!(case.next(), Step::Wait(_)));
    }

    #[test]
    fn every_situation_has_an_answer(
        mut case in any_case(), now: i64, times in prop::collection::vec(any::<(i64, Option<i64>)>(), 9), extreme: bool,
    ) {
        case.now = now;
        (case.longest, case.quiet) = if extreme { (u64::MAX, u64::MAX) } else { (case.longest, case.quiet) };
        for (head, (since, due)) in case.heads.iter_mut().zip(times) {
            (head.since, head.due) = (Steady(since), due.map(Steady));
        }
        prop_assert_eq!(case.next(), case.next());
    }
}
