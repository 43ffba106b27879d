internal import NIOHTTP1

/// A request method as in RFC 9110, section 9.
public enum RequestMethod: Sendable, Hashable, CustomStringConvertible {
    /// Reads a resource.
    case get
    /// Reads what `get` would give, without the body.
    case head
    /// Sends something to a resource.
    case post
    /// Replaces a resource.
    case put
    /// Changes a part of a resource.
    case patch
    /// Removes a resource.
    case delete
    /// Asks what may be done.
    case options
    /// Any other method, by its name.
    case other(String)

    /// The method's name on the wire.
    public var description: String {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .patch: "PATCH"
        case .delete: "DELETE"
        case .options: "OPTIONS"
        case .other(let name): name
        }
    }

    init(_ method: NIOHTTP1.HTTPMethod) {
        self =
            switch method {
            case .GET: .get
            case .HEAD: .head
            case .POST: .post
            case .PUT: .put
            case .PATCH: .patch
            case .DELETE: .delete
            case .OPTIONS: .options
            default: .other(method.rawValue)
            }
    }
}
