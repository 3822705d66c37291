//! The Swift package for iOS: sources, and a dynamic framework for device and simulator where Xcode is.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::{dist, foreign, library, notices};
use crate::{bindings, mirror, run};

/// A slice of the xcframework and what it is built for.
const SLICES: [(&str, &[&str]); 2] = [
    ("ios-arm64", &["aarch64-apple-ios"]),
    ("ios-arm64_x86_64-simulator", &["aarch64-apple-ios-sim", "x86_64-apple-ios"]),
];
const NAME: &str = "-Clink-arg=-Wl,-install_name,@rpath/SatchelFFI.framework/SatchelFFI";
/// What is in every framework, beside the library.
const FILES: [&str; 4] =
    ["Headers/SatchelFFI.h", "Info.plist", "Modules/module.modulemap", "PrivacyInfo.xcprivacy"];

/// `cargo xtask package ios`.
pub fn package() -> Result<(), String> {
    let folder = dist("ios")?;
    let frameworks = laid(&library::build()?, &folder)?;
    let targets = SLICES.map(|(_, targets)| targets).concat();
    let notices = notices::write(&folder.join("notices"), &targets)?;
    mirror::tree(&notices, &folder.join("Satchel/Notices"))?;
    if !cfg!(target_os = "macos") {
        println!(
            "\nnot done: the libraries and the xcframework around them, for want of Xcode. Run this on a Mac."
        );
        foreign::checked(&targets)?;
        println!("{}: all but the libraries", frameworks.display());
        return Ok(());
    }
    let mut create = run::command("xcodebuild", &["-create-xcframework"]);
    for (slice, targets) in SLICES {
        let framework = frameworks.join(slice).join("SatchelFFI.framework");
        built(targets, &framework.join("SatchelFFI"))?;
        create.arg("-framework").arg(framework);
    }
    let whole = folder.join("Satchel/SatchelFFI.xcframework");
    run::run(create.arg("-output").arg(&whole))?;
    println!("{}", folder.join("Satchel").display());
    Ok(())
}

/// Builds the library of one slice: one file for all its processors; its symbols in a `.dSYM` beside it.
fn built(targets: &[&str], to: &Path) -> Result<(), String> {
    let mut lipo = run::command("xcrun", &["lipo", "-create"]);
    for target in targets {
        run::run(&mut run::command("rustup", &["target", "add", target]))?;
        lipo.arg(library::build_for(Some(target), |cargo: &mut Command| {
            cargo.env("IPHONEOS_DEPLOYMENT_TARGET", "16.0").env("RUSTFLAGS", NAME);
        })?);
    }
    run::run(lipo.arg("-output").arg(to))?;
    let symbols = to.with_file_name("SatchelFFI.dSYM");
    run::run(run::command("xcrun", &["dsymutil"]).arg(to).arg("-o").arg(symbols))?;
    run::run(run::command("xcrun", &["strip", "-x"]).arg(to))
}

/// Lays the package, and the frameworks without their libraries, whose folder is returned.
fn laid(library: &Path, folder: &Path) -> Result<PathBuf, String> {
    bindings::clear(folder)?;
    let generated = folder.join("generated");
    bindings::swift_into(&generated, library)?;
    let (package, parts) = (folder.join("Satchel"), run::root().join("bindings/swift/package"));
    for module in ["Satchel", "SatchelTesting"] {
        mirror::part(&format!("bindings/swift/Sources/{module}"), &package.join("Sources").join(module))?;
    }
    mirror::put(&generated.join("Satchel.swift"), &package.join("Sources/Satchel/Generated/Satchel.swift"))?;
    mirror::put(&parts.join("Package.swift"), &package.join("Package.swift"))?;
    let frameworks = folder.join("frameworks-without-libraries");
    for (slice, _) in SLICES {
        let framework = frameworks.join(slice).join("SatchelFFI.framework");
        mirror::put(&generated.join("SatchelFFI.h"), &framework.join("Headers/SatchelFFI.h"))?;
        mirror::put(&parts.join("module.modulemap"), &framework.join("Modules/module.modulemap"))?;
        for name in ["Info.plist", "PrivacyInfo.xcprivacy"] {
            mirror::put(&parts.join(name), &framework.join(name))?;
        }
    }
    Ok(frameworks)
}

/// The layout, of the library that the tests have.
pub fn test() -> Result<(), String> {
    let folder = dist("ios-tried")?;
    let frameworks = laid(&bindings::build()?.facade(), &folder)?;
    for (slice, _) in SLICES {
        let framework = frameworks.join(slice).join("SatchelFFI.framework");
        for name in FILES {
            fs::metadata(framework.join(name)).map_err(|error| format!("{slice}/{name}: {error}"))?;
        }
    }
    for name in ["Package.swift", "Sources/Satchel/Flows.swift", "Sources/Satchel/Generated/Satchel.swift"] {
        fs::metadata(folder.join("Satchel").join(name)).map_err(|error| format!("{name}: {error}"))?;
    }
    Ok(())
}
