// swift-tools-version: 6.2
import PackageDescription

// The manifest is the module diagram: a target imports targets of a lower level only,
// and targets of one level never see each other.

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioExtras: Target.Dependency = .product(name: "NIOExtras", package: "swift-nio-extras")
let nioHTTPCompression: Target.Dependency = .product(name: "NIOHTTPCompression", package: "swift-nio-extras")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "redstart",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "redstart", targets: ["redstart"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // Level 0: C libraries of the system, one connection, the metric format.
        .systemLibrary(name: "CHiredis", pkgConfig: "hiredis", providers: [.apt(["libhiredis-dev"])]),
        .systemLibrary(name: "CYaml", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .target(name: "CRE2", linkerSettings: [.linkedLibrary("re2")]),
        .target(name: "Metrics", swiftSettings: strict),
        .target(
            name: "RedisClient",
            dependencies: ["CHiredis", nioCore, nioPosix, nioSSL],
            swiftSettings: strict
        ),

        // Level 1
        .target(name: "RedisCollectors", dependencies: ["Metrics", "RedisClient"], swiftSettings: strict),
        .target(name: "TimeSeriesStore", dependencies: ["Metrics"], swiftSettings: strict),
        .target(name: "PromQL", dependencies: ["CRE2", "Metrics"], swiftSettings: strict),
        .target(
            name: "HTTPServer",
            dependencies: [logging, lifecycle, nioCore, nioExtras, nioHTTP1, nioHTTPCompression, nioPosix],
            swiftSettings: strict
        ),

        // Level 2
        .target(
            name: "RedisFleet",
            dependencies: ["Metrics", "RedisClient", "RedisCollectors", logging, lifecycle, nioCore, nioPosix],
            swiftSettings: strict
        ),
        .target(
            name: "Alerting",
            dependencies: ["CYaml", "Metrics", "PromQL", "TimeSeriesStore", logging, lifecycle],
            swiftSettings: strict
        ),

        // Level 3
        .target(
            name: "WebAPI",
            dependencies: [
                "Alerting", "HTTPServer", "Metrics", "PromQL", "RedisFleet", "TimeSeriesStore", logging,
            ],
            swiftSettings: strict
        ),

        // Level 4
        .executableTarget(
            name: "redstart",
            dependencies: [
                "Alerting", "HTTPServer", "Metrics", "PromQL", "RedisClient", "RedisCollectors", "RedisFleet",
                "TimeSeriesStore", "WebAPI", argumentParser, lifecycle, logging, nioCore, nioPosix,
            ],
            swiftSettings: strict
        ),
    ]
)
