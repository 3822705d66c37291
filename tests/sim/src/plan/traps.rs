//! Traps: a few acts and faults so close together that only one order of them is right. Left to chance alone such a
//! meeting takes a million schedules; each is a mistake that somebody could make.

use super::misfortune::edge;
use super::{Act, HOUR, Item, Numbers};
use crate::call::Mishap;
use satchel_sandbox::{Fault, Kind, Part};

const ADD: Act = Act::Add { twin: false, bare: false };
const CREATES: &str = "ProspectAddV2";
const LISTS: &str = "ProspectGetV2";

/// One of them.
struct Trap {
    /// A record that has arrived and was read back comes first: the server is known to keep keys.
    known: bool,
    /// What happens, each so many ms after the one before.
    acts: Vec<(i64, Act)>,
}

/// Lays one of them somewhere in the schedule.
pub(super) fn lay(items: &mut Vec<Item>, r: &mut fastrand::Rng, numbers: &mut Numbers) {
    let trap = draw(r, numbers);
    // Not a record of the first second, which is a minute's: its key shows nothing about seconds.
    let before =
        [(r.i64(1_000..2_000), ADD), (r.i64(1_000..3_000), Act::Download), (r.i64(500..1_500), Act::Resume)];
    // Everything heals after a schedule's last act: not before the trap has closed.
    let closed = (numbers.total + numbers.lateness + numbers.transit) as i64;
    let before = before.into_iter().take(if trap.known { 3 } else { 0 });
    let acts: Vec<_> = before.chain(trap.acts).chain([(closed, Act::Resume)]).collect();
    let here = if trap.known { r.usize(..=items.len()) } else { 0 };
    // One seed for all that she does: it is about the same record, and mostly about the same field.
    let hers = r.u64(..);
    let laid: Vec<_> = acts
        .into_iter()
        .map(|(gap, act)| {
            let others = matches!(act, Act::Elsewhere | Act::RewriteElsewhere);
            let another = matches!(act, Act::Edit) && r.u32(..3) == 0;
            Item { gap, seed: if others || another { r.u64(..) } else { hers }, officer: 0, act }
        })
        .collect();
    items.splice(here..here, laid);
}

fn draw(r: &mut fastrand::Rng, numbers: &mut Numbers) -> Trap {
    let (known, acts) = match r.u32(..17) {
        0..3 => (true, too_early(r, numbers)),
        3..6 => (true, over_it(r, numbers)),
        6 => (true, gone(r)),
        7..9 => (true, between(r)),
        9 => (true, session(r)),
        10 => (false, rewritten(r, numbers)),
        11 => (true, two_processes(r, numbers)),
        12 => (true, handed_on(r, numbers)),
        13 => (true, if r.bool() { backup(r) } else { doubted_backup(r, numbers) }),
        14 => (true, conflict(r)),
        15 => (true, taken_back(r)),
        _ => (true, paused(r, numbers)),
    };
    Trap { known, acts }
}

fn once(kind: Kind, on: &str) -> Act {
    Act::Server(Box::new(Fault::new(kind).times(1).on(on)))
}

