import Alerting
import Metrics

/// A check report as a table for people.
enum TextReport {
    static func render(_ report: CheckReport) -> String {
        var lines = report.unreachable + report.failedRules
        if !report.alerts.isEmpty {
            let header = ["SEVERITY", "ALERT", "INSTANCE", "VALUE", "FOR", "SUMMARY", "RUNBOOK"]
            lines += TextTable.render([header] + report.alerts.map(row))
        }
        lines.append(summary(report))
        return lines.joined(separator: "\n") + "\n"
    }

    static func summary(_ report: CheckReport) -> String {
        let firing = Set(report.alerts.map(\.name)).count
        let nodes = report.nodes == 1 ? "1 node" : "\(report.nodes) nodes"
        let window = DurationOption(report.window).defaultValueDescription
        return "\(firing) of \(report.rules) alerts fire on \(nodes), watched for \(window)."
    }

    private static func row(_ alert: OneShotCheck.Finding) -> [String] {
        [
            alert.severity,
            alert.name,
            alert.instance,
            NumberFormat.decimalText(alert.value),
            DurationOption(.milliseconds(alert.holdMilliseconds)).defaultValueDescription,
            alert.annotations["summary"] ?? "",
            runbook(alert),
        ].map(TextTable.oneLine)
    }

    /// The bundled rules name a path of the daemon; where there is none, a command shows the same text.
    private static func runbook(_ alert: OneShotCheck.Finding) -> String {
        let address = alert.annotations["runbook_url"] ?? ""
        let path = "/runbooks/"
        return address.hasPrefix(path) ? "redstart runbook \(address.dropFirst(path.count))" : address
    }
}
