import Logging
import RedisCollectors

/// Writes each new entry of the logs of slow and large commands to our own log, as one event with its parts.
struct SlowLogEvents: Sendable {
    let logger: Logger

    func note(_ findings: SlowLogFindings, of node: Node) {
        // The server has the newest first; a log is read from the top.
        for entry in findings.new.reversed() {
            logger.notice("\(Self.message(entry.log))", metadata: Self.metadata(of: entry, node))
        }
    }

    private static func message(_ log: SlowLogKind) -> String {
        switch log {
        case .slow: "slow command"
        case .largeRequest: "large request"
        case .largeReply: "large reply"
        }
    }

    /// What clients chose is written with its control characters escaped, so that no line of the log is theirs.
    private static func metadata(of entry: SlowLogEntry, _ node: Node) -> Logger.Metadata {
        var metadata: Logger.Metadata = [
            "instance": "\(node.instance)", "id": "\(entry.id)", "time": "\(entry.timestampSeconds)",
            "cmd": "\(entry.command)", "argument_count": "\(entry.argumentCount)",
            "client": "\(entry.clientAddress.debugDescription)",
        ]
        if !entry.clientName.isEmpty { metadata["client_name"] = "\(entry.clientName.debugDescription)" }
        if entry.log == .slow {
            metadata["seconds"] = "\(Double(entry.amount) / 1e6)"
        } else {
            metadata["bytes"] = "\(entry.amount)"
        }
        if !entry.arguments.isEmpty {
            metadata["arguments"] = "\(entry.arguments.map(\.debugDescription).joined(separator: " "))"
        }
        return metadata
    }
}
