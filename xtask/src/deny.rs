//! cargo-deny: what may be in the dependency tree (deny.toml), and known holes where a network lets us look.

use std::path::PathBuf;

use crate::{
    run,
    steps::{Outcome, Step},
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

/// Where the pinned cargo-deny is; built there first when it is not, which takes a few minutes once a machine.
/// A broken-off build leaves nothing behind that would be taken for the program.
fn install() -> Result<PathBuf, String> {
    let home = run::tools()?.join(format!("cargo-deny-{VERSION}"));
    let program = home.join("bin").join("cargo-deny");
    if program.is_file() {
        return Ok(program);
    }
    println!("building cargo-deny {VERSION} (once on this machine; some minutes)");
    let mut cargo =
        run::cargo(&["install", "--quiet", "--locked", "cargo-deny", "--version", VERSION, "--root"]);
    cargo.arg(&home);
    // It runs for seconds: a quick build matters more than a quick program.
    cargo.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1").env("CARGO_PROFILE_RELEASE_LTO", "off");
    cargo.env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16").env("CARGO_PROFILE_RELEASE_DEBUG", "false");
    // Its pieces have no place among the project's.
    cargo.env_remove("CARGO_TARGET_DIR").env_remove("RUSTFLAGS");
    run::run(&mut cargo)?;
    Ok(program)
}
