//! `cargo xtask bindings`: the facade as a library, and what UniFFI writes from it for Kotlin and Swift.

use std::{
    env::consts,
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use crate::{
    mirror, run,
    steps::{Outcome, Step},
};

/// What the other languages need of Rust, built.
pub struct Built {
    /// Where cargo put it: the facade as `libsatchel_ffi`, unstripped as the generator needs it.
    pub folder: PathBuf,
    /// The folder with the facade under the name that Kotlin asks for, `libsatchel`.
    pub library: PathBuf,
    /// The sandbox, as a program.
    pub sandbox: PathBuf,
}

pub fn steps() -> Vec<Step> {
    vec![Step { name: "bindings", act: both }]
}

fn both() -> Outcome {
    build().and_then(|built| kotlin(&built).and_then(|()| swift(&built).map(drop))).into()
}

/// What the tests of every language are built with: the panic that they ask for.
pub const FEATURES: [&str; 2] = ["--features", "satchel-ffi/panic-button"];

/// Builds the facade and the sandbox with the features that the tests of the whole workspace have: nothing is built twice.
pub fn build() -> Result<Built, String> {
    let words = ["build", "--quiet", "--workspace", "--lib", "--bin", "satchel-sandbox"];
    run::run(run::cargo(&words).args(FEATURES))?;
    let folder = run::target()?.join("debug");
    let library = folder.join("library");
    let named = |name: &str| format!("{}{name}{}", consts::DLL_PREFIX, consts::DLL_SUFFIX);
    // Never written over: whoever runs with the older one goes on with it.
    let (fresh, there) = (library.join("fresh"), library.join(named("satchel")));
    fs::create_dir_all(&library)
        .and_then(|()| fs::copy(folder.join(named("satchel_ffi")), &fresh))
        .and_then(|_| fs::rename(&fresh, &there))
        .map_err(|error| format!("{}: {error}", library.display()))?;
    Ok(Built { library, sandbox: folder.join("satchel-sandbox"), folder })
}

impl Built {
    /// The facade as a library, with its symbols in it.
    pub fn facade(&self) -> PathBuf {
        self.folder.join(format!("{}satchel_ffi{}", consts::DLL_PREFIX, consts::DLL_SUFFIX))
    }
}

/// Writes `bindings/kotlin/ffi/generated` from the library of the tests.
pub fn kotlin(built: &Built) -> Result<(), String> {
    kotlin_into(&run::root().join("bindings/kotlin/ffi/generated"), &built.facade())
}

/// Writes the Kotlin side of a library into a folder.
pub fn kotlin_into(out: &Path, library: &Path) -> Result<(), String> {
    clear(out)?;
    let words = ["generate", "--language", "kotlin", "--no-format", "--out-dir"];
    run::run(generator("satchel-bindgen", &words)?.arg(out).arg(library))?;
    let file = out.join("org/satchel/satchel.kt");
    let told = |error: std::io::Error| format!("{}: {error}", file.display());
    let text = attached(&fs::read_to_string(&file).map_err(told)?)?;
    fs::write(&file, text).map_err(told)
}

/// The object through which each asynchronous call answers, on a thread of the library's.
const ANSWER: &str =
    "internal object uniffiRustFutureContinuationCallbackImpl: UniffiRustFutureContinuationCallback {\n";
/// JNA would attach that thread to the virtual machine for each answer, and detach it again, which takes longer than most
/// answers: it stays attached, as one that keeps no app from ending.
const STAY: &str = "    init {
        val threads = com.sun.jna.CallbackThreadInitializer(true, false, \"satchel\")
        com.sun.jna.Native.setCallbackThreadInitializer(this, threads)
    }
";

fn attached(generated: &str) -> Result<String, String> {
    match generated.matches(ANSWER).count() {
        1 => Ok(generated.replace(ANSWER, &format!("{ANSWER}{STAY}"))),
        n => Err(format!("the generated Kotlin has {n} objects that answer: the generator has changed")),
    }
}

/// Writes the Swift side of a library into a folder: `Satchel.swift` and `SatchelFFI.h`.
pub fn swift_into(out: &Path, library: &Path) -> Result<(), String> {
    clear(out)?;
    let words = ["--swift-sources", "--headers"];
    run::run(generator("satchel-bindgen-swift", &words)?.arg(library).arg(out))
}

/// Writes the sources and the header of the Swift package from the library. `true`: the header is another one.
pub fn swift(built: &Built) -> Result<bool, String> {
    let fresh = built.folder.join("swift-generated");
    swift_into(&fresh, &built.facade())?;
    let sources = run::root().join("bindings/swift/Sources");
    mirror::put(&fresh.join("Satchel.swift"), &sources.join("Satchel/Generated/Satchel.swift"))?;
    mirror::put(&fresh.join("SatchelFFI.h"), &sources.join("SatchelFFI/SatchelFFI.h"))
}

/// UniFFI's generator, built outside the clone: one build serves every clone.
fn generator(program: &str, words: &[&str]) -> Result<std::process::Command, String> {
    let target = run::cache()?.join("bindgen");
    let manifest = "bindings/bindgen/Cargo.toml";
    let mut build = run::cargo(&["build", "--quiet", "--manifest-path", manifest, "--target-dir"]);
    run::run(build.arg(&target))?;
    Ok(run::command(target.join("debug").join(program), words))
}

/// An empty folder.
pub fn clear(folder: &Path) -> Result<(), String> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => fs::create_dir_all(folder),
    }
    .map_err(|error| format!("{}: {error}", folder.display()))
}
