//! Where bugs are planted: a copy of the sources in the cache, outside the clone.
//!
//! The copy keeps its place, so that cargo builds only what the last bug and this one change. Its target folder is the
//! caller's: most crates are there already.

use std::{
    env,
    ffi::{OsStr, OsString},
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use crate::{mirror, run, sim};

/// A planted bug may make a test wait for ever: `timeout` ends it and all that it started.
const PATIENCE: &str = "10m";

/// A copy of the sources, for one user at a time.
pub struct Bench {
    home: PathBuf,
    target: PathBuf,
    _mine: File,
}

impl Bench {
    /// Waits until nobody else uses it.
    ///
    /// # Errors
    /// What could not be made or locked.
    pub fn new() -> Result<Bench, String> {
        let home = run::cache()?.join("bugs");
        let told = |error: io::Error| format!("{}: {error}", home.display());
        fs::create_dir_all(home.join("tree")).map_err(told)?;
        let mine = File::create(home.join("lock")).map_err(told)?;
        mine.lock().map_err(told)?;
        let target = env::var_os("CARGO_TARGET_DIR").filter(|path| !path.is_empty()).map(PathBuf::from);
        let target = target.unwrap_or_else(|| run::root().join("target"));
        Ok(Bench { home, target, _mine: mine })
    }

    /// Builds the simulator from the sources with that bug in them; `fast`: a program that is, by a longer build. Returns
    /// the program; the next build replaces it.
    ///
    /// # Errors
    /// That the patch does not apply, or the sources do not build with it.
    pub fn build(&self, bug: Option<&Path>, fast: bool) -> Result<PathBuf, String> {
        let tree = self.home.join("tree");
        mirror::sync(&tree)?;
        if let Some(bug) = bug {
            let mut git = Command::new("git");
            git.args(["apply", "--whitespace=nowarn"]).arg(bug).current_dir(&tree);
            // A repository around the cache would make it pass over files that are not its own.
            git.env("GIT_CEILING_DIRECTORIES", &self.home);
            run::run(&mut git).map_err(|_| "it does not apply any more".to_owned())?;
        }
        let cargo = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
        let mut cargo =
            self.command(cargo, &["build", "--quiet", "--package", "satchel-sim", "--bin", "sim"]);
        cargo.args(sim::OPTIMISED);
        if !fast {
            // Only a few lines differ from build to build, and most bugs show sooner than they would be optimised.
            cargo.args(["--config", "profile.dev.package.satchel.opt-level=0"]);
        }
        run::run(&mut cargo).map_err(|_| "it does not build".to_owned())?;
        Ok(self.target.join("debug/sim"))
    }

    /// What the core's unit tests and the scenarios say of what was built last: `green`, or `red` if one of them fails.
    ///
    /// # Errors
    /// That they could not be run.
    pub fn tests(&self) -> Result<&'static str, String> {
        let core =
            ["test", "-q", "-p", "satchel", "--lib", "--test", "outbox_pure", "--test", "prospect_rows"];
        let scenarios = ["test", "-q", "-p", "satchel-tests", "--test", "scenarios"];
        for words in [&core[..], &scenarios] {
            let mut cargo = self.command("timeout", &[&[PATIENCE, "cargo"], words].concat());
            let status = cargo.stdout(Stdio::null()).stderr(Stdio::null()).status();
            if !status.map_err(|error| format!("timeout: {error}"))?.success() {
                return Ok("red");
            }
        }
        Ok("green")
    }

    /// A command in the copy, for whose builds the cache is set up.
    fn command(&self, program: impl AsRef<OsStr>, words: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(words).current_dir(self.home.join("tree")).stdin(Stdio::null());
        command.env("CARGO_TARGET_DIR", &self.target).env("CARGO_INCREMENTAL", "1");
        command
    }

    /// A copy of a program that no build replaces.
    ///
    /// # Errors
    /// The system's.
    pub fn keep(&self, program: &Path) -> Result<PathBuf, String> {
        let kept = self.home.join("clean");
        fs::copy(program, &kept).map_err(|error| format!("{}: {error}", kept.display()))?;
        Ok(kept)
    }

    /// Runs it to its end. Returns whether it succeeded, and its standard output.
    ///
    /// # Errors
    /// That it could not be started, or came to no end in that time: then it is gone.
    pub fn run(&self, program: &mut Command, most: Duration) -> Result<(bool, String), String> {
        let (said, start) = (self.home.join("said"), Instant::now());
        let told = |error: io::Error| format!("the simulator: {error}");
        let out = File::create(&said).map_err(told)?;
        let mut child =
            program.stdin(Stdio::null()).stdout(out).stderr(Stdio::null()).spawn().map_err(told)?;
        loop {
            if let Some(status) = child.try_wait().map_err(told)? {
                return Ok((status.success(), fs::read_to_string(&said).map_err(told)?));
            }
            if start.elapsed() > most {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("the simulator came to no end in {} s", most.as_secs()));
            }
            sleep(Duration::from_millis(20));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_to_no_end_is_ended() {
        let home = tempfile::tempdir().expect("a folder");
        let mine = File::create(home.path().join("lock")).unwrap();
        let bench = Bench { home: home.path().to_owned(), target: PathBuf::new(), _mine: mine };
        let sh =
            |script: &str, ms| bench.run(Command::new("sh").args(["-c", script]), Duration::from_millis(ms));
        assert_eq!(sh("echo one; exit 3", 60_000), Ok((false, "one\n".to_owned())));
        assert_eq!(sh("echo two", 60_000), Ok((true, "two\n".to_owned())));
        assert!(sh("exec sleep 600", 50).is_err_and(|why| why.contains("no end")));
    }
}
