//! The AAR: classes, rules and manifest; and the library for four processors where Android's NDK is.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::{VERSION, dist, foreign, jvm, library, notices};
use crate::{bindings, mirror, run};

/// Android's name of a processor, Rust's, and that of the NDK's compiler.
const ABIS: [[&str; 3]; 4] = [
    ["arm64-v8a", "aarch64-linux-android", "aarch64-linux-android26-clang"],
    ["armeabi-v7a", "armv7-linux-androideabi", "armv7a-linux-androideabi26-clang"],
    ["x86", "i686-linux-android", "i686-linux-android26-clang"],
    ["x86_64", "x86_64-linux-android", "x86_64-linux-android26-clang"],
];
/// Every 64-bit system since Android 15 may have pages of this size.
const ALIGNED: &str = "-Clink-arg=-Wl,-z,max-page-size=16384 -Clink-arg=-Wl,-soname,libsatchel.so";
/// What is in every AAR, beside the libraries.
const FILES: [&str; 5] = [
    "AndroidManifest.xml",
    "META-INF/com/android/build/gradle/aar-metadata.properties",
    "R.txt",
    "classes.jar",
    "proguard.txt",
];

/// `cargo xtask package android`.
pub fn package() -> Result<(), String> {
    let folder = dist("android")?;
    let targets = ABIS.map(|[_, target, _]| target);
    let notices = notices::write(&folder.join("notices"), &targets)?;
    let jars = folder.join("jvm");
    jvm::laid(&library::build()?, &jars, Some(&notices))?;
    let libraries = folder.join("libraries");
    bindings::clear(&libraries)?;
    let ndk = ["ANDROID_NDK_HOME", "ANDROID_NDK_ROOT"].into_iter().find_map(env::var_os).map(PathBuf::from);
    match &ndk {
        Some(ndk) => ABIS.iter().try_for_each(|abi| built(ndk, abi, &libraries))?,
        None => {
            println!(
                "\nnot done: the libraries, for want of an NDK. Install one, set ANDROID_NDK_HOME, run this again."
            );
            foreign::checked(&targets)?;
        }
    }
    let aar = assembled(&jars, ndk.is_some().then_some(libraries.as_path()), Some(&notices), &folder)?;
    println!("{}", aar.display());
    Ok(())
}

/// Builds the library for one processor, parts it and looks at it.
fn built(ndk: &Path, [abi, target, compiler]: &[&str; 3], into: &Path) -> Result<(), String> {
    let host = if cfg!(target_os = "macos") { "darwin-x86_64" } else { "linux-x86_64" };
    let tools = ndk.join("toolchains/llvm/prebuilt").join(host).join("bin");
    let variable = |name: &str| format!("{name}_{}", target.replace('-', "_"));
    run::run(&mut run::command("rustup", &["target", "add", target]))?;
    let library = library::build_for(Some(target), |cargo: &mut Command| {
        cargo.env(variable("CC"), tools.join(compiler)).env(variable("AR"), tools.join("llvm-ar"));
        cargo.env(
            format!("CARGO_TARGET_{}_LINKER", variable("").to_uppercase()[1..].to_owned()),
            tools.join(compiler),
        );
        cargo.env("RUSTFLAGS", ALIGNED);
    })?;
    let parts = library::split_by(&tools.join("llvm-objcopy"), &library, &into.join("parts").join(abi))?;
    library::exports(&parts.stripped)?;
    if target.contains("64") && !aligned(&parts.stripped)? {
        return Err(format!("{abi}: not aligned to 16 KiB"));
    }
    mirror::put(&parts.stripped, &into.join("jni").join(abi).join("libsatchel.so"))?;
    mirror::put(&parts.symbols, &into.join(format!("symbols-{abi}.zip"))).map(drop)
}

/// Whether every part that is loaded begins at a page of 16 KiB.
fn aligned(library: &Path) -> Result<bool, String> {
    let headers = run::output(run::command("readelf", &["--program-headers", "--wide"]).arg(library))?;
    let mut loads = headers.lines().filter(|line| line.trim_start().starts_with("LOAD"));
    Ok(loads.all(|line| line.trim_end().ends_with("0x4000")))
}

/// Puts the AAR together, of the jars and, where they could be built, the libraries. Without them its name says so.
fn assembled(
    jars: &Path,
    libraries: Option<&Path>,
    notices: Option<&Path>,
    folder: &Path,
) -> Result<PathBuf, String> {
    let root = folder.join("aar");
    bindings::clear(&root)?;
    let from = run::root().join("bindings/android");
    for name in ["AndroidManifest.xml", "aar-metadata.properties"] {
        let to = FILES.iter().find(|file| file.ends_with(name)).unwrap_or(&name);
        mirror::put(&from.join(name), &root.join(to))?;
    }
    mirror::put(&run::root().join("bindings/kotlin/consumer-rules.pro"), &root.join("proguard.txt"))?;
    fs::write(root.join("R.txt"), "").map_err(|error| format!("R.txt: {error}"))?;
    let mut jar =
        run::command("jar", &["--create", "--no-manifest", "--date=2026-01-01T00:00:00Z", "--file"]);
    jar.arg(root.join("classes.jar"));
    for module in ["ffi", "satchel"] {
        jar.arg("-C").arg(jars.join("build").join(module).join("target/classes")).arg("org");
    }
    run::run(&mut jar)?;
    let mut files: Vec<PathBuf> = FILES.map(|file| root.join(file)).to_vec();
    if let Some(libraries) = libraries {
        for [abi, ..] in ABIS {
            let name = Path::new("jni").join(abi).join("libsatchel.so");
            mirror::put(&libraries.join(&name), &root.join(&name))?;
            files.push(root.join(name));
        }
    }
    if let Some(notices) = notices {
        let to = root.join("META-INF/satchel");
        mirror::tree(notices, &to)?;
        files.extend(notices::FILES.map(|name| to.join(name)));
    }
    let kind = if libraries.is_some() { "" } else { "-without-libraries" };
    let aar = folder.join(format!("satchel-android-{VERSION}{kind}.aar"));
    library::zip(&aar, &root, &files.iter().map(PathBuf::as_path).collect::<Vec<_>>())?;
    mirror::put(&from.join("pom.xml"), &folder.join(format!("satchel-android-{VERSION}.pom")))?;
    Ok(aar)
}

/// The layout, of the jars that the tests have.
pub fn test() -> Result<(), String> {
    jvm::tried()?;
    let folder = dist("android-tried")?;
    bindings::clear(&folder)?;
    let aar = assembled(&dist("jvm-tried")?, None, None, &folder)?;
    if !aar.to_string_lossy().ends_with("-without-libraries.aar") {
        return Err("an AAR without libraries does not say so".to_owned());
    }
    library::holds(&aar, &FILES, &[])?;
    let classes = ["org/satchel/Satchel.class", "org/satchel/OpenBook.class"];
    library::holds(&folder.join("aar/classes.jar"), &classes, &[".so", "PublicApiTest"])
}
