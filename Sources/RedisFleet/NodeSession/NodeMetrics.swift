import Metrics
import RedisClient
import RedisCollectors

/// What Redstart knows about a node by asking it, whether the node answers or not.
///
/// The `redis_exporter_…` names are those of redis_exporter, so that alerts about the watcher go on working.
struct NodeMetrics: Sendable {
    static let rows: [MetricRow] = [
        MetricRow("", "redis_up", .gauge, help: "Whether the last poll of the node worked."),
        MetricRow(
            "", "redis_exporter_last_scrape_error", .gauge, labels: ["err"],
            help: "One with the reason of the last failure, zero with an empty reason after a success."
        ),
        MetricRow(
            "", "redis_exporter_last_scrape_duration_seconds", .gauge, .seconds,
            help: "Time the last poll took."
        ),
        MetricRow(
            "", "redis_exporter_last_scrape_connect_time_seconds", .gauge, .seconds,
            help: "Time the last connection took to be ready for commands, TLS and authentication included."
        ),
        MetricRow(
            "", "redstart_node_failure_reason", .gauge, labels: ["reason"],
            help: "One, with the reason why the last poll failed or is not complete; absent after a complete one."
        ),
        MetricRow("", "redstart_node_polls_total", .counter, help: "Polls of the node."),
        MetricRow(
            "", "redstart_node_poll_failures_total", .counter, labels: ["reason"],
            help: "Polls of the node that failed or were not complete, by reason."
        ),
        MetricRow("", "redstart_node_commands_total", .counter, help: "Commands sent to the node."),
        MetricRow(
            "", "redstart_node_refused_commands", .gauge,
            help: "Commands that the node refuses and that are not sent to it on this connection any more."
        ),
        MetricRow("", "redstart_node_sent_bytes_total", .counter, help: "Bytes sent to the node."),
        MetricRow("", "redstart_node_received_bytes_total", .counter, help: "Bytes received from the node."),
        MetricRow("", "redstart_node_connects_total", .counter, help: "Connections made to the node."),
        MetricRow(
            "", "redstart_node_certificate_expiry_timestamp_seconds", .gauge, .seconds,
            help: "When the certificate of the node expires, in seconds since 1970; absent without TLS."
        ),
        MetricRow(
            "", "redstart_node_unprotected", .gauge,
            help: "One where the node took commands over TCP without password and client certificate."
        ),
        MetricRow(
            "", "redstart_parse_skipped_total", .counter, labels: ["collector", "reason"],
            help: "Parts of replies that were skipped because they could not be read, by collector and reason."
        ),
        MetricRow(
            "", "redstart_series_dropped_total", .counter, labels: ["reason"],
            help: "Samples dropped because a node or family has more series than its limit, or because they came "
                + "twice, and things that heavy checks found beyond their limits."
        ),
    ]

    private let first: FamilyID
    private var polls = 0
    private var commands = 0
    private var sentBytes = 0
    private var receivedBytes = 0
    private var connects = 0
    private var connectTime: Duration = .zero
    /// Seconds since 1970, by the connection of now or of last.
    private var certificateExpiry: Int64?
    private let isUnprotected: Bool
    /// Failed polls by the position of their reason among all reasons.
    private var failures = [Int](repeating: 0, count: FailureReason.allCases.count)

    /// Counts from zero; `first` is where the catalogue has `rows`.
    ///
    /// - Parameter isUnprotected: Whether a node that answers has asked for nothing to prove.
    init(first: FamilyID, isUnprotected: Bool) {
        self.first = first
        self.isUnprotected = isUnprotected
    }

    /// A connection became ready for commands.
    mutating func connected(after time: Duration, certificateExpiry: Int64?) {
        self.certificateExpiry = certificateExpiry
        connects += 1
        connectTime = time
    }

