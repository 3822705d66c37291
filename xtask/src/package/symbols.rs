//! A crash in the stripped library becomes a file and a line again, with `symbols.zip` alone.

use std::path::Path;

use super::{dist, library};
use crate::{bindings, needs, run};

/// Where the planted crash happens: the object that is none is looked into there.
const CRASHES_IN: &str = "bindings/src/stop.rs:";

pub fn test() -> Result<(), String> {
    needs::provide(needs::BINUTILS)?;
    let built = bindings::build()?;
    let folder = dist("crash")?;
    let parts = library::split(&built.facade(), &folder)?;
    let program = folder.join("crash");
    let mut cc = run::command("cc", &["-Wall", "-Wextra", "-Werror", "bindings/c/crash.c", "-o"]);
    run::run(cc.arg(&program))?;
    let stack = run::output(run::command(program, &[]).arg(&parts.stripped))?;

    // Without its symbols the library knows nothing.
    let blind = lines(&parts.stripped, &stack)?;
    let mut unzip = run::command("jar", &["--extract", "--file"]);
    run::run(unzip.arg(&parts.symbols).current_dir(&folder))?;
    let told = lines(&folder.join(&parts.named), &stack)?;
    let line = told.lines().find_map(|line| line.split_once(CRASHES_IN));
    match (line, blind.contains(CRASHES_IN)) {
        (Some((_, line)), false) => {
            println!("the crash was in {CRASHES_IN}{line}");
            Ok(())
        }
        (Some(_), true) => Err("the library is not stripped".to_owned()),
        (None, _) => Err(format!("the crash is nowhere in the symbols:\n{told}")),
    }
}

/// The source lines of offsets in a library.
fn lines(symbols: &Path, offsets: &str) -> Result<String, String> {
    let mut words = run::command("addr2line", &["--inlines", "--demangle", "--functions", "--exe"]);
    run::output(words.arg(symbols).args(offsets.lines()))
}
