import JSON
import Metrics
import Outbound

/// The body of `POST /api/v2/alerts` of Alertmanager.
enum AlertmanagerBody {
    /// What Prometheus puts into one request.
    static let batchSize = 64

    /// - Parameter validUntil: When an alert that fires is over unless it is sent again.
    static func render(
        _ alerts: ArraySlice<NotifiedAlert>,
        relabelling: [RelabelRule],
        validUntil: Int64
    ) -> (body: [UInt8], count: Int) {
        var writer = JSONWriter()
        var count = 0
        writer.array { writer in
            for alert in alerts {
                guard let labels = RelabelRule.apply(relabelling, to: alert.labels), !labels.isEmpty else { continue }
                count += 1
                writer.object { writer in
                    writer.labels("labels", labels)
                    writer.labels("annotations", alert.annotations)
                    writer.member("startsAt", TimeText.rfc3339(alert.startsAt))
                    writer.member("endsAt", TimeText.rfc3339(alert.endsAt ?? validUntil))
                    writer.member("generatorURL", alert.generatorURL)
                }
            }
        }
        return (writer.bytes, count)
    }
}
