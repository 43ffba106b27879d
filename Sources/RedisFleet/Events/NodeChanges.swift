import RedisClient
import RedisCollectors

/// What has happened to one node between two of its polls.
struct NodeChanges: Sendable {
    /// More changes of one poll are counted only: whoever writes a whole configuration anew fills no timeline.
    private static let changeLimit = 10
    /// Values are cut to this length.
    private static let valueLimit = 60

    /// Of the last answer; empty before the first.
    private var runID = ""

    /// The events that a poll which was answered tells of.
    mutating func events(
        _ facts: ServerFacts,
        _ changes: [ConfigChange],
        of node: Endpoint,
        in deployment: String
    ) -> [EventDraft] {
        var events: [EventDraft] = []
        if !runID.isEmpty, !facts.runID.isEmpty, runID != facts.runID {
            events.append(EventDraft(.nodeRestarted, deployment, node, "\(node) was restarted"))
        }
        if !facts.runID.isEmpty { runID = facts.runID }
        for change in changes.prefix(Self.changeLimit) {
            let text =
                "\(node): \(change.parameter) was \(Self.shown(change.before)), is \(Self.shown(change.after))"
            events.append(EventDraft(.configurationChanged, deployment, node, text))
        }
        if changes.count > Self.changeLimit {
            let text = "\(node): \(changes.count - Self.changeLimit) more parameters have changed"
            events.append(EventDraft(.configurationChanged, deployment, node, text))
        }
        return events
    }

    private static func shown(_ value: String) -> String {
        if value.isEmpty { return "empty" }
        return value.unicodeScalars.count > valueLimit
            ? String(String.UnicodeScalarView(value.unicodeScalars.prefix(valueLimit))) + "…" : value
    }
}
