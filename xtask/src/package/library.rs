//! The library as apps get it: small, stripped, exporting nothing but the facade; and its symbols, kept beside it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{bindings, needs, run};

/// Exported beside the facade by every library that Rust builds, or by the linker.
const EXPORTED_TOO: [&str; 4] = ["rust_eh_personality", "_init", "_fini", "__bss_start"];

/// Builds the facade for this machine, with its symbols in it, as the generator needs it.
pub fn build() -> Result<PathBuf, String> {
    build_for(None, |_| {})
}

/// The same for a target, with what its compiler wants to be told.
pub fn build_for(target: Option<&str>, tell: impl FnOnce(&mut Command)) -> Result<PathBuf, String> {
    println!("building the library (one pass over the whole of it: some minutes)");
    let words = ["rustc", "--locked", "--profile", "shipped", "--package", "satchel-ffi", "--lib"];
    let mut cargo = run::cargo(&words);
    cargo.args(["--crate-type", "cdylib"]);
    cargo.args(target.into_iter().flat_map(|target| ["--target", target]));
    tell(&mut cargo);
    run::run(&mut cargo)?;
    let folder = run::target()?.join(target.unwrap_or_default()).join("shipped");
    let apple = target.map_or(cfg!(target_os = "macos"), |target| target.contains("apple"));
    Ok(folder.join(if apple { "libsatchel_ffi.dylib" } else { "libsatchel_ffi.so" }))
}

/// A library in two parts.
pub struct Split {
    /// What apps get.
    pub stripped: PathBuf,
    /// What turns an address of a crash into a file and a line.
    pub symbols: PathBuf,
    /// The name of the one file in it.
    pub named: String,
}

/// Parts it, into `folder`: `libsatchel.so` and `symbols.zip`, which holds its symbols under the library's build id.
pub fn split(library: &Path, folder: &Path) -> Result<Split, String> {
    needs::provide(needs::BINUTILS)?;
    split_by("objcopy".as_ref(), library, folder)
}

/// The same by another objcopy.
pub fn split_by(objcopy: &Path, library: &Path, folder: &Path) -> Result<Split, String> {
    bindings::clear(folder)?;
    let stripped = folder.join("libsatchel.so");
    let debug = folder.join("libsatchel.so.debug");
    for (how, to) in [("--only-keep-debug", &debug), ("--strip-all", &stripped)] {
        run::run(run::command(objcopy, &[how]).arg(library).arg(to))?;
    }
    let id = build_id(&stripped)?;
    if id != build_id(&debug)? {
        return Err("the symbols are of another library".to_owned());
    }
    let named = format!("libsatchel-{id}.so.debug");
    let file = folder.join(&named);
    fs::rename(&debug, &file).map_err(|error| format!("{}: {error}", file.display()))?;
    let symbols = folder.join("symbols.zip");
    zip(&symbols, folder, &[&file])?;
    fs::remove_file(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(Split { stripped, symbols, named })
}

/// Packs files of a folder, without their times: the same files give the same zip.
pub fn zip(to: &Path, folder: &Path, files: &[&Path]) -> Result<(), String> {
    let mut jar =
        run::command("jar", &["--create", "--no-manifest", "--date=2026-01-01T00:00:00Z", "--file"]);
    jar.arg(to).args(files.iter().map(|file| file.strip_prefix(folder).unwrap_or(file)));
    run::run(jar.current_dir(folder))
}

/// Whether a zip holds these files, and none whose name has one of those parts.
pub fn holds(zip: &Path, files: &[&str], none: &[&str]) -> Result<(), String> {
    let list = run::output(run::command("jar", &["--list", "--file"]).arg(zip))?;
    let told = |what: &str| Err(format!("{}: {what}", zip.display()));
    if let Some(file) = files.iter().find(|file| !list.lines().any(|line| line == **file)) {
        return told(&format!("{file} is missing"));
    }
    match list.lines().find(|line| none.iter().any(|part| line.contains(part))) {
        Some(line) => told(&format!("{line} does not belong there")),
        None => Ok(()),
    }
}

fn build_id(library: &Path) -> Result<String, String> {
    let notes = run::output(run::command("readelf", &["--notes"]).arg(library))?;
    let id = notes.lines().find_map(|line| line.trim().strip_prefix("Build ID: "));
    id.map(str::to_owned).ok_or_else(|| format!("{}: no build id", library.display()))
}

/// What is exported: nothing but the facade, so that another SQLite or crypto library in the app neither meets ours nor is
/// met by it.
///
/// # Errors
/// What else is exported.
pub fn exports(library: &Path) -> Result<Vec<String>, String> {
    let words = ["--dynamic", "--defined-only", "--format=posix"];
    let names = run::output(run::command("nm", &words).arg(library))?;
    let (ours, others) = sorted(&names);
    match (ours.is_empty(), others.as_slice()) {
        (true, _) => Err(format!("{}: nothing is exported", library.display())),
        (false, []) => Ok(ours.into_iter().map(str::to_owned).collect()),
        (false, others) => Err(format!("{}: exports {}", library.display(), others.join(", "))),
    }
}

/// The exported names: the facade's, and those that are not.
fn sorted(names: &str) -> (Vec<&str>, Vec<&str>) {
    let names = names.lines().filter_map(|line| line.split(' ').next());
    names.filter(|name| !EXPORTED_TOO.contains(name)).partition(|name| {
        let name = name.to_ascii_lowercase();
        ["uniffi_satchel_ffi_", "ffi_satchel_ffi_", "uniffi_meta_"].iter().any(|ours| name.starts_with(ours))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_facade_may_be_exported() {
        let good = "uniffi_satchel_ffi_fn_method_satchel_add T 1 2
ffi_satchel_ffi_rustbuffer_alloc T 1 2
UNIFFI_META_SATCHEL_FFI_METHOD_SATCHEL_ADD R 1
rust_eh_personality T 1 2
";
        let (ours, others) = sorted(good);
        assert_eq!((ours.len(), others), (3, vec![]));
        let bad = "sqlite3_open T 1 2\nEVP_sha256 T\nffi_other_x T\n";
        assert_eq!(sorted(bad), (vec![], vec!["sqlite3_open", "EVP_sha256", "ffi_other_x"]));
    }
}
