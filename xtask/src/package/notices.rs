//! What the licences ask for: every notice, and the list of what is inside (CycloneDX).

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::{bindings, mirror, run, tool};

const NOTICES: &str = "THIRD-PARTY.txt";
const PARTS: &str = "satchel.cdx.json";
/// What is written.
pub const FILES: [&str; 2] = [NOTICES, PARTS];

/// Writes both into a folder, of what the library is made of for these targets; for this machine if there are none.
pub fn write(folder: &Path, targets: &[&str]) -> Result<PathBuf, String> {
    bindings::clear(folder)?;
    let targets: Vec<_> = targets.iter().flat_map(|target| ["--target", target]).collect();
    let about = tool::install("cargo-about", "0.9.3", &["cli"])?;
    let config = run::root().join("bindings/notices");
    let mut command = run::command(about, &["generate", "--fail", "--locked", "--manifest-path"]);
    command.arg("bindings/Cargo.toml").arg("--config").arg(config.join("about.toml")).args(&targets);
    run::run(command.arg("--output-file").arg(folder.join(NOTICES)).arg(config.join("notices.hbs")))?;
    let parts = parts(&folder.with_file_name("notices-of"), &targets)?;
    fs::write(folder.join(PARTS), parts).map_err(|error| format!("{PARTS}: {error}"))?;
    Ok(folder.to_owned())
}

/// The list of what is inside. Its maker writes one beside every crate of the workspace, so it has a copy of its own.
fn parts(copy: &Path, targets: &[&str]) -> Result<String, String> {
    mirror::sync(copy)?;
    let maker = tool::install("cargo-cyclonedx", "0.5.9", &[])?;
    let (name, _) = PARTS.rsplit_once('.').unwrap_or_default();
    let words = ["cyclonedx", "--quiet", "--format", "json", "--spec-version", "1.5", "--target", "all"];
    let mut command = run::command(maker, &words);
    command.args(["--no-build-deps", "--override-filename", name, "--manifest-path"]);
    run::run(command.arg(copy.join("bindings/Cargo.toml")).current_dir(copy))?;
    let words = ["tree", "--locked", "--package", "satchel-ffi", "--edges", "normal", "--prefix", "none"];
    let tree = run::output(run::cargo(&words).args(["--format", "{p}"]).args(targets))?;
    let written = copy.join("bindings").join(PARTS);
    let text = fs::read_to_string(&written).map_err(|error| format!("{}: {error}", written.display()))?;
    let list = serde_json::from_str(&text).map_err(|error| format!("{PARTS}: {error}"))?;
    Ok(format!("{:#}\n", inside(list, &tree)).replace(&format!("{}/", copy.display()), ""))
}

/// The list without what the tree has not: cargo's metadata, of which it is made, names every part that the lock file has
/// under a feature, on or off.
fn inside(mut list: Value, tree: &str) -> Value {
    let there: BTreeSet<String> = tree.lines().filter_map(named).collect();
    let reference = |part: &Value, key: &str| part[key].as_str().unwrap_or_default().to_owned();
    let is_there =
        |part: &Value| there.contains(&format!("{}@{}", reference(part, "name"), reference(part, "version")));
    let mut kept = BTreeSet::from([reference(&list["metadata"]["component"], "bom-ref")]);
    if let Some(parts) = list["components"].as_array_mut() {
        parts.retain(is_there);
        kept.extend(parts.iter().map(|part| reference(part, "bom-ref")));
    }
    if let Some(links) = list["dependencies"].as_array_mut() {
        links.retain(|link| kept.contains(&reference(link, "ref")));
        for link in links {
            if let Some(on) = link["dependsOn"].as_array_mut() {
                on.retain(|on| on.as_str().is_some_and(|on| kept.contains(on)));
            }
        }
    }
    list
}

/// `name@version` of a line `name vVERSION …`.
fn named(line: &str) -> Option<String> {
    let (name, rest) = line.split_once(" v")?;
    Some(format!("{name}@{}", rest.split(' ').next()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_is_in_the_tree_is_inside() {
        let list = json!({
            "metadata": { "component": { "bom-ref": "us" } },
            "components": [
                { "bom-ref": "a", "name": "aws-lc-rs", "version": "1.0.0" },
                { "bom-ref": "r", "name": "ring", "version": "0.17.0" },
            ],
            "dependencies": [
                { "ref": "us", "dependsOn": ["a"] },
                { "ref": "a", "dependsOn": ["r"] },
                { "ref": "r" },
            ],
        });
        let inside = inside(list, "satchel-ffi v0.1.0 (bindings)\naws-lc-rs v1.0.0 (*)\n");
        assert_eq!(inside["components"].as_array().unwrap().len(), 1);
        assert_eq!(
            inside["dependencies"],
            json!([{ "ref": "us", "dependsOn": ["a"] }, { "ref": "a", "dependsOn": [] }])
        );
    }
}
