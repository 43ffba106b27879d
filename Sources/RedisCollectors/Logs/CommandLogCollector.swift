public import Metrics
public import RedisClient

/// COMMANDLOG: Valkey's logs of slow commands, large requests and large replies.
///
/// Commands: `COMMANDLOG LEN` for each log, `COMMANDLOG GET 4` for large requests and replies; the slow ones come from
/// `SlowLogCollector`, as SLOWLOG is the same log. ACL: `+commandlog|len`, `+commandlog|get`. Cost: some microseconds of
/// the server. Valkey 8.1 and later, not on a Sentinel.
public struct CommandLogCollector: Collector {
    /// The name under which the collector reports.
    public static let name = "commandlog"

    /// Every row, in order.
    public static var rows: [MetricRow] {
        CommandLogFamilies.rows
    }

    private let families: FamilyTable<CommandLogFamilies>

    /// Adds the rows to the catalogue.
    public init(catalog: inout MetricCatalog) {
        families = FamilyTable(catalog: &catalog)
    }

    /// Lengths and newest entries of a Valkey that has the logs.
    public func commands(_ context: CollectorContext, _ state: inout CollectorState) -> [[String]] {
        guard state.facts.isAtLeastValkey(8, 1), !state.facts.isSentinel else { return [] }
        return [
            ["COMMANDLOG", "LEN", "slow"],
            ["COMMANDLOG", "LEN", "large-request"],
            ["COMMANDLOG", "LEN", "large-reply"],
            ["COMMANDLOG", "GET", String(state.largeRequestLog.fetch), "large-request"],
            ["COMMANDLOG", "GET", String(state.largeReplyLog.fetch), "large-reply"],
        ]
    }

    /// Reads the lengths and counts new entries.
    public func collect(
        _ replies: [Reply?],
        _ context: CollectorContext,
        _ state: inout CollectorState,
        into buffer: inout SampleBuffer
    ) -> CollectorOutcome {
        var outcome = CollectorOutcome()
        guard replies.count == 5 else { return outcome }
        let before = buffer.count
        for (family, reply) in zip([CommandLogFamilies.slow, .largeRequest, .largeReply], replies) {
            guard let reply else { continue }
            if reply.kind == .integer, let length = reply.integer {
                buffer.append(families[family], Double(length))
            } else {
                outcome.noteNotExpected(reply)
            }
        }
        let runID = state.facts.runID
        if let reply = replies[3], let entries = LogReply.entries(reply, of: .largeRequest, context.options, &outcome) {
            state.largeRequestLog.take(entries, runID: runID, into: &state.slowLogFindings)
            addTotals(state.largeRequestLog, .largeRequest, to: &buffer)
        }
        if let reply = replies[4], let entries = LogReply.entries(reply, of: .largeReply, context.options, &outcome) {
            state.largeReplyLog.take(entries, runID: runID, into: &state.slowLogFindings)
            addTotals(state.largeReplyLog, .largeReply, to: &buffer)
        }
        outcome.samples = buffer.count - before
        return outcome
    }

    private func addTotals(_ cursor: LogCursor, _ log: SlowLogKind, to buffer: inout SampleBuffer) {
        for total in cursor.totals {
            let labels = buffer.labelStart
            buffer.addLabel(log.rawValue)
            buffer.addLabel(total.command)
            buffer.append(families[.entries], labelsFrom: labels, total.entries)
            buffer.append(families[.bytes], labelsFrom: labels, total.amount)
        }
    }
}

/// Families of COMMANDLOG.
enum CommandLogFamilies: Int, MetricFamilies {
    case slow, largeRequest, largeReply, entries, bytes

    var row: MetricRow {
        switch self {
        case .slow:
            MetricRow(
                "slow", "redis_commandlog_slow_length", .gauge, since: "Valkey 8.1",
                help: "Entries in the log of slow commands."
            )
        case .largeRequest:
            MetricRow(
                "large-request", "redis_commandlog_large_request_length", .gauge, since: "Valkey 8.1",
                help: "Entries in the log of large requests."
            )
        case .largeReply:
            MetricRow(
                "large-reply", "redis_commandlog_large_reply_length", .gauge, since: "Valkey 8.1",
                help: "Entries in the log of large replies."
            )
        case .entries:
            MetricRow(
                "", "redis_commandlog_entries_total", .counter, labels: ["log", "cmd"], since: "Valkey 8.1",
                help: "Large requests and replies by command, each counted once, since Redstart watches the server."
            )
        case .bytes:
            MetricRow(
                "", "redis_commandlog_bytes_total", .counter, .bytes, labels: ["log", "cmd"], since: "Valkey 8.1",
                help: "Bytes of the large requests and replies that were counted, by command."
            )
        }
    }
}
