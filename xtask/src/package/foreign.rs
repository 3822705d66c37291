//! Targets whose compiler is not here: how far does the compiler of Rust get?

use crate::run;

/// Checks the facade for each target and says which crate stopped it.
pub fn checked(targets: &[&str]) -> Result<(), String> {
    for target in targets {
        if run::run(&mut run::command("rustup", &["target", "add", target])).is_err() {
            println!("not checked: its standard library is not to be had here: {target}");
            continue;
        }
        let words = ["check", "--quiet", "--package", "satchel-ffi", "--lib", "--target", target];
        let output = run::cargo(&words).output().map_err(|error| format!("cargo: {error}"))?;
        let said = String::from_utf8_lossy(&output.stderr);
        match (output.status.success(), stopped_by(&said)) {
            (true, _) => println!("checked: {target}"),
            (false, Some(at)) => {
                println!("checked up to {at}, which needs the platform's C compiler: {target}")
            }
            (false, None) => return Err(format!("{target}: {said}")),
        }
    }
    Ok(())
}

/// The crate whose build script could not do without.
fn stopped_by(said: &str) -> Option<&str> {
    let (_, rest) = said.split_once("failed to run custom build command for `")?;
    rest.split_once('`').map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_crate_is_named() {
        let said = "error: failed to run custom build command for `aws-lc-sys v0.47.0`\n\nCaused by:";
        assert_eq!(stopped_by(said), Some("aws-lc-sys v0.47.0"));
        assert_eq!(stopped_by("error[E0432]: unresolved import"), None);
    }
}
