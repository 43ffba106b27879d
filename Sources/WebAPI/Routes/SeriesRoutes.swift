import HTTPServer
import JSON
import Metrics
import PromQL
import TimeSeriesStore

/// `/api/v1/series`, `/api/v1/labels` and `/api/v1/label/<name>/values`: which series and labels there are.
struct SeriesRoutes: Sendable {
    let store: TimeSeriesStore
    let options: Query.Options

    func series(_ request: HTTPRequest) async -> HTTPResponse {
        PrometheusResponse.answer { () throws(APIError) in
            let parameters = RequestParameters(request)
            guard !parameters.all("match[]").isEmpty else { throw .badData("no match[] parameter provided") }
            let limit = try parameters.limit()
            let (start, end) = try Self.span(parameters)
            let matches = try SeriesMatch.all(parameters, options: options, isNamed: true)
            let found = try labels(of: matches, from: start, through: end)
            let isCut = limit.map { found.count > $0 } ?? false
            return PrometheusResponse.success(warnings: isCut ? [PrometheusResponse.truncated] : []) { writer in
                writer.array(of: found.prefix(limit ?? .max)) { QueryResultWriter.write($1, to: &$0) }
            }
        }
    }

    func labelNames(_ request: HTTPRequest) async -> HTTPResponse {
        PrometheusResponse.answer { () throws(APIError) in
            let parameters = RequestParameters(request)
            let limit = try parameters.limit()
            let (start, end) = try Self.span(parameters)
            let matches = try SeriesMatch.all(parameters, options: options)
            let names = store.labelNames(matching: matches.map(\.selector), from: start, through: end)
            return PrometheusResponse.list(names, limit: limit)
        }
    }

    func labelValues(_ request: HTTPRequest) async -> HTTPResponse {
        PrometheusResponse.answer { () throws(APIError) in
            let parameters = RequestParameters(request)
            let name = EscapedName.original(of: request.parameter("name") ?? "")
            guard !name.isEmpty else { throw .badData("invalid label name: \(Quoting.quoted(name))") }
            let limit = try parameters.limit()
            let (start, end) = try Self.span(parameters)
            let matches = try SeriesMatch.all(parameters, options: options)
            let values = store.labelValues(of: name, matching: matches.map(\.selector), from: start, through: end)
            return PrometheusResponse.list(values, limit: limit)
        }
    }

    /// From the beginning to the end of time where the request does not say.
    private static func span(_ parameters: RequestParameters) throws(APIError) -> (start: Int64, end: Int64) {
        (try parameters.time("start", or: .min), try parameters.time("end", or: .max))
    }

    /// The labels of all series that one of the selectors wants, sorted, each once.
    private func labels(
        of matches: [SeriesMatch],
        from start: Int64,
        through end: Int64
    ) throws(APIError) -> [Labels] {
        var found: Set<Labels> = []
        for match in matches {
            try store.forEachSeriesLabels(match.selector, from: start, through: end) { (labels) throws(APIError) in
                found.insert(labels)
                if found.count & 1023 == 0, Task.isCancelled { throw .canceled(in: "selection of series") }
            }
        }
        return found.sorted()
    }
}
