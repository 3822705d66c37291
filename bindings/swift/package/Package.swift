// swift-tools-version: 6.0
import PackageDescription

let package = Package(
    name: "Satchel",
    platforms: [.iOS(.v16)],
    products: [
        .library(name: "Satchel", targets: ["Satchel"]),
        .library(name: "SatchelTesting", targets: ["SatchelTesting"]),
    ],
    targets: [
        .binaryTarget(name: "SatchelFFI", path: "SatchelFFI.xcframework"),
        .target(name: "Satchel", dependencies: ["SatchelFFI"]),
        .target(name: "SatchelTesting", dependencies: ["Satchel"]),
    ],
    swiftLanguageModes: [.v6]
)
