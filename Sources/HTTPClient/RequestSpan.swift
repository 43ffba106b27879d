import Tracing

/// The span of a request, by the semantic conventions of OpenTelemetry for HTTP clients
/// (<https://opentelemetry.io/docs/specs/semconv/http/http-spans/>).
///
/// Neither path nor query is said: in webhooks they are secrets.
enum RequestSpan {
    static func end(_ span: OpenSpan, of request: ClientRequest, status: Int) {
        let attributes = attributes(of: request) + [SpanAttribute("http.response.status_code", status)]
        guard status >= 400 else { return span.end(request.method, attributes, kind: .client) }
        let type = SpanAttribute("error.type", String(status))
        span.end(request.method, attributes + [type], kind: .client, failure: "the answer has the status \(status)")
    }

    static func end(_ span: OpenSpan, of request: ClientRequest, _ error: HTTPClientError) {
        let type = SpanAttribute("error.type", error.reason.rawValue)
        span.end(request.method, attributes(of: request) + [type], kind: .client, failure: error.description)
    }

    private static func attributes(of request: ClientRequest) -> [SpanAttribute] {
        [
            SpanAttribute("http.request.method", request.method),
            SpanAttribute("server.address", request.url.host),
            SpanAttribute("server.port", request.url.port),
        ]
    }
}
