//! Each rule of `plan::next`, one by one.

use super::{asks, doubtful, ready, unread};
use satchel::outbox::entry::{Effect, EntryId, Head, NetClass, State};
use satchel::outbox::plan::{Link, SessionState, Situation, Step, next, quiet_over};
use satchel::world::Steady;
use std::time::Duration;

const NOW: i64 = 1_000_000;
const QUIET: i64 = 180_000;
const LONGEST: i64 = 900_000;

/// Every gate open, the remote proven, nothing known against anything.
fn open(heads: &[Head]) -> Situation<'_> {
    Situation {
        now: Steady(NOW),
        link: Link::Unmetered,
        class: NetClass::Small,
        bulk_needs_unmetered: false,
        paused: false,
        lease: true,
        officer: "officer",
        session: SessionState::Open,
        proven: true,
        probe: true,
        not_before: None,
        longest: Duration::from_millis(LONGEST as u64),
        batch: 50,
        quiet: Duration::from_millis(QUIET as u64),
        deadline: None,
        heads,
        lone_verbs: &["reject"],
    }
}

fn create(id: i64) -> Head {
    ready(id, Effect::Create)
}

fn update(id: i64) -> Head {
    ready(id, Effect::Replace)
}

fn due(at: i64, head: Head) -> Head {
    Head { due: Some(Steady(at)), ..head }
}

fn send(ids: &[i64]) -> Step {
    Step::Send(ids.iter().copied().map(EntryId).collect())
}

fn settle(ids: &[i64]) -> Step {
    Step::Settle(ids.iter().copied().map(EntryId).collect())
}

fn wait(at: i64) -> Step {
    Step::Wait(Steady(at))
}

#[test]
fn what_only_the_officer_can_move_is_nothing_to_do() {
    let stuck = [State::Asks, State::Refused, State::Blocked, State::SetAside, State::Done, State::Closed];
    let heads: Vec<_> = stuck.iter().map(|state| Head { state: *state, ..create(1) }).collect();
    assert_eq!(next(&open(&heads)), Step::Idle);
    assert_eq!(next(&open(&[])), Step::Idle);
    assert_eq!(next(&open(&[asks(1, Effect::Create, 0, "near")])), Step::Idle);
}

#[test]
fn nothing_to_do_needs_no_gate() {
    let shut = Situation {
        paused: true,
        lease: false,
        link: Link::None,
        session: SessionState::Missing,
        ..open(&[])
    };
    assert_eq!(next(&shut), Step::Idle);
}

#[test]
fn other_authors_are_neither_sent_nor_settled() {
    let other = |head| Head { author: "other".into(), ..head };
    let heads =
        [other(create(1)), other(doubtful(2, Effect::Create, 0)), other(unread(3, Effect::Create, 0))];
    assert_eq!(next(&open(&heads)), Step::Idle);
    assert_eq!(next(&Situation { officer: "other", ..open(&heads) }), settle(&[2, 3]));
}

#[test]
fn a_call_under_way_is_left_alone_and_one_left_behind_wants_the_lease() {
    let heads = [Head { state: State::Sending, ..create(1) }];
    assert_eq!(next(&open(&heads)), Step::Idle);
    assert_eq!(next(&Situation { lease: false, ..open(&heads) }), Step::WaitForLease);
    let both = [heads[0].clone(), update(2)];
    assert_eq!(next(&open(&both)), send(&[2]));
}

#[test]
fn gates_are_named_in_their_order() {
    for heads in [[create(1)], [doubtful(1, Effect::Create, 0)], [due(NOW + 5, update(1))]] {
        let mut s = Situation {
            paused: true,
            link: Link::None,
            session: SessionState::Refused,
            lease: false,
            deadline: Some((Steady(0), Duration::ZERO)),
            ..open(&heads)
        };
        assert_eq!(next(&s), Step::Paused);
        s.paused = false;
        assert_eq!(next(&s), Step::WaitForLink);
        s.link = Link::Metered;
        assert_eq!(next(&s), Step::WaitForSignIn);
        s.session = SessionState::Missing;
        assert_eq!(next(&s), Step::WaitForSignIn);
        s.session = SessionState::Open;
        assert_eq!(next(&s), Step::WaitForLease);
        s.lease = true;
        assert!(matches!(next(&s), Step::OutOfTime | Step::Wait(_)));
    }
}

