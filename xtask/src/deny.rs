//! cargo-deny: what may be in the dependency tree (deny.toml), and known holes where a network lets us look.

use std::path::PathBuf;

use crate::{
    run,
    steps::{Outcome, Step},
    tool,
};

const VERSION: &str = "0.20.2";

pub fn steps() -> Vec<Step> {
    vec![
        Step { name: "dependencies: bans, licences, sources", act: || allowed().into() },
        Step { name: "dependencies: advisories", act: advisories },
    ]
}

fn allowed() -> Result<(), String> {
    run::run(&mut run::command(
        install()?,
        &["deny", "--log-level", "warn", "check", "bans", "licenses", "sources"],
    ))
}

/// The list of advisories is fetched first, so that a machine without it is told from a dependency with a hole.
fn advisories() -> Outcome {
    let deny = |args: &[&str]| run::run(&mut run::command(install()?, args));
    if deny(&["deny", "fetch", "db"]).is_err() {
        return Outcome::Skipped("the list of advisories could not be fetched: not checked".into());
    }
    deny(&["deny", "--log-level", "warn", "check", "--disable-fetch", "advisories"]).into()
}

fn install() -> Result<PathBuf, String> {
    tool::install("cargo-deny", VERSION, &[])
}
