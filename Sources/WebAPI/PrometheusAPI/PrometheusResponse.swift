import HTTPServer
import JSON

/// The envelope of the Prometheus HTTP API: <https://prometheus.io/docs/prometheus/latest/querying/api/>.
enum PrometheusResponse {
    /// The warning that a list is not complete, as Prometheus words it.
    static let truncated = "results truncated due to limit"

    /// The answer of `body`, or its error in the envelope.
    static func answer(_ body: () throws(APIError) -> HTTPResponse) -> HTTPResponse {
        do throws(APIError) {
            return try body()
        } catch {
            return failure(error)
        }
    }

    /// The same of a `body` that waits.
    static func answer(_ body: () async throws(APIError) -> HTTPResponse) async -> HTTPResponse {
        do throws(APIError) {
            return try await body()
        } catch {
            return failure(error)
        }
    }

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

    /// A list of texts, cut to the limit that was asked for.
    static func list(_ texts: [String], limit: Int?) -> HTTPResponse {
        let isCut = limit.map { texts.count > $0 } ?? false
        return success(warnings: isCut ? [truncated] : []) { writer in
            writer.array(of: texts.prefix(limit ?? .max)) { $0.string($1) }
        }
    }

    /// `{"status":"error",…}` with the status that Prometheus gives the error.
    static func failure(_ error: APIError) -> HTTPResponse {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("status")
            writer.string("error")
            writer.key("errorType")
            writer.string(error.kind.rawValue)
            writer.key("error")
            writer.string(error.message)
        }
        let headers: HeaderFields = ["Content-Type": "application/json"]
        return HTTPResponse(error.kind.status, headers: headers, body: .bytes(writer.bytes))
    }

    private static func write(_ texts: [String], as key: String, to writer: inout JSONWriter) {
        guard !texts.isEmpty else { return }
        writer.key(key)
        writer.array(of: texts) { $0.string($1) }
    }
}
