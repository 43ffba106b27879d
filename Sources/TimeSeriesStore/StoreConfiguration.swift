/// How much a `TimeSeriesStore` keeps.
public struct StoreConfiguration: Sendable {
    /// How long a sample is kept.
    ///
    /// Blocks go as a whole, so up to 29 older polls of a series may still be seen.
    public var history: Duration
    /// The memory that samples and index may use, in bytes; `nil` for no limit.
    ///
    /// When it is reached the oldest blocks go first; when none is left, new series are refused.
    public var maxBytes: Int?

    /// Makes a configuration; by default one hour without a limit of memory.
    public init(history: Duration = .seconds(3600), maxBytes: Int? = nil) {
        self.history = history
        self.maxBytes = maxBytes
    }

    var historyMilliseconds: Int64 {
        let parts = history.components
        let (whole, overflow) = parts.seconds.multipliedReportingOverflow(by: 1000)
        if overflow { return .max }
        return whole.addingSaturating(parts.attoseconds / 1_000_000_000_000_000)
    }
}

extension Int64 {
    func addingSaturating(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }

    func subtractingSaturating(_ other: Int64) -> Int64 {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? (other < 0 ? .max : .min) : difference
    }
}
