//! Laws of `policy`, over every combination there is.

use super::{payload, ready};
use satchel::outbox::entry::{Effect, Head, Reason, State};
use satchel::outbox::policy::{Doubt, Evidence, Move, Outcome, Verdict, code, judge, settle};
use satchel::profile::Absence;
use satchel::world::Steady;
use std::time::Duration;

const BOTH: [bool; 2] = [false, true];
const EFFECTS: &[Effect] = Effect::ALL;
const WINDOW: Duration = Duration::from_secs(3_600);
const LONGEST: Duration = Duration::from_secs(900);
const NOW: Steady = Steady(1_000_000_000);

fn verdicts() -> [Verdict; 5] {
    [
        Verdict::Proved(payload()),
        Verdict::Near(payload()),
        Verdict::Absent,
        Verdict::Differs,
        Verdict::NoVerdict,
    ]
}

fn every_head(mut then: impl FnMut(Head)) {
    let reasons = [None, Some(code::NO_VERDICT), Some(code::NEAR)];
    for (state, effect) in State::ALL.iter().flat_map(|s| EFFECTS.iter().map(move |e| (*s, *e))) {
        for (reason, attempt) in reasons.iter().flat_map(|r| [(r, 0), (r, 1)]) {
            for doubts in [0, 2, 3] {
                let reason = reason.map(Reason::code);
                then(Head { state, attempt, doubts, reason, ..ready(1, effect) });
            }
        }
    }
}

fn every_evidence(mut then: impl FnMut(Evidence)) {
    for flags in 0..64u8 {
        let flag = |n: u8| flags & (1 << n) != 0;
        for settle_by in [Duration::ZERO, Duration::MAX] {
            then(Evidence {
                now: NOW,
                complete: flag(0),
                asked_after_quiet: flag(1),
                key_verified: flag(2),
                harmless: flag(5),
                lateness_stated: flag(3),
                absence: if flag(4) { Absence::Resend } else { Absence::Ask },
                window: WINDOW,
                settle_by,
                longest: LONGEST,
            });
        }
    }
}

