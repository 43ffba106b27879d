/// How writing to one endpoint goes.
public struct EndpointStatistics: Sendable, Equatable {
    /// Samples that wait or are under way.
    public var pending = 0
    /// Samples that the far side has.
    public var sent = 0
    /// Samples in requests that failed and are tried again, once for each attempt.
    public var retried = 0
    /// Attempts that failed, by reason.
    public var failedAttempts: [String: Int] = [:]
    /// Samples that the far side does not get, by reason.
    public var dropped: [String: Int] = [:]
    /// Bytes of the bodies of requests that were taken.
    public var bytes = 0
    /// How many requests were under way in the latest round.
    public var shards = 0
    /// How far the far side is behind; 0 when it has everything.
    public var lagSeconds = 0.0
    /// Whether the latest attempt failed.
    public var isFailing = false
}
