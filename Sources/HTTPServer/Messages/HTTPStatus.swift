/// A response status as in RFC 9110, section 15.
public struct HTTPStatus: Sendable, Hashable {
    /// The status code, 200 to 599.
    public let code: Int

    /// Creates a status; a code outside 200 to 599 becomes 500: informational ones are the server's own.
    public init(_ code: Int) {
        self.code = (200...599).contains(code) ? code : 500
    }

    /// 200.
    public static let ok = HTTPStatus(200)
    /// 302.
    public static let found = HTTPStatus(302)
    /// 304.
    public static let notModified = HTTPStatus(304)
    /// 400.
    public static let badRequest = HTTPStatus(400)
    /// 401.
    public static let unauthorized = HTTPStatus(401)
    /// 403.
    public static let forbidden = HTTPStatus(403)
    /// 404.
    public static let notFound = HTTPStatus(404)
    /// 405.
    public static let methodNotAllowed = HTTPStatus(405)
    /// 408.
    public static let requestTimeout = HTTPStatus(408)
    /// 413.
    public static let contentTooLarge = HTTPStatus(413)
    /// 414.
    public static let targetTooLong = HTTPStatus(414)
    /// 417.
    public static let expectationFailed = HTTPStatus(417)
    /// 422.
    public static let unprocessableContent = HTTPStatus(422)
    /// 431.
    public static let headersTooLarge = HTTPStatus(431)
    /// 500.
    public static let internalServerError = HTTPStatus(500)
    /// 501.
    public static let notImplemented = HTTPStatus(501)
    /// 503.
    public static let serviceUnavailable = HTTPStatus(503)
    /// 505.
    public static let versionNotSupported = HTTPStatus(505)

    /// The words behind the code; empty for a code without well-known ones.
    public var reason: String {
        switch code {
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 301: "Moved Permanently"
        case 302: "Found"
        case 303: "See Other"
        case 304: "Not Modified"
        case 307: "Temporary Redirect"
        case 308: "Permanent Redirect"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 406: "Not Acceptable"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 415: "Unsupported Media Type"
        case 417: "Expectation Failed"
        case 422: "Unprocessable Content"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        default: ""
        }
    }

    /// False for the statuses that never have a body (RFC 9110, section 6.4.1).
    var allowsBody: Bool {
        code != 204 && code != 304
    }
}
