//! `cargo xtask swift [test]`: the Swift package over the facade, with a real Swift compiler.
//!
//! A Swift 6 on the path is used. Where there is none, Debian's own is put into a folder of the cache, outside the clone,
//! and runs in there: root's mounts, seen by that run alone, show it the clone and the build.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use crate::{
    run,
    steps::{self, Outcome, Step},
    tally::Tally,
};

/// The Debian release whose Swift it is.
const RELEASE: &str = "trixie";
/// All that a compiler and its tests need, without a system around them.
const PACKAGES: &str = "base-files,dash,coreutils,grep,sed,findutils,swiftlang,libc6-dev";
/// More than half of it is for debuggers, editors, static and embedded programs.
const LEFT_OUT: [&str; 11] = [
    "/usr/libexec/swift/lib/swift_static/*",
    "/usr/libexec/swift/lib/swift/embedded/*",
    "/usr/libexec/swift/lib/liblldb*",
    "/usr/libexec/swift/lib/libsourcekitdInProc.so",
    "/usr/libexec/swift/lib/libLTO*",
    "/usr/libexec/swift/bin/lldb*",
    "/usr/libexec/swift/bin/clangd",
    "/usr/libexec/swift/bin/sourcekit-lsp",
    "/usr/libexec/swift/bin/lld",
    "/usr/share/locale/*",
    "/usr/share/doc/*",
];
/// Who runs it in there: the mounts and the processes of the run end with it.
const ALONE: [&str; 7] = ["--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "sh"];
/// Arguments: the folder, what is shown in it up to `--`, then the environment and the program.
const INSIDE: &str = r#"set -eu
root=$1; shift
mount -t proc proc "$root/proc"
while [ "$1" != -- ]; do mkdir -p "$root$1"; mount --bind "$1" "$root$1"; shift; done
shift
exec chroot "$root" /usr/bin/env -i "$@" 2>&1"#;

#[derive(clap::Args)]
pub struct Args {
    /// Run the package's tests too
    #[arg(value_parser = ["test"])]
    verb: Option<String>,
}

pub fn run(args: &Args) -> ExitCode {
    let mut steps = steps();
    if args.verb.is_none() {
        steps.pop();
        steps.push(Step {
            name: "Swift package",
            act: || swift("build", &[]).and_then(|mut c| run::run(&mut c)).into(),
        });
    }
    steps::run(&steps)
}

/// From nothing to the tests.
pub fn steps() -> Vec<Step> {
    vec![
        Step { name: "Swift 6", act: || Swift::provide().map(drop).into() },
        Step { name: "library and sandbox", act: || library().into() },
        Step { name: "generated Swift", act: || generate().into() },
        Step { name: "Swift tests", act: test },
    ]
}

/// Where Swift is.
enum Swift {
    OnPath,
    /// In a folder that holds Debian's.
    In(PathBuf),
}

impl Swift {
    /// Sees to it that it is there.
    fn provide() -> Result<Self, String> {
        if run::output(&mut run::command("sh", &["-c", "swift --version 2>&1 || true"]))?
            .contains("Swift version 6")
        {
            return Ok(Self::OnPath);
        }
        let root = run::cache()?.join("swift-root");
        if !root.join("usr/bin/swiftc").exists() {
            may_install()?;
            debian(&root)?;
        }
        Ok(Self::In(root))
    }

    /// The program `swift`, what it says all on its standard output.
    fn command(&self, env: &[String], args: &[&str]) -> Result<Command, String> {
        let mut command = match self {
            Self::OnPath => run::command("sh", &["-c", "exec env \"$@\" 2>&1", "sh"]),
            Self::In(root) => {
                let mut command = run::command("unshare", &ALONE);
                // By its name: a failure is told in one line.
                command
                    .env("INSIDE", INSIDE)
                    .args(["-c", "eval \"$INSIDE\"", "sh"])
                    .arg(root)
                    .arg(run::root())
                    .arg(target()?);
                // Whom the machine trusts: without any authority no book is opened.
                command.args(Some("/etc/ssl/certs").filter(|certs| Path::new(certs).is_dir()));
                command.args(["--", "HOME=/root", "LANG=C.UTF-8", "TERM=dumb"]);
                command.arg("PATH=/usr/libexec/swift/bin:/usr/sbin:/usr/bin:/sbin:/bin");
                command
            }
        };
        command.args(env).arg("swift").args(args);
        Ok(command)
    }
}

/// Root on Debian may; everybody else is told what to do.
fn may_install() -> Result<(), String> {
    let is_root = run::output(&mut run::command("id", &["-u"])).is_ok_and(|id| id.trim() == "0");
    if is_root && Path::new("/etc/debian_version").is_file() { Ok(()) } else { Err(told()) }
}

fn told() -> String {
    "missing swift, version 6: the compiler of the Swift package. Root on Debian gets it by this command; elsewhere \
     install the Swift toolchain (6.0 or later; on macOS it comes with Xcode 16) so that `swift --version` finds it"
        .to_owned()
}

/// Puts Debian's Swift there, about 1.2 GB. A broken-off run leaves nothing that would be taken for it.
fn debian(root: &Path) -> Result<(), String> {
    println!("putting Debian's Swift in place (once on this machine; some minutes)");
    if run::output(run::command("mmdebstrap", &["--version"]).stderr(std::process::Stdio::null())).is_err() {
        run::run(&mut run::command("apt-get", &["update", "-qq"]))?;
        let mut apt =
            run::command("apt-get", &["install", "-y", "-qq", "--no-install-recommends", "mmdebstrap"]);
        run::run(apt.env("DEBIAN_FRONTEND", "noninteractive"))?;
    }
    let fresh = root.with_extension("new");
    clear(&fresh)?;
    let mut command = run::command("mmdebstrap", &["--quiet", "--variant=extract"]);
    command.arg(format!("--include={PACKAGES}")).arg("--aptopt=Acquire::Check-Valid-Until \"false\"");
    command.args(LEFT_OUT.map(|path| format!("--dpkgopt=path-exclude={path}")));
    // The mirror that this machine uses itself.
    let sources = fs::read_to_string("/etc/apt/sources.list.d/debian.sources").unwrap_or_default();
    run::run(command.arg(RELEASE).arg(&fresh).args(mirror(&sources)))?;
    fs::rename(&fresh, root).map_err(|error| format!("{}: {error}", root.display()))
}

fn mirror(sources: &str) -> Option<&str> {
    sources.lines().find_map(|line| line.strip_prefix("URIs:")?.split_whitespace().next())
}

/// Where this build's results are, as cargo has it.
fn target() -> Result<PathBuf, String> {
    let told = run::output(&mut run::cargo(&["metadata", "--no-deps", "--format-version", "1"]))?;
    let told: serde_json::Value =
        serde_json::from_str(&told).map_err(|error| format!("cargo metadata: {error}"))?;
    told["target_directory"]
        .as_str()
        .map(PathBuf::from)
        .ok_or_else(|| "cargo metadata: no target folder".to_owned())
}

/// Unstripped, as the generator needs it.
fn library() -> Result<(), String> {
    run::run(&mut run::cargo(&["build", "--quiet", "-p", "satchel-ffi", "-p", "satchel-sandbox"]))
}

/// Writes the sources and the header out of the library. The generator runs for a second: its dependencies are not
/// optimised, and it has a folder of its own, so that nothing else is built anew because of that.
fn generate() -> Result<(), String> {
    let (target, package) = (target()?, package());
    let fresh = target.join("swift/generated");
    clear(&fresh)?;
    let mut cargo =
        run::cargo(&["run", "--quiet", "-p", "satchel-bindgen", "--bin", "satchel-bindgen-swift"]);
    cargo
        .args(["--config", "profile.dev.package.\"*\".opt-level=0", "--target-dir"])
        .arg(target.join("bindgen"));
    cargo.args(["--", "--swift-sources", "--headers"]).arg(target.join("debug").join(LIBRARY)).arg(&fresh);
    run::run(&mut cargo)?;
    put(&fresh.join("Satchel.swift"), &package.join("Sources/Satchel/Generated/Satchel.swift"))?;
    if put(&fresh.join("SatchelFFI.h"), &package.join("Sources/SatchelFFI/SatchelFFI.h"))? {
        // Swift's build does not notice another header.
        clear(&scratch()?)?;
    }
    Ok(())
}

const LIBRARY: &str = if cfg!(target_os = "macos") { "libsatchel_ffi.dylib" } else { "libsatchel_ffi.so" };

fn package() -> PathBuf {
    run::root().join("bindings/swift")
}

fn scratch() -> Result<PathBuf, String> {
    Ok(target()?.join("swift/build"))
}

/// Puts a file in its place; `false` when it was there already, untouched, so that nothing is built for nothing.
fn put(from: &Path, to: &Path) -> Result<bool, String> {
    let told = |error: std::io::Error| format!("{}: {error}", to.display());
    let text = fs::read(from).map_err(told)?;
    if fs::read(to).is_ok_and(|there| there == text) {
        return Ok(false);
    }
    fs::create_dir_all(to.parent().unwrap_or(to)).map_err(told)?;
    fs::write(to, text).map_err(told)?;
    Ok(true)
}

fn clear(folder: &Path) -> Result<(), String> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(format!("{}: {error}", folder.display()))
        }
        _ => fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display())),
    }
}

