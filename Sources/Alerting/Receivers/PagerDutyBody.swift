import JSON
import Metrics

/// An event of PagerDuty's Events API v2.
///
/// <https://developer.pagerduty.com/docs/events-api-v2/trigger-events/>. The `dedup_key` is that of the group: what is
/// sent twice changes nothing there.
enum PagerDutyBody {
    /// What PagerDuty takes as a summary.
    private static let summaryLimit = 1024
    private static let alertLimit = 50

    static func render(
        _ message: NotificationMessage,
        routingKey: String,
        severity: String?,
        externalURL: String
    ) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("routing_key", routingKey)
            writer.member("event_action", message.isFiring ? "trigger" : "resolve")
            writer.member("dedup_key", message.groupID)
            writer.member("client", "Redstart")
            writer.member("client_url", externalURL)
            writer.key("payload")
            writer.object { writer in
                writer.member("summary", String(summary(message).prefix(summaryLimit)))
                writer.member("source", message.commonLabels["instance"] ?? "redstart")
                writer.member("severity", severity ?? Self.severity(message))
                writer.member("timestamp", TimeText.rfc3339(message.alerts.map(\.startsAt).min() ?? message.createdAt))
                writer.key("custom_details")
                writer.object { details(message, to: &$0) }
            }
            writer.key("links")
            writer.array(of: links(message, externalURL: externalURL)) { writer, link in
                writer.object { writer in
                    writer.member("href", link)
                    writer.member("text", "Runbook")
                }
            }
        }
        return writer.bytes
    }

    private static func summary(_ message: NotificationMessage) -> String {
        let first = message.alerts.first?.summary ?? ""
        return message.alerts.count == 1 ? first : "\(message.title): \(first)"
    }

    /// PagerDuty knows four: <https://developer.pagerduty.com/docs/events-api-v2/overview/>.
    private static func severity(_ message: NotificationMessage) -> String {
        let found = Set(message.alerts.map { $0.labels["severity"] ?? "" })
        return ["critical", "error", "warning", "info"].first(where: found.contains) ?? "error"
    }

    private static func details(_ message: NotificationMessage, to writer: inout JSONWriter) {
        for (name, isResolved) in [("firing", false), ("resolved", true)] {
            let summaries = message.alerts.filter { $0.isResolved == isResolved }.map(\.summary)
            writer.member("num_\(name)", summaries.count)
            writer.member(name, summaries.prefix(alertLimit).joined(separator: "\n"))
        }
        writer.labels("labels", message.commonLabels)
    }

    private static func links(_ message: NotificationMessage, externalURL: String) -> [String] {
        // Relative ones are refused there.
        Set(message.alerts.compactMap { $0.runbook(externalURL: externalURL) }).filter { $0.hasPrefix("http") }.sorted()
    }
}
