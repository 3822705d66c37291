//! Library, Kotlin classes and JNA, shrunk by R8 to class files and run on the JVM: with the rules that the jar brings all of
//! it works; without them it must not, or the rules would be for nothing.

use std::{
    env, fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    process::Command,
};

use super::jvm;
use crate::{bindings, run};

const APP: &str = "-keep class shrunk.ShrunkKt { public static void main(java.lang.String[]); }";
/// What no JVM has, in code that is not run here.
const BESIDE_THE_POINT: &str = "-dontwarn java.awt.**\n-dontwarn android.**\n-dontwarn org.codehaus.**";

pub fn test() -> Result<(), String> {
    let laid = jvm::tried()?;
    let folder = super::dist("shrunk")?;
    bindings::clear(&folder)?;
    jvm::apps(laid, &folder.join("app"))?;

    let (jars, r8) = jars(&folder.join("app/target"))?;
    let with = ran(&folder.join("with-rules"), &jars, &r8)?;
    if !with.status.success() {
        return Err(format!("with our rules: {}", String::from_utf8_lossy(&with.stderr)));
    }
    print!("with our rules: {}", String::from_utf8_lossy(&with.stdout));
    let here = folder.join("without-rules");
    let bare =
        jars.iter().map(|jar| without_rules(jar, &here.join("jars"))).collect::<Result<Vec<_>, _>>()?;
    let without = ran(&here, &bare, &r8)?;
    if without.status.success() {
        return Err("without our rules it works too: they are for nothing".to_owned());
    }
    let why = String::from_utf8_lossy(&without.stderr);
    println!("without: {}", why.lines().next().unwrap_or_default());
    Ok(())
}

/// A copy of a jar that brings no rules; the jar itself, if it brings none.
fn without_rules(jar: &Path, folder: &Path) -> Result<PathBuf, String> {
    let name = jar.file_name().unwrap_or_default();
    let (inside, copy) = (folder.join("inside").join(name), folder.join(name));
    bindings::clear(&inside)?;
    run::run(run::command("jar", &["--extract", "--file"]).arg(jar).current_dir(&inside))?;
    match fs::remove_dir_all(inside.join("META-INF/proguard")) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(jar.to_owned()),
        Err(error) => return Err(format!("{}: {error}", inside.display())),
    }
    run::run(
        run::command("jar", &["--create", "--no-manifest", "--file"])
            .arg(&copy)
            .arg("-C")
            .arg(&inside)
            .arg("."),
    )?;
    Ok(copy)
}

/// Shrinks the app under the rules that its jars bring, and runs it.
fn ran(here: &Path, jars: &[PathBuf], r8: &Path) -> Result<std::process::Output, String> {
    fs::create_dir_all(here).map_err(|error| format!("{}: {error}", here.display()))?;
    let file = here.join("rules.pro");
    fs::write(&file, format!("{APP}\n{BESIDE_THE_POINT}\n")).map_err(|error| error.to_string())?;
    let shrunk = here.join("app.jar");
    let mut command = java();
    command.arg("-cp").arg(r8).args(["com.android.tools.r8.R8", "--release", "--classfile", "--lib"]);
    command.arg(env::var_os("JAVA_HOME").map_or_else(java_home, |home| Ok(home.into()))?);
    command.arg("--pg-conf").arg(file).arg("--output").arg(&shrunk).args(jars);
    run::output(&mut command)?;
    let mut command = java();
    command.arg("-cp").arg(shrunk).arg("shrunk.ShrunkKt").arg(here.join("books"));
    command.output().map_err(|error| format!("java: {error}"))
}

/// What is shrunk, and the shrinker.
fn jars(target: &Path) -> Result<(Vec<PathBuf>, PathBuf), String> {
    let told = |error: std::io::Error| format!("{}: {error}", target.display());
    let all = fs::read_dir(target.join("dependency")).map_err(told)?;
    let all =
        all.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>().map_err(told)?;
    let (mut r8, mut app): (Vec<_>, Vec<_>) = all
        .into_iter()
        .partition(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("r8-")));
    app.push(target.join("apps-1.jar"));
    r8.pop().map(|r8| (app, r8)).ok_or_else(|| "R8 is missing".to_owned())
}

fn java() -> Command {
    run::command("java", &["-Xmx1g"])
}

/// The JDK of the `javac` on the path.
fn java_home() -> Result<PathBuf, String> {
    let javac = run::output(&mut run::command("sh", &["-c", "readlink -f \"$(command -v javac)\""]))?;
    Path::new(javac.trim()).ancestors().nth(2).map(Path::to_owned).ok_or_else(|| "no JDK".to_owned())
}
