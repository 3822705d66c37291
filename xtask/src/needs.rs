//! Programs that the project needs and cargo does not bring.
//!
//! A build needs only a C compiler with its headers, and so does every Rust program on Linux: who can start this one
//! has them. Neither AWS-LC nor SQLCipher asks for CMake, Perl or Go here.

use std::{env, path::Path};

use crate::run;

/// A program (or a file, by its whole path), its Debian package, and what for.
pub struct Need {
    program: &'static str,
    package: &'static str,
    what_for: &'static str,
}

/// What the tests start.
pub const TESTS: &[Need] = &[
    Need {
        program: "openssl",
        package: "openssl",
        what_for: "an independent program that the envelope's ciphertexts are compared with",
    },
    Need {
        program: "python3",
        package: "python3-venv",
        what_for: "an independent SQLCipher that the book is opened with",
    },
];

/// What the Kotlin side is built and tested with.
pub const KOTLIN: &[Need] = &[
    Need { program: "javac", package: "openjdk-17-jdk-headless", what_for: "Kotlin is tested on the JVM" },
    Need { program: "mvn", package: "maven", what_for: "it builds the Kotlin modules" },
];

/// What the static archive is linked beside.
pub const ARCHIVE: &[Need] = &[Need {
    program: "/usr/include/sqlite3.h",
    package: "libsqlite3-dev",
    what_for: "another SQLite, which must not take the place of ours",
}];

/// What takes a library apart.
pub const BINUTILS: &[Need] =
    &[Need { program: "objcopy", package: "binutils", what_for: "the library and its symbols are parted" }];

/// What builds and runs programs of 32 bits.
pub const NARROW: &[Need] = &[Need {
    program: "/usr/include/x86_64-linux-gnu/gnu/stubs-32.h",
    package: "gcc-multilib",
    what_for: "old tablets have 32 bits",
}];

/// What puts Debian's Swift in place.
pub const SWIFT: &[Need] =
    &[Need { program: "mmdebstrap", package: "mmdebstrap", what_for: "it puts Debian's Swift in place" }];

/// What libFuzzer is built with.
pub const FUZZ: &[Need] = &[Need { program: "c++", package: "g++", what_for: "libFuzzer is C++" }];

/// What is to be done about missing programs.
#[derive(Debug, PartialEq, Eq)]
enum Plan {
    Nothing,
    Install(Vec<&'static str>),
    Tell(String),
}

/// Sees to it that the programs are there: installs what is missing when run as root on Debian, else says exactly
/// what to install.
pub fn provide(needs: &[Need]) -> Result<(), String> {
    match plan(needs, on_path, may_install()) {
        Plan::Nothing => Ok(()),
        Plan::Tell(what) => Err(what),
        Plan::Install(packages) => {
            println!("installing {}", packages.join(" "));
            run::run(&mut run::command("apt-get", &["update", "-qq"]))?;
            let mut apt = run::command("apt-get", &["install", "-y", "-qq", "--no-install-recommends"]);
            run::run(apt.args(packages).env("DEBIAN_FRONTEND", "noninteractive"))
        }
    }
}

fn plan(needs: &[Need], there: impl Fn(&str) -> bool, may_install: bool) -> Plan {
    let missing: Vec<&Need> = needs.iter().filter(|need| !there(need.program)).collect();
    let packages: Vec<_> = missing.iter().map(|need| need.package).collect();
    if missing.is_empty() {
        Plan::Nothing
    } else if may_install {
        Plan::Install(packages)
    } else {
        let reasons: Vec<_> =
            missing.iter().map(|need| format!("{} ({})", need.program, need.what_for)).collect();
        Plan::Tell(format!(
            "missing {}; on Debian: sudo apt-get install {}",
            reasons.join(", "),
            packages.join(" ")
        ))
    }
}

fn on_path(program: &str) -> bool {
    env::var_os("PATH")
        .is_some_and(|path| env::split_paths(&path).any(|folder| folder.join(program).is_file()))
}

/// Root on Debian may install.
pub fn may_install() -> bool {
    let root = || run::output(&mut run::command("id", &["-u"])).is_ok_and(|id| id.trim() == "0");
    Path::new("/etc/debian_version").is_file() && on_path("apt-get") && root()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEEDS: &[Need] = &[
        Need { program: "a", package: "a-package", what_for: "one thing" },
        Need { program: "b", package: "b-package", what_for: "another" },
    ];

    #[test]
    fn only_what_is_missing_is_asked_for() {
        assert_eq!(plan(NEEDS, |_| true, true), Plan::Nothing);
        assert_eq!(plan(NEEDS, |program| program == "a", true), Plan::Install(vec!["b-package"]));
        let told = "missing a (one thing), b (another); on Debian: sudo apt-get install a-package b-package";
        assert_eq!(plan(NEEDS, |_| false, false), Plan::Tell(told.into()));
    }

    #[test]
    fn programs_are_looked_for_on_the_path() {
        assert!(on_path("sh") && !on_path("no-such-program-anywhere"));
    }
}
