/// A method, a path pattern and what answers them.
public struct Route: Sendable {
    /// Answers a request; its task is cancelled when the client goes away.
    public typealias Handler = @Sendable (HTTPRequest) async -> HTTPResponse

    /// Where a handler runs.
    public enum Placement: Sendable, Hashable {
        /// On the connection's event loop, with no change of thread: 1 µs more than a plain function call, where
        /// the pool takes 10 to 30. Every connection of that loop waits while the handler computes, so this is for
        /// handlers that are short or mostly wait.
        case eventLoop
        /// On the shared threads of the concurrency runtime, for handlers that compute.
        case pool
    }

    let method: RequestMethod
    let pattern: String
    let placement: Placement
    let handler: Handler

    /// Creates a route.
    ///
    /// - Parameters:
    ///   - method: The method; a `.get` route answers HEAD too, unless HEAD has a route of its own.
    ///   - pattern: The path; a segment written `:name` stands for any one segment that is not empty, to be read
    ///     with ``HTTPRequest/parameter(_:)``.
    ///   - placement: Where the handler runs.
    ///   - handler: The handler.
    public init(
        _ method: RequestMethod,
        _ pattern: String,
        on placement: Placement = .pool,
        handler: @escaping Handler
    ) {
        self.method = method
        self.pattern = pattern
        self.placement = placement
        self.handler = handler
    }
}
