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
}