#[test]
fn photos_wait_for_a_link_that_costs_nothing_where_they_are_told_to() {
    let heads = [create(1)];
    let bulk =
        |link, needs| Situation { class: NetClass::Bulk, bulk_needs_unmetered: needs, link, ..open(&heads) };
    for link in [Link::Metered, Link::Unknown] {
        assert_eq!(next(&bulk(link, true)), Step::WaitForLink);
        assert_eq!(next(&bulk(link, false)), send(&[1]));
        assert_eq!(
            next(&Situation { class: NetClass::Small, ..bulk(link, true) }),
            send(&[1]),
            "text never waits"
        );
        assert_eq!(next(&Situation { paused: true, ..bulk(link, true) }), Step::Paused);
    }
    assert_eq!(next(&bulk(Link::Unmetered, true)), send(&[1]));
}

#[test]
fn a_photo_in_doubt_is_read_back_over_any_link() {
    let heads = [create(1), doubtful(2, Effect::Create, NOW - QUIET + 7)];
    let at = |now| Situation {
        now: Steady(now),
        class: NetClass::Bulk,
        bulk_needs_unmetered: true,
        link: Link::Metered,
        ..open(&heads)
    };
    assert_eq!(next(&at(NOW)), wait(NOW + 7));
    assert_eq!(next(&at(NOW + 7)), settle(&[2]));
}

#[test]
fn a_doubt_is_read_when_quiet_and_due_have_come() {
    let at = |since, due: Option<i64>| {
        next(&open(&[Head { due: due.map(Steady), ..doubtful(1, Effect::Replace, since) }]))
    };
    assert_eq!(at(NOW - QUIET, None), settle(&[1]));
    assert_eq!(at(NOW - QUIET + 1, None), wait(NOW + 1));
    assert_eq!(at(NOW - QUIET, Some(NOW)), settle(&[1]));
    assert_eq!(at(NOW - QUIET, Some(NOW + 1)), wait(NOW + 1));
    assert_eq!(at(NOW - 1, Some(NOW + 5)), wait(NOW - 1 + QUIET));
    assert_eq!(at(NOW - QUIET + 3, Some(NOW + 5)), wait(NOW + 5));
    let unread = |due| next(&open(&[Head { due: Some(Steady(due)), ..unread(1, Effect::Create, 0) }]));
    assert_eq!([unread(NOW), unread(NOW + 1)], [settle(&[1]), wait(NOW + 1)]);
}

#[test]
fn one_reading_settles_all_doubts_before_anything_is_sent() {
    let heads = [
        create(1),
        doubtful(2, Effect::Create, 0),
        doubtful(3, Effect::Replace, NOW),
        unread(4, Effect::Create, 0),
        doubtful(5, Effect::Replace, 9),
    ];
    assert_eq!(next(&open(&heads)), settle(&[2, 4, 5]));
}

#[test]
fn after_a_reboot_at_least_the_time_since_boot_has_passed() {
    let at =
        |now, since| next(&Situation { now: Steady(now), ..open(&[doubtful(1, Effect::Create, since)]) });
    assert_eq!(at(QUIET, NOW), settle(&[1]));
    assert_eq!(at(QUIET - 1, NOW), wait(QUIET));
    // The clock passes `since` before the period is over: counted from there again.
    assert_eq!(at(10, 100), wait(100 + QUIET));
    assert_eq!(at(10, QUIET), wait(2 * QUIET));
    assert_eq!(at(10, QUIET + 1), wait(QUIET));
    let ms = Duration::from_millis;
    assert!(quiet_over(Steady(5), Steady(0), ms(5)) && !quiet_over(Steady(4), Steady(0), ms(5)));
    assert!(quiet_over(Steady(5), Steady(9), ms(5)) && !quiet_over(Steady(4), Steady(9), ms(5)));
}

