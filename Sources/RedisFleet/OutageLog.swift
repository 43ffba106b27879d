import Logging
import RedisClient
import Synchronization

/// Logs when a node goes down, why, and when it is back: once a change, not once a poll.
final class OutageLog: Sendable {
    private let logger: Logger
    private let reasons = Mutex<[Node: FailureReason]>([:])

    init(logger: Logger) {
        self.logger = logger
    }

    func note(_ outcome: PollOutcome) {
        let before = reasons.withLock { reasons in
            let before = reasons[outcome.node]
            reasons[outcome.node] = outcome.failure?.reason
            return before
        }
        if let failure = outcome.failure, failure.reason != before {
            logger.warning("\(failure)", metadata: ["instance": "\(outcome.node.instance)"])
        } else if outcome.failure == nil, before != nil {
            logger.notice("\(outcome.node.instance) is up again", metadata: ["instance": "\(outcome.node.instance)"])
        }
    }
}
