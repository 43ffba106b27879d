import Alerting
import HTTPServer
import Metrics
import RedisClient
import RedisCollectors
import RedisFleet

/// `/`: which nodes are watched, what fires, and where to read on.
///
/// Made on the server, without a script.
struct OverviewPage: Sendable {
    let fleet: Fleet
    /// Where the metrics are.
    let metricsPath: String
    /// The rule groups as they are now.
    let groups: @Sendable () async -> [RuleGroupEvaluation]
    /// How telling people goes, and whether state is kept; `nil` where that is not known.
    let figures: @Sendable () -> NotificationFigures?

    func respond(to request: HTTPRequest) async -> HTTPResponse {
        let rules = await groups().flatMap(\.rules)
        let page = page(
            nodes: fleet.nodes,
            outcomes: await fleet.latestOutcomes(),
            alerts: rules.flatMap(\.activeAlerts),
            figures: figures()
        )
        return HTTPResponse(
            .ok,
            headers: [
                "Content-Type": "text/html; charset=utf-8",
                "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
                "X-Content-Type-Options": "nosniff",
                "Referrer-Policy": "no-referrer",
            ],
            body: .bytes(Array(page.utf8))
        )
    }

    private func page(
        nodes: [Node],
        outcomes: [PollOutcome],
        alerts: [Alert],
        figures: NotificationFigures?
    ) -> String {
        """
        <!doctype html>
        <html lang="en">
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="refresh" content="15">
        <title>Redstart</title>
        <style>\(Self.style)</style>
        <h1>Redstart</h1>
        <h2>Alerts</h2>
        \(Self.alertTable(alerts))
        \(figures.map(Self.notes) ?? "")
        <h2>Nodes</h2>
        \(Self.nodeTable(nodes, outcomes))
        <p>\(outcomes.count) of \(nodes.count) nodes polled. <a href="\(Self.escaped(metricsPath))">Metrics</a>,
        <a href="/api/v1/alerts">alerts</a> and <a href="/api/v1/rules">rules</a> as JSON.</p>
        </html>

        """
    }

    /// What people should know about the telling itself.
    private static func notes(_ figures: NotificationFigures) -> String {
        var notes: [String] = []
        if let problem = figures.stateProblem {
            let kept = figures.isPersistent ? "a new file was begun" : "everything lives in memory"
            notes.append("The state file cannot be used as asked for (\(problem)): \(kept).")
        } else if !figures.isPersistent {
            notes.append("History, alerts and silences live in memory only (no <code>--state-dir</code>).")
        }
        if let failure = figures.statistics?.lastFailure {
            notes.append("\(PrometheusTime.rfc3339(failure.timestampMilliseconds)): \(escaped(failure.text))")
        }
        let silences = figures.statistics?.silences[.active] ?? 0
        if silences > 0 {
            notes.append("Silences that hold alerts back: <a href=\"/api/redstart/v1/silences\">\(silences)</a>.")
        }
        return notes.map { "<p>\($0)</p>" }.joined(separator: "\n")
    }

    private static let style = """
        :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
        body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
        table { border-collapse: collapse; width: 100%; }
        th, td { text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #8884; vertical-align: top; }
        """

    private static func alertTable(_ alerts: [Alert]) -> String {
        guard !alerts.isEmpty else { return "<p>No alert is pending or firing.</p>" }
        let rows = alerts.map { alert in
            let runbook = alert.annotations["runbook_url"] ?? ""
            let name = escaped(alert.labels["alertname"] ?? "")
            let link = runbook.hasPrefix("/") ? "<a href=\"\(escaped(runbook))\">\(name)</a>" : name
            return row([
                escaped(alert.state.rawValue),
                escaped(alert.labels["severity"] ?? ""),
                link,
                escaped(alert.annotations["summary"] ?? alert.labels.description),
                escaped(PrometheusTime.rfc3339(alert.activeAt)),
            ])
        }
        return table(["State", "Severity", "Alert", "Summary", "Since"], rows)
    }

    private static func nodeTable(_ nodes: [Node], _ outcomes: [PollOutcome]) -> String {
        let byNode = Dictionary(outcomes.map { ($0.node, $0) }) { $1 }
        let rows = nodes.map { node in
            let outcome = byNode[node]
            return row([
                escaped(node.instance),
                state(of: outcome),
                escaped(outcome?.facts?.role.rawValue ?? ""),
                escaped(outcome?.facts.map { "\($0.product.rawValue) \($0.version)" } ?? ""),
                escaped(outcome?.failure?.message ?? ""),
            ])
        }
        return table(["Node", "State", "Role", "Server", "Problem"], rows)
    }

    private static func state(of outcome: PollOutcome?) -> String {
        guard let outcome else { return "not polled yet" }
        return outcome.failure.map { "down: \(escaped($0.reason.rawValue))" } ?? "up"
    }

    private static func table(_ header: [String], _ rows: [String]) -> String {
        let head = header.map { "<th scope=\"col\">\($0)</th>" }.joined()
        return "<table><thead><tr>\(head)</tr></thead><tbody>\(rows.joined(separator: "\n"))</tbody></table>"
    }

    private static func row(_ cells: [String]) -> String {
        "<tr>" + cells.map { "<td>\($0)</td>" }.joined() + "</tr>"
    }

    private static func escaped(_ text: String) -> String {
        var output = ""
        for character in text.unicodeScalars {
            switch character {
            case "<": output += "&lt;"
            case ">": output += "&gt;"
            case "&": output += "&amp;"
            case "\"": output += "&quot;"
            case "'": output += "&#39;"
            default: output.unicodeScalars.append(character)
            }
        }
        return output
    }
}
