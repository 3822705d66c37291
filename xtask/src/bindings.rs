//! `cargo xtask bindings`: the facade as a library, and what UniFFI writes from it for Kotlin.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use crate::run;

/// What the other languages need of Rust, built.
pub struct Built {
    /// The folder with `libsatchel.so`, unstripped.
    pub library: PathBuf,
    /// The sandbox, as a program.
    pub sandbox: PathBuf,
}

/// Builds the facade and the sandbox with the features that the tests of the whole workspace have: nothing is built twice.
pub fn build() -> Result<Built, String> {
    run::run(&mut run::cargo(&["build", "--workspace", "--lib", "--bin", "satchel-sandbox"]))?;
    let here = target()?;
    let library = here.join("library");
    let copied = fs::create_dir_all(&library)
        .and_then(|()| fs::copy(here.join("libsatchel_ffi.so"), library.join("libsatchel.so")));
    copied.map_err(|error| format!("libsatchel.so: {error}"))?;
    Ok(Built { library, sandbox: here.join("satchel-sandbox") })
}

/// Writes `bindings/kotlin/ffi/generated` from the library.
pub fn kotlin(built: &Built) -> Result<(), String> {
    let out = run::root().join("bindings/kotlin/ffi/generated");
    let _ = fs::remove_dir_all(&out);
    let mut generate =
        run::command(generator()?, &["generate", "--language", "kotlin", "--no-format", "--out-dir"]);
    run::run(generate.arg(&out).arg(built.library.join("libsatchel.so")))
}

/// UniFFI's generator, built outside the clone: one build serves every clone.
fn generator() -> Result<PathBuf, String> {
    let target = run::cache()?.join("bindgen");
    let mut build =
        run::cargo(&["build", "--quiet", "--manifest-path", "bindings/bindgen/Cargo.toml", "--target-dir"]);
    run::run(build.arg(&target))?;
    Ok(target.join("debug/satchel-bindgen"))
}

/// Where cargo puts what it builds: where this program lies.
fn target() -> Result<PathBuf, String> {
    let here = env::current_exe().map_err(|error| error.to_string())?;
    here.parent().map(Path::to_owned).ok_or_else(|| "this program lies nowhere".to_owned())
}
