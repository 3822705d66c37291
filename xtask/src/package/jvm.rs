//! The jars: they carry the library of this machine and need no library path.

use std::{
    env::consts,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use super::{VERSION, dist, guide::files, library, notices};
use crate::{bindings, mirror, needs, run, sandbox::Sandbox};

/// What makes the classes.
const CLASSES: [&str; 1] = ["package"];
/// What makes the sources and the documentation beside them.
const BESIDE: [&str; 2] = [
    "org.apache.maven.plugins:maven-source-plugin:3.3.1:jar-no-fork",
    "org.jetbrains.dokka:dokka-maven-plugin:2.2.0:javadocJar",
];
/// What lays it all where others find it.
const LAY: [&str; 1] = ["org.apache.maven.plugins:maven-deploy-plugin:3.1.4:deploy"];
/// What there is of each module.
const MODULES: [&str; 3] = ["satchel-ffi", "satchel", "satchel-testing"];
const KINDS: [&str; 4] = [".jar", ".pom", "-sources.jar", "-javadoc.jar"];

/// `cargo xtask package jvm`.
pub fn package() -> Result<(), String> {
    let folder = dist("jvm")?;
    let library = library::build()?;
    let notices = notices::write(&folder.join("notices"))?;
    let laid = laid(&library, &folder, Some(&notices))?;
    if library::exports(&laid.stripped)?.iter().any(|name| name.contains("panicbutton")) {
        return Err("the library has the panic button of the tests".to_owned());
    }
    let size = fs::metadata(&laid.stripped).map_or(0, |file| file.len());
    println!("\n{}: a Maven repository, the library {size} bytes", laid.repository.display());
    println!("{}: its symbols", laid.symbols.display());
    println!("not done: publishing; libraries of other systems than this one (run it there)");
    Ok(())
}

/// What lies there.
pub struct Laid {
    /// A repository as Maven reads it.
    pub repository: PathBuf,
    /// The library in the jar.
    pub stripped: PathBuf,
    /// `symbols.zip`.
    pub symbols: PathBuf,
}

/// Makes everything below `folder`, of a library with its symbols in it; what is to be given away has notices, and then
/// sources and documentation too.
pub fn laid(library: &Path, folder: &Path, notices: Option<&Path>) -> Result<Laid, String> {
    needs::provide(needs::KOTLIN)?;
    let parts = library::split(library, &folder.join("library"))?;
    let build = folder.join("build");
    bindings::clear(&build)?;
    mirror::part("bindings/kotlin", &build)?;
    bindings::kotlin_into(&build.join("ffi/generated"), library)?;
    let resources = build.join("ffi/native");
    put(&parts.stripped, &resources.join(prefix()).join("libsatchel.so"))?;
    let rules = "META-INF/proguard/satchel.pro";
    put(&run::root().join("bindings/kotlin/consumer-rules.pro"), &resources.join(rules))?;
    for name in notices.into_iter().flat_map(|_| notices::FILES) {
        let from = notices.unwrap_or(folder).join(name);
        put(&from, &resources.join("META-INF/satchel").join(name))?;
    }
    let repository = folder.join("maven");
    bindings::clear(&repository)?;
    let mut maven = maven(&build);
    maven.args(["-q", "-Dmaven.test.skip=true", "-Dktlint.skip=true"]).args(CLASSES);
    maven.args(notices.into_iter().flat_map(|_| BESIDE)).args(LAY);
    maven.arg(format!("-DaltDeploymentRepository=satchel::file://{}", repository.display()));
    run::run(&mut maven)?;
    complete(&repository, if notices.is_some() { &KINDS } else { &KINDS[..2] })?;
    Ok(Laid { repository, stripped: parts.stripped, symbols: parts.symbols })
}

/// The same of the library that the tests have, made once.
pub fn tried() -> Result<&'static Laid, String> {
    static TRIED: OnceLock<Result<Laid, String>> = OnceLock::new();
    let make = || laid(&bindings::build()?.facade(), &dist("jvm-tried")?, None);
    TRIED.get_or_init(make).as_ref().map_err(Clone::clone)
}

/// Maven in a folder whose project finds the jars there and nowhere else: what an earlier run took is forgotten.
pub fn with(laid: &Laid, folder: &Path) -> Result<Command, String> {
    let words = ["help:evaluate", "-Dexpression=settings.localRepository", "-q", "-DforceStdout"];
    let local = run::output(maven(folder).args(words))?;
    for module in MODULES {
        bindings::clear(&Path::new(local.trim()).join("org/satchel").join(module).join(VERSION))?;
    }
    let settings = folder.join("settings.xml");
    let text = format!(
        "<settings><profiles><profile><id>satchel</id><repositories><repository><id>satchel</id>\
         <url>file://{}</url></repository></repositories></profile></profiles>\
         <activeProfiles><activeProfile>satchel</activeProfile></activeProfiles></settings>",
        laid.repository.display()
    );
    fs::write(&settings, text).map_err(|error| format!("{}: {error}", settings.display()))?;
    let mut maven = maven(folder);
    maven.arg("--global-settings").arg(settings);
    Ok(maven)
}

/// Maven in a folder. A compiler daemon would stay behind.
pub fn maven(folder: &Path) -> Command {
    let mut maven = run::command("mvn", &["-B", "-ntp", "-Dkotlin.compiler.daemon=false"]);
    maven.current_dir(folder);
    maven
}

/// Where JNA looks in a jar.
fn prefix() -> String {
    let system = if consts::OS == "macos" { "darwin" } else { consts::OS };
    let processor = if consts::ARCH == "x86_64" { "x86-64" } else { consts::ARCH };
    format!("{system}-{processor}")
}

/// Every file that somebody's build asks for.
fn complete(repository: &Path, kinds: &[&str]) -> Result<(), String> {
    for module in MODULES {
        let folder = repository.join("org/satchel").join(module).join(VERSION);
        for kind in kinds {
            let file = folder.join(format!("{module}-{VERSION}{kind}"));
            if !file.is_file() {
                return Err(format!("{} is missing", file.display()));
            }
        }
    }
    Ok(())
}

pub fn put(from: &Path, to: &Path) -> Result<(), String> {
    let told = |error: std::io::Error| format!("{} to {}: {error}", from.display(), to.display());
    fs::create_dir_all(to.parent().unwrap_or(to)).map_err(told)?;
    fs::copy(from, to).map(drop).map_err(told)
}

/// An empty project, made by the guide's own words: its blocks are the files that their first line names.
pub fn test() -> Result<(), String> {
    let laid = tried()?;
    let folder = dist("first-hour")?;
    bindings::clear(&folder)?;
    let guide = run::root().join("bindings/kotlin/GUIDE.md");
    let text = fs::read_to_string(&guide).map_err(|error| format!("{}: {error}", guide.display()))?;
    for (name, file) in files(&text) {
        let to = folder.join(name);
        fs::create_dir_all(to.parent().unwrap_or(&folder))
            .and_then(|()| fs::write(&to, file))
            .map_err(|error| format!("{}: {error}", to.display()))?;
    }
    let sandbox = Sandbox::start(&bindings::build()?.sandbox)?;
    let mut maven = with(laid, &folder)?;
    maven.args([
        "-q",
        "compile",
        "org.codehaus.mojo:exec-maven-plugin:3.5.0:java",
        "-Dexec.mainClass=FirstKt",
    ]);
    maven.env("BANK", &sandbox.base_url);
    let said = run::output(&mut maven)?;
    print!("{said}");
    match sandbox.prospects()? {
        1 => Ok(()),
        n => Err(format!("the sandbox has {n} prospects")),
    }
}
