// swift-tools-version: 6.0
import PackageDescription

let package = Package(
    name: "Satchel",
    platforms: [.iOS(.v16)],
    products: [.library(name: "Satchel", targets: ["Satchel"])],
    targets: [
        .binaryTarget(name: "SatchelFFI", path: "SatchelFFI.xcframework"),
        .target(name: "Satchel", dependencies: ["SatchelFFI"]),
    ],
    swiftLanguageModes: [.v6]
)
