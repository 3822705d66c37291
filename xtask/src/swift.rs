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
    bindings, mirror, needs, run,
    steps::{self, Outcome, Step},
    tally::Tally,
    test,
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

/// Arguments: the module, where Swift builds, the package.
const DOCUMENTED: &str = r#"
here=$(swiftc -print-target-info | sed -n 's/.*"unversionedTriple": "\(.*\)".*/\1/p' | head -n 1)
mkdir -p "$2/graphs-$1"
swift-symbolgraph-extract -module-name "$1" -I "$2/debug/Modules" -I "$3/Sources/SatchelFFI" -target "$here" \
  -minimum-access-level public -skip-synthesized-members -output-dir "$2/graphs-$1"
docc convert --fallback-display-name "$1" --fallback-bundle-identifier "org.satchel.$1" --transform-for-static-hosting \
  --additional-symbol-graph-dir "$2/graphs-$1" --output-path "$2/$1.doccarchive""#;
const PACKAGE: &str = "bindings/swift";

#[derive(clap::Args)]
pub struct Args {
    /// Run the package's tests too
    #[arg(value_parser = ["test"])]
    verb: Option<String>,
}

pub fn run(args: &Args) -> ExitCode {
    let package = match args.verb {
        Some(_) => Step { name: "Swift tests", act: test },
        None => Step { name: "Swift package", act: build },
    };
    steps::run(&[Step { name: "Swift 6", act: || Swift::provide().map(drop).into() }, package])
}

fn build() -> Outcome {
    swift("build", &[]).and_then(|mut command| run::run(&mut command)).into()
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
            if !needs::may_install() {
                return Err(told());
            }
            debian(&root).map_err(|why| format!("{why}; {}", told()))?;
        }
        Ok(Self::In(root))
    }

    /// A program beside `swift`, which the caller names; what it says all on its standard output.
    fn command(&self, built: &Path, env: &[String]) -> Result<Command, String> {
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
                    .arg(built);
                // Whom the machine trusts: without any authority no book is opened.
                command.args(Some("/etc/ssl/certs").filter(|certs| Path::new(certs).is_dir()));
                command.args(["--", "HOME=/root", "LANG=C.UTF-8", "TERM=dumb"]);
                command.arg("PATH=/usr/libexec/swift/bin:/usr/sbin:/usr/bin:/sbin:/bin");
                command
            }
        };
        command.args(env);
        Ok(command)
    }
}

/// What everybody is told but root on Debian.
fn told() -> String {
    "missing swift, version 6: the compiler of the Swift package. Root on Debian gets it by this command; elsewhere \
     install the Swift toolchain (6.0 or later; on macOS it comes with Xcode 16) so that `swift --version` finds it"
        .to_owned()
}

/// Puts Debian's Swift there, about 1.2 GB. A broken-off run leaves nothing that would be taken for it.
fn debian(root: &Path) -> Result<(), String> {
    println!("putting Debian's Swift in place (once on this machine; some minutes)");
    needs::provide(needs::SWIFT)?;
    let fresh = root.with_extension("new");
    bindings::clear(&fresh)?;
    let mut command = run::command("mmdebstrap", &["--quiet", "--variant=extract"]);
    command.arg(format!("--include={PACKAGES}")).arg("--aptopt=Acquire::Check-Valid-Until \"false\"");
    command.arg("--aptopt=Acquire::Retries \"3\""); // a mirror may be out of breath
    command.args(LEFT_OUT.map(|path| format!("--dpkgopt=path-exclude={path}")));
    // The mirror that this machine uses itself.
    let sources = fs::read_to_string("/etc/apt/sources.list.d/debian.sources").unwrap_or_default();
    run::run(command.arg(RELEASE).arg(&fresh).args(mirror(&sources)))?;
    fs::rename(&fresh, root).map_err(|error| format!("{}: {error}", root.display()))
}

fn mirror(sources: &str) -> Option<&str> {
    sources.lines().find_map(|line| line.strip_prefix("URIs:")?.split_whitespace().next())
}

/// `swift build` or `swift test` on the package and the library.
fn swift(verb: &str, more: &[&str]) -> Result<Command, String> {
    let built = bindings::build()?;
    let (package, scratch) = (run::root().join(PACKAGE), scratch()?);
    if bindings::swift(&built)? {
        bindings::clear(&scratch)?; // Swift's build does not notice another header
    }
    let mut env = vec![format!("SATCHEL_SANDBOX={}", built.sandbox.display())];
    let told = |name| env::var(name).ok().map(|value| format!("{name}={value}"));
    env.extend(["SATCHEL_SCENARIO", "SATCHEL_API_UPDATE"].into_iter().filter_map(told));
    let folder = built.folder.to_string_lossy().into_owned();
    let link = [format!("-L{folder}"), "-rpath".to_owned(), folder];
    let mut command = Swift::provide()?.command(&built.folder, &env)?;
    command.args(["swift", verb, "--package-path"]).arg(package).arg("--scratch-path").arg(scratch);
    command.args(link.into_iter().flat_map(|word| ["-Xlinker".to_owned(), word])).args(more);
    Ok(command)
}

/// Where Swift builds.
pub fn scratch() -> Result<PathBuf, String> {
    Ok(run::target()?.join("debug/swift-build"))
}

/// The documentation of a module, as `MODULE.doccarchive` where Swift builds: DocC makes it of what the compiler tells.
pub fn documented(module: &str) -> Result<Command, String> {
    run::run(&mut swift("build", &[])?)?;
    let built = run::target()?.join("debug");
    let mut command = Swift::provide()?.command(&built, &[])?;
    command.args(["sh", "-euc", DOCUMENTED, "sh", module]).arg(scratch()?).arg(run::root().join(PACKAGE));
    Ok(command)
}

/// The program that the benches tell what to do, over a library that is shipped: optimised, in a copy of the package.
pub fn bench(library: &Path) -> Result<Command, String> {
    let folder = scratch()?.with_file_name("swift-bench");
    mirror::part(PACKAGE, &folder)?;
    bindings::swift_into(&folder.join("fresh"), library)?;
    let libraries = folder.join("libraries");
    for (from, to) in [
        (folder.join("fresh/Satchel.swift"), folder.join("Sources/Satchel/Generated/Satchel.swift")),
        (folder.join("fresh/SatchelFFI.h"), folder.join("Sources/SatchelFFI/SatchelFFI.h")),
        (library.to_owned(), libraries.join(library.file_name().unwrap_or_default())),
    ] {
        mirror::put(&from, &to)?;
    }
    let (target, here) = (run::target()?, libraries.display());
    let link = format!("-Xlinker -L{here} -Xlinker -rpath -Xlinker {here}");
    let mut build = Swift::provide()?.command(&target, &[])?;
    build.args(["swift", "build", "--configuration", "release", "--package-path"]).arg(folder.join("Bench"));
    run::run(build.arg("--scratch-path").arg(folder.join("build")).args(link.split(' ')))?;
    let mut program = Swift::provide()?.command(&target, &[])?;
    program.arg(folder.join("build/release/Bench"));
    Ok(program)
}

/// One after the other: a reader that is cancelled after milliseconds must not wait behind a compiler's worth of others.
pub fn tests(more: &[&str]) -> Result<Command, String> {
    swift("test", &[&["--no-parallel", "--disable-xctest"], more].concat())
}

pub fn test() -> Outcome {
    let mut tally = Tally::default();
    let ended = tests(&[])
        .and_then(|mut command| run::lines(&mut command, |line| tally += counted(line).unwrap_or_default()));
    test::judge(ended, tally)
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
}
