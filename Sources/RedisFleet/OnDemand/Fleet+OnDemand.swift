public import RedisClient
import RedisCollectors

extension Fleet {
    /// One outcome of a watched node, no older than `maxAge`; `nil` where no such node is watched.
    public func scrape(
        _ endpoint: Endpoint,
        maxAge: Duration,
        deadline: ContinuousClock.Instant
    ) async -> PollOutcome? {
        await session(at: endpoint)?.freshOutcome(maxAge: maxAge, deadline: deadline)
    }

    /// How the node at an address is watched, or reached as a member of a watched node's cluster; `nil` where it is
    /// neither.
    public func configuration(at endpoint: Endpoint) async -> NodeConfiguration? {
        if let session = session(at: endpoint) { return session.configuration }
        if let member = clusterDirectory[endpoint] { return member }
        guard hasClusterNodes, !clusterDirectory.isFresh else { return nil }
        _ = await clusterMembers(preferHostNames: false)
        return clusterDirectory[endpoint]
    }

    /// All nodes with the addresses they are watched at, in the order of `nodes`.
    public var watchedNodes: [(node: Node, address: TargetAddress)] {
        watchedSessions.map { ($0.node, $0.configuration.connection.address) }
    }

    /// Whether a watched node is said to be one of a cluster, of which it is to name the members.
    public var hasClusterNodes: Bool {
        watchedSessions.contains { $0.configuration.checks.isCluster }
    }

    /// The addresses of all members of the watched nodes' clusters, by the word of the first node that answers.
    ///
    /// `nil` where none answers.
    public func clusterMembers(preferHostNames: Bool) async -> [TargetAddress]? {
        for session in watchedSessions where session.configuration.checks.isCluster {
            guard let reply = await session.ask(Self.clusterNodes)?.first ?? nil, let view = ClusterView(nodes: reply)
            else { continue }
            let endpoints = view.members.compactMap { member -> Endpoint? in
                guard preferHostNames, let name = member.hostname, case .tcp(_, let port) = member.endpoint else {
                    return member.endpoint
                }
                return .tcp(host: name, port: port)
            }
            clusterDirectory.note(endpoints, as: session.configuration)
            let scheme = session.configuration.connection.address.scheme
            return endpoints.map { TargetAddress(scheme: scheme, endpoint: $0) }
        }
        return nil
    }

    private static let clusterNodes = [Command("CLUSTER", "NODES")]
}
