import JSON
import Metrics

/// The body of Alertmanager's webhook, version 4.
///
/// <https://prometheus.io/docs/alerting/latest/configuration/#webhook_config>
enum WebhookBody {
    static func render(_ message: NotificationMessage, externalURL: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("receiver", message.receiver)
            writer.member("status", message.isFiring ? "firing" : "resolved")
            writer.key("alerts")
            writer.array(of: message.alerts) { write($1, to: &$0) }
            writer.labels("groupLabels", message.groupLabels)
            writer.labels("commonLabels", message.commonLabels)
            writer.labels("commonAnnotations", message.commonAnnotations)
            writer.member("externalURL", externalURL)
            writer.member("version", "4")
            writer.member("groupKey", message.groupKey)
            writer.member("truncatedAlerts", 0)
        }
        return writer.bytes
    }

    private static func write(_ alert: NotifiedAlert, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("status", alert.isResolved ? "resolved" : "firing")
            writer.labels("labels", alert.labels)
            writer.labels("annotations", alert.annotations)
            writer.member("startsAt", TimeText.rfc3339(alert.startsAt))
            writer.member("endsAt", alert.endsAt.map(TimeText.rfc3339) ?? TimeText.never)
            writer.member("generatorURL", alert.generatorURL)
            writer.member("fingerprint", Fingerprint.text(Fingerprint.of(alert.labels)))
        }
    }
}

extension JSONWriter {
    /// A key with labels as an object of texts.
    mutating func labels(_ name: String, _ labels: Labels) {
        key(name)
        object { writer in
            labels.withEachPair { name, value in
                writer.key(String(decoding: name, as: UTF8.self))
                writer.string(value)
            }
        }
    }
}
