import HTTPServer
import PromQL

/// The envelope of the Prometheus HTTP API: <https://prometheus.io/docs/prometheus/latest/querying/api/>.
enum PrometheusResponse {
    /// `{"status":"success","data":…}`, with warnings and infos where there are any.
    static func success(
        warnings: [String] = [],
        infos: [String] = [],
        data: (inout JSONWriter) -> Void
    ) -> HTTPResponse {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("status")
            writer.string("success")
            writer.key("data")
            data(&writer)
            write(warnings, as: "warnings", to: &writer)
            write(infos, as: "infos", to: &writer)
        }
        return HTTPResponse(contentType: "application/json", bytes: writer.bytes)
    }

    /// The error of a query, with the status that Prometheus gives it.
    static func failure(_ error: QueryError) -> HTTPResponse {
        let status: HTTPStatus =
            switch error.errorType {
            case "bad_data": .badRequest
            case "timeout", "canceled": .serviceUnavailable
            default: .unprocessableContent
            }
        return failure(status, type: error.errorType, message: error.explanation)
    }

    /// A parameter that cannot be used.
    static func badParameter(_ name: String, _ problem: String) -> HTTPResponse {
        failure(.badRequest, type: "bad_data", message: "invalid parameter \"\(name)\": \(problem)")
    }

    private static func failure(_ status: HTTPStatus, type: String, message: String) -> HTTPResponse {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("status")
            writer.string("error")
            writer.key("errorType")
            writer.string(type)
            writer.key("error")
            writer.string(message)
        }
        return HTTPResponse(status, headers: ["Content-Type": "application/json"], body: .bytes(writer.bytes))
    }

    private static func write(_ texts: [String], as key: String, to writer: inout JSONWriter) {
        guard !texts.isEmpty else { return }
        writer.key(key)
        writer.array(of: texts) { $0.string($1) }
    }
}
