internal import NIOHTTP1

/// What the header fields of a request say before its body is read.
struct RequestHeadCheck: Equatable {
    /// A reason to refuse the request without reading its body.
    struct Problem: Equatable {
        let refusal: HTTPRefusal
        let status: HTTPStatus
        let explanation: String
    }

    /// The first thing wrong, if anything is.
    let problem: Problem?
    /// Whether the client waits for `100 Continue` before it sends the body.
    let expectsContinue: Bool
    /// Whether no request may follow on the connection.
    let isLast: Bool

    init(_ head: HTTPRequestHead, limits: HTTPLimits) {
        let expectation = head.headers.first(name: "expect")
        // NIO's decoder stops at a request to change the protocol, even though we stay with ours.
        isLast = !head.isKeepAlive || head.method == .CONNECT || head.headers.contains(name: "upgrade")
        expectsContinue = head.version.minor > 0 && expectation?.lowercased() == "100-continue"
        problem = Self.problem(head, limits: limits, expectation: expectation)
    }

    private static func problem(_ head: HTTPRequestHead, limits: HTTPLimits, expectation: String?) -> Problem? {
        guard head.uri.utf8.count <= limits.targetBytes else {
            return Problem(
                refusal: .targetTooLong, status: .targetTooLong,
                explanation: "the request target is longer than \(limits.targetBytes) bytes")
        }
        let headerBytes = head.headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
        guard headerBytes <= limits.headerBytes else {
            return Problem(
                refusal: .headersTooLarge, status: .headersTooLarge,
                explanation: "the header fields are larger than \(limits.headerBytes) bytes")
        }
        // RFC 9112, section 3.2: exactly one Host field in HTTP/1.1.
        let hosts = head.headers.filter { $0.name.lowercased() == "host" }.count
        guard hosts == 1 || (hosts == 0 && head.version.minor == 0) else {
            return Problem(
                refusal: .malformed, status: .badRequest,
                explanation: hosts == 0 ? "the Host field is missing" : "there is more than one Host field")
        }
        if let coding = head.headers.first(name: "transfer-encoding"), coding.lowercased() != "chunked" {
            return Problem(
                refusal: .unsupported, status: .notImplemented,
                explanation: "only the transfer coding 'chunked' is supported")
        }
        if let expectation, expectation.lowercased() != "100-continue" {
            return Problem(
                refusal: .unsupported, status: .expectationFailed,
                explanation: "only the expectation '100-continue' is supported")
        }
        if let length = head.headers.first(name: "content-length").flatMap({ Int($0) }), length > limits.bodyBytes {
            return Problem(
                refusal: .bodyTooLarge, status: .contentTooLarge,
                explanation: "the body is larger than \(limits.bodyBytes) bytes")
        }
        return nil
    }
}
