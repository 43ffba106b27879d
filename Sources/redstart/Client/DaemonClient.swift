import HTTPClient
import NIOPosix

/// Asks a running daemon, or anything else with the API of Prometheus.
struct DaemonClient: Sendable {
    let url: HTTPURL
    var tls = ClientTLSOptions()
    /// The longest that a question may take, connecting included.
    var timeout: Duration = .seconds(10)

    /// An answer that is larger is refused: it would fill the memory, and no terminal.
    private static let limit = 512 << 20

    /// Gets a path.
    func get(_ path: String) async throws(DaemonError) -> ClientResponse {
        try await send("GET", path)
    }

    /// Posts a form, as the Prometheus API takes it for questions that are too long for a URL.
    func post(_ path: String, form: [(name: String, value: String)]) async throws(DaemonError) -> ClientResponse {
        try await send("POST", path, Self.encoded(form), type: "application/x-www-form-urlencoded")
    }

    /// A form as the body of a request.
    static func encoded(_ form: [(name: String, value: String)]) -> [UInt8] {
        Array(form.map { "\(escaped($0.name))=\(escaped($0.value))" }.joined(separator: "&").utf8)
    }

    /// Sends a request with a body, if any, and gives the answer, whatever its status.
    func send(
        _ method: String,
        _ path: String,
        _ body: [UInt8] = [],
        type: String = "application/json"
    ) async throws(DaemonError) -> ClientResponse {
        var headers = [("User-Agent", "redstart/\(Version.current)"), ("Accept", "application/json")]
        if !body.isEmpty { headers.append(("Content-Type", type)) }
        var request = ClientRequest(
            method: method, url: url.appending(path: path), headers: headers, body: body, timeout: timeout, tls: tls
        )
        request.bodyLimit = Self.limit
        let response: ClientResponse
        do {
            response = try await HTTPClient(eventLoops: MultiThreadedEventLoopGroup.singleton).send(request)
        } catch {
            throw DaemonError(error, url)
        }
        guard response.isComplete else { throw DaemonError("the answer of \(url) was cut off, or is over 512 MB") }
        return response
    }

    /// Everything but letters and digits is encoded.
    private static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                return String(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                return (byte < 16 ? "%0" : "%") + digits
            }
        }.joined()
    }
}

/// Why a daemon gave no answer, or none that is of use.
struct DaemonError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }

    fileprivate init(_ error: HTTPClientError, _ url: HTTPURL) {
        switch error.reason {
        case .refused, .unreachable, .dns, .tls:
            self.init("cannot reach \(url): \(error.problem). Is `redstart serve` running there? (--url)")
        default:
            self.init("\(error)")
        }
    }
}
