import Alerting
import Metrics

/// How the evaluation of the rules goes.
struct RuleMetrics: Sendable {
    static let rows: [MetricRow] = [
        MetricRow("", "redstart_rules", .gauge, help: "Rules that are evaluated."),
        MetricRow("", "redstart_rules_failing", .gauge, help: "Rules whose last evaluation failed."),
        MetricRow(
            "", "redstart_rule_group_last_duration_seconds", .gauge, .seconds, labels: ["rule_group"],
            help: "Time the last evaluation of a group took."
        ),
        MetricRow(
            "", "redstart_rule_group_iterations_missed_total", .counter, labels: ["rule_group"],
            help: "Evaluations of a group that were left out because the one before took too long."
        ),
    ]

    private enum Row: Int {
        case rules, failing, duration, missed
    }

    private let first: FamilyID

    init(first: FamilyID) {
        self.first = first
    }

    func collect(_ groups: [RuleGroupEvaluation], into buffer: inout SampleBuffer) {
        let rules = groups.lazy.flatMap(\.rules)
        buffer.append(row(.rules), Double(rules.count))
        buffer.append(row(.failing), Double(rules.count { $0.health.status == .err }))
        for group in groups {
            append(.duration, group.group.name, group.duration.inSeconds, to: &buffer)
            append(.missed, group.group.name, Double(group.missedIterations), to: &buffer)
        }
    }

    private func append(_ position: Row, _ group: String, _ value: Double, to buffer: inout SampleBuffer) {
        let start = buffer.labelStart
        buffer.addLabel(group)
        buffer.append(row(position), labelsFrom: start, value)
    }

    private func row(_ position: Row) -> FamilyID {
        first.advanced(by: position.rawValue)
    }
}
