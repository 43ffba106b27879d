// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that users of Redstart never resolve or build it: `make bench`.
let package = Package(
    name: "Benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "redstart", path: ".."),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    ],
    targets: [
        .target(name: "CAnchors", linkerSettings: [.linkedLibrary("hiredis")]),
        .executableTarget(
            name: "Benchmarks",
            dependencies: [
                "CAnchors",
                .product(name: "RedstartModules", package: "redstart"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: [.swiftLanguageMode(.v6)]
        ),
    ]
)
