//! Cargo's helpers that cargo does not bring, each in a pinned version.

use std::path::PathBuf;

use crate::run;

/// Where the pinned program is; built there first when it is not, which takes a few minutes once a machine.
/// A broken-off build leaves nothing behind that would be taken for the program.
///
/// # Errors
/// What went wrong while building it.
pub fn install(name: &str, version: &str, features: &[&str]) -> Result<PathBuf, String> {
    let home = run::tools()?.join(format!("{name}-{version}"));
    let program = home.join("bin").join(name);
    if program.is_file() {
        return Ok(program);
    }
    println!("building {name} {version} (once on this machine; some minutes)");
    let mut cargo = run::cargo(&["install", "--quiet", "--locked", name, "--version", version, "--root"]);
    cargo.arg(&home).args(features.iter().flat_map(|feature| ["--features", feature]));
    // It runs for seconds: a quick build matters more than a quick program.
    cargo.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1").env("CARGO_PROFILE_RELEASE_LTO", "off");
    cargo.env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16").env("CARGO_PROFILE_RELEASE_DEBUG", "false");
    // Its pieces have no place among the project's.
    cargo.env_remove("CARGO_TARGET_DIR").env_remove("RUSTFLAGS");
    run::run(&mut cargo)?;
    // Without a feature that it needs a program is left out, and cargo is content.
    if program.is_file() { Ok(program) } else { Err(format!("{name} {version} has no program {name}")) }
}
