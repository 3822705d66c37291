//! What a long run must have seen: every move of an entry, every fault, and each move after each fault. What never
//! happened was never tested, whatever the sums say.

use crate::call::Mishap;
use satchel_sandbox::Kind;
use std::collections::BTreeMap;

/// The moves of the outbox, as its table has them, and where an entry begins.
pub const MOVES: [(&str, &str); 20] = [
    ("new", "ready"),
    ("ready", "sending"),
    ("ready", "done"),
    ("ready", "doubtful"),
    ("ready", "refused"),
    ("ready", "asks"),
    ("ready", "closed"),
    ("sending", "done"),
    ("sending", "refused"),
    ("sending", "doubtful"),
    ("sending", "ready"),
    ("doubtful", "done"),
    ("doubtful", "ready"),
    ("doubtful", "asks"),
    ("doubtful", "closed"),
    ("asks", "done"),
    ("asks", "ready"),
    ("asks", "closed"),
    ("refused", "ready"),
    ("refused", "closed"),
];

/// What befalls a tablet besides what its server and the way there do.
pub const HERE: [&str; 11] = [
    "killed",
    "power_cut",
    "restored",
    "file_error",
    "full_disk",
    "vault_away",
    "frozen",
    "suspended",
    "clock_jump",
    "no_link",
    "session_ends",
];

/// Schedules after which every move and every fault must have been seen.
const EACH: u64 = 20_000;
/// Schedules after which each move must have been seen after each fault.
const PAIRS: u64 = 400_000;

/// Everything that can befall a schedule.
pub fn faults() -> impl Iterator<Item = &'static str> {
    let ways = [
        Mishap::Refused,
        Mishap::NoConnection,
        Mishap::Untrusted,
        Mishap::CutBody,
        Mishap::LostOnTheWay,
        Mishap::Late(0),
        Mishap::LostReply,
    ];
    Kind::names().chain(ways.map(Mishap::name)).chain(HERE)
}

/// What so many schedules should have seen and did not.
#[must_use]
pub fn missing(
    schedules: u64,
    fired: &BTreeMap<String, u64>,
    moves: &BTreeMap<String, BTreeMap<String, u64>>,
) -> Vec<String> {
    let mut missing = vec![];
    if schedules >= EACH {
        missing.extend(faults().filter(|fault| !fired.contains_key(*fault)).map(str::to_owned));
    }
    for (from, to) in MOVES {
        let name = format!("{from} -> {to}");
        match moves.get(&name) {
            None if schedules >= EACH => missing.push(name),
            Some(after) if schedules >= PAIRS => {
                let never = faults().filter(|fault| !after.contains_key(*fault));
                missing.extend(never.map(|fault| format!("{name} after {fault}")));
            }
            _ => {}
        }
    }
    missing
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_run_must_have_seen_everything_and_a_short_one_nothing() {
        let fired: BTreeMap<_, _> = faults().map(|fault| (fault.to_owned(), 1)).collect();
        let moves: BTreeMap<_, _> = MOVES.map(|(from, to)| (format!("{from} -> {to}"), fired.clone())).into();
        assert!(missing(PAIRS, &fired, &moves).is_empty());
        assert!(missing(EACH - 1, &BTreeMap::new(), &BTreeMap::new()).is_empty());
        let (mut less, mut fewer) = (fired.clone(), moves.clone());
        less.remove("killed");
        fewer.remove("asks -> done");
        assert_eq!(missing(EACH, &less, &fewer), ["killed", "asks -> done"]);
        let mut never = moves;
        never.insert("asks -> done".to_owned(), less);
        assert_eq!(missing(PAIRS, &fired, &never), ["asks -> done after killed"]);
        assert!(missing(EACH, &fired, &never).is_empty());
    }
}
