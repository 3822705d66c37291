//! What an officer and the bank do in onboarding, laid between all else that happens.

use super::misfortune::edge;
use super::{Act, Item, Numbers, Weather};
use crate::call::Mishap;
use satchel_sandbox::{Fault, Kind, Part};

/// One of the things that are done there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Somebody applies.
    Apply,
    /// Somebody applies with her.
    Join,
    /// The officer asks for the list of what the bank wants.
    List,
    /// She takes a paper.
    Attach,
    /// She answers a question.
    Answer,
    /// She takes back somebody, or a paper.
    TakeBack,
    /// She takes an answer back.
    Unanswer,
    /// She has the bank ask for more.
    Require,
    /// The bank takes a question back.
    WithdrawnElsewhere,
    /// Somebody else answers one.
    AnsweredElsewhere,
}

/// An application early, then the rest in any order.
pub(super) fn lay(items: &mut Vec<Item>, r: &mut fastrand::Rng, weather: Weather, numbers: &Numbers) {
    let mut acts: Vec<_> = (0..r.usize(8..16)).map(|_| Act::Onboarding(step(r))).collect();
    if weather != Weather::Fair {
        acts.extend((0..r.usize(0..4)).map(|_| Act::Server(Box::new(fault(r, numbers)))));
    }
    r.shuffle(&mut acts);
    // What the bank wants is known once it has an application.
    let first = [(0, Step::Apply), (r.i64(1_000..2_500), Step::List)];
    let first = first.map(|(gap, step)| (gap, Act::Onboarding(step)));
    let rest =
        acts.into_iter().map(|act| (if r.u32(..4) == 0 { r.i64(500..4_000) } else { r.i64(0..400) }, act));
    let acts: Vec<_> = first.into_iter().chain(rest).collect();
    let mut here = 0;
    for (gap, act) in acts {
        items.insert(here, Item { gap, seed: r.u64(..), officer: 0, act });
        here = r.usize(here + 1..=(here + 4).min(items.len()));
    }
    if weather != Weather::Fair && r.bool() {
        let correction = correction(r, numbers);
        items.splice(here..here, correction);
    }
}

/// An answer arrives; the officer corrects it, and that is lost.
fn correction(r: &mut fastrand::Rng, numbers: &Numbers) -> Vec<Item> {
    let lost = if r.bool() { Mishap::LostOnTheWay } else { Mishap::LostReply };
    let answer = Act::Onboarding(Step::Answer);
    let acts = [
        (0, answer.clone()),
        (r.i64(1_500..3_000), Act::WireOfChange(lost)),
        (0, answer),
        (r.i64(0..numbers.total as i64), Act::Onboarding(Step::List)),
        ((numbers.total + numbers.lateness + numbers.transit) as i64, Act::Resume),
    ];
    let hers = r.u64(..); // about the same question
    acts.into_iter().map(|(gap, act)| Item { gap, seed: hers, officer: 0, act }).collect()
}

fn step(r: &mut fastrand::Rng) -> Step {
    match r.u32(..20) {
        0 => Step::Apply,
        1..3 => Step::Join,
        3..6 => Step::List,
        6..11 => Step::Attach,
        11..15 => Step::Answer,
        15 => Step::TakeBack,
        16 => Step::Unanswer,
        17 => Step::Require,
        18 => Step::WithdrawnElsewhere,
        _ => Step::AnsweredElsewhere,
    }
}

/// What the service does to one of its own operations.
fn fault(r: &mut fastrand::Rng, numbers: &Numbers) -> Fault {
    const OPERATIONS: [&str; 6] = [
        "createProspectProfile",
        "updateProspectProfile",
        "uploadDocument",
        "getUserActions",
        "updateUserAction",
        "createPreRequirements",
    ];
    let kind = match r.u32(..14) {
        0..3 => Kind::LostClose,
        3 => Kind::LostReset,
        4..6 => Kind::LateCommit { after_ms: edge(r, numbers.lateness) },
        6 if !numbers.on_the_way => Kind::ArriveAfterClose { after_ms: edge(r, numbers.transit) },
        6..8 => Kind::Opstatus { code: 10_001 },
        8 => Kind::Status { code: [500, 502, 503][r.usize(..3)], retry_after: None },
        9 => Kind::ExpiredSession,
        10..12 => Kind::FailAfterCommit { code: 502 },
        12 => Kind::Cut { part: Part::Body, after: r.u64(..400) },
        _ => Kind::Delay { ms: r.u64(100..numbers.total), jitter_ms: 0 },
    };
    Fault::new(kind).times(r.u64(1..3)).on(OPERATIONS[r.usize(..OPERATIONS.len())])
}
