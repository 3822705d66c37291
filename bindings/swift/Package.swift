// swift-tools-version: 6.0
import PackageDescription

// The generated sources and the library are put in place by `cargo xtask swift`, which also says where the library is.
let package = Package(
    name: "Satchel",
    platforms: [.iOS(.v16), .macOS(.v13)],
    products: [
        .library(name: "Satchel", targets: ["Satchel"]),
        .library(name: "SatchelTesting", targets: ["SatchelTesting"]),
    ],
    targets: [
        .systemLibrary(name: "SatchelFFI"),
        .target(name: "Satchel", dependencies: ["SatchelFFI"]),
        .target(name: "SatchelTesting", dependencies: ["Satchel"]),
        .testTarget(name: "SatchelTests", dependencies: ["Satchel", "SatchelTesting"]),
    ],
    swiftLanguageModes: [.v6]
)
