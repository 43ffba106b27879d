public import RedisClient

/// All that one node has said about itself and about others.
public struct NodeStatement: Sendable, Hashable {
    /// Where Redstart reaches the node.
    public let endpoint: Endpoint
    /// The name of the deployment that the user gave, where the node is a configured one.
    public var configuredName: String?
    /// Whether the node stands in the configuration, so that it is never forgotten.
    public var isConfigured: Bool
    /// Whether it answered last time; what it said before is kept when it does not.
    public var isReachable = false
    /// What it says about itself; `nil` when it never answered.
    public var facts: SelfDescription?
    /// What it says as a Sentinel.
    public var sentinel: SentinelView?
    /// What it says as a node of a cluster.
    public var cluster: ClusterView?

    /// Parts of its last answers that could not be read.
    var skipped: Int {
        (facts?.skipped ?? 0) + (sentinel?.skipped ?? 0) + (cluster?.skipped ?? 0)
    }

    /// A node that has not said anything yet.
    public init(endpoint: Endpoint, isConfigured: Bool = true, configuredName: String? = nil) {
        self.endpoint = endpoint
        self.isConfigured = isConfigured
        self.configuredName = configuredName
    }
}
