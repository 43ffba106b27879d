/// A parsed and checked query.
public struct Query: Sendable, CustomStringConvertible {
    /// What the parser allows.
    public struct Options: Sendable {
        /// Whether functions and aggregations that Prometheus calls experimental are known
        /// (`promql-experimental-functions`).
        public var experimentalFunctions: Bool
        /// Whether durations may be expressions (`promql-duration-expr`).
        public var durationExpressions: Bool
        /// The longest query in bytes.
        public var maximumByteCount: Int

        /// The defaults of Prometheus: nothing experimental.
        public init(
            experimentalFunctions: Bool = false,
            durationExpressions: Bool = false,
            maximumByteCount: Int = 256 << 10
        ) {
            self.experimentalFunctions = experimentalFunctions
            self.durationExpressions = durationExpressions
            self.maximumByteCount = maximumByteCount
        }
    }

    /// The text that was parsed.
    public let text: String
    /// The checked tree.
    public let root: Expression

    /// Parses a text and checks its types.
    ///
    /// Throws `QueryError.parse` with the place of the first mistake.
    public init(parsing text: String, options: Options = Options()) throws(QueryError) {
        guard text.utf8.count <= options.maximumByteCount else {
            throw .parse(
                message:
                    "the expression has \(text.utf8.count) bytes, more than the \(options.maximumByteCount) allowed",
                range: 0..<0,
                query: String(text.prefix(80))
            )
        }
        var parser = Parser(text, options: options)
        root = try parser.parseQuery()
        self.text = text
        try TypeChecker(query: text).check(root)
    }

    /// The query on one line, as Prometheus prints it.
    public var description: String { ExpressionPrinter.line(root) }

    /// The query on as many lines as it needs, as the `format_query` endpoint of Prometheus prints it.
    public var prettyPrinted: String { PrettyPrinter.text(root, level: 0) }
}
