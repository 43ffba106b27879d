import Metrics
public import PromQL

/// A node of the tree that leads alerts to receivers, as Alertmanager has it.
///
/// An alert takes the way of the first child that matches, and of later ones too where a child says `continue`; where
/// no child matches it stays with this node.
public struct AlertRoute: Sendable {
    /// By which labels alerts are put into one message.
    public enum Grouping: Sendable, Equatable {
        /// By these labels.
        case labels([String])
        /// By all labels (`...`): each alert alone.
        case all
    }

    /// When the messages of a group are sent; milliseconds.
    public struct Timing: Sendable, Equatable {
        /// From the first alert of a group to its first message.
        public var groupWait: Int64
        /// From one message of a group to the next that has news.
        public var groupInterval: Int64
        /// From one message to the next where there is no news.
        public var repeatInterval: Int64

        /// Makes a timing, by default that of Alertmanager: 30 seconds, 5 minutes, 4 hours.
        public init(groupWait: Int64 = 30_000, groupInterval: Int64 = 300_000, repeatInterval: Int64 = 14_400_000) {
            self.groupWait = groupWait
            self.groupInterval = groupInterval
            self.repeatInterval = repeatInterval
        }
    }

    /// The name of the receiver.
    public var receiver: String
    /// What labels must be to come here; empty for all.
    public var matchers: [LabelMatcher]
    /// How alerts are put together.
    public var grouping: Grouping
    /// When messages are sent.
    public var timing: Timing
    /// Whether later siblings are tried too.
    public var continues: Bool
    /// The nodes below, in their order.
    public var children: [AlertRoute]

    /// Makes a node.
    public init(
        receiver: String,
        matchers: [LabelMatcher] = [],
        grouping: Grouping = .labels(["alertname"]),
        timing: Timing = Timing(),
        continues: Bool = false,
        children: [AlertRoute] = []
    ) {
        self.receiver = receiver
        self.matchers = matchers
        self.grouping = grouping
        self.timing = timing
        self.continues = continues
        self.children = children
    }

    /// A node where an alert has arrived.
    struct Destination: Sendable {
        /// Tells this node from others, also in another process with the same configuration.
        let id: String
        let receiver: String
        let grouping: Grouping
        let timing: Timing
    }

    /// Where an alert with these labels goes; none where the root does not match.
    func destinations(of labels: Labels) -> [Destination] {
        destinations(of: labels, parent: "")
    }

    private func destinations(of labels: Labels, parent: String) -> [Destination] {
        guard matchers.match(labels) else { return [] }
        let id = "\(parent){\(matchers.map(\.description).joined(separator: ","))}"
        var found: [Destination] = []
        for (index, child) in children.enumerated() {
            // The place tells siblings with the same matchers apart.
            let below = child.destinations(of: labels, parent: "\(id)/\(index)")
            found += below
            if !below.isEmpty, !child.continues { break }
        }
        return found.isEmpty ? [Destination(id: id, receiver: receiver, grouping: grouping, timing: timing)] : found
    }

    /// The names of all receivers of the tree.
    var receivers: Set<String> {
        children.reduce(into: [receiver]) { $0.formUnion($1.receivers) }
    }
}

extension AlertRoute.Grouping {
    /// The labels that the alerts of a group have in common.
    func labels(of alert: Labels) -> Labels {
        switch self {
        case .all: alert
        case .labels(let names):
            Labels(names.compactMap { name in alert[name].map { (name, $0) } })
        }
    }
}
