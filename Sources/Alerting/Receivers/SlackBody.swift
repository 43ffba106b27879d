import JSON
import Metrics

/// The body of a Slack incoming webhook: <https://api.slack.com/reference/messaging/attachments>.
enum SlackBody {
    /// Slack shows no more than some thousand characters of one attachment.
    private static let alertLimit = 20
    private static let textLimit = 300

    static func render(
        _ message: NotificationMessage,
        settings: Receiver.Slack,
        externalURL: String
    ) -> [UInt8] {
        var writer = JSONWriter()
        let title = escaped(message.title)
        writer.object { writer in
            if let channel = settings.channel { writer.member("channel", channel) }
            if let name = settings.username { writer.member("username", name) }
            if let emoji = settings.iconEmoji { writer.member("icon_emoji", emoji) }
            writer.key("attachments")
            writer.array { writer in
                writer.object { writer in
                    writer.member("fallback", title)
                    writer.member("title", title)
                    writer.member("title_link", externalURL)
                    writer.member("color", color(message))
                    writer.member("text", text(message, externalURL: externalURL))
                    writer.key("mrkdwn_in")
                    writer.array(of: ["text"]) { $0.string($1) }
                }
            }
        }
        return writer.bytes
    }

    private static func color(_ message: NotificationMessage) -> String {
        guard message.isFiring else { return "good" }
        let severities = message.alerts.filter { !$0.isResolved }.map { $0.labels["severity"] ?? "" }
        return severities.contains("critical") ? "danger" : "warning"
    }

    private static func text(_ message: NotificationMessage, externalURL: String) -> String {
        var lines = message.alerts.prefix(alertLimit).map { alert in
            let mark = alert.isResolved ? "resolved: " : ""
            let summary = escaped(String(alert.summary.prefix(textLimit)))
            let link = alert.runbook(externalURL: externalURL).map { " (<\(escaped($0))|runbook>)" } ?? ""
            return "• \(mark)\(summary)\(link)"
        }
        if message.alerts.count > alertLimit { lines.append("… and \(message.alerts.count - alertLimit) more") }
        return lines.joined(separator: "\n")
    }

    // https://api.slack.com/reference/surfaces/formatting#escaping
    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}