/// `swift build` or `swift test` on the package and the library.
fn swift(verb: &str, more: &[&str]) -> Result<Command, String> {
    let built = target()?.join("debug");
    let mut env = vec![format!("SATCHEL_SANDBOX={}", built.join("satchel-sandbox").display())];
    env.extend(env::var("SATCHEL_SCENARIO").ok().map(|part| format!("SATCHEL_SCENARIO={part}")));
    let (package, scratch) = (package(), scratch()?);
    let words =
        [verb, "--package-path", &package.to_string_lossy(), "--scratch-path", &scratch.to_string_lossy()]
            .map(str::to_owned);
    let library = built.to_string_lossy();
    let link = [format!("-L{library}"), "-rpath".to_owned(), library.into_owned()];
    let link = link.into_iter().flat_map(|word| ["-Xlinker".to_owned(), word]);
    let words: Vec<_> =
        words.into_iter().chain(link).chain(more.iter().map(|word| (*word).to_owned())).collect();
    Swift::provide()?.command(&env, &words.iter().map(String::as_str).collect::<Vec<_>>())
}

/// One after the other: a reader that is cancelled after milliseconds must not wait behind a compiler's worth of others.
fn test() -> Outcome {
    let mut tally = Tally::default();
    let ended = swift("test", &["--no-parallel", "--disable-xctest"])
        .and_then(|mut command| run::lines(&mut command, |line| tally += counted(line).unwrap_or_default()));
    match ended {
        Err(why) => Outcome::Failed(why, tally),
        Ok(()) if tally.failed > 0 || !tally.any() => {
            Outcome::Failed("tests failed, or none ran".into(), tally)
        }
        Ok(()) => Outcome::Tested(tally),
    }
}

