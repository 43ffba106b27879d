import Metrics
import Testing

@testable import RedisCollectors

/// The families of redis_exporter 1.88, as its inventory lists them.
enum Inventory {
    struct Family {
        let name: String
        let type: String
        /// The field it copies, or its labels.
        let detail: String
    }

    static func fields() throws -> [Family] {
        try families("inventory-fields.txt")
    }

    static func labelled() throws -> [Family] {
        try families("inventory-labelled.txt")
    }

    private static func families(_ file: String) throws -> [Family] {
        try FixtureServer.text(file).split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
            let parts = line.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
            return Family(name: parts[0], type: parts[1], detail: parts[2])
        }
    }
}

@Suite struct ParityTests {
    static func row(_ name: String) -> MetricRow? {
        CatalogTests.rows.first { $0.name == name }
    }

    @Test("Every field that redis_exporter copies has a family of its name and type")
    func fieldFamiliesAreThere() throws {
        let families = try Inventory.fields()
        #expect(families.count == 258)
        for family in families {
            let row = Self.row(family.name)
            #expect(row != nil, "\(family.name) is missing")
            #expect(row?.kind.rawValue == family.type, "\(family.name)")
            #expect(row?.field == family.detail, "\(family.name)")
            #expect(row?.labels == [], "\(family.name)")
        }
    }

    /// Labels of ours behind those of redis_exporter; empty, so not exposed, where no deployment is known.
    private static let addedLabels = ["redis_instance_info": ["deployment", "shard"]]

    @Test("Every other family of redis_exporter is there by name, type and labels")
    func labelledFamiliesAreThere() throws {
        for family in try Inventory.labelled() {
            let row = Self.row(family.name)
            #expect(row != nil, "\(family.name) is missing")
            #expect(row?.kind.rawValue == family.type, "\(family.name)")
            let labels = family.detail.split(separator: ",").map(String.init)
            #expect(row?.labels == labels + Self.addedLabels[family.name, default: []], "\(family.name)")
        }
    }

    @Test("Each field of a captured INFO has its value under the inherited name", arguments: GoldenScrapeTests.servers)
    func valuesAreThoseOfTheFields(server: String) throws {
        var options = CollectorOptions()
        options.includeSystemMetrics = true
        let node = FixtureServer(server: server, role: "standalone")
        let values = Scrape.full(node, options: options).values
        let info = String(decoding: try node.body("INFO_all"), as: UTF8.self)
        var fields: [Substring: Substring] = [:]
        for line in info.split(separator: "\r\n") {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { fields[parts[0]] = parts[1] }
        }
        var compared = 0
        for family in try Inventory.fields() {
            guard let text = fields[Substring(family.detail)] else { continue }
            var expected = text == "ok" ? 1 : Double(text)
            if family.name == "redis_latest_fork_seconds" { expected = expected.map { $0 / 1e6 } }
            #expect(values[family.name] == expected, "\(family.name)")
            compared += 1
        }
        #expect(compared > 100)
    }

    @Test("Every metric that the published dashboards and the mixin ask for is there")
    func dashboardsFindTheirMetrics() {
        let asked = [
            "redis_uptime_in_seconds", "redis_connected_clients", "redis_blocked_clients", "redis_memory_used_bytes",
            "redis_memory_used_rss_bytes", "redis_memory_max_bytes", "redis_total_system_memory_bytes",
            "redis_commands_total", "redis_commands_duration_seconds_total", "redis_commands_processed_total",
            "redis_keyspace_hits_total", "redis_keyspace_misses_total", "redis_net_input_bytes_total",
            "redis_net_output_bytes_total", "redis_db_keys", "redis_db_keys_expiring", "redis_expired_keys_total",
            "redis_evicted_keys_total", "redis_connected_slaves", "redis_master_last_io_seconds_ago",
            "redis_cluster_state", "redis_cluster_slots_fail", "redis_cluster_slots_pfail",
        ]
        for name in asked {
            #expect(Self.row(name) != nil, "\(name)")
        }
    }
}
