//! Starting programs from the workspace's root, and saying what went wrong in one line.

use std::{
    env,
    ffi::OsString,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
};

/// The workspace's root.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// Where cargo puts what it builds: this program too.
pub fn target() -> Result<PathBuf, String> {
    let here = env::current_exe().map_err(|error| error.to_string())?;
    here.ancestors().nth(2).map(Path::to_owned).ok_or_else(|| "this program lies nowhere".to_owned())
}

/// Where tools that are not the project's are kept, outside the clone: one build serves every clone.
pub fn tools() -> Result<PathBuf, String> {
    Ok(cache()?.join("tools"))
}

/// What outlives the clone.
pub fn cache() -> Result<PathBuf, String> {
    let cache = |name: &str| env::var_os(name).filter(|path| !path.is_empty()).map(PathBuf::from);
    let cache = cache("XDG_CACHE_HOME").or_else(|| cache("HOME").map(|home| home.join(".cache")));
    Ok(cache.ok_or("neither XDG_CACHE_HOME nor HOME is set")?.join("satchel"))
}

/// The cargo that runs us, in the workspace's root.
pub fn cargo(args: &[&str]) -> Command {
    command(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")), args)
}

/// Any program, in the workspace's root.
pub fn command(program: impl Into<OsString>, args: &[&str]) -> Command {
    let mut command = Command::new(program.into());
    command.args(args).current_dir(root());
    command
}

/// Runs it with our own output and waits for its end.
///
/// # Errors
/// What was run and how it ended, when it could not be started or did not succeed.
pub fn run(command: &mut Command) -> Result<(), String> {
    let status = command.status();
    ended(command, status)
}

/// The same, with its standard output handed in.
pub fn output(command: &mut Command) -> Result<String, String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let (status, text) = match output {
        Ok(output) => (Ok(output.status), output.stdout),
        Err(error) => (Err(error), Vec::new()),
    };
    ended(command, status)?;
    String::from_utf8(text).map_err(|_| format!("{}: its output is not UTF-8", words(command)))
}

/// The same, with each line of its standard output both printed and handed to `each`.
pub fn lines(command: &mut Command, mut each: impl FnMut(&str)) -> Result<(), String> {
    let mut child =
        command.stdout(Stdio::piped()).spawn().map_err(|error| format!("{}: {error}", words(command)))?;
    let mut echo = std::io::stdout().lock();
    for line in child.stdout.take().into_iter().flat_map(|out| BufReader::new(out).split(b'\n')) {
        let line = line.map_err(|error| format!("{}: {error}", words(command)))?;
        // A closed terminal must not end a run whose result somebody waits for.
        let _ = echo.write_all(&line).and_then(|()| echo.write_all(b"\n"));
        each(&String::from_utf8_lossy(&line));
    }
    let status = child.wait();
    ended(command, status)
}

fn ended(command: &Command, status: std::io::Result<ExitStatus>) -> Result<(), String> {
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{}: {status}", words(command))),
        Err(error) => Err(format!("{}: {error}", words(command))),
    }
}

fn words(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_holds_the_workspace() {
        assert!(root().join("xtask/Cargo.toml").is_file() && root().join("Cargo.lock").is_file());
    }

    #[test]
    fn a_failure_says_what_was_run_and_how_it_ended() {
        let error = run(cargo(&["no-such-command"]).stderr(Stdio::null())).expect_err("fails");
        assert!(error.contains("cargo no-such-command: exit status: 101"), "{error}");
        let error = run(&mut command("/no/such/program", &["x"])).expect_err("fails");
        assert!(error.starts_with("program x: "), "{error}");
    }

    #[test]
    fn lines_are_handed_on_and_a_bad_end_is_told() {
        let mut seen = Vec::new();
        lines(&mut command("sh", &["-c", "echo; echo .; printf .."]), |line| seen.push(line.to_owned()))
            .expect("succeeds");
        assert_eq!(seen, ["", ".", ".."]);
        assert!(lines(&mut command("sh", &["-c", "echo; exit 3"]), |_| ()).is_err());
        assert_eq!(output(&mut command("sh", &["-c", "echo one"])).as_deref(), Ok("one\n"));
        assert!(output(&mut command("sh", &["-c", "exit 3"])).is_err());
    }
}