#[test]
fn a_due_of_a_former_boot_has_come() {
    assert_eq!(next(&open(&[due(NOW + LONGEST, update(1))])), wait(NOW + LONGEST));
    assert_eq!(next(&open(&[due(NOW + LONGEST + 1, update(1))])), send(&[1]));
    let off = |at| next(&Situation { not_before: Some(Steady(at)), ..open(&[update(1)]) });
    assert_eq!([off(NOW + LONGEST), off(NOW + LONGEST + 1)], [wait(NOW + LONGEST), send(&[1])]);
}

#[test]
fn back_off_holds_every_call() {
    let heads = [update(1), doubtful(2, Effect::Create, 0)];
    let off = |at| Situation { not_before: Some(Steady(at)), ..open(&heads) };
    assert_eq!([next(&off(NOW + 1)), next(&off(NOW))], [wait(NOW + 1), settle(&[2])]);
    let later = [due(NOW + 7, update(1)), due(NOW + 9, update(2))];
    let off = |at| Situation { not_before: Some(Steady(at)), ..open(&later) };
    assert_eq!([next(&off(NOW + 3)), next(&off(NOW + 8))], [wait(NOW + 7), wait(NOW + 8)]);
}

#[test]
fn no_call_starts_that_may_outlast_the_deadline() {
    fn until(end: i64, heads: &[Head]) -> Situation<'_> {
        Situation { deadline: Some((Steady(end), Duration::from_secs(60))), ..open(heads) }
    }
    let heads = [update(1)];
    assert_eq!(next(&until(NOW + 60_000, &heads)), send(&[1]));
    assert_eq!(next(&until(NOW + 59_999, &heads)), Step::OutOfTime);
    assert_eq!(next(&until(NOW, &[doubtful(1, Effect::Create, 0)])), Step::OutOfTime);
    assert_eq!(next(&Situation { proven: false, ..until(NOW, &[create(1)]) }), Step::OutOfTime);
    assert_eq!(next(&until(NOW, &[due(NOW + 5, update(1))])), wait(NOW + 5), "what comes next is still told");
    assert_eq!(next(&until(NOW, &[])), Step::Idle);
}

#[test]
fn what_makes_something_new_waits_for_a_proven_remote() {
    let unproven = |heads: &[Head], probe| next(&Situation { proven: false, probe, ..open(heads) });
    assert_eq!(unproven(&[create(1), update(2)], true), Step::Probe);
    assert_eq!(unproven(&[ready(1, Effect::Once)], true), Step::Probe);
    assert_eq!(unproven(&[update(1), update(2), create(3)], true), send(&[1]));
    assert_eq!(unproven(&[create(1), create(2)], false), send(&[1]));
    assert_eq!(unproven(&[create(1), doubtful(2, Effect::Create, 0)], true), settle(&[2]));
}

#[test]
fn a_call_carries_the_oldest_and_its_like() {
    let heads = [
        due(NOW + 1, create(1)),
        create(2),
        update(3),
        create(4),
        due(NOW, create(5)),
        due(NOW + 9, create(6)),
    ];
    assert_eq!(next(&open(&heads)), send(&[2, 4, 5]));
    for (batch, ids) in [(0, &[2][..]), (1, &[2]), (2, &[2, 4]), (3, &[2, 4, 5])] {
        assert_eq!(next(&Situation { batch, ..open(&heads) }), send(ids));
    }
}

#[test]
fn some_go_by_themselves() {
    let alone = |id| Head { alone: true, ..create(id) };
    assert_eq!(next(&open(&[alone(1), create(2), alone(3)])), send(&[1]));
    assert_eq!(next(&open(&[create(1), alone(2), create(3)])), send(&[1, 3]));
    let reject = |id| Head { verb: "reject".into(), ..update(id) };
    assert_eq!(next(&open(&[reject(1), reject(2)])), send(&[1]));
    assert_eq!(next(&open(&[ready(1, Effect::Once), ready(2, Effect::Once)])), send(&[1]));
    let doubts = |id, doubts| Head { doubts, ..create(id) };
    assert_eq!(next(&open(&[create(1), doubts(2, 1), doubts(3, 2)])), send(&[1, 2]));
    assert_eq!(next(&open(&[doubts(1, 2), create(2)])), send(&[1]));
}
