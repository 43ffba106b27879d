public import Metrics
public import RedisClient
public import RedisCollectors

/// How one node is reached and what is asked of it.
public struct NodeConfiguration: Sendable, Equatable {
    /// Where the node is and how to get in.
    public var connection: ConnectionOptions
    /// Labels that every series of the node gets.
    public var labels: Labels
    /// Time between two polls.
    public var pollInterval: Duration
    /// The longest a poll may take, connecting included.
    public var pollTimeout: Duration
    /// What is asked of the node.
    public var collectors: CollectorOptions
    /// Which heavy checks are made of the node.
    public var checks: CheckOptions
    /// The most series that a poll may have; more are dropped and counted.
    public var seriesLimits: SeriesLimits

    /// Describes a node with the defaults for all that is not given.
    public init(
        connection: ConnectionOptions,
        labels: Labels = Labels(),
        pollInterval: Duration = .seconds(15),
        pollTimeout: Duration = .seconds(5),
        collectors: CollectorOptions = CollectorOptions(),
        checks: CheckOptions = CheckOptions(),
        seriesLimits: SeriesLimits = SeriesLimits()
    ) {
        self.connection = connection
        self.labels = labels
        self.pollInterval = pollInterval
        self.pollTimeout = pollTimeout
        self.collectors = collectors
        self.checks = checks
        self.seriesLimits = seriesLimits
    }

    /// The node as its series name it.
    public var node: Node {
        Node(instance: connection.address.endpoint.description, labels: labels)
    }
}
