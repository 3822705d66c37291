//! `cargo xtask bench [NAME] [--json]`: measures speed, as ratios against the raw floor of the same run.

use std::process::ExitCode;

use crate::run;

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
    match run::run(cargo.args(args.passed_on())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
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
