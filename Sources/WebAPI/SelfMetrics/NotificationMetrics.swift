public import Alerting
import Metrics

/// How telling people goes, and whether state is kept.
struct NotificationMetrics: Sendable {
    static let rows: [MetricRow] = [
        MetricRow(
            "", "redstart_notifications_sent_total", .counter, labels: ["receiver"],
            help: "Messages that receivers have taken."
        ),
        MetricRow(
            "", "redstart_notifications_failed_total", .counter, labels: ["receiver", "reason"],
            help: "Messages that were given up, by reason."
        ),
        MetricRow(
            "", "redstart_notification_attempts_failed_total", .counter, labels: ["receiver", "reason"],
            help: "Attempts to deliver a message that failed, by reason."
        ),
        MetricRow(
            "", "redstart_notifications_uncertain_total", .counter, labels: ["receiver"],
            help: "Messages that were under way when the process before ended, and that count as delivered."
        ),
        MetricRow(
            "", "redstart_notifications_queued", .gauge, labels: ["receiver"],
            help: "Messages that wait for a receiver or are under way."
        ),
        MetricRow(
            "", "redstart_notification_latency_seconds", .summary, .seconds, labels: ["receiver"],
            help: "Time from the moment a message was due until the receiver had it."
        ),
        MetricRow("", "redstart_silences", .gauge, labels: ["state"], help: "Silences by state."),
        MetricRow(
            "", "redstart_state_persistent", .gauge,
            help: "One where what happens outlives the process, zero where it lives in memory only."
        ),
        MetricRow(
            "", "redstart_state_problem", .gauge, labels: ["problem"],
            help: "One for what keeps the state file from being used as asked for."
        ),
    ]

    private enum Row: Int {
        case sent, failed, failedAttempts, uncertain, queued, latency, silences, persistent, problem
    }

    private let first: FamilyID

    init(first: FamilyID) {
        self.first = first
    }

    func collect(_ figures: NotificationFigures, into buffer: inout SampleBuffer) {
        append(.persistent, [], figures.isPersistent ? 1 : 0, to: &buffer)
        if let problem = figures.stateProblem { append(.problem, [problem], 1, to: &buffer) }
        guard let statistics = figures.statistics else { return }
        for (receiver, of) in statistics.receivers.sorted(by: { $0.key < $1.key }) {
            append(.sent, [receiver], Double(of.sent), to: &buffer)
            append(.queued, [receiver], Double(of.queued), to: &buffer)
            append(.uncertain, [receiver], Double(of.uncertain), to: &buffer)
            for (reason, count) in of.failed.sorted(by: { $0.key < $1.key }) {
                append(.failed, [receiver, reason], Double(count), to: &buffer)
            }
            for (reason, count) in of.failedAttempts.sorted(by: { $0.key < $1.key }) {
                append(.failedAttempts, [receiver, reason], Double(count), to: &buffer)
            }
            let start = buffer.labelStart
            buffer.addLabel(receiver)
            let latency = first.advanced(by: Row.latency.rawValue)
            buffer.append(latency, role: .sum, labelsFrom: start, of.latencySeconds)
            buffer.append(latency, role: .count, labelsFrom: start, Double(of.sent))
        }
        for (state, count) in statistics.silences.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            append(.silences, [state.rawValue], Double(count), to: &buffer)
        }
    }

    private func append(_ row: Row, _ labels: [String], _ value: Double, to buffer: inout SampleBuffer) {
        let start = buffer.labelStart
        for label in labels { buffer.addLabel(label) }
        buffer.append(first.advanced(by: row.rawValue), labelsFrom: start, value)
    }
}

/// What the daemon knows of notifications and state at a moment.
public struct NotificationFigures: Sendable {
    /// Whether state outlives the process.
    public var isPersistent: Bool
    /// What keeps it from that, where it was asked for.
    public var stateProblem: String?
    /// How telling receivers goes; `nil` where nobody is told.
    public var statistics: NotificationStatistics?

    /// Joins the figures.
    public init(isPersistent: Bool, stateProblem: String?, statistics: NotificationStatistics?) {
        self.isPersistent = isPersistent
        self.stateProblem = stateProblem
        self.statistics = statistics
    }
}
