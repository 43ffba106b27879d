public import Metrics

/// Where the evaluator gets its samples from.
///
/// The engine reads through it from one thread per query.
public protocol SeriesSource: Sendable {
    /// Calls `body` once for each series that meets all matchers and has samples in a span of time.
    ///
    /// The span is `from...through` in milliseconds, both ends included. Timestamps rise strictly, staleness markers
    /// are among the values, and both buffers are valid during the call only.
    func forEachSeries(
        _ matchers: [LabelMatcher],
        from: Int64,
        through: Int64,
        _ body: (
            _ labels: Labels,
            _ timestamps: UnsafeBufferPointer<Int64>,
            _ values: UnsafeBufferPointer<Double>
        ) throws(QueryError) -> Void
    ) throws(QueryError)

    /// Calls `body` with the last sample of each series that meets all matchers and has one in a span of time.
    ///
    /// The same as the last sample of each call of `forEachSeries`, for sources that know it without the others.
    func forEachLastSample(
        _ matchers: [LabelMatcher],
        from: Int64,
        through: Int64,
        _ body: (_ labels: Labels, _ timestamp: Int64, _ value: Double) throws(QueryError) -> Void
    ) throws(QueryError)
}

extension SeriesSource {
    /// Reads whole series.
    public func forEachLastSample(
        _ matchers: [LabelMatcher],
        from: Int64,
        through: Int64,
        _ body: (_ labels: Labels, _ timestamp: Int64, _ value: Double) throws(QueryError) -> Void
    ) throws(QueryError) {
        try forEachSeries(matchers, from: from, through: through) { labels, timestamps, values throws(QueryError) in
            guard let timestamp = timestamps.last, let value = values.last else { return }
            try body(labels, timestamp, value)
        }
    }
}
