/// Why a node could not be polled: the values of the `reason` label, a fixed set.
public enum FailureReason: String, Sendable, Hashable, CaseIterable {
    /// Nobody listens at the address.
    case refused
    /// The network does not lead there.
    case unreachable
    /// No answer in time.
    case timeout
    /// The host name does not resolve.
    case dns
    /// No trusted TLS connection came about.
    case tls
    /// User or password is missing or wrong.
    case auth
    /// The user may not do what is needed.
    case noperm
    /// The server is loading its data.
    case loading
    /// The server runs a script and answers nothing else.
    case busy
    /// The answer is not what the Redis protocol allows.
    case `protocol`
    /// A limit was reached: the server's clients, or ours on the size of a reply.
    case limit
    /// The connection ended.
    case closed
}
