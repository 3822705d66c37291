//! `cargo xtask narrow`: on 32 bits, which old tablets have: the core's tests, and the facade from C.

use std::process::ExitCode;

use crate::{
    bindings, needs,
    package::archive::{self, End},
    run,
    steps::{self, Outcome, Step},
    tally::Tally,
    test,
};

const TARGET: &str = "i686-unknown-linux-gnu";

pub fn run() -> ExitCode {
    steps::run(&steps())
}

pub fn steps() -> Vec<Step> {
    vec![
        Step { name: "the core on 32 bits", act: core },
        Step { name: "the facade on 32 bits", act: || test::one(facade()) },
    ]
}

fn core() -> Outcome {
    let mut tally = Tally::default();
    let ended = provided().and_then(|()| {
        let words = ["test", "--package", "satchel", "--lib", "--target", TARGET];
        run::lines(&mut run::cargo(&words), |line| tally += Tally::cargo(line).unwrap_or_default())
    });
    test::judge(ended, tally)
}

fn provided() -> Result<(), String> {
    needs::provide(needs::NARROW)?;
    run::run(&mut run::command("rustup", &["--quiet", "target", "add", TARGET]))
}

/// The static archive in a C program: a book is opened and a prospect saved.
fn facade() -> Result<(), String> {
    provided()?;
    let words =
        ["rustc", "--package", "satchel-ffi", "--lib", "--crate-type", "staticlib", "--target", TARGET];
    run::run(&mut run::cargo(&words))?;
    let folder = run::target()?.join(TARGET).join("debug");
    let header = folder.join("c-generated");
    bindings::swift_into(&header, &bindings::build()?.facade())?;
    let end = archive::linked(
        &header,
        &folder.join("libsatchel_ffi.a"),
        &folder.join("smoke"),
        &["-m32", "ARCHIVE"],
    )?;
    if end == End::Encrypted { Ok(()) } else { Err(format!("{end:?}")) }
}
