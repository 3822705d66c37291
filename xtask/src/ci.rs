//! `cargo xtask ci`: all that must hold before a change lands, the quick things first.

use crate::{check, deny, fuzz, guard, run, sim, steps::Step, test};

pub fn steps() -> Vec<Step> {
    let mut steps = vec![Step { name: "Cargo.lock fits", act: || lock().into() }];
    steps.extend(check::steps());
    steps.push(Step { name: "one crypto library", act: || guard::one_crypto().into() });
    steps.push(Step { name: "documentation", act: || documentation().into() });
    steps.extend(deny::steps());
    steps.extend(test::steps());
    steps.extend(sim::slice());
    steps.push(Step { name: "fuzzing, a few seconds each", act: fuzz::slice });
    steps
}

/// Everything after this builds what the lock says, or changes it: it must not need changing.
fn lock() -> Result<(), String> {
    run::output(&mut run::cargo(&["metadata", "--locked", "--format-version", "1"])).map(drop)
}

/// Rust's own documentation, without a warning.
pub fn documentation() -> Result<(), String> {
    run::run(run::cargo(&["doc", "--workspace", "--no-deps", "--quiet"]).env("RUSTDOCFLAGS", "-D warnings"))
}
