//! The Kotlin side on the JVM: style, explicit API, golden API, scenarios, the boundary under stress.

use crate::{bindings, needs, run, steps::Outcome, tally::Tally};

/// Everything of it.
pub fn test() -> Outcome {
    match prepared() {
        Ok(mut maven) => {
            let mut tally = Tally::default();
            let ended = run::lines(&mut maven, |line| tally += Tally::maven(line).unwrap_or_default());
            crate::test::judge(ended, tally)
        }
        Err(why) => Err(why).into(),
    }
}

fn prepared() -> Result<std::process::Command, String> {
    needs::provide(needs::KOTLIN)?;
    let built = bindings::build()?;
    bindings::kotlin(&built)?;
    // A compiler daemon would stay behind.
    let mut maven = run::command("mvn", &["-B", "-ntp", "-Dkotlin.compiler.daemon=false", "test"]);
    maven.current_dir(run::root().join("bindings/kotlin"));
    maven.arg(format!("-Dsatchel.native={}", built.library.display()));
    maven.arg(format!("-Dsatchel.sandbox={}", built.sandbox.display()));
    Ok(maven)
}
