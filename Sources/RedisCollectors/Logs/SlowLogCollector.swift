public import Metrics
public import RedisClient

/// SLOWLOG: its length, its newest entry, and how often which command was slow.
///
/// Commands: `SLOWLOG LEN`, `SLOWLOG GET 4` (more after many slow commands at once). ACL: `+slowlog|len`,
/// `+slowlog|get`. Cost: some microseconds of the server. All versions, not on a Sentinel.
public struct SlowLogCollector: Collector {
    /// The name under which the collector reports.
    public static let name = "slowlog"

    /// Every row, in order.
    public static var rows: [MetricRow] {
        SlowLogFamilies.rows
    }

    private let families: FamilyTable<SlowLogFamilies>

    /// Adds the rows to the catalogue.
    public init(catalog: inout MetricCatalog) {
        families = FamilyTable(catalog: &catalog)
    }

    /// The length and the newest entries of a server that is no Sentinel.
    public func commands(_ context: CollectorContext, _ state: inout CollectorState) -> [[String]] {
        guard state.facts.isKnown, !state.facts.isSentinel else { return [] }
        return [["SLOWLOG", "LEN"], ["SLOWLOG", "GET", String(state.slowLog.fetch)]]
    }

    /// Reads both replies, counts new entries and keeps them for `CollectorState.takeSlowLogFindings`.
    public func collect(
        _ replies: [Reply?],
        _ context: CollectorContext,
        _ state: inout CollectorState,
        into buffer: inout SampleBuffer
    ) -> CollectorOutcome {
        var outcome = CollectorOutcome()
        let before = buffer.count
        if let reply = replies.first ?? nil {
            if reply.kind == .integer, let length = reply.integer {
                buffer.append(families[.length], Double(length))
            } else {
                outcome.noteNotExpected(reply)
            }
        }
        if replies.count > 1, let reply = replies[1] {
            if let entries = LogReply.entries(reply, of: .slow, context.options, &outcome) {
                state.slowLog.take(entries, runID: state.facts.runID, into: &state.slowLogFindings)
                addNewest(entries.first, state.slowLog, to: &buffer)
                addTotals(state.slowLog, to: &buffer)
            }
        }
        outcome.samples = buffer.count - before
        return outcome
    }

    private func addNewest(_ newest: SlowLogEntry?, _ cursor: LogCursor, to buffer: inout SampleBuffer) {
        // After a reset of the log the newest id is still the one seen last.
        buffer.append(families[.lastID], Double(newest?.id ?? max(0, cursor.lastID ?? 0)))
        buffer.append(families[.lastDuration], Double(newest?.amount ?? 0) / 1e6)
    }

    private func addTotals(_ cursor: LogCursor, to buffer: inout SampleBuffer) {
        buffer.append(families[.missed], cursor.missed)
        for total in cursor.totals {
            let labels = buffer.labelStart
            buffer.addLabel(total.command)
            buffer.append(families[.entries], labelsFrom: labels, total.entries)
            buffer.append(families[.duration], labelsFrom: labels, total.amount / 1e6)
        }
    }
}

/// Families of SLOWLOG.
enum SlowLogFamilies: Int, MetricFamilies {
    case length, lastID, lastDuration, entries, duration, missed

    var row: MetricRow {
        switch self {
        case .length:
            MetricRow("", "redis_slowlog_length", .gauge, help: "Entries in the slow log.")
        case .lastID:
            MetricRow("", "redis_slowlog_last_id", .gauge, help: "Identifier of the newest entry of the slow log.")
        case .lastDuration:
            MetricRow(
                "", "redis_last_slow_execution_duration_seconds", .gauge, .seconds, from: .microseconds,
                help: "Seconds that the newest entry of the slow log took, zero if the log is empty."
            )
        case .entries:
            MetricRow(
                "", "redis_slowlog_entries_total", .counter, labels: ["cmd"],
                help: "Entries of the slow log by command, each counted once, since Redstart watches the server."
            )
        case .duration:
            MetricRow(
                "", "redis_slowlog_duration_seconds_total", .counter, .seconds, from: .microseconds, labels: ["cmd"],
                help: "Seconds that the entries of the slow log took, by command."
            )
        case .missed:
            MetricRow(
                "", "redis_slowlog_missed_entries_total", .counter,
                help: "Entries that the slow log had dropped before they could be counted."
            )
        }
    }
}

/// Reads the reply of SLOWLOG GET and COMMANDLOG GET.
enum LogReply {
    /// The entries, newest first; `nil` where the reply is no list.
    static func entries(
        _ reply: Reply,
        of log: SlowLogKind,
        _ options: CollectorOptions,
        _ outcome: inout CollectorOutcome
    ) -> [SlowLogEntry]? {
        guard let reply = outcome.list(reply) else { return nil }
        var entries: [SlowLogEntry] = []
        for element in reply.elements {
            guard entries.count < LogCursor.largestFetch else {
                outcome.skips.add(.overLimit)
                break
            }
            guard let entry = SlowLogEntry(parsing: element, in: log, keepingArguments: options.slowLogArguments),
                entry.id < entries.last?.id ?? .max
            else {
                outcome.skips.add(.malformed)
                continue
            }
            entries.append(entry)
        }
        return entries
    }
}