/// What one line of Swift Testing adds: `✔ Test everyScenarioHolds() passed after 6.532 seconds.`
fn counted(line: &str) -> Option<Tally> {
    let (_, said) = line.trim().split_once(' ')?;
    let said = said.strip_prefix("Test ").filter(|said| !said.starts_with("run "))?;
    let one = |end: &str| u64::from(said.contains(end));
    Some(Tally { passed: one(" passed after "), failed: one(" failed after "), skipped: one(" skipped") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn swifts_lines() {
        let tally = |passed, failed, skipped| Some(Tally { passed, failed, skipped });
        assert_eq!(counted("✔ Test everyScenarioHolds() passed after 6.532 seconds."), tally(1, 0, 0));
        assert_eq!(counted("✘ Test x(text:) passed after 1 seconds with 1 known issue."), tally(1, 0, 0));
        assert_eq!(counted("✘ Test x() failed after 0.1 seconds with 2 issues."), tally(0, 1, 0));
        assert_eq!(counted("➜ Test x() skipped."), tally(0, 0, 1));
        assert_eq!(counted("◇ Test x() started."), tally(0, 0, 0));
        for line in
            ["", "✔ Test run with 33 tests passed after 30.0 seconds.", "✔ Suite X passed after 1 seconds."]
        {
            assert_eq!(counted(line), None, "{line}");
        }
    }

    #[test]
    fn the_machines_own_mirror_is_used() {
        assert_eq!(
            mirror("Types: deb\nURIs: http://a.example/debian http://b\nSuites: x\n"),
            Some("http://a.example/debian")
        );
        assert_eq!(mirror(""), None);
    }

    #[test]
    fn what_is_there_already_stays_untouched() {
        let folder = env::temp_dir().join(format!("satchel-put-{}", std::process::id()));
        clear(&folder).expect("a folder");
        let (from, to) = (folder.join("from"), folder.join("below/to"));
        fs::write(&from, "one").expect("writes");
        assert_eq!((put(&from, &to), put(&from, &to)), (Ok(true), Ok(false)));
        fs::write(&from, "two").expect("writes");
        assert_eq!(put(&from, &to), Ok(true));
        assert_eq!(fs::read_to_string(&to).ok().as_deref(), Some("two"));
        clear(&folder).expect("is cleared");
        assert!(!from.exists() && fs::remove_dir(&folder).is_ok());
    }
}
