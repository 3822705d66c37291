//! What goes wrong in a schedule: in the air, at the server, on the tablet.

use super::{Act, HOUR, Item, MINUTE, Numbers, Weather};
use crate::call::Mishap;
use satchel_sandbox::{Fault, Kind, Part};

pub(super) fn misfortune(r: &mut fastrand::Rng, weather: Weather, numbers: &Numbers) -> Act {
    if weather == Weather::Fair {
        return match r.u32(..4) {
            0 => Act::Suspend(r.i64(MINUTE..10 * HOUR)),
            1 => Act::Wire(Mishap::LostReply),
            _ => Act::NoLink(r.i64(300..8_000)),
        };
    }
    match r.u32(..100) {
        0..40 => Act::Server(Box::new(server_fault(r, numbers))),
        40..62 => Act::Wire(wire(r, numbers)),
        62..70 => Act::NoLink(r.i64(200..8_000)),
        70..75 => Act::Expire(r.u64(..4)),
        75..80 => Act::Suspend(r.i64(1_000..30 * HOUR)),
        80..84 => Act::Freeze(if r.bool() { r.i64(300..8_000) } else { r.i64(HOUR..50 * HOUR) }),
        84..88 => Act::Clock(clock_jump(r)),
        88..91 => Act::RejectElsewhere,
        91..93 => Act::VaultAway(r.i64(300..5_000)),
        n if weather == Weather::Rough => match n {
            93..96 => Act::Eio(r.u64(..30)),
            _ => Act::Elsewhere,
        },
        93..95 => Act::Eio(r.u64(..30)),
        95..97 => Act::FullDisk(r.i64(300..5_000)),
        97..98 => Act::Backup,
        _ => Act::Restore,
    }
}

fn clock_jump(r: &mut fastrand::Rng) -> i64 {
    let by = [1_000, 30_000, HOUR, 26 * HOUR, 10 * 365 * 24 * HOUR][r.usize(..5)];
    if r.bool() { by } else { -by }
}

pub(super) fn crash(r: &mut fastrand::Rng) -> Act {
    let rest = if r.u32(..4) == 0 { r.i64(MINUTE..20 * HOUR) } else { r.i64(50..1_500) };
    let write = if r.u32(..4) == 0 { 0 } else { r.u64(1..30) };
    if r.bool() { Act::Kill { write, rest } } else { Act::PowerCut { write, rest } }
}

fn wire(r: &mut fastrand::Rng, numbers: &Numbers) -> Mishap {
    match r.u32(..10) {
        0 => Mishap::Refused,
        1 => Mishap::NoConnection,
        2 => Mishap::Untrusted,
        3 => Mishap::CutBody,
        4..6 => Mishap::LostOnTheWay,
        6..8 if numbers.on_the_way => Mishap::Late(edge(r, numbers.transit - 1) as i64),
        _ => Mishap::LostReply,
    }
}

/// Up to that, and often all of it: mistakes live at the edges.
pub(super) fn edge(r: &mut fastrand::Rng, most: u64) -> u64 {
    if r.u32(..3) == 0 { most } else { r.u64(..=most) }
}

/// All that the server can do, the dangerous oftener.
fn server_fault(r: &mut fastrand::Rng, numbers: &Numbers) -> Fault {
    let status = [413, 429, 500, 502, 503][r.usize(..5)];
    let part = if r.bool() { Part::Head } else { Part::Body };
    let kind = match r.u32(..48) {
        0..4 => Kind::LostClose,
        4..6 => Kind::LostReset,
        6..10 if !numbers.on_the_way => Kind::ArriveAfterClose { after_ms: edge(r, numbers.transit) },
        6..15 => Kind::LateCommit { after_ms: edge(r, numbers.lateness) },
        15 => Kind::RoundMinutes,
        16..17 => Kind::RefuseBatch,
        17..19 => Kind::TooMany { max: r.usize(1..4) },
        19..22 => Kind::Status { code: status, retry_after: retry_after(r) },
        22..24 => Kind::FailAfterCommit { code: status },
        24 => Kind::Drip { part, bytes: 1 + r.u64(..64), every_ms: r.u64(1..3_000) },
        25..27 => Kind::Cut { part, after: r.u64(..400) },
        27 => Kind::Truncate { bytes: None },
        28 => Kind::Garbage,
        29 => Kind::WrongKey,
        30..32 => Kind::ExpiredSession,
        32 => Kind::CaptivePortal { reaches: r.bool() },
        33 => Kind::Redirect {
            status: [301, 302, 307, 308][r.usize(..4)],
            to: "https://elsewhere.example/".to_owned(),
        },
        34 => Kind::Giant { bytes: 6 << 20 },
        35 => Kind::LyingLength { by: r.i64(-40..40) },
        36 => Kind::Gzip,
        37 => Kind::DepthBomb { depth: 5_000 },
        38 => Kind::ContentType { value: "text/html".to_owned() },
        39 => Kind::SwapReplies,
        40 => Kind::DuplicateReply { contradict: r.bool() },
        41 => Kind::WrongReference,
        42 => Kind::MissingReply,
        43 if r.bool() => Kind::ClockSkew { seconds: r.i64(-100_000..100_000) },
        _ => Kind::Delay { ms: r.u64(100..5_000), jitter_ms: 100 },
    };
    let times = if r.u32(..8) == 0 { 8 } else { r.u64(1..4) };
    let fault = Fault::new(kind).times(times);
    match (&fault.kind, r.u32(..3)) {
        (Kind::Delay { .. }, 0..2) => fault.on("ProspectGetV2"),
        (_, 0..2) => fault.on("ProspectAddV2"),
        _ => fault,
    }
}

fn retry_after(r: &mut fastrand::Rng) -> Option<String> {
    let words = ["0", "7", "1000000000", "-5", "soon"];
    (r.u32(..3) == 0).then(|| words[r.usize(..words.len())].to_owned())
}

/// What only a call with several entries can meet.
pub(super) fn batches(r: &mut fastrand::Rng, most: usize) -> Act {
    let kind = match r.u32(..4) {
        0 => Kind::RefuseBatch,
        1..3 => Kind::TooMany { max: r.usize(1..most.min(4)) },
        _ => Kind::SwapReplies,
    };
    Act::Server(Box::new(Fault::new(kind).times(r.u64(1..4)).on("ProspectAddV2")))
}

/// The tablet's files are copied early and put back later.
pub(super) fn put_back(items: &mut Vec<Item>, r: &mut fastrand::Rng) {
    let copied = r.usize(..=items.len() / 2);
    let back = r.usize(copied..=items.len());
    items.insert(back, Item { gap: 0, seed: r.u64(..), officer: 0, act: Act::Restore });
    items.insert(copied, Item { gap: 0, seed: r.u64(..), officer: 0, act: Act::Backup });
}
