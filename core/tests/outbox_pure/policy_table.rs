//! Each row of `policy`'s tables.

use super::{asks, doubtful, payload, ready, unread};
use satchel::outbox::entry::{Effect, Head, Reason, State};
use satchel::outbox::policy::{
    Doubt, Evidence, Move, Outcome, THREE_DOUBTS, Verdict, abandon, code, judge, restored, settle,
};
use satchel::profile::Absence;
use satchel::world::Steady;
use std::time::Duration;

const MIN: i64 = 60_000;
const HOUR: i64 = 60 * MIN;
/// Days after the doubts below, with room for an elapsed time of any length.
const NOW: i64 = 1_000 * HOUR;

fn ms(ms: i64) -> Duration {
    Duration::from_millis(ms as u64)
}

/// The best reading there can be.
fn evidence() -> Evidence {
    Evidence {
        now: Steady(NOW),
        complete: true,
        asked_after_quiet: true,
        key_verified: true,
        harmless: false,
        lateness_stated: true,
        absence: Absence::Resend,
        window: ms(24 * HOUR),
        settle_by: ms(72 * HOUR),
        longest: ms(15 * MIN),
    }
}

fn doubt(head: &Head) -> Doubt<'_> {
    Doubt { head, sent_age: Some(ms(HOUR)), intent: false }
}

/// The create that every condition lets be sent again.
fn lost() -> Head {
    doubtful(1, Effect::Create, NOW - HOUR)
}

fn again(code: &str) -> Option<Move> {
    Some(Move::Ready { due: None, reason: Some(Reason::code(code)) })
}

fn ask(code: &str) -> Option<Move> {
    Some(Move::Asks { reason: Reason::code(code), rows: None })
}

fn in_doubt(code: &str, alone: bool) -> Move {
    Move::Doubtful { reason: Reason::code(code), alone }
}

#[test]
fn a_known_outcome_is_the_same_for_every_effect_and_batch() {
    let no = || Reason::said("refused", "(00002) Invalid request");
    for (effect, len) in [Effect::Create, Effect::Replace, Effect::Once].map(|e| [(e, 1), (e, 9)]).concat() {
        assert_eq!(judge(effect, len, Outcome::Accepted(payload())), Move::Done(payload()));
        assert_eq!(judge(effect, len, Outcome::Refused(no())), Move::Refused(no()));
        let reason = Some(Reason::code("offline"));
        assert_eq!(judge(effect, len, Outcome::NotExecuted("offline")), Move::Ready { due: None, reason });
        assert_eq!(judge(effect, len, Outcome::SignIn), Move::Ready { due: None, reason: None });
    }
}

#[test]
fn what_is_not_known_is_in_doubt_and_asks_where_nothing_could_prove_it() {
    for effect in [Effect::Create, Effect::Replace] {
        assert_eq!(judge(effect, 9, Outcome::Unknown("timeout")), in_doubt("timeout", false));
        assert_eq!(judge(effect, 9, Outcome::Unanswered), in_doubt(code::UNANSWERED, true));
        assert_eq!(abandon(effect), in_doubt(code::INTERRUPTED, false));
    }
    assert_eq!(Some(judge(Effect::Once, 1, Outcome::Unknown("timeout"))), ask("timeout"));
    assert_eq!(Some(judge(Effect::Once, 9, Outcome::Unanswered)), ask(code::UNANSWERED));
    assert_eq!(Some(abandon(Effect::Once)), ask(code::INTERRUPTED));
}

#[test]
fn an_error_for_the_whole_call_refuses_only_a_batch_of_one() {
    let said = || Reason::said("00002", "(00002) Invalid request");
    let judged = |effect, len| judge(effect, len, Outcome::BatchError(said()));
    let many = Reason::said(code::BATCH_REFUSED, "(00002) Invalid request");
    for effect in [Effect::Create, Effect::Replace, Effect::Once] {
        assert_eq!(judged(effect, 1), Move::Refused(said()));
    }
    assert_eq!(judged(Effect::Create, 2), Move::Doubtful { reason: many.clone(), alone: true });
    assert_eq!(judged(Effect::Replace, 2), Move::Doubtful { reason: many.clone(), alone: true });
    assert_eq!(judged(Effect::Once, 2), Move::Asks { reason: many, rows: None });
}

#[test]
fn a_store_from_a_backup_doubts_what_must_not_be_repeated() {
    for state in [State::Ready, State::Refused, State::Blocked] {
        let restored = |effect| restored(&Head { state, ..ready(1, effect) });
        assert_eq!(restored(Effect::Create), Some(in_doubt(code::RESTORED, false)));
        assert_eq!(restored(Effect::Once), ask(code::RESTORED));
        assert_eq!(restored(Effect::Replace), None);
    }
    // What was in doubt may have been found absent since, and have left again.
    for effect in [Effect::Create, Effect::Replace] {
        let head = Head { alone: true, ..doubtful(1, effect, 0) };
        assert_eq!(restored(&head), Some(in_doubt(code::RESTORED, true)));
    }
    for state in [State::Sending, State::Asks, State::Done, State::Closed, State::SetAside] {
        assert_eq!(restored(&Head { state, ..ready(1, Effect::Create) }), None, "{state:?}");
    }
}

