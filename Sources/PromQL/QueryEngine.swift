import Metrics

/// Evaluates queries over a source of samples.
public struct QueryEngine: Sendable {
    /// The limits and defaults of evaluation.
    public struct Options: Sendable {
        /// How far back an instant selector looks, in milliseconds.
        public var lookbackMilliseconds: Int64
        /// The distance of the points of a subquery that names none, in milliseconds.
        public var subqueryStepMilliseconds: Int64
        /// How many values a query may hold at once.
        public var maximumSamples: Int
        /// How long a query may take, `nil` for any time.
        public var timeout: Duration?
        /// Whether to count the samples of each step, which takes a little time.
        public var collectsStatistics = false

        /// The defaults of Prometheus: five minutes, one minute, 50 million, two minutes.
        public init(
            lookbackMilliseconds: Int64 = 300_000,
            subqueryStepMilliseconds: Int64 = 60_000,
            maximumSamples: Int = 50_000_000,
            timeout: Duration? = .seconds(120)
        ) {
            self.lookbackMilliseconds = lookbackMilliseconds
            self.subqueryStepMilliseconds = subqueryStepMilliseconds
            self.maximumSamples = maximumSamples
            self.timeout = timeout
        }
    }

    /// The limits and defaults.
    public var options: Options

    /// Makes an engine.
    public init(options: Options = Options()) {
        self.options = options
    }

    /// The largest time of either sign: far from the end of 64 bits, so that offsets and ranges cannot overflow.
    private static let maximumTime: Int64 = 1 << 60

    /// The value at one time, in milliseconds since 1970.
    ///
    /// Throws `QueryError`; a task that is cancelled meanwhile throws `canceled`.
    public func instant(_ query: Query, at time: Int64, source: some SeriesSource) throws(QueryError) -> QueryResult {
        guard time.magnitude <= Self.maximumTime else { throw .badData("invalid parameter \"time\": out of range") }
        let context = QueryContext(query: query, source: source, options: options, start: time, end: time, step: 1)
        let evaluator = Evaluator(context: context, grid: .single(time))
        try context.checkpointNow()
        let value: QueryResult.Value
        switch query.root.type {
        case .scalar:
            value = .scalar(timestamp: time, value: try evaluator.scalar(query.root)[0])
        case .string:
            value = .string(timestamp: time, value: evaluator.string(query.root))
        case .vector:
            var samples: [VectorSample] = []
            try evaluator.stream(query.root) { labels, values throws(QueryError) in
                guard let first = values.first, !first.isAbsent else { return }
                samples.append(VectorSample(labels: labels, timestamp: time, value: first))
            }
            value = .vector(samples)
        case .matrix:
            value = .matrix(try evaluator.matrix(query.root))
        }
        return result(value, context)
    }

    /// The values from one time to another, both included, every `step` milliseconds.
    ///
    /// Throws `QueryError`; a task that is cancelled meanwhile throws `canceled`.
    public func range(
        _ query: Query,
        from: Int64,
        through: Int64,
        step: Int64,
        source: some SeriesSource
    ) throws(QueryError) -> QueryResult {
        let type = query.root.type
        guard type == .scalar || type == .vector else {
            throw .badData(
                "invalid parameter \"query\": invalid expression type \"\(type.longName)\" for range query, must be "
                    + "Scalar or instant Vector"
            )
        }
        guard step > 0 else {
            throw .badData("zero or negative query resolution step widths are not accepted. Try a positive integer")
        }
        guard from.magnitude <= Self.maximumTime, through.magnitude <= Self.maximumTime else {
            throw .badData("invalid parameter \"start\" or \"end\": out of range")
        }
        guard from <= through else { throw .badData("end timestamp must not be before start time") }
        let count = (through - from) / step + 1
        guard count <= options.maximumSamples else { throw .tooManySamples }
        let context = QueryContext(
            query: query,
            source: source,
            options: options,
            start: from,
            end: through,
            step: step
        )
        let grid = TimeGrid(start: from, step: step, count: Int(count))
        try context.checkpointNow()
        return result(.matrix(try series(query.root, context, grid)), context)
    }

    private func series(
        _ root: Expression,
        _ context: QueryContext,
        _ grid: TimeGrid
    ) throws(QueryError) -> [MatrixSeries] {
        let evaluator = Evaluator(context: context, grid: grid)
        let times = (0..<grid.count).map { grid.time($0) }
        if root.type == .scalar {
            return [MatrixSeries(labels: Labels(), timestamps: times, values: try evaluator.scalar(root))]
        }
        var rows: [MatrixSeries] = []
        try evaluator.stream(root) { labels, values throws(QueryError) in
            var row = MatrixSeries(labels: labels, timestamps: [], values: [])
            for (step, value) in values.enumerated() where !value.isAbsent {
                row.timestamps.append(times[step])
                row.values.append(value)
            }
            guard !row.values.isEmpty else { return }
            try context.hold(row.values.count)
            rows.append(row)
        }
        return rows.sorted { $0.labels < $1.labels }
    }

    private func result(_ value: QueryResult.Value, _ context: QueryContext) -> QueryResult {
        QueryResult(
            value: value,
            warnings: context.annotations.warnings,
            infos: context.annotations.infos,
            statistics: context.statistics
        )
    }
}