    /// A pipeline was sent.
    mutating func count(_ result: PipelineResult, commands count: Int) {
        commands += count
        sentBytes += result.bytesSent
        receivedBytes += result.bytesReceived
    }

    /// A poll ended, with a reason if it failed or is not complete.
    mutating func countPoll(reason: FailureReason?) {
        polls += 1
        if let reason, let position = FailureReason.allCases.firstIndex(of: reason) {
            failures[position] += 1
        }
    }

    /// The samples that every poll has, whether it worked or not.
    func append(
        isUp: Bool,
        reason: FailureReason?,
        duration: Duration,
        collectors: NodeCollectors,
        discoverySkips: Int,
        refusedCommands: Int,
        checks: CheckReport,
        resolver: SeriesResolver,
        to buffer: inout SampleBuffer
    ) {
        appendState(isUp: isUp, reason: reason, to: &buffer)
        buffer.append(row(.lastDuration), duration.seconds)
        buffer.append(row(.connectTime), connectTime.seconds)
        buffer.append(row(.polls), Double(polls))
        buffer.append(row(.commands), Double(commands))
        buffer.append(row(.refused), Double(refusedCommands))
        buffer.append(row(.sent), Double(sentBytes))
        buffer.append(row(.received), Double(receivedBytes))
        buffer.append(row(.connects), Double(connects))
        if let certificateExpiry { buffer.append(row(.certificateExpiry), Double(certificateExpiry)) }
        if isUp { buffer.append(row(.unprotected), isUnprotected ? 1 : 0) }
        for (position, reason) in FailureReason.allCases.enumerated() where failures[position] > 0 {
            append(.failures, label: reason.rawValue, Double(failures[position]), to: &buffer)
        }
        for skip in collectors.skips {
            appendSkip(skip.collector, skip.reason, skip.count, to: &buffer)
        }
        for check in checks.entries {
            for reason in SkipReason.allCases where check.skips[reason] > 0 {
                appendSkip("check_" + check.name, reason, check.skips[reason], to: &buffer)
            }
        }
        if discoverySkips > 0 {
            appendSkip("topology", .malformed, discoverySkips, to: &buffer)
        }
        for reason in SeriesDropReason.allCases {
            append(.seriesDropped, label: reason.rawValue, Double(resolver.dropped[reason]), to: &buffer)
        }
        for reason in CheckDrop.allCases {
            guard let count = checks.dropped[reason] else { continue }
            append(.seriesDropped, label: reason.rawValue, Double(count), to: &buffer)
        }
    }

    private func appendSkip(_ origin: String, _ reason: SkipReason, _ count: Int, to buffer: inout SampleBuffer) {
        let start = buffer.labelStart
        buffer.addLabel(origin)
        buffer.addLabel(reason.rawValue)
        buffer.append(row(.parseSkipped), labelsFrom: start, Double(count))
    }

    /// Whether the node is up, and why the poll failed or is not complete.
    func appendState(isUp: Bool, reason: FailureReason?, to buffer: inout SampleBuffer) {
        buffer.append(row(.up), isUp ? 1 : 0)
        append(.lastError, label: reason?.rawValue ?? "", reason == nil ? 0 : 1, to: &buffer)
        if let reason {
            append(.failureReason, label: reason.rawValue, 1, to: &buffer)
        }
    }

    private func append(_ position: Row, label: String, _ value: Double, to buffer: inout SampleBuffer) {
        let start = buffer.labelStart
        buffer.addLabel(label)
        buffer.append(row(position), labelsFrom: start, value)
    }

    private func row(_ position: Row) -> FamilyID {
        first.advanced(by: position.rawValue)
    }

    /// The positions of the rows, in their order.
    private enum Row: Int {
        case up, lastError, lastDuration, connectTime, failureReason, polls, failures, commands, refused, sent
        case received, connects, certificateExpiry, unprotected, parseSkipped, seriesDropped
    }
}

extension Duration {
    /// The whole duration in seconds.
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
