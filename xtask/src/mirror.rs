//! A copy of the sources, outside the clone, to be changed and built without touching what somebody works on.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use crate::run;

/// Makes `to` hold the sources as they are now, uncommitted changes too, and nothing else.
///
/// What is there already and equal is left alone, so that a build there goes on where it was. It stands for itself:
/// a change to the copy is undone by the next call.
///
/// # Errors
/// What could not be read or written.
pub fn sync(to: &Path) -> Result<(), String> {
    let wanted = sources()?;
    for path in files(to).into_iter().filter(|path| !wanted.contains(path)) {
        told(&path, fs::remove_file(to.join(&path)))?;
    }
    for path in &wanted {
        told(path, copy(&run::root().join(path), &to.join(path)))?;
    }
    Ok(())
}

/// Puts the sources below `part`, as they are now, into the folder `to`.
///
/// # Errors
/// As `sync`.
pub fn part(part: &str, to: &Path) -> Result<(), String> {
    for path in sources()? {
        if let Ok(below) = path.strip_prefix(part) {
            told(&path, copy(&run::root().join(&path), &to.join(below)))?;
        }
    }
    Ok(())
}

/// What git knows of and what it would take, as far as it is there.
fn sources() -> Result<BTreeSet<PathBuf>, String> {
    let list = run::output(&mut run::command(
        "git",
        &["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    ))?;
    let paths = list.split('\0').filter(|path| !path.is_empty()).map(PathBuf::from);
    Ok(paths.filter(|path| run::root().join(path).is_file()).collect())
}

/// Puts everything below one folder into another.
///
/// # Errors
/// As `sync`; and when there is nothing.
pub fn tree(from: &Path, to: &Path) -> Result<(), String> {
    let files = files(from);
    if files.is_empty() {
        return Err(format!("{}: nothing there", from.display()));
    }
    files.iter().try_for_each(|path| put(&from.join(path), &to.join(path)).map(drop))
}

/// Puts a file in its place, whose folder is made; `false` when it was there already, untouched, so that nothing is built
/// for nothing.
///
/// # Errors
/// As `sync`.
pub fn put(from: &Path, to: &Path) -> Result<bool, String> {
    told(from, copy(from, to))
}

/// Every file below, by its path from there; none when there is no such folder.
fn files(below: &Path) -> Vec<PathBuf> {
    let (mut found, mut open) = (vec![], vec![PathBuf::new()]);
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(below.join(&folder)).into_iter().flatten().flatten() {
            let path = folder.join(entry.file_name());
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_folder { open.push(path) } else { found.push(path) }
        }
    }
    found
}

fn copy(from: &Path, to: &Path) -> std::io::Result<bool> {
    let text = fs::read(from)?;
    if fs::read(to).is_ok_and(|there| there == text) {
        return Ok(false);
    }
    fs::create_dir_all(to.parent().unwrap_or(to))?;
    fs::copy(from, to).map(|_| true)
}

fn told<T>(path: &Path, done: std::io::Result<T>) -> Result<T, String> {
    done.map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_copy_is_the_sources_and_a_change_to_it_does_not_last() {
        let to = std::env::temp_dir().join(format!("satchel-mirror-{}", std::process::id()));
        sync(&to).expect("copies");
        assert_eq!(files(&to).into_iter().collect::<BTreeSet<_>>(), sources().expect("lists"));
        let read = |path: &str| fs::read(to.join(path)).ok();
        let manifest = read("Cargo.toml");
        assert!(manifest.as_ref().is_some_and(|text| !text.is_empty()));
        fs::write(to.join("Cargo.toml"), "changed").expect("writes");
        fs::write(to.join("stray.rs"), "stray").expect("writes");
        let untouched = || fs::metadata(to.join("README.md")).and_then(|m| m.modified()).expect("is there");
        let before = untouched();
        sync(&to).expect("copies again");
        assert_eq!((read("Cargo.toml"), read("stray.rs"), untouched()), (manifest, None, before));
        fs::remove_dir_all(&to).expect("goes");
    }

    #[test]
    fn what_is_there_already_stays_untouched() {
        let folder = std::env::temp_dir().join(format!("satchel-put-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        let (from, to) = (folder.join("from"), folder.join("below/to"));
        fs::write(&from, "one").expect("writes");
        assert_eq!((put(&from, &to), put(&from, &to)), (Ok(true), Ok(false)));
        fs::write(&from, "two").expect("writes");
        assert_eq!(put(&from, &to), Ok(true));
        assert_eq!(fs::read_to_string(&to).ok().as_deref(), Some("two"));
        fs::remove_dir_all(&folder).expect("goes");
    }
}
