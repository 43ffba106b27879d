internal import NIOCore
internal import NIOHTTP1

/// A request as it was received, or the refusal of one, waiting for its turn.
enum QueuedRequest {
    case request(ReceivedRequest)
    case refusal(HTTPRefusal, HTTPStatus, explanation: String)
}

/// The parts of one request, gathered until it is complete.
struct ReceivedRequest {
    let head: HTTPRequestHead
    let isLast: Bool
    private(set) var body: [UInt8] = []

    init(head: HTTPRequestHead, isLast: Bool) {
        self.head = head
        self.isLast = isLast
    }

    mutating func append(_ bytes: ByteBuffer) {
        body.append(contentsOf: bytes.readableBytesView)
    }

    var exchange: Exchange {
        Exchange(
            isHead: head.method == .HEAD,
            isHTTP10: head.version.minor == 0,
            keepsAlive: !isLast,
            acceptsGzip: acceptsGzip
        )
    }

    private var acceptsGzip: Bool {
        let values = head.headers["accept-encoding"]
        return !values.isEmpty && ContentCoding.acceptsGzip(values.joined(separator: ","))
    }

    /// The answer the routes give to this request, or the way to it.
    func resolve(in router: Router, remoteAddress: String) -> Resolution {
        guard let target = RequestTarget(head.uri) else {
            return .response(.text(.badRequest, "the request target is not a path with valid percent-encoding"))
        }
        var query = QueryItems()
        if isForm, !body.isEmpty {
            guard let form = QueryItems(parsing: body) else {
                return .response(.text(.badRequest, "the form in the body has an invalid percent-encoding"))
            }
            query = form
        }
        query.append(target.query)

        let method = RequestMethod(head.method)
        switch router.match(method, path: target.path, segments: target.segments) {
        case .notFound:
            return .response(.text(.notFound, "there is nothing at this path"))
        case .methodNotAllowed(let allowed):
            var response = HTTPResponse.text(.methodNotAllowed, "this path does not support \(method)")
            response.headers.set("Allow", allowed.map(\.description).joined(separator: ", "))
            return .response(response)
        case .found(let route, let parameters):
            var request = HTTPRequest(
                method: method, path: target.path, query: query, headers: HeaderFields(head.headers), body: body,
                remoteAddress: remoteAddress)
            request.parameters = parameters
            return .route(route, request)
        }
    }

    enum Resolution {
        case response(HTTPResponse)
        case route(Route, HTTPRequest)
    }

    private var isForm: Bool {
        guard let type = head.headers.first(name: "content-type") else { return false }
        let end = type.utf8.firstIndex(of: UInt8(ascii: ";")) ?? type.endIndex
        return type[..<end].lowercased().filter { $0 != " " } == "application/x-www-form-urlencoded"
    }
}
