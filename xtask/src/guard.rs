//! One C crypto library: AWS-LC, for TLS and for the store alike.
//!
//! Cargo only warns when the stand-in for openssl-sys is no longer used (an old Cargo.lock is enough), and then
//! builds a whole OpenSSL beside AWS-LC. So the tree itself is asked.

use std::collections::BTreeSet;

use crate::run;

/// Must not be in the tree at all.
const FORBIDDEN: [&str; 5] = ["openssl-src", "openssl", "native-tls", "ring", "aws-lc-fips-sys"];
/// The stand-in's version, which no release of openssl-sys has.
const STAND_IN: &str = "openssl-sys v0.9.999";

/// Looks at every dependency of every target.
pub fn one_crypto() -> Result<(), String> {
    let wrong = judge(&tree()?);
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("; ")) }
}

fn tree() -> Result<String, String> {
    let all = "tree --workspace --target all --edges normal,build,dev --prefix none --format {p}";
    run::output(&mut run::cargo(&all.split(' ').collect::<Vec<_>>()))
}

/// What is wrong with a tree of lines `name vVERSION …`.
fn judge(tree: &str) -> Vec<String> {
    let crates: BTreeSet<(&str, &str)> = tree.lines().filter_map(package).collect();
    let versions = |name: &str| crates.iter().filter(|(found, _)| *found == name).count();
    let mut wrong: Vec<_> = FORBIDDEN
        .iter()
        .filter(|name| versions(name) > 0)
        .map(|name| format!("{name} is in the tree"))
        .collect();
    if versions("aws-lc-sys") != 1 {
        wrong.push(format!("aws-lc-sys must be there once, not {} times", versions("aws-lc-sys")));
    }
    let stand_in = |(name, version): &(&str, &str)| format!("{name} {version}") == STAND_IN;
    if versions("openssl-sys") != 1 || !crates.iter().any(stand_in) {
        wrong.push("openssl-sys is not the stand-in of crates/openssl-sys-awslc".to_owned());
    }
    wrong
}

fn package(line: &str) -> Option<(&str, &str)> {
    let mut words = line.split_whitespace();
    Some((words.next()?, words.next()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "satchel v0.1.0 (/some/where)
aws-lc-rs v1.19.0
aws-lc-sys v0.47.0

aws-lc-sys v0.47.0 (*)
openssl-sys v0.9.999 (/some/where)
rustls v0.23.46";

    fn with(line: &str) -> Vec<String> {
        judge(&format!("{GOOD}\n{line}"))
    }

    #[test]
    fn one_aws_lc_and_nothing_else() {
        assert_eq!(judge(GOOD), [""; 0]);
        assert_eq!(with("openssl-probe v0.2.2"), [""; 0], "it only looks for certificates");
        for name in FORBIDDEN {
            assert_eq!(with(&format!("{name} v1.0.0 (*)")), [format!("{name} is in the tree")]);
        }
        assert_eq!(with("aws-lc-sys v0.48.0"), ["aws-lc-sys must be there once, not 2 times"]);
    }

    #[test]
    fn the_real_openssl_sys_is_noticed() {
        let real = GOOD.replace("v0.9.999 (/some/where)", "v0.9.118");
        assert_eq!(judge(&real), ["openssl-sys is not the stand-in of crates/openssl-sys-awslc"]);
        assert_eq!(with("openssl-sys v0.9.118").len(), 1);
        assert_eq!(judge("").len(), 2, "an empty answer proves nothing");
    }

    #[test]
    fn this_workspace_keeps_the_rule() {
        assert_eq!(one_crypto(), Ok(()));
    }
}