#[test]
fn proof_beats_the_state() {
    let weak = Evidence { complete: false, asked_after_quiet: false, key_verified: false, ..evidence() };
    let proved = |head: &Head, e: &Evidence| settle(&doubt(head), e, Verdict::Proved(payload())).is_some();
    for state in State::ALL {
        let open = matches!(state, State::Ready | State::Sending | State::Doubtful | State::Asks);
        let at = |effect, attempt| Head { state: *state, attempt, ..ready(1, effect) };
        for effect in [Effect::Create, Effect::Once] {
            assert_eq!(proved(&at(effect, 1), &weak), open, "{state:?}");
        }
        assert!(!proved(&at(Effect::Replace, 1), &weak), "an older update may still land");
        assert_eq!(proved(&at(Effect::Replace, 1), &evidence()), open, "{state:?}");
        assert_eq!(proved(&at(Effect::Create, 0), &evidence()), open && *state != State::Ready);
    }
    // A book put back from a backup does not know of the sending that the proof is of.
    let again =
        Head { reason: Some(Reason::code(code::SEND_AGAIN)), attempt: 0, ..ready(1, Effect::Replace) };
    assert!(proved(&again, &evidence()));
    let done = settle(&doubt(&lost()), &evidence(), Verdict::Proved(payload()));
    assert_eq!(done, Some(Move::Done(payload())));
}

#[test]
fn something_near_asks_and_shows_it() {
    let shown = Some(Move::Asks { reason: Reason::code(code::NEAR), rows: Some(payload()) });
    for head in [lost(), asks(1, Effect::Create, 0, code::ABSENT_KEY), doubtful(1, Effect::Once, 0)] {
        assert_eq!(settle(&doubt(&head), &evidence(), Verdict::Near(payload())), shown);
    }
}

#[test]
fn an_absent_create_is_sent_again_under_every_condition_at_once() {
    let absent = |head: &Head, e| settle(&doubt(head), &e, Verdict::Absent);
    let head = lost();
    assert_eq!(absent(&head, evidence()), again(code::ABSENT));
    assert_eq!(absent(&head, Evidence { absence: Absence::Ask, ..evidence() }), ask(code::ABSENT_ASK));
    assert_eq!(absent(&head, Evidence { lateness_stated: false, ..evidence() }), ask(code::ABSENT_LATENESS));
    assert_eq!(absent(&head, Evidence { key_verified: false, ..evidence() }), ask(code::ABSENT_KEY));
    // A second one does no harm: nothing of that counts, but the quiet period does.
    let worst = Evidence { key_verified: false, lateness_stated: false, absence: Absence::Ask, ..evidence() };
    assert_eq!(absent(&head, Evidence { harmless: true, ..worst }), again(code::ABSENT));
    let early = Evidence { harmless: true, asked_after_quiet: false, ..worst };
    assert_eq!(absent(&head, early), None);
    assert_eq!(absent(&head, Evidence { window: ms(HOUR), ..evidence() }), again(code::ABSENT));
    assert_eq!(absent(&head, Evidence { window: ms(HOUR - 1), ..evidence() }), ask(code::ABSENT_WINDOW));
    let unknown = Doubt { sent_age: None, ..doubt(&head) };
    assert_eq!(settle(&unknown, &evidence(), Verdict::Absent), ask(code::ABSENT_WINDOW));
    let doubts = |doubts| absent(&Head { doubts, ..lost() }, evidence());
    assert_eq!(
        [doubts(2), doubts(3), doubts(4)],
        [again(code::ABSENT), ask(code::THREE_DOUBTS), ask(code::THREE_DOUBTS)]
    );
    assert_eq!(THREE_DOUBTS, 3);
    assert_eq!(absent(&head, Evidence { asked_after_quiet: false, ..evidence() }), None);
    let part = absent(&head, Evidence { complete: false, ..evidence() });
    assert_eq!(part, Some(Move::Later { due: Steady(NOW + 15 * MIN) }));
}

