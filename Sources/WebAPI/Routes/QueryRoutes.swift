import Alerting
import HTTPServer
import JSON
import Metrics
import PromQL

/// `/api/v1/query`, `/api/v1/query_range` and `/api/v1/query_exemplars`: the values of an expression.
struct QueryRoutes: Sendable {
    /// More points than this of one series are refused, as Prometheus does.
    private static let maximumPoints: Int64 = 11_000

    let engine: QueryEngine
    let source: StoreSeriesSource
    let options: Query.Options

    func instant(_ request: HTTPRequest) async -> HTTPResponse {
        PrometheusResponse.answer { () throws(APIError) in
            let parameters = RequestParameters(request)
            let limit = try parameters.limit()
            let time = try parameters.time("time", or: WallClock.milliseconds())
            let engine = try engine(for: parameters)
            return try evaluate(parameters, limit: limit) { (query) throws(QueryError) in
                try engine.instant(query, at: time, source: source)
            }
        }
    }

    func range(_ request: HTTPRequest) async -> HTTPResponse {
        PrometheusResponse.answer { () throws(APIError) in
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
            let engine = try engine(for: parameters)
            return try evaluate(parameters, limit: limit) { (query) throws(QueryError) in
                try engine.range(query, from: start, through: end, step: step, source: source)
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
                _ = try Query(parsing: parameters.text("query"), options: options)
            } catch {
                throw .badData(error.explanation)
            }
            return PrometheusResponse.list([], limit: nil)
        }
    }

    /// The engine with the limits of the request, which may be narrower than its own.
    private func engine(for parameters: RequestParameters) throws(APIError) -> QueryEngine {
        var engine = engine
        if let milliseconds = try parameters.duration("timeout") {
            let asked: Duration = .milliseconds(max(0, milliseconds))
            engine.options.timeout = engine.options.timeout.map { min($0, asked) } ?? asked
        }
        let lookback: Int64?
        do throws(APIError) {
            lookback = try parameters.duration("lookback_delta")
        } catch {
            let text = GoText.quoted(parameters.text("lookback_delta"))
            throw .badData("error parsing lookback delta duration: cannot parse \(text) to a valid duration")
        }
        if let lookback, lookback > 0 { engine.options.lookbackMilliseconds = lookback }
        return engine
    }

    private func evaluate(
        _ parameters: RequestParameters,
        limit: Int?,
        _ body: (Query) throws(QueryError) -> QueryResult
    ) throws(APIError) -> HTTPResponse {
        var timings = QueryTimings()
        let result: QueryResult
        do throws(QueryError) {
            let query = try Query(parsing: parameters.text("query"), options: options)
            timings.endPreparation()
            result = try body(query)
            timings.endEvaluation()
        } catch {
            throw APIError(error)
        }
        let (value, isCut) = Self.cut(result.value, to: limit)
        let asksForStatistics = !parameters.text("stats").isEmpty
        let warnings = result.warnings + (isCut ? [PrometheusResponse.truncated] : [])
        return PrometheusResponse.success(warnings: warnings, infos: result.infos) { writer in
            writer.object { writer in
                QueryResultWriter.writeMembers(value, to: &writer)
                guard asksForStatistics else { return }
                writer.key("stats")
                timings.write(samplesRead: result.samplesRead, to: &writer)
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

/// What the parameter `stats` asks for.
private struct QueryTimings {
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private var preparation = Duration.zero
    private var evaluation = Duration.zero

    init() {
        start = clock.now
    }

    mutating func endPreparation() {
        preparation = clock.now - start
    }

    mutating func endEvaluation() {
        evaluation = clock.now - start - preparation
    }

    /// Queries do not wait in a queue here, and results are sorted as they are made: both times are zero.
    func write(samplesRead: Int, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("timings")
            writer.object { writer in
                for (name, time) in [
                    ("evalTotalTime", evaluation), ("resultSortTime", .zero), ("queryPreparationTime", preparation),
                    ("innerEvalTime", evaluation), ("execQueueTime", .zero),
                    ("execTotalTime", preparation + evaluation),
                ] {
                    writer.key(name)
                    writer.number(time.inSeconds)
                }
            }
            writer.key("samples")
            writer.object { writer in
                writer.key("totalQueryableSamples")
                writer.number(samplesRead)
                writer.key("peakSamples")
                writer.number(samplesRead)
            }
        }
    }
}
