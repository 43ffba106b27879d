/// A response: a status, header fields and a body.
///
/// `Date`, `Content-Length`, `Transfer-Encoding`, `Connection`, and for a body the server compresses
/// `Content-Encoding` and `Vary`, are the server's: the first four are ignored here.
public struct HTTPResponse: Sendable {
    /// The status.
    public var status: HTTPStatus
    /// The header fields.
    public var headers: HeaderFields
    /// The body.
    public var body: HTTPResponseBody

    /// Creates a response.
    public init(_ status: HTTPStatus, headers: HeaderFields = [:], body: HTTPResponseBody = .bytes([])) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// Creates a response with a body of the given content type.
    public init(_ status: HTTPStatus = .ok, contentType: String, bytes: [UInt8]) {
        self.init(status, headers: ["Content-Type": contentType], body: .bytes(bytes))
    }

    /// Creates a response of one line of plain text; the line feed is added.
    public static func text(_ status: HTTPStatus, _ line: String) -> HTTPResponse {
        HTTPResponse(status, contentType: "text/plain; charset=utf-8", bytes: Array(line.utf8) + [0x0A])
    }
}

/// Writes a streamed body piece by piece; it is called in the same task as the handler.
///
/// Returning ends the body. Throwing cuts the connection, so that the client does not take the torso for the whole.
/// The task is cancelled and the writer throws when the client goes away.
public typealias HTTPBodyProducer = @Sendable (inout HTTPBodyWriter) async throws -> Void

/// The body of a response.
public enum HTTPResponseBody: Sendable {
    /// Bytes that are there already; compressed if the client likes and they are worth it.
    case bytes([UInt8])
    /// The same bytes for many clients; compressed once if they like and it is worth it.
    case shared(SharedBody)
    /// A body too large to hold, written in pieces; compressed if the client likes.
    case stream(HTTPBodyProducer)
    /// A body without an end, such as server-sent events: each piece is sent at once and uncompressed, and when the
    /// server shuts down the stream ends without waiting.
    case events(HTTPBodyProducer)
}
