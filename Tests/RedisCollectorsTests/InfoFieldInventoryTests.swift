import FoundationEssentials
import Metrics
import RedisClient
import Testing

@testable import RedisCollectors

/// Every field of INFO is exported, or there is a reason why not.
@Suite struct InfoFieldInventoryTests {
    /// Fields of servers that are newer than those whose replies were captured.
    static let newerFields = [
        // Redis 8.0 to 8.10
        "mem_replica_full_sync_buffer", "replica_full_sync_buffer_size", "replica_full_sync_buffer_peak",
        "evicted_scripts", "used_memory_scripts_eval", "total_cluster_links_buffer_limit_exceeded",
        // Valkey 9.0 and 9.1
        "server_mode", "availability_zone", "clients_hz", "tls_server_cert_expires_in_seconds",
        "tls_client_cert_expires_in_seconds", "tls_ca_cert_expires_in_seconds", "tls_server_cert_serial",
        "paused_reason", "paused_actions", "paused_timeout_milliseconds", "mem_replicas_repl_buffer",
        "mem_cluster_slot_import", "mem_cluster_slot_export", "slot_migration_fork_in_progress", "expired_fields",
        "expired_keys_with_volatile_items_stale_perc", "total_net_cluster_slot_import_bytes",
        "total_net_cluster_slot_export_bytes", "io_threaded_freed_objects", "io_threaded_accept_processed",
        "io_threaded_poll_processed", "io_threaded_total_prefetch_batches", "io_threaded_total_prefetch_entries",
        "acl_access_denied_tls_cert", "acl_access_denied_db", "replicas_waiting_psync", "used_active_time_main_thread",
        "used_active_time_io_thread_1", "engines_count", "engines_total_used_memory", "engines_total_memory_overhead",
    ]

    private static func unknownFields(_ info: [UInt8]) -> [String] {
        var scrape = Scrape(options: RobustnessTests.everything)
        scrape.poll { $0[0] == "INFO" ? RESP.bulk(info) : nil }
        return scrape.state.unknownFields
    }

    @Test("No field of a captured reply is unknown", arguments: GoldenScrapeTests.servers)
    func capturedFields(server: String) throws {
        let folder = FixtureServer.folder.appending(path: server)
        let roles = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(roles.count > 2)
        for role in roles {
            let node = FixtureServer(server: server, role: role)
            guard node.bytes("INFO_all") != nil else { continue }
            #expect(Self.unknownFields(try node.body("INFO_all")) == [], "\(server) \(role)")
        }
    }

    @Test("No field of a newer server is unknown", arguments: newerFields)
    func newerField(name: String) {
        #expect(Self.unknownFields(Array("role:master\r\n\(name):1\r\n".utf8)) == [])
    }

    @Test("A field is exported or left out for a reason, not both")
    func ignoredFieldsHaveReasons() {
        let exported = Set(InfoCollector.rows.map(\.field))
        var seen: Set<String> = []
        for ignored in InfoIgnoredFields.all {
            #expect(ignored.reason.split(separator: " ").count >= 3)
            for name in ignored.names {
                #expect(!exported.contains(name), "\(name)")
                #expect(seen.insert(name).inserted, "\(name)")
            }
        }
    }

    @Test("A field that nobody has heard of is listed and exported by its name, a bounded number of them")
    func unknownFields() {
        var scrape = Scrape(options: RobustnessTests.everything)
        let lines = (0..<1000).map { "brand_new_\($0):\($0)\r\n" }.joined()
        let info = Array("role:master\r\n\(lines)brand_new_text:abc\r\n".utf8)
        scrape.poll { $0[0] == "INFO" ? RESP.bulk(info) : nil }
        #expect(scrape.state.unknownFields.count == 256)
        #expect(scrape.state.unknownFields.first == "brand_new_0")
        #expect(scrape.values[#"redis_info_unknown_field{field="brand_new_7"}"#] == 7)
        #expect(scrape.outcomes["info"]?.skips[.overLimit] == 745)
        // Without the option they cost nothing.
        var plain = Scrape()
        plain.poll { $0[0] == "INFO" ? RESP.bulk(info) : nil }
        #expect(plain.state.unknownFields == [] && plain.skipped == 0)
    }

    @Test("A line that is damaged spoils no other line", arguments: GoldenScrapeTests.servers)
    func damagedLines(server: String) throws {
        let body = try FixtureServer(server: server, role: "standalone").body("INFO_all")
        var whole = Scrape(options: RobustnessTests.everything)
        whole.poll { $0[0] == "INFO" ? RESP.bulk(body) : nil }
        let expected = whole.values
        var random = RobustnessTests.Random(state: 42)
        let lines = body.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for _ in 0..<300 {
            var damaged = lines.map { Array($0) }
            let line = Int.random(in: 0..<damaged.count, using: &random)
            guard let colon = damaged[line].firstIndex(of: UInt8(ascii: ":")) else { continue }
            // A byte that belongs to no number and divides nothing.
            let place = Int.random(in: (colon + 1)...damaged[line].count, using: &random)
            damaged[line].insert([0x00, 0x21, 0x7A, 0xC3, 0xFF].randomElement(using: &random) ?? 0, at: place)
            var scrape = Scrape(options: RobustnessTests.everything)
            let bytes = Array(damaged.joined(separator: [UInt8(ascii: "\n")]))
            scrape.poll { $0[0] == "INFO" ? RESP.bulk(bytes) : nil }
            let wrong = scrape.values.filter { key, value in expected[key] != nil && expected[key] != value }
            // The start and the padding of databases follow from fields that may be the damaged ones.
            let derived = ["redis_start_time_seconds", "redis_db_keys", "redis_db_keys_expiring"]
            let unexpected = wrong.keys.filter { key in !derived.contains { key.hasPrefix($0) } }
            #expect(unexpected.isEmpty, "\(String(decoding: damaged[line], as: UTF8.self))")
        }
    }
}
