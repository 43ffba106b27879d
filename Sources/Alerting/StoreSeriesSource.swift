public import Metrics
public import PromQL
public import TimeSeriesStore

/// The store as PromQL reads it.
public struct StoreSeriesSource: SeriesSource {
    private let store: TimeSeriesStore

    /// Reads from a store.
    public init(_ store: TimeSeriesStore) {
        self.store = store
    }

    /// Hands the matchers to the store, the name of the metric by its index where it is given exactly.
    public func forEachSeries(
        _ matchers: [LabelMatcher],
        from: Int64,
        through: Int64,
        _ body: (
            _ labels: Labels,
            _ timestamps: UnsafeBufferPointer<Int64>,
            _ values: UnsafeBufferPointer<Double>
        ) throws(QueryError) -> Void
    ) throws(QueryError) {
        try store.forEachSeries(SeriesSelector(matchers), from: from, through: through, body)
    }

    /// Reads what the store has at hand where the span reaches up to now.
    public func forEachLastSample(
        _ matchers: [LabelMatcher],
        from: Int64,
        through: Int64,
        _ body: (_ labels: Labels, _ timestamp: Int64, _ value: Double) throws(QueryError) -> Void
    ) throws(QueryError) {
        try store.forEachLastSample(SeriesSelector(matchers), from: from, through: through, body)
    }
}

extension SeriesSelector {
    /// The selector that asks the store for what the matchers want, the name of the metric by its index where it is
    /// given exactly.
    public init(_ matchers: [LabelMatcher]) {
        self.init()
        for matcher in matchers {
            let isExactName =
                matcher.name == Labels.metricNameLabel && matcher.operation == .equal && !matcher.value.isEmpty
            if isExactName, metricName == nil {
                metricName = matcher.value
            } else {
                predicates.append(SeriesSelector.Predicate(label: matcher.name) { matcher.matches($0) })
            }
        }
    }
}
