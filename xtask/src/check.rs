//! `cargo xtask check`: formatting and lints.

use crate::{run, steps::Step};

pub fn steps() -> Vec<Step> {
    vec![
        Step { name: "formatting", act: || run::run(&mut run::cargo(&["fmt", "--all", "--check"])).into() },
        Step { name: "lints", act: || run::run(&mut run::cargo(&CLIPPY)).into() },
    ]
}

const CLIPPY: [&str; 8] =
    ["clippy", "--workspace", "--all-targets", "--all-features", "--quiet", "--", "-D", "warnings"];
