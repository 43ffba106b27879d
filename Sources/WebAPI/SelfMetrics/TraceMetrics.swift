import Metrics
import RemoteWrite

/// How sending spans goes.
struct TraceMetrics: Sendable {
    static let rows: [MetricRow] = [
        MetricRow(
            "", "redstart_traces_queued_spans", .gauge, help: "Spans that wait for the collector or are under way."
        ),
        MetricRow("", "redstart_traces_exported_spans_total", .counter, help: "Spans that the collector has taken."),
        MetricRow(
            "", "redstart_traces_dropped_spans_total", .counter, labels: ["reason"],
            help: "Spans that the collector does not get, by reason."
        ),
        MetricRow(
            "", "redstart_traces_failed_requests_total", .counter, labels: ["reason"],
            help: "Requests to the collector that failed, by reason."
        ),
    ]

    private enum Row: Int {
        case queued, exported, dropped, failed
    }

    private let first: FamilyID

    init(first: FamilyID) {
        self.first = first
    }

    func collect(_ statistics: TraceExporter.Statistics, into buffer: inout SampleBuffer) {
        buffer.append(row(.queued), Double(statistics.queued))
        buffer.append(row(.exported), Double(statistics.exported))
        for (reason, count) in statistics.dropped.sorted(by: { $0.key < $1.key }) {
            append(.dropped, reason, count, to: &buffer)
        }
        for (reason, count) in statistics.failedRequests.sorted(by: { $0.key < $1.key }) {
            append(.failed, reason, count, to: &buffer)
        }
    }

    private func append(_ position: Row, _ reason: String, _ count: Int, to buffer: inout SampleBuffer) {
        let start = buffer.labelStart
        buffer.addLabel(reason)
        buffer.append(row(position), labelsFrom: start, Double(count))
    }

    private func row(_ position: Row) -> FamilyID {
        first.advanced(by: position.rawValue)
    }
}
