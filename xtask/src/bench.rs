//! `cargo xtask bench [NAME] [--json]`: measures speed, as ratios against the raw floor of the same run. `kotlin` and `swift`
//! measure through those languages, over the library that is shipped.

use std::process::{Command, ExitCode};

use crate::{
    bindings,
    package::{jvm, library},
    run, swift,
};

#[derive(clap::Args)]
pub struct Args {
    /// Only the benches whose name contains this
    name: Option<String>,
    /// One JSON object a line instead of the table
    #[arg(long)]
    json: bool,
}

impl Args {
    fn passed_on(&self) -> Vec<&str> {
        self.name.as_deref().into_iter().chain(self.json.then_some("--json")).collect()
    }
}

/// Ends as the benches end.
pub fn run(args: &Args) -> ExitCode {
    let mut cargo =
        run::cargo(&["bench", "--quiet", "--package", "satchel-tests", "--bench", "satchel", "--"]);
    cargo.args(args.passed_on());
    match shells(args, &mut cargo).and_then(|()| run::run(&mut cargo)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

/// Builds the program of the language that is asked for, and says how it is started: a word a line.
fn shells(args: &Args, cargo: &mut Command) -> Result<(), String> {
    let wants = |language| args.name.as_deref() == Some(language);
    if wants("kotlin") {
        let folder = run::target()?.join("dist/bench");
        let laid = jvm::laid(&library::build()?, &folder, None)?;
        let apps = folder.join("apps");
        bindings::clear(&apps)?;
        jvm::apps(&laid, &apps)?;
        let target = apps.join("target");
        let path = format!("{0}/apps-1.jar:{0}/dependency/*", target.display());
        cargo.env(
            "SATCHEL_BENCH_KOTLIN",
            format!("java\n-Xmx256m\n-XX:+UseSerialGC\n-cp\n{path}\nbench.BenchKt"),
        );
    }
    if wants("swift") {
        let program = swift::bench(&library::build()?)?;
        let words = std::iter::once(program.get_program()).chain(program.get_args());
        let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
        cargo.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
        cargo.env("SATCHEL_BENCH_SWIFT", words.join("\n"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_and_json_reach_the_benches() {
        let args = |name: Option<&str>, json| Args { name: name.map(Into::into), json };
        assert_eq!(args(Some("search"), true).passed_on(), ["search", "--json"]);
        assert_eq!(args(None, false).passed_on(), [""; 0]);
    }
}
