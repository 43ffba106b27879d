import Alerting
import BundledRules
import Metrics
import PromQL
import TimeSeriesStore

/// Appending polls, and evaluating rules over what was appended.
struct StoreBenchmarks {
    private let table: SeriesKeyTable
    private let store: TimeSeriesStore
    private let first: FamilyID
    private let series = 450

    init() {
        var catalog = MetricCatalog()
        first = catalog.add(
            (0..<250).map { MetricRow("", "redis_gauge_\($0)", .gauge, help: "A gauge.") }
                + [MetricRow("", "redis_commands_total", .counter, labels: ["cmd"], help: "Calls.")]
                + ["redis_up", "redis_memory_used_bytes", "redis_memory_max_bytes", "redis_connected_clients"].map {
                    MetricRow("", $0, .gauge, help: "A gauge that rules read.")
                }
        )
        table = SeriesKeyTable(catalog: catalog)
        store = TimeSeriesStore(keys: table, configuration: StoreConfiguration(history: .seconds(3600)))
    }

    func run(_ harness: inout Harness) throws {
        let group = store.addGroup(labels: Labels([("job", "redis"), ("instance", "127.0.0.1:6379")]))
        var resolver = SeriesResolver(table: table)
        var time: Int64 = 1_700_000_000_000
        var buffer = SampleBuffer()
        let append = harness.single(calls: 200) {
            time += 15_000
            fill(&buffer, round: Double(time / 15_000))
            try? store.append(resolver.resolve(buffer, at: time), to: group)
        }
        harness.report("fill, resolve and append a poll of \(series + 4) series", append, budget: "≤ 20 µs")

        var groups = try BundledRules.files.flatMap { try RuleFiles().parse($0.bytes, file: $0.name) }
            .map { RuleGroupEvaluation($0) }
        let source = StoreSeriesSource(store)
        let engine = QueryEngine()
        let rules = harness.single(rounds: 101, calls: 10) {
            for index in groups.indices {
                _ = groups[index].evaluate(
                    at: time,
                    engine: engine,
                    source: source,
                    externals: TemplateExternals(),
                    store: { _ in nil }
                )
            }
        }
        let count = groups.map(\.rules.count).reduce(0, +)
        harness.report("all \(count) bundled rules over one node with an hour of history", rules, budget: "≤ 2 ms")
    }

    /// A third of the gauges moves, and all counters.
    private func fill(_ buffer: inout SampleBuffer, round: Double) {
        buffer.removeAll()
        for index in 0..<250 {
            buffer.append(first.advanced(by: index), index % 3 == 0 ? round * Double(index) : Double(index) * 1.5)
        }
        for index in 0..<(series - 250) {
            let labels = buffer.labelStart
            buffer.addLabel("command\(index)")
            buffer.append(first.advanced(by: 250), labelsFrom: labels, round * Double(index + 1))
        }
        for (position, value) in [1, 1_000_000 + round, 0, 12].enumerated() {
            buffer.append(first.advanced(by: 251 + position), value)
        }
    }
}
