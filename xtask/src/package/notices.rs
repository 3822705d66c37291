//! What the licences ask for: every notice, and the list of what is inside (CycloneDX).

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{bindings, run, tool};

const FILES: [&str; 2] = ["THIRD-PARTY.txt", "satchel.cdx.json"];

/// Writes both into a folder, of what the library is made of.
pub fn write(folder: &Path) -> Result<PathBuf, String> {
    bindings::clear(folder)?;
    let [notices, parts] = FILES.map(|name| folder.join(name));
    let about = tool::install("cargo-about", "0.9.3")?;
    let config = run::root().join("bindings/notices");
    let mut command = run::command(about, &["generate", "--fail", "--locked", "--manifest-path"]);
    command.arg("bindings/Cargo.toml").arg("--config").arg(config.join("about.toml"));
    run::run(command.arg("--output-file").arg(&notices).arg(config.join("notices.hbs")))?;

    let cyclonedx = tool::install("cargo-cyclonedx", "0.5.9")?;
    let words = ["cyclonedx", "--format", "json", "--no-build-deps", "--override-filename", "satchel.cdx"];
    let mut command = run::command(cyclonedx, &words);
    run::run(command.args(["--manifest-path", "bindings/Cargo.toml"]))?;
    // It writes beside the manifest, and nowhere else.
    let written = run::root().join("bindings/satchel.cdx.json");
    fs::rename(&written, &parts)
        .or_else(|_| fs::copy(&written, &parts).and_then(|_| fs::remove_file(&written)))
        .map_err(|error| format!("{}: {error}", written.display()))?;
    Ok(folder.to_owned())
}
