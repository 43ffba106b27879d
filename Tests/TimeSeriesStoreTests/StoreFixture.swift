import Metrics

@testable import TimeSeriesStore

/// One series as a query gave it; values as bit patterns, so that NaN equals NaN and 0 differs from -0.
struct ReadSeries: Equatable {
    var timestamps: [Int64] = []
    var values: [UInt64] = []

    var doubles: [Double] {
        values.map { Double(bitPattern: $0) }
    }
}

/// A store with keys made by name, for tests.
struct StoreFixture {
    let table = SeriesKeyTable(catalog: MetricCatalog())
    let store: TimeSeriesStore

    init(history: Duration = .seconds(3600), maxBytes: Int? = nil) {
        store = TimeSeriesStore(
            keys: table, configuration: StoreConfiguration(history: history, maxBytes: maxBytes))
    }

    /// The key of a series with this metric name and these labels, held for good.
    func key(_ name: String, _ labels: [(String, String)] = []) -> SeriesKey {
        table.intern(Labels(labels + [("__name__", name)]))
    }

    func keys(_ names: [String]) -> [SeriesKey] {
        names.map { key($0) }
    }

    func group(_ labels: [(String, String)] = []) -> SeriesGroup {
        store.addGroup(labels: Labels(labels))
    }

    /// All that matches, by the text of its labels.
    func read(
        _ selector: SeriesSelector = SeriesSelector(),
        from first: Int64 = .min,
        through last: Int64 = .max
    ) -> [String: ReadSeries] {
        var result: [String: ReadSeries] = [:]
        store.forEachSeries(selector, from: first, through: last) { labels, timestamps, values in
            let series = ReadSeries(timestamps: Array(timestamps), values: values.map(\.bitPattern))
            precondition(result.updateValue(series, forKey: labels.description) == nil, "twice: \(labels)")
        }
        return result
    }

    /// The last sample of all that matches, by the text of its labels.
    func readLast(from first: Int64 = .min, through last: Int64 = .max) -> [String: ReadSeries] {
        var result: [String: ReadSeries] = [:]
        store.forEachLastSample(SeriesSelector(), from: first, through: last) { labels, timestamp, value in
            let series = ReadSeries(timestamps: [timestamp], values: [value.bitPattern])
            precondition(result.updateValue(series, forKey: labels.description) == nil, "twice: \(labels)")
        }
        return result
    }

    /// The values of the one series of this name.
    func values(of name: String) -> [Double] {
        read(SeriesSelector(metricName: name)).values.first?.doubles ?? []
    }
}