/// Calls `then` for every entry, evidence and verdict, with the move they lead to.
fn every_reading(mut then: impl FnMut(&Doubt<'_>, &Evidence, &Verdict, Option<Move>)) {
    let ages = [None, Some(WINDOW), Some(WINDOW + Duration::from_nanos(1))];
    every_head(|head| {
        every_evidence(|evidence| {
            for (sent_age, intent) in ages.iter().flat_map(|age| BOTH.map(|intent| (*age, intent))) {
                let doubt = Doubt { head: &head, sent_age, intent };
                for verdict in verdicts() {
                    let to = settle(&doubt, &evidence, verdict.clone());
                    then(&doubt, &evidence, &verdict, to);
                }
            }
        });
    });
}

/// All that must hold before a create is sent a second time.
fn may_repeat(doubt: &Doubt<'_>, e: &Evidence) -> bool {
    let sure = e.key_verified && e.lateness_stated && e.absence == Absence::Resend;
    let fresh = doubt.sent_age.is_some_and(|age| age <= WINDOW);
    e.complete && (e.harmless || sure && fresh) && doubt.head.doubts < 3 && !doubt.intent
}

#[test]
fn back_to_ready_leads_only_what_a_late_reading_has_shown() {
    let mut seen = 0;
    every_reading(|doubt, e, verdict, to| {
        let create =
            *verdict == Verdict::Absent && doubt.head.effect == Effect::Create && may_repeat(doubt, e);
        let update =
            *verdict == Verdict::Differs && doubt.head.effect == Effect::Replace && doubt.head.doubts < 3;
        let may = doubt.head.state == State::Doubtful && e.asked_after_quiet && (create || update);
        assert_eq!(may, matches!(to, Some(Move::Ready { .. })), "{doubt:?} {e:?} {verdict:?}");
        seen += usize::from(may);
    });
    assert!(seen > 100, "the law was tried");
}

#[test]
fn done_leads_only_proof_and_proof_leads_nowhere_else() {
    every_reading(|doubt, _, verdict, to| match (verdict, to) {
        (Verdict::Proved(_), to) => assert!(matches!(to, None | Some(Move::Done(_)))),
        (_, to) => assert!(!matches!(to, Some(Move::Done(_))), "{doubt:?}"),
    });
}

#[test]
fn a_reading_moves_only_what_is_in_question() {
    every_reading(|doubt, e, verdict, to| {
        let state = doubt.head.state;
        match to {
            Some(Move::Closed(_)) => {
                let proof = e.complete && e.asked_after_quiet && e.lateness_stated && e.key_verified;
                assert!(doubt.intent && proof && *verdict == Verdict::Absent);
            }
            Some(Move::Refused(_) | Move::Doubtful { .. }) => panic!("no reading does that: {doubt:?}"),
            _ => {}
        }
        let left = matches!(verdict, Verdict::Proved(_)) && matches!(state, State::Ready | State::Sending);
        let question = matches!(state, State::Doubtful | State::Asks) || left;
        assert!(question || settle(doubt, e, verdict.clone()).is_none(), "{doubt:?}");
    });
}

#[test]
fn what_plan_reads_is_never_left_as_it_was() {
    every_reading(|doubt, e, verdict, to| {
        let no_verdict = doubt.head.reason == Some(Reason::code(code::NO_VERDICT));
        let read = doubt.head.state == State::Doubtful || doubt.head.state == State::Asks && no_verdict;
        assert!(!(read && e.asked_after_quiet) || to.is_some(), "{doubt:?} {e:?} {verdict:?}");
        if let Some(Move::Later { due }) = to {
            assert!(
                read && due > NOW && due <= NOW.plus(LONGEST),
                "plan takes anything later for a reboot's"
            );
        }
    });
}

#[test]
fn without_a_verdict_nothing_is_concluded() {
    every_reading(|_, _, verdict, to| {
        if *verdict == Verdict::NoVerdict {
            let ask = Move::Asks { reason: Reason::code(code::NO_VERDICT), rows: None };
            assert!(to.is_none_or(|to| to == ask || matches!(to, Move::Later { .. })));
        }
    });
}

#[test]
fn ready_after_a_call_is_only_what_never_ran() {
    let reason = || Reason::said("00002", "no");
    for (effect, len) in EFFECTS.iter().flat_map(|e| [0, 1, 2, 50].map(|len| (*e, len))) {
        let outcomes = [
            Outcome::Accepted(payload()),
            Outcome::Refused(reason()),
            Outcome::NotExecuted("offline"),
            Outcome::Unknown("timeout"),
            Outcome::Unanswered,
            Outcome::SignIn,
            Outcome::BatchError(reason()),
        ];
        for outcome in outcomes {
            let never_ran = matches!(outcome, Outcome::NotExecuted(_) | Outcome::SignIn);
            let accepted = matches!(outcome, Outcome::Accepted(_));
            let to = judge(effect, len, outcome);
            assert_eq!(never_ran, matches!(to, Move::Ready { .. }));
            assert_eq!(accepted, matches!(to, Move::Done(_)));
            assert!(effect != Effect::Once || !matches!(to, Move::Doubtful { .. }));
        }
    }
}

#[test]
fn no_word_of_the_server_shows() {
    let said = Reason::said("code", "canary-words");
    let moves = [
        format!("{:?}", judge(Effect::Create, 1, Outcome::BatchError(said.clone()))),
        format!("{:?}", judge(Effect::Create, 2, Outcome::BatchError(said.clone()))),
        format!("{:?}", (Outcome::Refused(said), Outcome::Accepted(payload()), Verdict::Near(payload()))),
    ];
    assert!(moves.iter().all(|shown| !shown.contains("canary") && !shown.contains("2947")), "{moves:?}");
}
