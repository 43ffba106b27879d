public import PromQL

/// How queries over HTTP are parsed, and what they may take.
public struct QueryConfiguration: Sendable {
    /// The limits of evaluation.
    public var engine: QueryEngine.Options
    /// What the parser allows.
    public var language: Query.Options
    /// How many queries run at once; the others wait.
    public var maximumConcurrency: Int
    /// The largest result that is written, in bytes of its text; it is written as a whole.
    public var maximumResultByteCount: Int

    /// The defaults of Prometheus, which has no limit for the size of a result.
    public init(
        engine: QueryEngine.Options = QueryEngine.Options(),
        language: Query.Options = Query.Options(),
        maximumConcurrency: Int = 20,
        maximumResultByteCount: Int = 256 << 20
    ) {
        self.engine = engine
        self.language = language
        self.maximumConcurrency = maximumConcurrency
        self.maximumResultByteCount = maximumResultByteCount
    }
}
