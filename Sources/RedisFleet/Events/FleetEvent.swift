public import RedisClient

/// Something that happened in a deployment, as the timeline tells it.
public struct FleetEvent: Sendable, Hashable {
    /// The place in the order of all events of this process, from 1; without gaps.
    public let number: Int
    /// When Redstart learned of it, in milliseconds since 1970.
    public let timestampMilliseconds: Int64
    /// What kind of thing it was: a Sentinel's channel such as `+switch-master`, or one of `Kind`.
    public let kind: String
    /// The deployment it happened in; empty where that is not known.
    public let deployment: String
    /// The node it is about, or the Sentinel that told of it.
    public let node: Endpoint?
    /// One line for a person.
    public let text: String

    /// What Redstart finds out itself.
    public enum Kind: String, Sendable, CaseIterable {
        /// A failover has given a deployment another master.
        case failoverCompleted = "failover_completed"
        /// A Sentinel has given a failover up.
        case failoverAborted = "failover_aborted"
        /// A node plays another part than before.
        case roleChanged = "role_changed"
        /// A node is watched from now on.
        case nodeFound = "node_found"
        /// A node that nobody speaks of any more is watched no longer.
        case nodeForgotten = "node_forgotten"
        /// A node does not answer any more.
        case nodeDown = "node_down"
        /// A node answers again.
        case nodeUp = "node_up"
        /// A node runs anew.
        case nodeRestarted = "node_restarted"
        /// A parameter of a node's configuration has another value.
        case configurationChanged = "configuration_changed"
        /// Redstart's own configuration was read again and is in force.
        case configurationReloaded = "configuration_reloaded"
        /// Redstart's own configuration has a mistake, and the one before stays in force.
        case configurationReloadFailed = "configuration_reload_failed"
        /// The clock of the machine that Redstart runs on was set.
        case clockSet = "clock_set"
        /// Something is wrong from now on.
        case disagreementBegan = "disagreement_began"
        /// Something is wrong no longer.
        case disagreementEnded = "disagreement_ended"
        /// A Sentinel's events are heard again after a gap.
        case subscribed
        /// A Sentinel's events are not heard for now.
        case unsubscribed
    }
}

/// What is to become an event: all but its number and its time.
struct EventDraft: Hashable {
    let kind: String
    let deployment: String
    let node: Endpoint?
    let text: String

    init(_ kind: FleetEvent.Kind, _ deployment: String, _ node: Endpoint?, _ text: String) {
        self.init(kind: kind.rawValue, deployment, node, text)
    }

    init(kind: String, _ deployment: String, _ node: Endpoint?, _ text: String) {
        self.kind = kind
        self.deployment = deployment
        self.node = node
        self.text = text
    }
}

/// The last events, in their order.
struct EventTimeline {
    /// Older events are dropped.
    static let limit = 1000
    /// What servers say is cut to this length.
    private static let textLimit = 240

    private var events: [FleetEvent] = []
    /// The number of the newest event; zero before the first.
    private(set) var lastNumber = 0

    mutating func append(_ draft: EventDraft, at timestampMilliseconds: Int64) {
        lastNumber += 1
        // A quarter at a time, so that the rest does not move with every event.
        if events.count >= Self.limit { events.removeFirst(Self.limit / 4) }
        events.append(
            FleetEvent(
                number: lastNumber,
                timestampMilliseconds: timestampMilliseconds,
                kind: draft.kind,
                deployment: draft.deployment,
                node: draft.node,
                text: Self.oneLine(draft.text)
            )
        )
    }

    /// The newest events behind a number, at most `limit`, oldest first.
    func events(after number: Int, limit: Int, deployment: String?) -> [FleetEvent] {
        let wanted = events.lazy.reversed().prefix { $0.number > number }
            .filter { deployment == nil || $0.deployment == deployment }
        return wanted.prefix(max(0, limit)).reversed()
    }

    private static func oneLine(_ text: String) -> String {
        let scalars = text.unicodeScalars.prefix(textLimit).map { scalar -> Unicode.Scalar in
            scalar.properties.generalCategory == .control ? " " : scalar
        }
        return String(String.UnicodeScalarView(scalars))
    }
}
