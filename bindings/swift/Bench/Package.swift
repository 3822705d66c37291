// swift-tools-version: 6.0
import PackageDescription

// Told what to do by the benches: `cargo xtask bench swift`.
let package = Package(
    name: "Bench",
    platforms: [.macOS(.v13)],
    dependencies: [.package(name: "Satchel", path: "..")],
    targets: [.executableTarget(name: "Bench", dependencies: [.product(name: "Satchel", package: "Satchel")])],
    swiftLanguageModes: [.v6]
)