#[test]
fn what_was_taken_back_and_never_arrived_is_closed() {
    let closed = Some(Move::Closed(Reason::code(code::TAKEN_BACK)));
    let weakest = Evidence { absence: Absence::Ask, window: Duration::ZERO, ..evidence() };
    for head in [lost(), unread(1, Effect::Create, 0), asks(1, Effect::Create, 0, code::NEAR)] {
        let intent = Doubt { intent: true, ..doubt(&head) };
        assert_eq!(settle(&intent, &weakest, Verdict::Absent), closed);
        for weak in [
            Evidence { complete: false, ..weakest },
            Evidence { asked_after_quiet: false, ..weakest },
            Evidence { lateness_stated: false, ..evidence() },
            Evidence { key_verified: false, ..evidence() },
        ] {
            assert_ne!(settle(&intent, &weak, Verdict::Absent), closed);
        }
    }
    // It may still arrive, or be there under another key: looked for like what is not read, and asked about in the end.
    for weak in
        [Evidence { lateness_stated: false, ..evidence() }, Evidence { key_verified: false, ..evidence() }]
    {
        let lacks = |head: &Head| settle(&Doubt { intent: true, ..doubt(head) }, &weak, Verdict::Absent);
        let later = Some(Move::Later { due: Steady(NOW + 15 * MIN) });
        assert_eq!(lacks(&lost()), later);
        assert_eq!(lacks(&doubtful(1, Effect::Create, NOW - 72 * HOUR)), ask(code::NO_VERDICT));
        assert_eq!(lacks(&unread(1, Effect::Create, NOW - 80 * HOUR)), later, "it asks, and is read on");
    }
    let update = doubtful(1, Effect::Replace, 0);
    assert_eq!(settle(&Doubt { intent: true, ..doubt(&update) }, &weakest, Verdict::Absent), ask(code::GONE));
}

#[test]
fn an_update_that_did_not_land_is_sent_again_after_the_quiet_period() {
    let update = doubtful(1, Effect::Replace, NOW - HOUR);
    let found = |head: &Head, e, verdict| settle(&doubt(head), &e, verdict);
    let early = Evidence { asked_after_quiet: false, ..evidence() };
    assert_eq!(found(&update, evidence(), Verdict::Differs), again(code::DIFFERS));
    assert_eq!(found(&update, early, Verdict::Differs), None);
    let often = Head { doubts: 3, ..update.clone() };
    assert_eq!(found(&often, evidence(), Verdict::Differs), ask(code::THREE_DOUBTS));
    assert_eq!(found(&update, evidence(), Verdict::Absent), ask(code::GONE));
    assert_eq!(found(&doubtful(1, Effect::Once, 0), evidence(), Verdict::Absent), ask(code::ABSENT_ONCE));
    let later = Some(Move::Later { due: Steady(NOW + 15 * MIN) });
    assert_eq!(found(&lost(), evidence(), Verdict::Differs), later, "says nothing about a create");
}

#[test]
fn without_a_verdict_it_is_read_again_ever_more_slowly_and_then_asks() {
    let head = |age| doubtful(1, Effect::Create, NOW - age);
    let read =
        |head: &Head, sent_age| settle(&Doubt { sent_age, ..doubt(head) }, &evidence(), Verdict::NoVerdict);
    let later = |wait| Some(Move::Later { due: Steady(NOW + wait) });
    for (age, wait) in [(0, MIN), (4 * MIN, MIN), (8 * MIN, 2 * MIN), (HOUR, 15 * MIN), (71 * HOUR, 15 * MIN)]
    {
        assert_eq!(read(&head(age), None), later(wait));
        assert_eq!(read(&head(0), Some(ms(age))), later(wait), "the longer of the two ages counts");
    }
    assert_eq!(read(&head(72 * HOUR - 1), None), later(15 * MIN));
    assert_eq!(read(&head(72 * HOUR), None), ask(code::NO_VERDICT));
    assert_eq!(read(&head(0), Some(ms(72 * HOUR))), ask(code::NO_VERDICT));
    assert_eq!(read(&unread(1, Effect::Create, NOW - 80 * HOUR), None), later(15 * MIN));
    assert_eq!(read(&asks(1, Effect::Create, 0, code::NEAR), None), None);
    let short = Evidence { longest: ms(1), ..evidence() };
    assert_eq!(settle(&doubt(&head(0)), &short, Verdict::NoVerdict), later(1));
}

#[test]
fn what_asks_goes_on_asking_with_the_best_reason_there_is() {
    let found = |head: &Head, e, verdict| settle(&doubt(head), &e, verdict);
    let nothing_read = unread(1, Effect::Create, 0);
    assert_eq!(found(&nothing_read, evidence(), Verdict::Absent), ask(code::ABSENT));
    let unverified = Evidence { key_verified: false, ..evidence() };
    assert_eq!(found(&nothing_read, unverified, Verdict::Absent), ask(code::ABSENT_KEY));
    assert_eq!(found(&unread(1, Effect::Replace, 0), evidence(), Verdict::Differs), ask(code::DIFFERS));
    let part = Evidence { complete: false, ..evidence() };
    assert!(matches!(found(&nothing_read, part, Verdict::Absent), Some(Move::Later { .. })));
    for (effect, verdict) in [(Effect::Create, Verdict::Absent), (Effect::Replace, Verdict::Differs)] {
        assert_eq!(found(&asks(1, effect, 0, code::NEAR), evidence(), verdict), None);
    }
}