/// The next change is carried out, and the tablet does not hear of it; it may take its time.
fn lost(r: &mut fastrand::Rng, numbers: &Numbers) -> Act {
    match (numbers.on_the_way, numbers.lateness) {
        (true, _) => Act::WireOfChange(Mishap::Late(numbers.transit as i64 - 1)),
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

/// An update that is lost and still on its way, and the officer types on, or somebody at the bank does: an older word must
/// not land over a newer one, and her own words must not come back as somebody else's.
fn over_it(r: &mut fastrand::Rng, numbers: &Numbers) -> Vec<(i64, Act)> {
    let first = if r.bool() { lost(r, numbers) } else { once(Kind::LostClose, CREATES) };
    let again = [Act::Edit, Act::Download, Act::Elsewhere][r.usize(..3)].clone();
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

/// Somebody changes a record at the bank, and while the list brings it, or the reading before an update does, the officer
/// types in the same record.
fn between(r: &mut fastrand::Rng) -> Vec<(i64, Act)> {
    let reads = if r.bool() { Act::Edit } else { Act::Download };
    vec![(0, Act::Elsewhere), (0, Act::AtReply(Box::new(Act::Edit))), (0, reads), (r.i64(0..700), Act::Edit)]
}

/// The bank's word that a session is over comes late: she has signed in anew by then.
fn session(r: &mut fastrand::Rng) -> Vec<(i64, Act)> {
    let slow = Fault::new(Kind::Delay { ms: r.u64(800..1_600), jitter_ms: 0 }).times(3);
    let asked = if r.bool() { Act::Edit } else { Act::Download };
    vec![(0, Act::Expire(0)), (0, Act::Server(Box::new(slow))), (0, asked), (r.i64(100..1_000), Act::SignIn)]
}

/// The answer to a book's first create is lost, at a bank that cuts its key, and somebody writes the row anew.
fn rewritten(r: &mut fastrand::Rng, numbers: &mut Numbers) -> Vec<(i64, Act)> {
    numbers.cuts_keys = true;
    vec![
        (0, once(Kind::LostClose, CREATES)),
        (r.i64(1_000..2_000), ADD), // not in a minute's first second: nothing would be cut off
        (r.i64(300..900), Act::RewriteElsewhere),
    ]
}

/// What was typed without signal leaves while a second process of the app is there too, each call on its own; all are
/// lost, and the app dies and starts again while they are still on their way.
fn two_processes(r: &mut fastrand::Rng, numbers: &mut Numbers) -> Vec<(i64, Act)> {
    numbers.batch = 1;
    let stay = r.i64(1_000..2_000);
    let mut acts = vec![(0, Act::NoLink(stay)), (0, ADD), (0, ADD), (0, ADD)];
    acts.extend((0..3).map(|_| (0, lost(r, numbers))));
    acts.extend([
        (r.i64(0..stay), Act::Second(20_000)),
        (stay + r.i64(0..1_000), Act::Kill { write: 0, rest: r.i64(50..300) }),
    ]);
    acts
}

/// The app goes to the background during a call that takes longer than the system waits, and its background worker
/// starts: the call is not cut off, and its data still travels.
fn handed_on(r: &mut fastrand::Rng, numbers: &mut Numbers) -> Vec<(i64, Act)> {
    numbers.total = 4_000;
    vec![
        (0, lost(r, numbers)),
        (0, ADD),
        (r.i64(300..900), Act::Pause),
        (r.i64(1_800..2_500), Act::Second(20_000)),
    ]
}

/// The tablet's files are copied while something waits, perhaps in the background, and put back when it has been sent.
fn backup(r: &mut fastrand::Rng) -> Vec<(i64, Act)> {
    let mut acts = vec![(0, Act::NoLink(1_000)), (0, ADD), (r.i64(20..200), Act::Pause)];
    if r.bool() {
        acts.pop();
    }
    acts.extend([
        (r.i64(20..200), Act::Backup),
        (1_000, Act::Resume),
        (r.i64(1_000..3_000), Act::Restore),
        (r.i64(1_500..3_000), Act::Download),
    ]);
    acts
}

/// The tablet's files are copied while a create is in doubt; found absent, it leaves again, and they are put back while it
/// is on its way.
fn doubted_backup(r: &mut fastrand::Rng, numbers: &Numbers) -> Vec<(i64, Act)> {
    let quiet = (numbers.lateness + numbers.transit) as i64;
    vec![
        (0, Act::WireOfChange(Mishap::LostOnTheWay)),
        (0, ADD),
        (numbers.total as i64 + r.i64(500..1_000), Act::Backup),
        (0, lost(r, numbers)),
        (quiet + r.i64(0..2_000), Act::Download),
        (r.i64(200..1_500), Act::Restore),
        (r.i64(1_500..3_000), Act::Download),
    ]
}

/// Without signal the officer changes a record in several fields, and somebody else at the bank does too. She decides, in
/// part perhaps. Meanwhile others add records.
fn conflict(r: &mut fastrand::Rng) -> Vec<(i64, Act)> {
    let mut acts = vec![(0, Act::NoLink(r.i64(300..900)))];
    acts.extend((0..6).map(|_| (r.i64(0..50), Act::Edit)));
    acts.extend([
        (0, Act::RewriteElsewhere),
        (0, Act::AddElsewhere),
        (0, Act::AddElsewhere),
        (r.i64(900..2_000), Act::Download),
        (r.i64(500..1_000), Act::Answer),
        (r.i64(500..5_000), Act::Answer),
    ]);
    acts
}

/// A create is taken back while its call is under way, and the call never comes about.
fn taken_back(r: &mut fastrand::Rng) -> Vec<(i64, Act)> {
    let mishap = if r.bool() { Mishap::NoConnection } else { Mishap::CutBody };
    let back = if r.bool() { Act::Withdraw } else { Act::Reject };
    vec![(0, Act::WireOfChange(mishap)), (0, ADD), (r.i64(20..1_500), back)]
}

/// The app goes to the background during the reading before an update, which takes longer than the system waits.
fn paused(r: &mut fastrand::Rng, numbers: &mut Numbers) -> Vec<(i64, Act)> {
    numbers.total = 4_000;
    let slow = once(Kind::Delay { ms: r.u64(2_200..3_200), jitter_ms: 0 }, LISTS);
    vec![(0, slow), (0, Act::Edit), (r.i64(0..900), Act::Pause)]
}
