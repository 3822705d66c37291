//! What an officer and the bank do about late payers, laid between all else that happens.

use super::misfortune::edge;
use super::{Act, Item, Numbers, Weather};
use satchel_sandbox::{Fault, Kind, Part};

/// One of the things that are done there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Round {
    /// The officer asks for her list.
    List,
    /// She records a visit.
    Visit,
    /// She corrects what she recorded.
    Correct,
    /// She takes it back.
    TakeBack,
    /// Somebody pays at the bank's desk.
    PaidElsewhere,
}

/// In one schedule of six: the list early, then the rest in any order. Drawn from chance of its own: the other schedules stay
/// as they are. `false`: not in this one.
pub(super) fn lay(items: &mut Vec<Item>, seed: u64, weather: Weather, numbers: &Numbers) -> bool {
    let r = &mut fastrand::Rng::with_seed(seed ^ 0x0c01_1ec7);
    if r.u32(..6) > 0 {
        return false;
    }
    let mut acts: Vec<_> = (0..r.usize(5..12)).map(|_| Act::Collection(round(r))).collect();
    if weather != Weather::Fair {
        acts.extend((0..r.usize(0..4)).map(|_| Act::Server(Box::new(fault(r, numbers)))));
    }
    r.shuffle(&mut acts);
    let mut here = 0;
    for act in [Act::Collection(Round::List)].into_iter().chain(acts) {
        let gap = if r.u32(..4) == 0 { r.i64(500..4_000) } else { r.i64(0..600) };
        items.insert(here, Item { gap, seed: r.u64(..), officer: 0, act });
        here = r.usize(here + 1..=(here + 4).min(items.len()));
    }
    true
}

fn round(r: &mut fastrand::Rng) -> Round {
    match r.u32(..12) {
        0 => Round::List,
        1..8 => Round::Visit,
        8..10 => Round::Correct,
        10 => Round::TakeBack,
        _ => Round::PaidElsewhere,
    }
}

/// What the service does to one of its own two calls.
fn fault(r: &mut fastrand::Rng, numbers: &Numbers) -> Fault {
    let kind = match r.u32(..12) {
        0..3 => Kind::LostClose,
        3 => Kind::LostReset,
        4..6 => Kind::LateCommit { after_ms: edge(r, numbers.lateness) },
        6 if !numbers.on_the_way => Kind::ArriveAfterClose { after_ms: edge(r, numbers.transit) },
        6 => Kind::Opstatus { code: 7 },
        7 => Kind::Status { code: [401, 500, 503][r.usize(..3)], retry_after: None },
        8..10 => Kind::FailAfterCommit { code: 502 },
        10 => Kind::Cut { part: Part::Body, after: r.u64(..400) },
        _ => Kind::Delay { ms: r.u64(100..numbers.total), jitter_ms: 0 },
    };
    let endpoint = if r.u32(..4) == 0 { "collection/tasks" } else { "collection/result" };
    Fault::new(kind).times(r.u64(1..3)).on(endpoint)
}
