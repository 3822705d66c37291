//! The outbox's pure decisions: each row of their tables, and the laws that hold for every situation.

mod plan_laws;
mod plan_table;
mod policy_laws;
mod policy_table;

use satchel::outbox::entry::{Effect, EntryId, Head, Payload, Reason, State};
use satchel::outbox::policy::code;
use satchel::world::Steady;

/// An entry of the officer, ready since long ago, that nothing keeps from leaving.
fn ready(id: i64, effect: Effect) -> Head {
    let verb = match effect {
        Effect::Create => "create",
        Effect::Replace => "update",
        Effect::Once => "redeem",
    };
    Head {
        id: EntryId(id),
        verb: verb.into(),
        effect,
        author: "officer".into(),
        state: State::Ready,
        attempt: 0,
        due: None,
        since: Steady(0),
        alone: false,
        doubts: 0,
        reason: None,
    }
}

/// An entry that has left once and is in doubt since then.
fn doubtful(id: i64, effect: Effect, since: i64) -> Head {
    Head { state: State::Doubtful, attempt: 1, doubts: 1, since: Steady(since), ..ready(id, effect) }
}

/// An entry that asks, for this reason.
fn asks(id: i64, effect: Effect, since: i64, code: &str) -> Head {
    Head { state: State::Asks, reason: Some(Reason::code(code)), ..doubtful(id, effect, since) }
}

/// One that asks because nothing could be read.
fn unread(id: i64, effect: Effect, since: i64) -> Head {
    asks(id, effect, since, code::NO_VERDICT)
}

fn payload() -> Payload {
    Payload("{\"code\":\"2947-1\"}".into())
}
