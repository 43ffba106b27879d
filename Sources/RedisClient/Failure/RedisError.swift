/// Why a connection did not come about, or ended.
public struct RedisError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The reason as a label value.
    public let reason: FailureReason
    /// The server, as in `redis://cache-1:6379`; never with credentials.
    public let address: String
    /// One line for a person: what failed, on which server, what to do.
    public let message: String

    /// An error with a text of the caller's.
    public init(reason: FailureReason, address: String, message: String) {
        self.reason = reason
        self.address = address
        self.message = message
    }

    /// The message.
    public var description: String {
        message
    }
}
