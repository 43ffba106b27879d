import Metrics

/// A check report as a table for people.
enum TextReport {
    static func render(_ report: CheckReport) -> String {
        var lines = report.unreachable + report.failedRules
        if !report.alerts.isEmpty {
            // How long it holds is known where somebody has looked before.
            let hasAge = report.alerts.contains { $0.activeAt != nil }
            let header = ["SEVERITY", "ALERT", "INSTANCE", "VALUE", hasAge ? "SINCE" : "FOR", "SUMMARY", "RUNBOOK"]
            lines += TextTable.render([header] + report.alerts.map(row))
        }
        lines.append(summary(report))
        return lines.joined(separator: "\n") + "\n"
    }

    static func summary(_ report: CheckReport) -> String {
        let firing = Set(report.alerts.map(\.name)).count
        let nodes = report.nodes == 1 ? "1 node" : "\(report.nodes) nodes"
        let pending = report.pending == 0 ? "" : " (\(report.pending) more wait for their `for`)"
        return "\(firing) of \(report.rules) alerts fire\(pending) on \(nodes), watched \(report.watched)."
    }

    private static func row(_ alert: CheckedAlert) -> [String] {
        [
            alert.severity,
            alert.name,
            alert.instance,
            alert.value,
            alert.activeAt.map { LocalTime.text(Double($0 / 1000), .full) }
                ?? DurationOption(.milliseconds(alert.holdMilliseconds)).defaultValueDescription,
            alert.annotations["summary"] ?? "",
            runbook(alert),
        ].map(TextTable.oneLine)
    }

    /// The bundled rules name a path of the daemon; where there is none, a command shows the same text.
    private static func runbook(_ alert: CheckedAlert) -> String {
        let address = alert.annotations["runbook_url"] ?? ""
        let path = "/runbooks/"
        return address.hasPrefix(path) ? "redstart runbook \(address.dropFirst(path.count))" : address
    }
}
