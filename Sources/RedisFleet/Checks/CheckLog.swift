import Logging
import Synchronization

/// Logs when a check begins to fail, why, and when it works again: once a change, not once a run.
final class CheckLog: Sendable {
    private struct Key: Hashable {
        let node: Node
        let check: String
    }

    private let logger: Logger
    private let messages = Mutex<[Key: String]>([:])

    init(logger: Logger) {
        self.logger = logger
    }

    func note(_ failure: CheckFailure) {
        let before = messages.withLock { messages in
            let key = Key(node: failure.node, check: failure.check)
            defer { messages[key] = failure.message }
            return messages[key]
        }
        let instance = failure.node.instance
        if let message = failure.message, message != before {
            let text = "check \(failure.check) of \(instance) failed: \(message)"
            logger.warning("\(text)", metadata: ["instance": "\(instance)"])
        } else if failure.message == nil, before != nil {
            logger.notice("check \(failure.check) of \(instance) works again", metadata: ["instance": "\(instance)"])
        }
    }
}
