import Alerting
import HTTPServer
import Metrics
import PromQL

/// `/api/v1/query`: the value of an expression at one time.
struct QueryRoute: Sendable {
    let engine: QueryEngine
    let source: StoreSeriesSource
    let options: Query.Options

    func respond(to request: HTTPRequest) async -> HTTPResponse {
        let time: Int64
        switch request.query.first("time") {
        case nil, "": time = WallClock.milliseconds()
        case let text?:
            guard let given = PrometheusTime.milliseconds(text) else {
                return PrometheusResponse.badParameter(
                    "time",
                    "cannot parse \"\(text)\" to a valid timestamp: expected seconds since 1970 or RFC 3339"
                )
            }
            time = given
        }
        do throws(QueryError) {
            let query = try Query(parsing: request.query.first("query") ?? "", options: options)
            let result = try engine.instant(query, at: time, source: source)
            return PrometheusResponse.success(warnings: result.warnings, infos: result.infos) { writer in
                QueryResultWriter.write(result, to: &writer)
            }
        } catch {
            return PrometheusResponse.failure(error)
        }
    }
}
