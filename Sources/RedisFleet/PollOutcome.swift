public import Metrics
public import RedisClient
public import RedisCollectors

/// A node as its series name it.
public struct Node: Sendable, Hashable {
    /// The value of the `instance` label: `host:port`, or the path of a Unix socket.
    public let instance: String
    /// The labels the user gave the target.
    public let labels: Labels

    /// `labels` as the exposition writes them.
    public let labelText: [UInt8]
    /// `instance` and `labels` as the exposition writes them.
    public let labelTextWithInstance: [UInt8]

    /// Names a node.
    public init(instance: String, labels: Labels = Labels()) {
        self.instance = instance
        self.labels = labels
        labelText = LabelText.render(labels)
        labelTextWithInstance = LabelText.render(Labels([("instance", instance)]).merging(labels))
    }

    /// The labels that every series of the node has in the store: `job`, `instance` and the target's.
    public var storeLabels: Labels {
        Labels([("job", "redis"), ("instance", instance)]).merging(labels)
    }
}

/// How a node is, and when it is tried again.
public struct NodeCondition: Sendable {
    /// The last poll; `nil` before the first has ended.
    public let outcome: PollOutcome?
    /// How many attempts have failed since the last one that worked.
    public let failures: Int
    /// When the next attempt is allowed; `nil` where nothing holds it back.
    public let retryAt: ContinuousClock.Instant?
    /// The time between two polls.
    public let pollInterval: Duration
    /// The longest time a poll may take.
    public let pollTimeout: Duration
}

/// One poll of a node and what came of it.
public struct PollOutcome: Sendable {
    /// Who was polled.
    public let node: Node
    /// All samples of the poll; of a node that is down those that say so.
    public let samples: PollSamples
    /// What the node told about itself; `nil` when the poll failed.
    public let facts: ServerFacts?
    /// Fields of INFO that this version does not know, filled only where they are asked for.
    public let unknownInfoFields: [String]
    /// Why the poll failed, so that the node is down; `nil` for a node that is up.
    public let failure: RedisError?
    /// Why a node that is up did not tell all it was asked: it is loading, or broke off after INFO.
    public let shortfall: RedisError?
    /// When the poll ended.
    public let finished: ContinuousClock.Instant
    /// How long it took.
    public let duration: Duration
    /// What the poll found in the logs of slow and large commands.
    public var slowLog = SlowLogFindings()
    /// What the poll told of what has happened to the node.
    var events: [EventDraft] = []
}
