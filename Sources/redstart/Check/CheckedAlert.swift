import Alerting
import Metrics

/// An alert that fires, wherever it was found.
struct CheckedAlert: Sendable {
    let name: String
    /// All labels, `alertname` among them.
    let labels: Labels
    let annotations: Labels
    /// The number as Prometheus writes it.
    let value: String
    /// How long the expression has to hold in a daemon (`for`).
    let holdMilliseconds: Int64
    /// Since when it holds, milliseconds since 1970; `nil` where nobody has looked for longer than a moment.
    let activeAt: Int64?

    init(_ finding: OneShotCheck.Finding) {
        name = finding.name
        labels = finding.labels
        annotations = finding.annotations
        value = NumberFormat.decimalText(finding.value)
        holdMilliseconds = finding.holdMilliseconds
        activeAt = nil
    }

    init(_ alert: Alert, of rule: RuleEvaluation) {
        name = rule.rule.name
        labels = alert.labels
        annotations = alert.annotations
        value = NumberFormat.decimalText(alert.value)
        holdMilliseconds = rule.rule.alerting?.holdMilliseconds ?? 0
        activeAt = alert.activeAt
    }

    init(name: String, labels: Labels, annotations: Labels, value: String, holdMilliseconds: Int64, activeAt: Int64?) {
        self.name = name
        self.labels = labels
        self.annotations = annotations
        self.value = value
        self.holdMilliseconds = holdMilliseconds
        self.activeAt = activeAt
    }

    /// The label `severity`, empty where there is none.
    var severity: String {
        labels["severity"] ?? ""
    }

    var instance: String {
        labels["instance"] ?? "–"
    }
}
