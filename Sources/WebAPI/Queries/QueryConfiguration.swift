public import PromQL

/// How queries over HTTP are parsed, and what they may take.
public struct QueryConfiguration: Sendable {
    /// The limits of evaluation.
    public var engine: QueryEngine.Options
    /// What the parser allows.
    public var language: Query.Options
    /// How many queries run at once; the others wait.
    public var maximumConcurrency: Int

    /// The defaults of Prometheus.
    public init(
        engine: QueryEngine.Options = QueryEngine.Options(),
        language: Query.Options = Query.Options(),
        maximumConcurrency: Int = 20
    ) {
        self.engine = engine
        self.language = language
        self.maximumConcurrency = maximumConcurrency
    }
}
