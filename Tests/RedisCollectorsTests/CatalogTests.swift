import Metrics
import Testing

@testable import RedisCollectors

@Suite struct CatalogTests {
    /// Labels whose values come from a set that the server bounds, or that we do.
    static let boundedLabels: Set<String> = [
        "role", "redis_version", "redis_build_id", "redis_mode", "os", "maxmemory_policy", "tcp_port", "run_id",
        "process_id", "master_replid", "valkey_version", "valkey_release_stage", "availability_zone", "allocator",
        "master_host", "master_port", "read_only", "slave_ip", "slave_port", "slave_state", "db", "type",
        "size_at_least", "cmd", "err", "thread", "class", "limit", "key", "value", "master_name", "master_address",
        "master_status", "message", "replica_address", "name", "ip", "port", "runid", "flags", "event_name", "log",
        "ver", "api", "filters", "usedby", "using", "id", "host", "user", "resp", "field", "val", "stream", "group",
        "consumer", "key_group", "filename", "index_name",
        "deployment", "shard", "library",
    ]

    static let rows: [MetricRow] = CollectorCatalog.all.flatMap { $0.rows } + CheckCatalog.rows

    /// The families that redis_exporter has under the same name, which follow its rules and not ours.
    static func inheritedNames() throws -> Set<String> {
        Set(try Inventory.fields().map(\.name) + Inventory.labelled().map(\.name))
    }

    @Test("A catalogue has exactly the rows that its collectors and checks declare, in that order")
    func rowsAreThoseDeclared() {
        var catalog = MetricCatalog()
        _ = CollectorCatalog(catalog: &catalog)
        _ = CheckCatalog(catalog: &catalog)
        #expect(catalog.rows.map(\.name) == Self.rows.map(\.name))
    }

    @Test("No two families have one name, and all start with the namespace")
    func namesAreUnique() {
        let names = Self.rows.map(\.name)
        #expect(Set(names).count == names.count)
        for name in names {
            #expect(name.hasPrefix("redis_"))
            #expect(name.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 95 })
        }
    }

    @Test("No INFO field has two rows")
    func fieldsAreUnique() {
        let tables =
            InfoServerSection.rows + InfoTLSSection.rows + InfoClientsSection.rows + InfoMemorySection.rows
            + InfoPersistenceSection.rows + InfoStatsSection.rows + InfoReplicationSection.rows + InfoCPUSection.rows
            + InfoClusterSection.rows + InfoKeyDBSection.rows + InfoSentinelSection.fieldRows
        let fields = tables.map(\.field)
        #expect(Set(fields).count == fields.count)
    }

    @Test("A name of our own ends in its base unit, and in _total if and only if it counts")
    func ownNamesFollowTheConvention() throws {
        let inherited = try Self.inheritedNames()
        for row in Self.rows where !inherited.contains(row.name) && !row.name.hasPrefix("redis_cluster_stats_") {
            #expect(row.name.hasSuffix("_total") == (row.kind == .counter), "\(row.name)")
            let stem = row.name.hasSuffix("_total") ? String(row.name.dropLast(6)) : row.name
            #expect(![.milliseconds, .microseconds, .percent, .kibibytes].contains(row.unit), "\(row.name)")
            if let unit = row.unit.suffix {
                #expect(stem.hasSuffix("_" + unit) || stem.hasSuffix("_\(unit)_per_second"), "\(row.name)")
            }
        }
    }

    @Test("A help text is a sentence")
    func helpIsASentence() {
        for row in Self.rows {
            #expect(row.help.first?.isUppercase == true, "\(row.name)")
            #expect(row.help.hasSuffix(".") && !row.help.hasSuffix(".."), "\(row.name)")
            #expect(row.help.split(separator: " ").count > 0 && row.help.count > 8, "\(row.name)")
        }
    }

    @Test("Every label is one whose values are bounded")
    func labelsAreBounded() {
        for row in Self.rows {
            #expect(Set(row.labels).isSubset(of: Self.boundedLabels), "\(row.name)")
            #expect(Set(row.labels).count == row.labels.count, "\(row.name)")
        }
    }

    @Test("Every collector has a name of its own")
    func collectorNamesAreUnique() {
        let names = CollectorCatalog.all.map { $0.name }
        #expect(Set(names).count == names.count)
    }

    @Test("What differs from redis_exporter on purpose is listed by families that it has")
    func deviationsAreInherited() throws {
        let inherited = try Self.inheritedNames()
        for deviation in CollectorCatalog.deviations {
            #expect(inherited.contains(deviation.row.name), "\(deviation.row.name)")
            #expect(deviation.text.hasSuffix("."))
        }
    }
}
