import Metrics
import PromQL
import Synchronization

/// The series of one test: those of the file up to now, and what rules have recorded.
final class TestSeriesSource: SeriesSource {
    private struct Series {
        let labels: Labels
        var timestamps: [Int64] = []
        var values: [Double] = []
    }

    private struct State {
        var series: [Series] = []
        var byLabels: [Labels: Int] = [:]
        var byName: [String: [Int]] = [:]
        /// How many samples of each input series are loaded.
        var loaded: [Int]
    }

    private let input: [RuleTestFile.Input]
    private let interval: Int64
    private let start: Int64
    private let state: Mutex<State>

    init(_ group: RuleTestFile.Group) {
        // Of two series with the same labels the later one counts.
        var last: [Labels: RuleTestFile.Input] = [:]
        for series in group.input { last[series.labels] = series }
        input = last.values.sorted { $0.labels < $1.labels }
        interval = group.interval
        start = group.start
        state = Mutex(State(loaded: Array(repeating: 0, count: input.count)))
    }

    /// Makes the values of the file up to a time known.
    func load(through time: Int64) {
        state.withLock { state in
            for (place, series) in input.enumerated() {
                let samples = series.samples
                guard !samples.isEmpty else { continue }
                let index = Self.index(of: series.labels, in: &state)
                while state.loaded[place] < samples.count {
                    let sample = samples[state.loaded[place]]
                    let (distance, overflow) = interval.multipliedReportingOverflow(by: Int64(sample.index))
                    guard !overflow, distance <= time - start else { break }
                    let timestamp = start + distance
                    if state.series[index].timestamps.last.map({ $0 < timestamp }) ?? true {
                        state.series[index].timestamps.append(timestamp)
                        state.series[index].values.append(sample.value)
                    }
                    state.loaded[place] += 1
                }
            }
        }
    }

    /// Takes the result of a rule; returns what Prometheus' storage would refuse.
    func store(_ result: RuleResult) -> String? {
        state.withLock { state in
            var refused: String?
            let ended = result.stale.map { (labels: $0, value: Double.staleMarker) }
            for sample in result.samples + ended {
                let index = Self.index(of: sample.labels, in: &state)
                let newest = state.series[index].timestamps.last
                if let newest, newest > result.timestampMilliseconds {
                    refused = "out of order sample"
                } else if newest == result.timestampMilliseconds {
                    let isSame = state.series[index].values.last?.bitPattern == sample.value.bitPattern
                    if !isSame, !sample.value.isStaleMarker { refused = "duplicate sample for timestamp" }
                } else {
                    state.series[index].timestamps.append(result.timestampMilliseconds)
                    state.series[index].values.append(sample.value)
                }
            }
            return refused
        }
    }

    private static func index(of labels: Labels, in state: inout State) -> Int {
        if let index = state.byLabels[labels] { return index }
        let index = state.series.count
        state.series.append(Series(labels: labels))
        state.byLabels[labels] = index
        state.byName[labels.metricName ?? "", default: []].append(index)
        return index
    }

    func forEachSeries(
        _ matchers: [LabelMatcher],
        from: Int64,
        through: Int64,
        _ body: (
            _ labels: Labels,
            _ timestamps: UnsafeBufferPointer<Int64>,
            _ values: UnsafeBufferPointer<Double>
        ) throws(QueryError) -> Void
    ) throws(QueryError) {
        if let histogram = input.first(where: { !$0.histograms.isEmpty && Self.matches($0.labels, matchers) }) {
            throw .execution("\(histogram.labels) holds native histograms, which are not supported")
        }
        let name = matchers.first { $0.name == Labels.metricNameLabel && $0.operation == .equal }
        let found = state.withLock { state in
            let candidates = name.map { state.byName[$0.value] ?? [] } ?? Array(state.series.indices)
            return candidates.map { state.series[$0] }
        }
        for series in found where Self.matches(series.labels, matchers) {
            let first = Self.firstIndex(in: series.timestamps) { $0 >= from }
            let end = Self.firstIndex(in: series.timestamps) { $0 > through }
            guard first < end else { continue }
            try series.timestamps.withUnsafeBufferPointer { (timestamps) throws(QueryError) in
                try series.values.withUnsafeBufferPointer { (values) throws(QueryError) in
                    try body(
                        series.labels,
                        UnsafeBufferPointer(rebasing: timestamps[first..<end]),
                        UnsafeBufferPointer(rebasing: values[first..<end])
                    )
                }
            }
        }
    }

    /// The last histogram in a span of time of each series that has histograms and meets all matchers; `nil` where no
    /// such series has any histograms.
    func histograms(
        _ matchers: [LabelMatcher],
        from: Int64,
        through: Int64
    ) -> [(labels: Labels, histogram: TestHistogram)]? {
        let selected = input.filter { !$0.histograms.isEmpty && Self.matches($0.labels, matchers) }
        guard !selected.isEmpty else { return nil }
        return selected.compactMap { series in
            let last = series.histograms.last { sample in
                let (distance, overflow) = interval.multipliedReportingOverflow(by: Int64(sample.index))
                return !overflow && distance <= through - start
            }
            guard let last, start + Int64(last.index) * interval >= from, let histogram = last.histogram else {
                return nil
            }
            return (series.labels, histogram)
        }
    }

    private static func matches(_ labels: Labels, _ matchers: [LabelMatcher]) -> Bool {
        matchers.allSatisfy { $0.matches(labels[$0.name] ?? "") }
    }

    private static func firstIndex(in sorted: [Int64], where isReached: (Int64) -> Bool) -> Int {
        var (low, high) = (0, sorted.count)
        while low < high {
            let middle = (low + high) / 2
            if isReached(sorted[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
