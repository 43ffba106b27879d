import Alerting
import HTTPServer
import JSON
import Metrics
import PromQL

/// `/api/v1/query`, `/api/v1/query_range` and `/api/v1/query_exemplars`: the values of an expression.
struct QueryRoutes: Sendable {
    /// More points than this of one series are refused, as Prometheus does.
    private static let maximumPoints: Int64 = 11_000

    private let source: StoreSeriesSource
    private let configuration: QueryConfiguration
    private let gate: QueryGate
    private let threads: QueryThreads

    init(source: StoreSeriesSource, configuration: QueryConfiguration) {
        self.source = source
        self.configuration = configuration
        gate = QueryGate(limit: configuration.maximumConcurrency)
        threads = QueryThreads(count: configuration.maximumConcurrency)
    }

    func instant(_ request: HTTPRequest) async -> HTTPResponse {
        await PrometheusResponse.answer { () async throws(APIError) in
            let parameters = RequestParameters(request)
            let limit = try parameters.limit()
            let time = try parameters.time("time", or: WallClock.milliseconds())
            let options = try engineOptions(for: parameters)
            return try await evaluate(parameters, limit: limit, options) { (query, engine) throws(QueryError) in
                QueryAnswer(try engine.instant(query, at: time, source: source), start: time, step: 1)
            }
        }
    }

    func range(_ request: HTTPRequest) async -> HTTPResponse {
        await PrometheusResponse.answer { () async throws(APIError) in
            let parameters = RequestParameters(request)
            let limit = try parameters.limit()
            let start = try parameters.time("start")
            let end = try parameters.time("end")
            guard start <= end else {
                throw .badParameter("end", "end timestamp must not be before start time")
            }
            let step = try parameters.requiredDuration("step")
            guard step > 0 else {
                throw .badParameter(
                    "step",
                    "zero or negative query resolution step widths are not accepted. Try a positive integer"
                )
            }
            guard (end - start) / step <= Self.maximumPoints else {
                throw .badData(
                    "exceeded maximum resolution of 11,000 points per timeseries. "
                        + "Try decreasing the query resolution (?step=XX)"
                )
            }
            let options = try engineOptions(for: parameters)
            return try await evaluate(parameters, limit: limit, options) { (query, engine) throws(QueryError) in
                let result = try engine.range(query, from: start, through: end, step: step, source: source)
                return QueryAnswer(result, start: start, step: step)
            }
        }
    }

    /// There are no exemplars, whatever is asked for; but the question has to be one.
    func exemplars(_ request: HTTPRequest) -> HTTPResponse {
        PrometheusResponse.answer { () throws(APIError) in
            let parameters = RequestParameters(request)
            let start = try parameters.time("start", or: .min)
            let end = try parameters.time("end", or: .max)
            guard start <= end else { throw .badData("end timestamp must not be before start timestamp") }
            do throws(QueryError) {
                _ = try Query(parsing: parameters.text("query"), options: configuration.language)
            } catch {
                throw .badData(error.explanation)
            }
            return PrometheusResponse.list([], limit: nil)
        }
    }

    /// The limits of the request, which may be narrower than those of the program.
    private func engineOptions(for parameters: RequestParameters) throws(APIError) -> QueryEngine.Options {
        var options = configuration.engine
        if let milliseconds = try parameters.duration("timeout") {
            let asked: Duration = .milliseconds(max(0, milliseconds))
            options.timeout = options.timeout.map { min($0, asked) } ?? asked
        }
        let lookback: Int64?
        do throws(APIError) {
            lookback = try parameters.duration("lookback_delta")
        } catch {
            let text = Quoting.quoted(parameters.text("lookback_delta"))
            throw .badData("error parsing lookback delta duration: cannot parse \(text) to a valid duration")
        }
        if let lookback, lookback > 0 { options.lookbackMilliseconds = lookback }
        options.collectsStatistics = !parameters.text("stats").isEmpty
        return options
    }

    /// Parses at once, evaluates when it is the query's turn, and writes the answer, all but the first on threads for
    /// queries.
    ///
    /// The time that the query waited is part of the time it may take.
    private func evaluate(
        _ parameters: RequestParameters,
        limit: Int?,
        _ options: QueryEngine.Options,
        _ body: @escaping @Sendable (Query, QueryEngine) throws(QueryError) -> QueryAnswer
    ) async throws(APIError) -> HTTPResponse {
        var timings = QueryTimings()
        let query: Query
        do throws(QueryError) {
            query = try Query(parsing: parameters.text("query"), options: configuration.language)
        } catch {
            throw APIError(error)
        }
        timings.end(.preparation)
        let showsSteps = parameters.text("stats") == "all"
        return try await gate.run(timeout: options.timeout) { () async throws(APIError) in
            timings.end(.queue)
            let started = timings
            return try await onThreads { () throws(QueryError) in
                var timings = started
                var engine = QueryEngine(options: options)
                engine.options.timeout = options.timeout.map { max(.zero, $0 - timings[.queue]) }
                let answer = try body(query, engine)
                timings.end(.evaluation)
                let (value, isCut) = Self.cut(answer.result.value, to: limit)
                let maximum = configuration.maximumResultByteCount
                guard QueryResultWriter.leastByteCount(value) <= maximum else {
                    throw .execution("the result takes more than \(maximum) bytes: ask for fewer series or points")
                }
                return Self.response(to: answer, value, isCut: isCut, timings, showsSteps: showsSteps)
            }
        }
    }

    private func onThreads(
        _ body: @escaping @Sendable () throws(QueryError) -> HTTPResponse
    ) async throws(APIError) -> HTTPResponse {
        let outcome = await withTaskExecutorPreference(threads) { () async -> Result<HTTPResponse, QueryError> in
            await Self.evaluated(body)
        }
        do throws(QueryError) {
            return try outcome.get()
        } catch {
            throw APIError(error)
        }
    }

    /// Not on the caller's executor, but on the one that the task prefers.
    @concurrent
    private static func evaluated(
        _ body: @Sendable () throws(QueryError) -> HTTPResponse
    ) async -> Result<HTTPResponse, QueryError> {
        Result(catching: body)
    }

    private static func response(
        to answer: QueryAnswer,
        _ value: QueryResult.Value,
        isCut: Bool,
        _ timings: QueryTimings,
        showsSteps: Bool
    ) -> HTTPResponse {
        let result = answer.result
        let warnings = result.warnings + (isCut ? [PrometheusResponse.truncated] : [])
        return PrometheusResponse.success(warnings: warnings, infos: result.infos) { writer in
            writer.object { writer in
                QueryResultWriter.writeMembers(value, to: &writer)
                guard let statistics = result.statistics else { return }
                writer.key("stats")
                let steps = showsSteps ? (answer.start, answer.step) : nil
                QueryStatisticsWriter.write(statistics, timings, steps: steps, to: &writer)
            }
        }
    }

    /// The first so many series.
    private static func cut(_ value: QueryResult.Value, to limit: Int?) -> (QueryResult.Value, isCut: Bool) {
        guard let limit else { return (value, false) }
        switch value {
        case .vector(let samples) where samples.count > limit: return (.vector(Array(samples.prefix(limit))), true)
        case .matrix(let series) where series.count > limit: return (.matrix(Array(series.prefix(limit))), true)
        default: return (value, false)
        }
    }
}

/// What a query gave, and at which times it was evaluated.
struct QueryAnswer: Sendable {
    let result: QueryResult
    let start: Int64
    let step: Int64

    init(_ result: QueryResult, start: Int64, step: Int64) {
        self.result = result
        self.start = start
        self.step = step
    }
}
