//! `cargo xtask docs`: what developers read, as HTML below `dist/docs`: Rust's, Kotlin's (Dokka), Swift's (DocC). The doc
//! comments of the facade are written once, in Rust, and reach all three.

use std::{fs, path::PathBuf, process::ExitCode};

use crate::{
    bindings, ci, kotlin, mirror, run,
    steps::{self, Step},
    swift,
};

/// The Kotlin modules and the Swift modules that apps see.
const KOTLIN: [&str; 3] = ["ffi", "satchel", "testing"];
const SWIFT: [&str; 2] = ["Satchel", "SatchelTesting"];

pub fn run() -> ExitCode {
    steps::run(&[
        Step { name: "Rust", act: || rust().into() },
        Step { name: "Kotlin", act: || of_kotlin().into() },
        Step { name: "Swift", act: || of_swift().into() },
    ])
}

/// An empty folder for one language.
fn folder(language: &str) -> Result<PathBuf, String> {
    let folder = run::target()?.join("dist/docs").join(language);
    bindings::clear(&folder)?;
    Ok(folder)
}

fn rust() -> Result<(), String> {
    ci::documentation()?;
    mirror::tree(&run::target()?.join("doc"), &folder("rust")?)
}

/// UniFFI marks its own plumbing, which Dokka then leaves out.
fn of_kotlin() -> Result<(), String> {
    let goal = "org.jetbrains.dokka:dokka-maven-plugin:2.2.0:dokka";
    run::run(&mut kotlin::maven("test-compile", &["-q", "-Dmaven.test.skip=true", goal])?)?;
    let folder = folder("kotlin")?;
    for module in KOTLIN {
        let from = run::root().join("bindings/kotlin").join(module).join("target/dokka");
        mirror::tree(&from, &folder.join(module))?;
    }
    Ok(())
}

fn of_swift() -> Result<(), String> {
    let folder = folder("swift")?;
    for module in SWIFT {
        run::run(&mut swift::documented(module)?)?;
        let archive = swift::scratch()?.join(format!("{module}.doccarchive"));
        mirror::tree(&archive, &folder.join(module))?;
    }
    let pages = fs::read_dir(folder.join("Satchel/documentation")).map_or(0, Iterator::count);
    if pages == 0 { Err("DocC wrote no page".to_owned()) } else { Ok(()) }
}
