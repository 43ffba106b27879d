import Alerting
import Metrics

/// A check report as a table for people.
enum TextReport {
    static func render(_ report: CheckReport) -> String {
        var lines = report.unreachable + report.failedRules
        if !report.alerts.isEmpty {
            let header = ["SEVERITY", "ALERT", "INSTANCE", "VALUE", "FOR", "SUMMARY", "RUNBOOK"]
            lines += table([header] + report.alerts.map(row))
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
        ].map(oneLine)
    }

    /// The bundled rules name a path of the daemon; where there is none, a command shows the same text.
    private static func runbook(_ alert: OneShotCheck.Finding) -> String {
        let address = alert.annotations["runbook_url"] ?? ""
        let path = "/runbooks/"
        return address.hasPrefix(path) ? "redstart runbook \(address.dropFirst(path.count))" : address
    }

    /// Whatever a template or a server put into a text must not break the table or reach the terminal as a command.
    private static func oneLine(_ text: String) -> String {
        String(
            String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
    }

    private static func table(_ rows: [[String]]) -> [String] {
        let widths = (rows.first ?? []).indices.map { column in
            rows.map { $0[column].count }.max() ?? 0
        }
        return rows.map { row in
            let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            return String(cells.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
        }
    }
}
