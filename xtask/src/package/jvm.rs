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

/// What makes the sources and the documentation beside the classes.
const BESIDE: [&str; 2] = [
    "org.apache.maven.plugins:maven-source-plugin:3.3.1:jar-no-fork",
    "org.jetbrains.dokka:dokka-maven-plugin:2.2.0:javadocJar",
];
/// What lays it all where others find it.
const LAY: &str = "org.apache.maven.plugins:maven-deploy-plugin:3.1.4:deploy";
/// What there is of each module.
const MODULES: [&str; 3] = ["satchel-ffi", "satchel", "satchel-testing"];
const KINDS: [&str; 4] = [".jar", ".pom", "-sources.jar", "-javadoc.jar"];

/// `cargo xtask package jvm`.
pub fn package() -> Result<(), String> {
    let folder = dist("jvm")?;
    let library = library::build()?;
    let notices = notices::write(&folder.join("notices"), &[])?;
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
    mirror::put(&parts.stripped, &resources.join(prefix()).join("libsatchel.so"))?;
    let rules = "META-INF/proguard/satchel.pro";
    mirror::put(&run::root().join("bindings/kotlin/consumer-rules.pro"), &resources.join(rules))?;
    let repository = folder.join("maven");
    bindings::clear(&repository)?;
    let mut maven = maven(&build);
    maven.args(["-q", "-Dmaven.test.skip=true", "-Dktlint.skip=true", "package"]);
    if let Some(notices) = notices {
        mirror::tree(notices, &resources.join("META-INF/satchel"))?;
        maven.args(BESIDE);
    }
    maven.arg(LAY).arg(format!("-DaltDeploymentRepository=satchel::file://{}", repository.display()));
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
    // On standard output it would stand among colours.
    let told = folder.join("local-repository");
    let ask = ["-q", "help:evaluate", "-Dexpression=settings.localRepository"];
    run::run(maven(folder).args(ask).arg(format!("-Doutput={}", told.display())))?;
    let local = fs::read_to_string(&told).map_err(|error| format!("{}: {error}", told.display()))?;
    let local = Path::new(local.trim());
    if !local.is_dir() {
        return Err(format!("{}: no local repository of Maven's", local.display()));
    }
    for module in MODULES {
        bindings::clear(&local.join("org/satchel").join(module).join(VERSION))?;
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

/// Builds the small programs over the jars in a folder: `target/apps-1.jar`, and what they need in `target/dependency`.
pub fn apps(laid: &Laid, folder: &Path) -> Result<(), String> {
    mirror::part("bindings/kotlin/apps", folder)?;
    let copy = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";
    run::run(with(laid, folder)?.args(["-q", "package", copy]))
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
    let start = "org.codehaus.mojo:exec-maven-plugin:3.5.0:java";
    maven.args(["-q", "compile", start, "-Dexec.mainClass=FirstKt"]).env("BANK", &sandbox.base_url);
    print!("{}", run::output(&mut maven)?);
    match sandbox.prospects()? {
        1 => Ok(()),
        n => Err(format!("the sandbox has {n} prospects")),
    }
}
