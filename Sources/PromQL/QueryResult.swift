public import Metrics

/// One series of an instant vector.
public struct VectorSample: Sendable, Equatable {
    /// The labels, `__name__` among them where the result has it.
    public var labels: Labels
    /// Milliseconds since 1970.
    public var timestamp: Int64
    /// The value.
    public var value: Double

    /// Makes a sample.
    public init(labels: Labels, timestamp: Int64, value: Double) {
        self.labels = labels
        self.timestamp = timestamp
        self.value = value
    }
}

/// One series of a matrix: as many timestamps as values.
public struct MatrixSeries: Sendable, Equatable {
    /// The labels, `__name__` among them where the result has it.
    public var labels: Labels
    /// Milliseconds since 1970, rising.
    public var timestamps: [Int64]
    /// The values.
    public var values: [Double]

    /// Makes a series.
    public init(labels: Labels, timestamps: [Int64], values: [Double]) {
        self.labels = labels
        self.timestamps = timestamps
        self.values = values
    }
}

/// What a query gives.
public struct QueryResult: Sendable {
    /// The value in one of four shapes.
    public enum Value: Sendable {
        /// A number and its time in milliseconds.
        case scalar(timestamp: Int64, value: Double)
        /// A text and its time in milliseconds.
        case string(timestamp: Int64, value: String)
        /// One sample a series; sorted only if the query sorts.
        case vector([VectorSample])
        /// Many samples a series, sorted by labels.
        case matrix([MatrixSeries])
    }

    /// The value.
    public let value: Value
    /// What is probably wrong: `PromQL warning: …` with a position at the end.
    public let warnings: [String]
    /// What may be wrong: `PromQL info: …` with a position at the end.
    public let infos: [String]
    /// What the query looked at; `nil` unless the engine was asked to count.
    public let statistics: QueryStatistics?
}
