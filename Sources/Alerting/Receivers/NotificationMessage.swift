import Metrics

/// A message to a receiver: a group of alerts as it was when the message became due.
struct NotificationMessage: Sendable, Equatable {
    /// The number of the delivery; the same in every attempt.
    let id: Int64
    /// The name of the receiver.
    let receiver: String
    /// What tells the group from others.
    let groupKey: String
    /// The labels that the alerts were grouped by.
    let groupLabels: Labels
    /// The alerts, those that fire first.
    let alerts: [NotifiedAlert]
    /// When it became due, milliseconds since 1970.
    let createdAt: Int64

    /// Whether any alert fires.
    var isFiring: Bool {
        alerts.contains { !$0.isResolved }
    }

    /// The labels that all alerts have.
    var commonLabels: Labels {
        Self.common(alerts.map(\.labels))
    }

    /// The annotations that all alerts have.
    var commonAnnotations: Labels {
        Self.common(alerts.map(\.annotations))
    }

    private static func common(_ sets: [Labels]) -> Labels {
        guard let first = sets.first else { return Labels() }
        var pairs = first.pairs
        for set in sets.dropFirst() where !pairs.isEmpty { pairs.removeAll { set[$0.name] != $0.value } }
        return Labels(pairs.map { ($0.name, $0.value) })
    }

    /// What names the delivery for receivers that can tell a repetition from news.
    var deliveryID: String {
        Fingerprint.text(Fingerprint.of("\(receiver)\n\(groupKey)\n\(id)\n\(createdAt)"))
    }

    /// The same name for all messages about one group.
    var groupID: String {
        Fingerprint.text(Fingerprint.of("\(receiver)\n\(groupKey)"))
    }

    /// One line for people: `[FIRING:2] RedisDown cache-1:6379`.
    var title: String {
        let firing = alerts.count { !$0.isResolved }
        let state = firing > 0 ? "FIRING:\(firing)" : "RESOLVED"
        var words = groupLabels.pairs.map(\.value)
        let common = commonLabels
        for name in ["alertname", "instance"] where groupLabels[name] == nil {
            if let value = common[name] { words.append(value) }
        }
        return "[\(state)] \(words.joined(separator: " "))"
    }
}

extension NotifiedAlert {
    /// What a person reads first.
    var summary: String {
        annotations["summary"] ?? annotations["description"] ?? labels["alertname"] ?? ""
    }

    /// The address of the runbook: one of the daemon where the rule names a path.
    func runbook(externalURL: String) -> String? {
        annotations["runbook_url"].map { $0.hasPrefix("/") ? externalURL + $0 : $0 }
    }
}
