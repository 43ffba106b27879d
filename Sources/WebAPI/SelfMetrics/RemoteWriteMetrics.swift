import Metrics
import RemoteWrite

/// How writing to endpoints elsewhere goes.
struct RemoteWriteMetrics: Sendable {
    static let rows: [MetricRow] = [
        MetricRow(
            "", "redstart_remote_write_pending_samples", .gauge, labels: ["endpoint"],
            help: "Samples that wait for the endpoint or are under way."
        ),
        MetricRow(
            "", "redstart_remote_write_sent_samples_total", .counter, labels: ["endpoint"],
            help: "Samples that the endpoint has taken."
        ),
        MetricRow(
            "", "redstart_remote_write_failed_requests_total", .counter, labels: ["endpoint", "reason"],
            help: "Requests to the endpoint that failed, by reason."
        ),
        MetricRow(
            "", "redstart_remote_write_retried_samples_total", .counter, labels: ["endpoint"],
            help: "Samples in requests that failed and are tried again, once for each attempt."
        ),
        MetricRow(
            "", "redstart_remote_write_dropped_samples_total", .counter, labels: ["endpoint", "reason"],
            help: "Samples that the endpoint does not get, by reason."
        ),
        MetricRow(
            "", "redstart_remote_write_lag_seconds", .gauge, .seconds, labels: ["endpoint"],
            help: "How far the endpoint is behind, zero when it has everything."
        ),
        MetricRow(
            "", "redstart_remote_write_sent_bytes_total", .counter, .bytes, labels: ["endpoint"],
            help: "Bytes of the bodies of requests that the endpoint has taken, as they were sent."
        ),
        MetricRow(
            "", "redstart_remote_write_shards", .gauge, labels: ["endpoint"],
            help: "How many requests go to the endpoint side by side."
        ),
        MetricRow(
            "", "redstart_remote_write_queue_bytes", .gauge, .bytes, labels: ["place"],
            help: "Bytes of what is kept for all endpoints, on disk and in memory."
        ),
        MetricRow(
            "", "redstart_remote_write_queue_write_failures_total", .counter,
            help: "How often the disk did not take what is kept for endpoints."
        ),
        MetricRow(
            "", "redstart_remote_write_queue_problem", .gauge, labels: ["problem"],
            help: "One for what keeps the queue for endpoints from the disk."
        ),
    ]

    private enum Row: Int {
        case pending, sent, failed, retried, dropped, lag, bytes, shards, queueBytes, queueFailures, queueProblem
    }

    private let first: FamilyID

    init(first: FamilyID) {
        self.first = first
    }

    func collect(_ statistics: RemoteWriteStatistics, into buffer: inout SampleBuffer) {
        for (endpoint, of) in statistics.endpoints {
            append(.pending, [endpoint], Double(of.pending), to: &buffer)
            append(.sent, [endpoint], Double(of.sent), to: &buffer)
            append(.retried, [endpoint], Double(of.retried), to: &buffer)
            append(.lag, [endpoint], of.lagSeconds, to: &buffer)
            append(.bytes, [endpoint], Double(of.bytes), to: &buffer)
            append(.shards, [endpoint], Double(of.shards), to: &buffer)
            for (reason, count) in of.failedAttempts.sorted(by: { $0.key < $1.key }) {
                append(.failed, [endpoint, reason], Double(count), to: &buffer)
            }
            for (reason, count) in of.dropped.sorted(by: { $0.key < $1.key }) {
                append(.dropped, [endpoint, reason], Double(count), to: &buffer)
            }
        }
        let queue = statistics.queue
        append(.queueBytes, ["disk"], Double(queue.diskBytes), to: &buffer)
        append(.queueBytes, ["memory"], Double(queue.memoryBytes), to: &buffer)
        append(.queueFailures, [], Double(queue.writeFailures), to: &buffer)
        if let problem = queue.problem { append(.queueProblem, [problem.kind.rawValue], 1, to: &buffer) }
    }

    private func append(_ row: Row, _ labels: [String], _ value: Double, to buffer: inout SampleBuffer) {
        let start = buffer.labelStart
        for label in labels { buffer.addLabel(label) }
        buffer.append(first.advanced(by: row.rawValue), labelsFrom: start, value)
    }
}
