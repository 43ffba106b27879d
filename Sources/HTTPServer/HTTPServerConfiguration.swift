/// What a server is told at its start; every limit and timeout has a default that suits a metrics endpoint.
public struct HTTPServerConfiguration: Sendable, Hashable {
    /// Where to listen.
    public var listenAddress: ListenAddress
    /// How much a client may send.
    public var limits: HTTPLimits
    /// How long a client may take.
    public var timeouts: HTTPTimeouts
    /// Bodies shorter than this many bytes are sent as they are: a packet saved is worth more than a few bytes.
    public var smallestCompressedBody: Int

    /// Creates a configuration.
    public init(
        listenAddress: ListenAddress,
        limits: HTTPLimits = HTTPLimits(),
        timeouts: HTTPTimeouts = HTTPTimeouts(),
        smallestCompressedBody: Int = 1_400
    ) {
        self.listenAddress = listenAddress
        self.limits = limits
        self.timeouts = timeouts
        self.smallestCompressedBody = smallestCompressedBody
    }
}

/// How much one client may send, and how many clients there may be.
public struct HTTPLimits: Sendable, Hashable {
    /// The longest request target in bytes; a longer one is answered with 414.
    public var targetBytes: Int
    /// The most bytes of header names and values in one request; more is answered with 431.
    public var headerBytes: Int
    /// The most header fields in one request; more is answered with 431.
    public var headerCount: Int
    /// The largest request body in bytes; a larger one is answered with 413.
    public var bodyBytes: Int
    /// The most connections open at once; a further one is answered with 503 and closed.
    public var connections: Int
    /// The most requests of one connection that may wait for their answer; the next is answered with 503.
    public var pipelinedRequests: Int

    /// Creates limits.
    public init(
        targetBytes: Int = 16 * 1_024,
        headerBytes: Int = 32 * 1_024,
        headerCount: Int = 100,
        bodyBytes: Int = 1_024 * 1_024,
        connections: Int = 512,
        pipelinedRequests: Int = 64
    ) {
        self.targetBytes = targetBytes
        self.headerBytes = headerBytes
        self.headerCount = headerCount
        self.bodyBytes = bodyBytes
        self.connections = connections
        self.pipelinedRequests = pipelinedRequests
    }
}

/// How long one client may take.
public struct HTTPTimeouts: Sendable, Hashable {
    /// From the first byte of a request to the end of its header fields; then 408.
    ///
    /// Also from connecting to the first byte, the handshake of TLS included; then the connection is closed.
    public var head: Duration
    /// From the end of the header fields to the end of the body; then 408.
    public var body: Duration
    /// Without a request on a connection that has had one; then it is closed.
    public var idle: Duration
    /// For the client to take what was written: one whole response, or one piece of a stream.
    public var write: Duration
    /// After a refusal the rest of what the client sends is read and dropped for this long, so that the
    /// answer reaches it: closing with unread input makes TCP reset the connection, answer included.
    public var linger: Duration
    /// What open requests get when the server shuts down.
    public var drain: Duration
    /// What connections without a request get then: one may have been sent before the client could know.
    public var drainIdle: Duration

    /// Creates timeouts.
    public init(
        head: Duration = .seconds(10),
        body: Duration = .seconds(30),
        idle: Duration = .seconds(120),
        write: Duration = .seconds(30),
        linger: Duration = .seconds(1),
        drain: Duration = .seconds(1),
        drainIdle: Duration = .milliseconds(100)
    ) {
        self.head = head
        self.body = body
        self.idle = idle
        self.write = write
        self.linger = linger
        self.drain = drain
        self.drainIdle = drainIdle
    }
}
