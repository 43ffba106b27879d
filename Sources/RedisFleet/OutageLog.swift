import Logging
import RedisClient
import Synchronization

/// Logs when a node goes down or does not tell all, why, and when it is well again: once a change, not once a poll.
final class OutageLog: Sendable {
    private let logger: Logger
    private let reasons = Mutex<[Node: FailureReason]>([:])

    init(logger: Logger) {
        self.logger = logger
    }

    func note(_ outcome: PollOutcome) {
        let trouble = outcome.failure ?? outcome.shortfall
        let before = reasons.withLock { reasons in
            let before = reasons[outcome.node]
            reasons[outcome.node] = trouble?.reason
            return before
        }
        if let trouble, trouble.reason != before {
            logger.warning("\(trouble)", metadata: ["instance": "\(outcome.node.instance)"])
        } else if trouble == nil, before != nil {
            logger.notice("\(outcome.node.instance) is up again", metadata: ["instance": "\(outcome.node.instance)"])
        }
    }
}
