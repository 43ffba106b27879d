import Metrics
import TimeSeriesStore

/// Appending polls.
struct StoreBenchmarks {
    private let table: SeriesKeyTable
    private let store: TimeSeriesStore
    private let first: FamilyID
    private let series = 454

    init() {
        var catalog = MetricCatalog()
        first = catalog.add(
            (0..<250).map { MetricRow("", "redis_gauge_\($0)", .gauge, help: "A gauge.") }
                + [MetricRow("", "redis_commands_total", .counter, labels: ["cmd"], help: "Calls.")]
        )
        table = SeriesKeyTable(catalog: catalog)
        store = TimeSeriesStore(keys: table, configuration: StoreConfiguration(history: .seconds(3600)))
    }

    func run(_ harness: inout Harness) {
        let group = store.addGroup(labels: Labels([("job", "redis"), ("instance", "127.0.0.1:6379")]))
        var resolver = SeriesResolver(table: table)
        var time: Int64 = 1_700_000_000_000
        var buffer = SampleBuffer()
        let append = harness.single(calls: 200) {
            time += 15_000
            fill(&buffer, round: Double(time / 15_000))
            try? store.append(resolver.resolve(buffer, at: time), to: group)
        }
        harness.report("fill, resolve and append a poll of \(series) series", append, budget: "≤ 20 µs")
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
    }
}
