import Metrics

/// A check report as the output of a Nagios plugin: one line with performance data behind a bar, then details.
///
/// <https://nagios-plugins.org/doc/guidelines.html#PLUGOUTPUT>
enum NagiosReport {
    static func render(_ report: CheckReport) -> String {
        let details = report.unreachable + report.failedRules + report.alerts.map(detail)
        let headline = details.first.map { " - " + $0 } ?? " - " + TextReport.summary(report)
        let performance = [
            "firing=\(report.alerts.count);;;0;",
            "unreachable=\(report.unreachable.count);;;0;\(report.nodes)",
        ]
        let lines =
            ["REDSTART \(report.verdict.nagiosWord)\(clean(headline)) | \(performance.joined(separator: " "))"]
            + details.dropFirst().map(clean)
        return lines.joined(separator: "\n") + "\n"
    }

    private static func detail(_ alert: CheckedAlert) -> String {
        let summary = alert.annotations["summary"] ?? ""
        return "\(alert.severity): \(alert.name) on \(alert.instance): \(summary)"
    }

    /// A bar would begin performance data, a line feed a new line.
    private static func clean(_ text: String) -> String {
        String(text.map { $0 == "|" ? "/" : ($0.isNewline ? " " : $0) })
    }
}
