import FleetUnderTest
import RedisClient
import RedisCollectors
import RedisFleet
import TestServers
import Testing

@Suite("Other versions of Redis and Valkey", .timeLimit(.minutes(6)))
struct ServerVersionTests {
    @Test("Everything that is asked is answered and understood", arguments: ServerVersion.available)
    func everything(version: ServerVersion) async throws {
        let server = try await version.start(["--latency-monitor-threshold", "1", "--slowlog-log-slower-than", "0"])
        try fill(server, version)
        let watched = try WatchedFleet([server.address]) { $0.collectors = .everything }
        let first = try #require(await watched.scrape().first)
        #expect(first.failure == nil)
        let second = try #require(await watched.scrape().first)
        let series = watched.series(in: second)

        #expect(series.keys.filter { $0.hasPrefix("redstart_parse_skipped_total") }.sorted() == [])
        #expect(series["redstart_node_refused_commands"] == 0)
        #expect(series["redis_up"] == 1)
        #expect(series.keys.filter { $0.contains("_certificate_") }.sorted() == [], "there is no certificate")
        #expect(second.facts?.product == (version.isValkey ? .valkey : .redis))
        let names = Set(series.keys.map { String($0.prefix { $0 != "{" }) })
        #expect(expectedFamilies(version).subtracting(names).sorted() == [])
        #expect(series[#"redis_db_keys{db="db0"}"#] == 3)
        #expect(series[#"redis_db_keys_expiring{db="db0"}"#] == 1)
    }

    @Test(
        "Histograms are as new as INFO, though a poll asks only for commands that moved of late",
        arguments: [nil, .redis8, .valkey8, .valkeyNew] as [ServerVersion?])
    func latencyHistograms(version: ServerVersion?) async throws {
        let server = if let version { try await version.start() } else { try await RedisServer.start() }
        let watched = try WatchedFleet([server.address])
        for _ in 0..<6 { _ = await watched.scrape() }
        for calls in 1...3 {
            try server.tell("SET", "key", "value")
            // The second one comes after a time in which the command has rested.
            for _ in 0..<(calls == 1 ? 6 : 1) {
                let outcome = try #require(await watched.scrape().first)
                #expect(watched.value(#"redis_commands_total{cmd="set"}"#, in: outcome) == Double(calls))
                let bucket = #"redis_commands_latencies_usec_bucket{cmd="set", le="+Inf"}"#
                #expect(watched.value(bucket, in: outcome) == Double(calls))
            }
        }
        // What only administrators send, and has a `|` in its name.
        try server.tell("CLIENT", "NO-EVICT", "off")
        let before = try #require(await watched.scrape().first)
        #expect(watched.value(#"redis_commands_latencies_usec_count{cmd="client|no-evict"}"#, in: before) == 1)
        try server.tell("CONFIG", "RESETSTAT")
        let outcome = try #require(await watched.scrape().first)
        #expect(watched.value(#"redis_commands_latencies_usec_count{cmd="set"}"#, in: outcome) == nil)
    }

    @Test("Being watched leaves no trace in the counters of errors and connections", arguments: ServerVersion.available)
    func noTrace(version: ServerVersion) async throws {
        let server = try await version.start()
        let watched = try WatchedFleet([server.address]) { $0.collectors = .everything }
        _ = await watched.scrape()
        let before = try #require(await watched.scrape().first)
        for _ in 0..<5 { _ = await watched.scrape() }
        let after = try #require(await watched.scrape().first)
        #expect((watched.value("redis_connections_received_total", in: after) ?? 0) > 0)
        // The counter of errors is younger than Redis 6.0.
        #expect((watched.value("redis_total_error_replies", in: after) != nil) == (version != .redis6))
        for counter in ["redis_connections_received_total", "redis_total_error_replies"] {
            #expect(watched.value(counter, in: after) == watched.value(counter, in: before), "\(counter)")
        }
    }

    @Test("Valkey says when its certificates expire")
    func certificateExpiry() async throws {
        let certificates = try TestCertificates()
        let server = try await certificates.startServer(program: ServerVersion.valkeyNew.program)
        let watched = try WatchedFleet(["rediss://localhost:\(server.port)"]) {
            $0.connection.tls.authorityFile = certificates.file("ca.crt")
        }
        let outcome = try #require(await watched.scrape().first)
        #expect(outcome.failure == nil)
        let twoDays = 2.0 * 86_400
        let left = try #require(watched.value("redis_tls_server_certificate_expires_in_seconds", in: outcome))
        #expect(left > twoDays - 3600 && left <= twoDays)
        #expect(watched.value("redis_tls_ca_certificate_expires_in_seconds", in: outcome) != nil)
    }

    @Test("Valkey's log of large commands is kept beside the slow log, without keys and values")
    func largeCommands() async throws {
        let server = try await ServerVersion.valkeyNew.start()
        let watched = try WatchedFleet([server.address])
        _ = await watched.scrape()
        try server.tell("config", "set", "commandlog-request-larger-than", "1000")
        try server.tell("set", "secret", String(repeating: "x", count: 2000))
        _ = await watched.scrape()
        _ = await watched.scrape()
        var filter = SlowLogArchive.Filter()
        filter.logs = [.largeRequest]
        let entries = watched.fleet.slowLogs.records(filter).map(\.entry)
        #expect(entries.count == 1)
        let large = try #require(entries.first)
        #expect(large.command == "set" && large.amount >= 2000 && large.argumentCount == 2)
        #expect(!"\(large)".contains("secret"))
    }

    /// Three keys, one of which expires, commands in every log, and a spike of latency.
    private func fill(_ server: RedisServer, _ version: ServerVersion) throws {
        try server.tell("set", "a", String(repeating: "x", count: 2000))
        try server.tell("set", "b", "1", "EX", "1000")
        try server.tell("rpush", "l", "1", "2", "3")
        try server.tell("get", "a")
        if version.isValkey {
            try server.tell("config", "set", "commandlog-request-larger-than", "1000")
            try server.tell("config", "set", "commandlog-reply-larger-than", "1000")
            try server.tell("set", "a", String(repeating: "x", count: 2000))
            try server.tell("get", "a")
        }
        try server.tell("eval", "local t = 0 for i = 1, 3000000 do t = t + i end return t", "0")
    }

    private func expectedFamilies(_ version: ServerVersion) -> Set<String> {
        var families: Set<String> = [
            "redis_commands_total", "redis_memory_used_bytes", "redis_config_maxclients", "redis_slowlog_length",
            "redis_slowlog_entries_total", "redis_latency_spike_last", "redis_connected_client_info",
            "redis_instance_info", "redis_config_value",
        ]
        if version != .redis6 {
            families.formUnion(["redis_latency_percentiles_usec", "redis_commands_latencies_usec_bucket"])
        }
        if version == .redis8 {
            families.insert("redis_db_keys_by_size")
        }
        if version.isValkey {
            families.formUnion([
                "redis_commandlog_slow_length", "redis_commandlog_entries_total", "redis_commandlog_bytes_total",
            ])
        }
        return families
    }
}

extension CollectorOptions {
    /// With all that can be collected of any server.
    static var everything: CollectorOptions {
        var options = CollectorOptions()
        options.includeConfigMetrics = true
        options.includeSystemMetrics = true
        options.includeModulesMetrics = true
        options.exportClientList = true
        options.exportClientPort = true
        options.includeSentinelPeerInfo = true
        options.includeUnknownInfo = true
        options.slowLogArguments = true
        return options
    }
}
