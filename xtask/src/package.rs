//! `cargo xtask package jvm|android|ios`: what an app's developer takes, below `dist/` where cargo builds. `cargo xtask
//! package test` tries what can be tried of it on this machine, with the library that the tests have.
//!
//! Nothing is pretended: a package without the libraries of its platform says so in its name, and the command says which
//! step was not done and where it can be.

use std::{path::PathBuf, process::ExitCode};

use crate::{
    run,
    steps::{self, Step},
    test::one,
};

mod android;
pub mod archive;
mod foreign;
mod guide;
mod ios;
pub mod jvm;
pub mod library;
mod notices;
mod shrunk;
mod symbols;

/// What is in front of every file's name.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

#[derive(clap::Args)]
pub struct Args {
    /// For which platform; or `test`
    #[arg(value_parser = ["jvm", "android", "ios", "test"])]
    what: String,
}

pub fn run(args: &Args) -> ExitCode {
    steps::run(&match args.what.as_str() {
        "jvm" => vec![Step { name: "jar", act: || jvm::package().into() }],
        "android" => vec![Step { name: "AAR", act: || android::package().into() }],
        "ios" => vec![Step { name: "xcframework", act: || ios::package().into() }],
        _ => tried(),
    })
}

/// What is packaged, tried. A part of `cargo xtask test`.
pub fn tried() -> Vec<Step> {
    vec![
        Step { name: "beside another SQLite", act: archive::test },
        Step { name: "shrunk by R8", act: || one(shrunk::test()) },
        Step { name: "a crash is symbolicated", act: || one(symbols::test()) },
        Step { name: "AAR, file by file", act: || one(android::test()) },
        Step { name: "xcframework, file by file", act: || one(ios::test()) },
        Step { name: "an empty Maven project", act: || one(jvm::test()) },
    ]
}

/// Where packages are laid.
fn dist(platform: &str) -> Result<PathBuf, String> {
    Ok(run::target()?.join("dist").join(platform))
}
