//! Traps: a few acts and faults so close together that only one order of them is right. Left to chance alone such a
//! meeting takes a million schedules; each is a mistake that somebody could make.

use super::misfortune::edge;
use super::{Act, HOUR, Item, Numbers};
use crate::call::Mishap;
use satchel_sandbox::{Fault, Kind, Part};

const ADD: Act = Act::Add { twin: false, bare: false };
const CREATES: &str = "ProspectAddV2";
const LISTS: &str = "ProspectGetV2";

/// Lays one of them somewhere in the schedule.
pub(super) fn lay(items: &mut Vec<Item>, r: &mut fastrand::Rng, numbers: &mut Numbers) {
    let (known, acts) = match r.u32(..8) {
        0 | 1 => (true, too_early(r, numbers)),
        2 | 3 => (true, over_it(r, numbers)),
        4 => (true, gone(r)),
        5 => (true, between(r)),
        6 => (true, session(r)),
        _ => {
            numbers.cuts_keys = true;
            (false, rewritten(r))
        }
    };
    // A record that has arrived and was read back: the server is known to keep keys. Not one of the first second, which is
    // a minute's: its key shows nothing about seconds.
    let before =
        [(r.i64(1_000..2_000), ADD), (r.i64(1_000..3_000), Act::Download), (r.i64(500..1_500), Act::Resume)];
    // Everything heals after a schedule's last act: not before the trap has closed.
    let closed = (numbers.total + numbers.lateness + numbers.transit) as i64;
    let before = before.into_iter().take(if known { 3 } else { 0 });
    let acts: Vec<_> = before.chain(acts).chain([(closed, Act::Resume)]).collect();
    let here = if known { r.usize(..=items.len()) } else { 0 };
    // One seed for all that she does: it is about the same record and the same field.
    let hers = r.u64(..);
    let laid: Vec<_> = acts
        .into_iter()
        .map(|(gap, act)| Item {
            gap,
            seed: if matches!(act, Act::Elsewhere | Act::RewriteElsewhere) { r.u64(..) } else { hers },
            officer: 0,
            act,
        })
        .collect();
    items.splice(here..here, laid);
}

fn once(kind: Kind, on: &str) -> Act {
    Act::Server(Box::new(Fault::new(kind).times(1).on(on)))
}

/// The next change is carried out, and the tablet does not hear of it; it may take its time.
fn lost(r: &mut fastrand::Rng, numbers: &Numbers) -> Act {
    match (numbers.on_the_way, numbers.lateness) {
        (true, _) => Act::Wire(Mishap::Late(numbers.transit as i64 - 1)),
        (false, 0) => once(Kind::ArriveAfterClose { after_ms: edge(r, numbers.transit) }, CREATES),
        (false, most) => once(Kind::LateCommit { after_ms: edge(r, most) }, CREATES),
    }
}

/// Some moment between a change's loss, known at once or when patience ended, and the end of its quiet period.
fn meanwhile(r: &mut fastrand::Rng, numbers: &Numbers) -> i64 {
    let quiet = (numbers.lateness + numbers.transit) as i64;
    (if r.bool() { numbers.total as i64 } else { 0 }) + r.i64(0..quiet)
}

/// A create that is lost and still on its way, and what makes a reading meanwhile misleading: an answer that is slow, a
/// clock that jumps, a reboot, a list that breaks off. Where absence is judged too early, it doubles.
fn too_early(r: &mut fastrand::Rng, numbers: &Numbers) -> Vec<(i64, Act)> {
    let trap = match r.u32(..6) {
        0..3 => once(Kind::Delay { ms: r.u64(500..numbers.total - 500), jitter_ms: 0 }, LISTS),
        3 => Act::Clock(HOUR),
        4 => Act::PowerCut { write: 0, rest: r.i64(50..500) },
        _ => once(Kind::Cut { part: Part::Body, after: r.u64(..400) }, LISTS),
    };
    let lost = lost(r, numbers);
    // After a reboot the book takes its time to open.
    vec![(0, lost), (0, ADD), (meanwhile(r, numbers), trap), (r.i64(0..500), Act::Download)]
}

/// An update that is lost and still on its way, and the officer types on: an older word must not land over a newer one.
fn over_it(r: &mut fastrand::Rng, numbers: &Numbers) -> Vec<(i64, Act)> {
    let first = if r.bool() { lost(r, numbers) } else { once(Kind::LostClose, CREATES) };
    let again = if r.bool() { Act::Edit } else { Act::Download };
    vec![
        (0, first),
        (0, Act::Edit),
        (meanwhile(r, numbers), again),
        (r.i64(0..700), Act::Edit),
        (r.i64(0..700), Act::Download),
    ]
}

/// Somebody rejects at the bank what the officer has edited here and could not send yet.
fn gone(r: &mut fastrand::Rng) -> Vec<(i64, Act)> {
    let mut acts = vec![(0, Act::Wire(Mishap::Refused)); r.usize(1..4)];
    acts.extend([
        (0, Act::Edit),
        (r.i64(300..900), Act::RejectElsewhere),
        (r.i64(0..200), Act::Download),
        (r.i64(0..400), Act::Download),
    ]);
    acts
}

/// Somebody changes a record at the bank, and while the list brings it the officer types in the same record.
fn between(r: &mut fastrand::Rng) -> Vec<(i64, Act)> {
    let mut acts = vec![(0, Act::Elsewhere), (0, Act::Download)];
    acts.extend((0..8).map(|_| (r.i64(0..120), Act::Edit)));
    acts
}

/// The bank's word that a session is over comes late: she has signed in anew by then.
fn session(r: &mut fastrand::Rng) -> Vec<(i64, Act)> {
    let slow = Fault::new(Kind::Delay { ms: r.u64(800..1_600), jitter_ms: 0 }).times(3);
    let asked = if r.bool() { Act::Edit } else { Act::Download };
    vec![(0, Act::Expire(0)), (0, Act::Server(Box::new(slow))), (0, asked), (r.i64(100..1_000), Act::SignIn)]
}

/// The answer to a book's first create is lost, at a bank that cuts its key, and somebody writes the row anew.
fn rewritten(r: &mut fastrand::Rng) -> Vec<(i64, Act)> {
    vec![
        (0, once(Kind::LostClose, CREATES)),
        (r.i64(1_000..2_000), ADD), // not in a minute's first second: nothing would be cut off
        (r.i64(300..900), Act::RewriteElsewhere),
    ]
}
