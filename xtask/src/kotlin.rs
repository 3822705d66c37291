//! The Kotlin side on the JVM: style, explicit API, golden API, scenarios, the boundary under stress.

use std::process::Command;

use crate::{bindings, needs, run, steps::Outcome, tally::Tally};

/// Everything of it.
pub fn test() -> Outcome {
    let mut tally = Tally::default();
    let ended = maven("test", &[])
        .and_then(|mut maven| run::lines(&mut maven, |line| tally += Tally::maven(line).unwrap_or_default()));
    crate::test::judge(ended, tally)
}

/// Maven on the modules, with all that they need in place.
pub fn maven(phase: &str, more: &[&str]) -> Result<Command, String> {
    needs::provide(needs::KOTLIN)?;
    let built = bindings::build()?;
    bindings::kotlin(&built)?;
    // A compiler daemon would stay behind.
    let mut maven = run::command("mvn", &["-B", "-ntp", "-Dkotlin.compiler.daemon=false", phase]);
    maven.current_dir(run::root().join("bindings/kotlin"));
    maven.arg(format!("-Dsatchel.native={}", built.library.display()));
    maven.arg(format!("-Dsatchel.sandbox={}", built.sandbox.display()));
    maven.args(more);
    Ok(maven)
}
