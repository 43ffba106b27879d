import FoundationEssentials
import Metrics
import RedisCollectors

/// What a Redis under load looked like to Redstart, poll by poll, every 15 seconds for an hour.
///
/// One line per series: its name and labels (`name;label=value`), a tab, and one value per poll: nothing for the value
/// of the poll before, a number for the difference to it, `=1.5` for the value itself, `x` where there was no sample.
struct Recording {
    /// What Redstart adds to the replies of a node.
    private static let nodeRows: [MetricRow] = [
        MetricRow("", "redis_up", .gauge, help: "Whether the last poll worked."),
        MetricRow("", "redis_exporter_last_scrape_error", .gauge, labels: ["err"], help: "Why it did not."),
        MetricRow("", "redis_exporter_last_scrape_duration_seconds", .gauge, help: "Time of the last poll."),
        MetricRow("", "redis_exporter_last_scrape_connect_time_seconds", .gauge, help: "Time of the last connect."),
        MetricRow("", "redstart_node_polls_total", .counter, help: "Polls."),
        MetricRow("", "redstart_node_commands_total", .counter, help: "Commands sent."),
        MetricRow("", "redstart_node_refused_commands", .gauge, help: "Commands refused."),
        MetricRow("", "redstart_node_sent_bytes_total", .counter, help: "Bytes sent."),
        MetricRow("", "redstart_node_received_bytes_total", .counter, help: "Bytes received."),
        MetricRow("", "redstart_node_connects_total", .counter, help: "Connections made."),
    ]

    /// The catalogue of all collectors, as the daemon has it.
    static func catalog() -> MetricCatalog {
        var catalog = MetricCatalog()
        _ = CollectorCatalog(catalog: &catalog)
        _ = catalog.add(nodeRows)
        return catalog
    }

    let polls: Int
    /// The samples of the first poll: keys, and what the exposition needs to know.
    let first: PollSamples
    /// The values by poll, over two hours: in the second the counters go on from where they ended.
    let rows: [[Double]]

    init(_ path: String, table: SeriesKeyTable) throws {
        guard let bytes = FileManager.default.contents(atPath: path) else { throw BenchmarkError.unreadable(path) }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        let families = Dictionary(
            table.catalog.rows.indices.map { (table.catalog.name(of: FamilyID(index: $0)), FamilyID(index: $0)) },
            uniquingKeysWith: { first, _ in first }
        )
        var buffer = SampleBuffer()
        var columns: [[Double]] = []
        for line in lines.dropFirst() {
            let parts = line.split(separator: "\t", maxSplits: 1, omittingEmptySubsequences: false)
            let column = parts.count == 2 ? Self.values(parts[1]) : []
            guard let value = column.first, Self.add(parts[0], value, families, table.catalog, &buffer) else {
                throw BenchmarkError.unreadable("\(path): \(line.prefix(80))")
            }
            columns.append(column)
        }
        var resolver = SeriesResolver(table: table)
        first = resolver.resolve(buffer, at: 0)
        polls = columns.map(\.count).min() ?? 0
        guard polls > 0, first.keys.count == columns.count else { throw BenchmarkError.unreadable(path) }
        rows = Self.rows(columns, polls: polls)
    }

    private static func rows(_ columns: [[Double]], polls: Int) -> [[Double]] {
        // What never falls is a counter or a clock.
        let gains = columns.map { column in
            zip(column, column.dropFirst()).allSatisfy { $0 <= $1 } ? column[polls - 1] - column[0] : 0
        }
        let hour = (0..<polls).map { poll in columns.map { $0[poll] } }
        let next = hour.map { row in
            zip(row, gains).map { $1 == 0 ? $0 : (($0 + $1) * 1e6).rounded() / 1e6 }
        }
        return hour + next
    }

    private static func add(
        _ name: Substring,
        _ value: Double,
        _ families: [String: FamilyID],
        _ catalog: MetricCatalog,
        _ buffer: inout SampleBuffer
    ) -> Bool {
        let parts = name.split(separator: ";")
        let labels = parts.dropFirst().map { $0.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false) }
        let roles: [(suffix: String, role: SampleRole)] = [("", .value), ("_sum", .sum), ("_count", .count)]
        for (suffix, role) in roles where parts[0].hasSuffix(suffix) {
            guard let family = families[String(parts[0].dropLast(suffix.count))] else { continue }
            let start = buffer.labelStart
            let named = catalog[family].labels
            for label in named {
                buffer.addLabel(labels.first { $0[0] == label }.map { String($0[1]) } ?? "")
            }
            for label in labels where !named.contains(String(label[0])) {
                buffer.addLabel(String(label[1]))
            }
            buffer.append(family, role: role, labelsFrom: start, value)
            return true
        }
        return false
    }

    /// The values of one series; where there was none, the next one there was, or the last.
    private static func values(_ text: Substring) -> [Double] {
        var last: Double?
        var missing = 0
        var values: [Double] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            if part == "x", last == nil {
                missing += 1
                continue
            }
            if part.first == "=" {
                last = Double(part.dropFirst())
            } else if !part.isEmpty, part != "x", let difference = Double(part) {
                last = (last ?? 0) + difference
            }
            values.append(last ?? 0)
        }
        return [Double](repeating: values.first ?? 0, count: missing) + values
    }
}
