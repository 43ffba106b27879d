import Metrics

/// The section Keyspace of INFO: `db0:keys=3,expires=1,avg_ttl=900,subexpiry=0`, read by name.
enum InfoKeyspaceSection: Int, MetricFamilies {
    case keys, expiring, averageTimeToLive, cached, withExpiringFields

    /// No more databases than this get zeros of their own.
    static let paddingLimit = 1024

    var row: MetricRow {
        switch self {
        case .keys:
            MetricRow("keys", "redis_db_keys", .gauge, labels: ["db"], help: "Keys by database.")
        case .expiring:
            MetricRow(
                "expires", "redis_db_keys_expiring", .gauge, labels: ["db"],
                help: "Keys with a time to live by database."
            )
        case .averageTimeToLive:
            MetricRow(
                "avg_ttl", "redis_db_avg_ttl_seconds", .gauge, .seconds, from: .milliseconds, labels: ["db"],
                help: "Estimated mean time to live by database, in seconds."
            )
        case .cached:
            MetricRow(
                "cached_keys", "redis_db_keys_cached", .gauge, labels: ["db"], since: "KeyDB",
                help: "Keys in memory by database, of a server that keeps keys on disk."
            )
        case .withExpiringFields:
            MetricRow(
                "subexpiry", "redis_db_keys_with_expiring_fields", .gauge, labels: ["db"], since: "Redis 7.4",
                help: "Hashes with a field that has a time to live of its own, by database."
            )
        }
    }

    /// The number of a database in a field name such as `db12`, `nil` for any other name.
    static func database(_ bytes: Span<UInt8>, _ name: Range<Int>) -> Int? {
        guard bytes.hasPrefix("db", in: name), name.count <= 8 else { return nil }
        return bytes.integer(in: (name.lowerBound + 2)..<name.upperBound).flatMap { $0 >= 0 ? Int($0) : nil }
    }

    fileprivate static func family(_ bytes: Span<UInt8>, _ name: Range<Int>) -> InfoKeyspaceSection? {
        if bytes.equals("keys", in: name) { return .keys }
        if bytes.equals("expires", in: name) { return .expiring }
        if bytes.equals("avg_ttl", in: name) { return .averageTimeToLive }
        if bytes.equals("cached_keys", in: name) { return .cached }
        if bytes.equals("subexpiry", in: name) { return .withExpiringFields }
        // Valkey 9 counts the same under a name of its own.
        if bytes.equals("keys_with_volatile_items", in: name) { return .withExpiringFields }
        return nil
    }
}

extension FamilyTable<InfoKeyspaceSection> {
    /// Adds the samples of one line.
    func add(_ bytes: Span<UInt8>, _ line: InfoLine, to buffer: inout SampleBuffer, _ skips: inout ParseSkips) {
        let labels = buffer.labelStart
        buffer.addLabel(bytes.extracting(line.name))
        var pairs = PairWalker(line.value)
        while let pair = pairs.next(in: bytes) {
            guard !pair.name.isEmpty else {
                skips.add(.malformed)
                continue
            }
            guard let family = InfoKeyspaceSection.family(bytes, pair.name) else { continue }
            guard let value = bytes.decimal(in: pair.value) else {
                skips.add(.notANumber)
                continue
            }
            let exported = family == .averageTimeToLive ? value / 1e3 : value
            buffer.append(self[family], labelsFrom: labels, exported)
        }
    }

    /// Adds zeros for the databases that INFO leaves out because they have no keys.
    func pad(_ databases: Int, seen: Set<Int>, to buffer: inout SampleBuffer) {
        for database in 0..<max(0, min(databases, InfoKeyspaceSection.paddingLimit)) where !seen.contains(database) {
            let labels = buffer.labelStart
            buffer.addLabel("db\(database)")
            buffer.append(self[.keys], labelsFrom: labels, 0)
            buffer.append(self[.expiring], labelsFrom: labels, 0)
        }
    }
}
