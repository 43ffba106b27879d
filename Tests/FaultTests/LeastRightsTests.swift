import FleetUnderTest
import Glibc
import RedisClient
import RedisCollectors
import RedisFleet
import TestServers
import Testing

/// The commands of `docs/least-rights.md`, as a reader would type them.
private struct LeastRights {
    private let text: String

    init() throws {
        let top = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
        text = try #require(Self.read("\(top)/docs/least-rights.md"))
    }

    /// The words of the command below a heading.
    func command(below heading: String, password: String) throws -> [String] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let rest = lines.drop { $0 != "## \(heading)" }.dropFirst().prefix { !$0.hasPrefix("## ") }
        let line = try #require(rest.first { $0.hasPrefix("    ACL ") }, "no command below '\(heading)'")
        return line.split(separator: " ").map { $0 == ">PASSWORD" ? ">\(password)" : String($0) }
    }

    /// The right that an option needs, from the table at the end.
    func right(for option: String) throws -> String {
        let row = try #require(text.split(separator: "\n").first { $0.hasPrefix("| `\(option)`") })
        let cell = try #require(row.split(separator: "`").first { $0.hasPrefix("+") })
        return cell.filter { $0 != "\\" }
    }

    private static func read(_ path: String) -> String? {
        guard let stream = fopen(path, "re") else { return nil }
        defer { fclose(stream) }
        var bytes = [UInt8](repeating: 0, count: 64 << 10)
        return String(decoding: bytes[..<fread(&bytes, 1, bytes.count, stream)], as: UTF8.self)
    }
}

@Suite("The documented least rights", .timeLimit(.minutes(6)))
struct LeastRightsTests {
    private static let redis = "Redis: masters and replicas"
    private static let valkey = "Valkey 8.1 and later: masters and replicas"

    private func expectNothingRefused(_ target: String, _ server: RedisServer, _ options: CollectorOptions) async throws
    {
        let watched = try WatchedFleet([target]) { $0.collectors = options }
        let first = try #require(await watched.scrape().first)
        #expect(first.failure == nil)
        let second = try #require(await watched.scrape().first)
        let series = watched.series(in: second)
        #expect(series["redstart_node_refused_commands"] == 0)
        let errors = try server.tell("info", "errorstats")
        #expect(!errors.contains("errorstat_"), "\(errors)")
        for name in ["redis_config_maxclients", "redis_slowlog_length", "redis_memory_used_bytes"] {
            #expect(series[name] != nil, "\(name)")
        }
    }

    @Test("Redis 7 refuses such a user nothing that is asked of it")
    func installed() async throws {
        let server = try await RedisServer.start()
        try server.tell(try LeastRights().command(below: Self.redis, password: "pw"))
        try await expectNothingRefused("redis://redstart:pw@\(server.address)", server, CollectorOptions())
    }

    @Test("So do the other versions", arguments: ServerVersion.available)
    func others(version: ServerVersion) async throws {
        let server = try await version.start()
        let heading = version.isValkey ? Self.valkey : Self.redis
        try server.tell(try LeastRights().command(below: heading, password: "pw"))
        try await expectNothingRefused("redis://redstart:pw@\(server.address)", server, CollectorOptions())
    }

    @Test("With the rights for options, these work too")
    func options() async throws {
        let rights = try LeastRights()
        let server = try await RedisServer.start()
        try server.tell(try rights.command(below: Self.redis, password: "pw"))
        try server.tell(["ACL", "SETUSER", "redstart", try rights.right(for: "--export-client-list")])
        try await expectNothingRefused("redis://redstart:pw@\(server.address)", server, .everything)
    }

    @Test("A node of a cluster needs some more")
    func cluster() async throws {
        let rights = try LeastRights()
        let server = try await RedisServer.start(["--cluster-enabled", "yes", "--cluster-port", "\(try freePort())"])
        try server.tell(try rights.command(below: Self.redis, password: "pw"))
        try server.tell(try rights.command(below: "Nodes of a cluster, beside the rights above", password: "pw"))
        try await expectNothingRefused("redis://redstart:pw@\(server.address)", server, CollectorOptions())
        for command in [["CLUSTER", "NODES"], ["CLUSTER", "SLOTS"], ["CLUSTER", "SHARDS"]] {
            try server.tell(["--user", "redstart", "--pass", "pw"] + command)
        }
    }

    @Test("A Sentinel answers all that it is asked, its events included")
    func sentinel() async throws {
        let master = try await RedisServer.start()
        let sentinel = try await RedisServer.startSentinel(["sentinel monitor m 127.0.0.1 \(master.port) 1"])
        try sentinel.tell(try LeastRights().command(below: "Sentinels", password: "pw"))
        let watched = try WatchedFleet(["redis://redstart:pw@\(sentinel.address)"])
        _ = await watched.scrape()
        let outcome = try #require(await watched.scrape().first)
        #expect(outcome.failure == nil && outcome.facts?.role == .sentinel)
        #expect(watched.value("redstart_node_refused_commands", in: outcome) == 0)
        #expect(watched.value(#"redis_sentinel_masters"#, in: outcome) == 1)
        let user = ["--user", "redstart", "--pass", "pw"]
        try sentinel.tell(user + ["SENTINEL", "REPLICAS", "m"])
        let dryRun = try sentinel.tell(["ACL", "DRYRUN", "redstart", "PSUBSCRIBE", "*"])
        #expect(dryRun.hasPrefix("OK"), "\(dryRun)")
    }

    @Test("A user who lacks rights is refused each command once; INFO alone keeps the node up")
    func lacking() async throws {
        let server = try await RedisServer.start()
        try server.tell("ACL", "SETUSER", "poor", "on", ">pw", "+info")
        let watched = try WatchedFleet(["redis://poor:pw@\(server.address)"])
        _ = await watched.scrape()
        let before = try #require(await watched.scrape().first)
        for _ in 0..<5 { _ = await watched.scrape() }
        let after = try #require(await watched.scrape().first)
        #expect(after.failure == nil)
        let refused = watched.value("redstart_node_refused_commands", in: after) ?? 0
        #expect(refused >= 4 && refused == watched.value("redstart_node_refused_commands", in: before))
        for counter in ["redis_connections_received_total", "redis_total_error_replies"] {
            #expect((watched.value(counter, in: after) ?? 0) > 0)
            #expect(watched.value(counter, in: after) == watched.value(counter, in: before), "\(counter)")
        }
    }

    @Test("A user without INFO is down with the reason noperm")
    func noInfo() async throws {
        let server = try await RedisServer.start()
        try server.tell("ACL", "SETUSER", "none", "on", ">pw", "+client|setname")
        let watched = try WatchedFleet(["redis://none:pw@\(server.address)"])
        let outcome = try #require(await watched.scrape().first)
        #expect(outcome.failure?.reason == .noperm)
        #expect(watched.value("redis_up", in: outcome) == 0)
    }
}
