/// A complete request.
public struct HTTPRequest: Sendable {
    /// The method; a HEAD request reaches a GET route's handler as `.head`.
    public let method: RequestMethod
    /// The decoded path, without the query.
    public let path: String
    /// The decoded items of a form posted as `application/x-www-form-urlencoded`, then those of the query.
    public let query: QueryItems
    /// The header fields.
    public let headers: HeaderFields
    /// The body; empty if there is none.
    public let body: [UInt8]
    /// The client's IP address without port, or an empty text for a local socket.
    public let remoteAddress: String

    var parameters: [String: String] = [:]

    /// Creates a request, as the server does and as tests of a route may.
    public init(
        method: RequestMethod,
        path: String,
        query: QueryItems = QueryItems(),
        headers: HeaderFields = [:],
        body: [UInt8] = [],
        remoteAddress: String = ""
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.remoteAddress = remoteAddress
    }

    /// The decoded segment of the path that a `:name` of the route's pattern stands for.
    public func parameter(_ name: String) -> String? {
        parameters[name]
    }

    /// What the client accepts; everything if it does not say.
    public var accept: Accept {
        Accept(parsing: headers.combined("accept") ?? "*/*")
    }
}
