/// What went wrong with a connection, as facts; `RedisError` puts it into words.
enum ConnectionFault: Hashable, Sendable {
    /// Connecting failed with a code of the operating system.
    case cannotConnect(errno: Int32)
    case unresolvedHost
    /// The name server did not answer within this time.
    case lookupTimeout(Duration)
    case socketPathTooLong
    /// No connection within this time.
    case connectTimeout(Duration)
    /// Connected, but no answer to the first commands within this time.
    case handshakeTimeout(Duration)
    /// The deadline of a pipeline passed.
    case replyTimeout(received: Int, of: Int, after: Duration)
    case tls(TLSFault)
    case unusablePasswordFile(path: String, problem: String)
    /// The server refused one of the first commands.
    case handshakeRefused(HandshakeStep, reply: String)
    /// An error that no command asked for, such as that of a server with too many clients.
    case unaskedError(reply: String)
    /// A reply that no command asked for.
    case unaskedReply
    case malformed(MalformedReply)
    /// The server closed the connection; `duringHandshake` before it had answered anything.
    case closedByServer(duringHandshake: Bool)
    case broken(errno: Int32)
    /// Anything else that the network layer reports.
    case other(String)
    /// Messages of a subscription came faster than they were taken.
    case slowSubscriber
    case closedByCaller
    case cancelled
}

/// The commands that begin a connection.
enum HandshakeStep: Hashable, Sendable {
    case authenticate(user: String?, hasPassword: Bool)
    case setName
    case select(database: Int)
    /// Where nothing else is to be said: that the server answers at all.
    case ping
}

/// Why there is no trusted TLS connection.
enum TLSFault: Error, Hashable, Sendable {
    /// The other side does not speak TLS.
    case notTLS
    case expired(day: String)
    case notYetValid(day: String)
    case untrusted(hasAuthority: Bool)
    case wrongName(expected: String)
    /// The server wants a client certificate, or another one.
    case clientCertificateRefused(given: Bool)
    case unusableFile(path: String, problem: String)
    case other(String)
}
