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

let ruleTopics = [
    "availability", "baseline", "cache", "cluster", "configuration", "connections", "correlation", "memory",
    "performance", "persistence", "redstart", "replication", "security", "sentinel", "service-level",
]

let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioExtras: Target.Dependency = .product(name: "NIOExtras", package: "swift-nio-extras")
let nioTLS: Target.Dependency = .product(name: "NIOTLS", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "redstart",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "redstart", targets: ["redstart"]),
        // For the benchmarks, a package of its own.
        .library(
            name: "RedstartModules",
            targets: [
                "Alerting", "BundledRules", "HTTPClient", "Metrics", "PromQL", "RedisClient", "RedisCollectors",
                "RemoteWrite", "TimeSeriesStore",
            ]
        ),
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
        // Level 0: C libraries of the system, resources, what needs nothing else of ours
        .systemLibrary(name: "CCrypt", providers: [.apt(["libcrypt-dev"])]),
        .systemLibrary(name: "CHiredis", pkgConfig: "hiredis", providers: [.apt(["libhiredis-dev"])]),
        .systemLibrary(name: "CMalloc"),
        .systemLibrary(name: "CMD", providers: [.apt(["libmd-dev"])]),
        .target(name: "CRE2", linkerSettings: [.linkedLibrary("re2")]),
        .systemLibrary(name: "CSnappy", providers: [.apt(["libsnappy-dev"])]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CYaml", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "Bytes", swiftSettings: strict),
        .target(name: "EventLoops", dependencies: [nioCore], swiftSettings: strict),
        .target(name: "Files", swiftSettings: strict),
        .target(name: "JSON", swiftSettings: strict),
        .target(name: "Tracing", swiftSettings: strict),
        .target(
            name: "BundledRules",
            exclude: ruleTopics.map { "Rules/\($0).test.yml" },
            // `Rules` is a link to the folder `rules` at the top.
            resources: ruleTopics.map { .embedInCode("Rules/\($0).rules.yml") } + [.embedInCode("Rules/runbooks")],
            swiftSettings: strict
        ),
        .target(
            name: "WebPage",
            resources: [.embedInCode("Page")],
            swiftSettings: strict
        ),

        // Level 1
        .target(
            name: "HTTPClient",
            dependencies: ["EventLoops", "Tracing", nioCore, nioHTTP1, nioPosix, nioSSL, nioTLS],
            swiftSettings: strict
        ),
        .target(
            name: "HTTPServer",
            dependencies: [
                "CCrypt", "CZlib", "EventLoops", logging, lifecycle, nioCore, nioExtras, nioHTTP1, nioPosix, nioSSL,
                nioTLS,
            ],
            swiftSettings: strict
        ),
        .target(name: "Metrics", dependencies: ["Bytes"], swiftSettings: strict),
        .target(
            name: "RedisClient",
            dependencies: ["CHiredis", "EventLoops", "Files", nioCore, nioPosix, nioSSL],
            swiftSettings: strict
        ),
        .target(name: "SQLite", dependencies: ["CSQLite"], swiftSettings: strict),
        .target(name: "YAML", dependencies: ["CYaml"], swiftSettings: strict),

        // Level 2
        .target(name: "PromQL", dependencies: ["CRE2", "Metrics"], swiftSettings: strict),
        .target(name: "RedisCollectors", dependencies: ["Bytes", "Metrics", "RedisClient"], swiftSettings: strict),
        .target(name: "StateFile", dependencies: ["SQLite"], swiftSettings: strict),
        .target(name: "TimeSeriesStore", dependencies: ["Bytes", "Metrics"], swiftSettings: strict),

        // Level 3
        .target(
            name: "Outbound",
            dependencies: ["CMD", "HTTPClient", "Metrics", "PromQL", "YAML"],
            swiftSettings: strict
        ),
        .target(
            name: "RedisFleet",
            dependencies: [
                "Bytes", "EventLoops", "Metrics", "RedisClient", "RedisCollectors", "Tracing", logging, lifecycle,
                nioCore, nioPosix,
            ],
            swiftSettings: strict
        ),

        // Level 4
        .target(
            name: "Alerting",
            dependencies: [
                "Files", "HTTPClient", "JSON", "Metrics", "Outbound", "PromQL", "SQLite", "StateFile",
                "TimeSeriesStore", "Tracing", "YAML", logging, lifecycle, nioCore, nioPosix,
            ],
            swiftSettings: strict
        ),
        .target(
            name: "Configuration",
            dependencies: ["Files", "HTTPServer", "Metrics", "RedisClient", "RedisFleet", "YAML"],
            swiftSettings: strict
        ),
        .target(
            name: "RemoteWrite",
            dependencies: [
                "Bytes", "CSnappy", "CZlib", "HTTPClient", "Metrics", "Outbound", "TimeSeriesStore", "Tracing", "YAML",
                logging, lifecycle, nioCore, nioPosix,
            ],
            swiftSettings: strict
        ),

        // Level 5
        .target(
            name: "WebAPI",
            dependencies: [
                "Alerting", "BundledRules", "HTTPServer", "JSON", "Metrics", "PromQL", "RedisClient",
                "RedisCollectors", "RedisFleet", "RemoteWrite", "StateFile", "TimeSeriesStore", "WebPage", logging,
                nioPosix,
            ],
            swiftSettings: strict
        ),

        // Level 6
        .executableTarget(
            name: "redstart",
            dependencies: [
                "Alerting", "BundledRules", "CMalloc", "Configuration", "HTTPClient", "HTTPServer", "JSON", "Metrics",
                "Outbound", "PromQL", "RedisClient", "RedisCollectors", "RedisFleet", "RemoteWrite", "SQLite",
                "StateFile", "TimeSeriesStore", "Tracing", "WebAPI", "YAML", argumentParser, lifecycle, logging,
                nioCore, nioHTTP1, nioPosix, nioSSL,
            ],
            swiftSettings: strict
        ),

        // Servers that do not exist, for benchmarks, soaks and tests.
        .executableTarget(
            name: "FleetSimulator",
            dependencies: [argumentParser, nioCore, nioPosix],
            path: "Benchmarks/Sources/FleetSimulator",
            swiftSettings: strict
        ),

        // Tests
        .target(name: "TestServers", path: "Tests/TestServers", swiftSettings: strict),
        .target(
            name: "FleetUnderTest",
            dependencies: ["Metrics", "RedisClient", "RedisFleet", logging, nioPosix],
            path: "Tests/FleetUnderTest",
            swiftSettings: strict
        ),
        .testTarget(
            name: "HTTPClientTests",
            dependencies: ["HTTPClient", "TestServers", nioCore, nioPosix],
            swiftSettings: strict
        ),
        .testTarget(name: "JSONTests", dependencies: ["JSON"], swiftSettings: strict),
        .testTarget(name: "MetricsTests", dependencies: ["Metrics", "TestServers"], swiftSettings: strict),
        .testTarget(name: "SQLiteTests", dependencies: ["SQLite", "TestServers"], swiftSettings: strict),
        .testTarget(
            name: "StateFileTests",
            dependencies: ["SQLite", "StateFile", "TestServers"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ConfigurationTests",
            dependencies: [
                "Alerting", "Configuration", "Files", "HTTPServer", "Metrics", "RedisClient", "RedisFleet",
                "RemoteWrite",
            ],
            swiftSettings: strict
        ),
        .testTarget(name: "YAMLTests", dependencies: ["YAML"], swiftSettings: strict),
        .testTarget(
            name: "RedisClientTests",
            dependencies: ["RedisClient", "TestServers", nioCore, nioPosix, nioSSL],
            resources: [.copy("Fixtures")],
            swiftSettings: strict
        ),
        .testTarget(
            name: "RedisCollectorsTests",
            dependencies: ["Metrics", "RedisClient", "RedisCollectors"],
            resources: [.copy("Fixtures")],
            swiftSettings: strict
        ),
        .testTarget(
            name: "TimeSeriesStoreTests",
            dependencies: ["Metrics", "TestServers", "TimeSeriesStore"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "PromQLTests",
            dependencies: ["Metrics", "PromQL"],
            resources: [.copy("Scripts")],
            swiftSettings: strict
        ),
        .testTarget(
            name: "HTTPServerTests",
            dependencies: [
                "CZlib", "HTTPServer", logging, lifecycle, nioCore, nioEmbedded, nioExtras, nioHTTP1, nioPosix,
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "RedisFleetTests",
            dependencies: [
                "Bytes", "EventLoops", "FleetUnderTest", "Metrics", "RedisClient", "RedisCollectors", "RedisFleet",
                "TestServers", logging, nioCore, nioPosix,
            ],
            resources: [.copy("Fixtures")],
            swiftSettings: strict
        ),
        .testTarget(
            name: "FaultTests",
            dependencies: [
                "FleetUnderTest", "RedisClient", "RedisCollectors", "RedisFleet", "redstart", "TestServers",
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "AlertingTests",
            dependencies: [
                "Alerting", "HTTPClient", "Metrics", "Outbound", "PromQL", "StateFile", "TestServers",
                "TimeSeriesStore", "YAML", logging, nioPosix,
            ],
            resources: [.copy("Fixtures")],
            swiftSettings: strict
        ),
        .testTarget(
            name: "RemoteWriteTests",
            dependencies: [
                "Bytes", "CSnappy", "HTTPClient", "Metrics", "Outbound", "RemoteWrite", "TestServers",
                "TimeSeriesStore", "Tracing", "YAML", logging, lifecycle, nioCore, nioPosix,
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "WebAPITests",
            dependencies: [
                "Alerting", "HTTPServer", "Metrics", "PromQL", "RedisClient", "RedisFleet", "StateFile", "TestServers",
                "TimeSeriesStore", "WebAPI", "WebPage", logging, nioCore, nioHTTP1, nioPosix,
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "CommandLineTests",
            dependencies: [
                "Alerting", "Configuration", "Metrics", "PromQL", "RedisClient", "RedisFleet", "redstart",
                "TestServers", "WebAPI",
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ShippedFilesTests",
            dependencies: ["Alerting", "BundledRules", "PromQL", "YAML"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "BrowserTests",
            dependencies: ["redstart", "TestServers"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "AlertTests",
            dependencies: ["Alerting", "BundledRules", "redstart", "TestServers"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "DeployTests",
            dependencies: ["redstart", "TestServers"],
            exclude: ["Scripts", "requirements.txt"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "EndToEndTests",
            dependencies: ["FleetSimulator", "Metrics", "RedisCollectors", "redstart", "TestServers"],
            exclude: ["Clients"],
            swiftSettings: strict
        ),
    ]
)
