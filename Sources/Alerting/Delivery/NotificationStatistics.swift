import Synchronization

/// How telling receivers goes, since the start.
public struct NotificationStatistics: Sendable {
    /// The figures of one receiver.
    public struct OfReceiver: Sendable {
        /// Messages that have arrived.
        public internal(set) var sent = 0
        /// Messages that were given up, by reason.
        public internal(set) var failed: [String: Int] = [:]
        /// Attempts that failed, by reason.
        public internal(set) var failedAttempts: [String: Int] = [:]
        /// Messages that wait or are under way.
        public internal(set) var queued = 0
        /// Messages that were under way when the process before ended, and that count as delivered.
        public internal(set) var uncertain = 0
        /// The time from the moment at which a message was due to its arrival, of all that have arrived.
        public internal(set) var latencySeconds = 0.0
    }

    /// The figures by the name of the receiver.
    public internal(set) var receivers: [String: OfReceiver] = [:]
    /// How many Alertmanagers are known.
    public internal(set) var alertmanagers: [String] = []
    /// The silences by state.
    public internal(set) var silences: [Silence.State: Int] = [:]
    /// The last message that was given up, for people: when, and the whole story.
    public internal(set) var lastFailure: (timestampMilliseconds: Int64, text: String)?

    /// Nothing yet.
    public init() {}
}
