import Metrics
import PromQL

/// Series in memory, in the order of their labels.
struct MemorySource: SeriesSource {
    struct Row {
        let labels: Labels
        let timestamps: [Int64]
        let values: [Double]
    }

    private(set) var rows: [Row] = []

    /// Adds a series in the notation of unit tests.
    mutating func load(_ series: String, _ values: String, interval: Int64) throws {
        let description = try SeriesDescription(series: series, values: values)
        rows.append(
            Row(
                labels: description.labels,
                timestamps: description.samples.map { Int64($0.index) * interval },
                values: description.samples.map(\.value)
            )
        )
        rows.sort { $0.labels < $1.labels }
    }

    func forEachSeries(
        _ matchers: [LabelMatcher],
        from: Int64,
        through: Int64,
        _ body: (Labels, UnsafeBufferPointer<Int64>, UnsafeBufferPointer<Double>) throws(QueryError) -> Void
    ) throws(QueryError) {
        for row in rows where matchers.allSatisfy({ $0.matches(row.labels[$0.name] ?? "") }) {
            let lower = row.timestamps.firstIndex { $0 >= from } ?? row.timestamps.count
            let upper = row.timestamps.firstIndex { $0 > through } ?? row.timestamps.count
            guard lower < upper else { continue }
            var failure: QueryError?
            row.timestamps[lower..<upper].withUnsafeBufferPointer { timestamps in
                row.values[lower..<upper].withUnsafeBufferPointer { values in
                    do throws(QueryError) {
                        try body(row.labels, timestamps, values)
                    } catch {
                        failure = error
                    }
                }
            }
            if let failure { throw failure }
        }
    }
}
