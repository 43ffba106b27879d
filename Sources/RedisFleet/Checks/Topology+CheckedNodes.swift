import RedisClient
import RedisCollectors

extension Topology {
    /// The nodes of which heavy checks are made: one of those that have the same data, a replica if one is in step.
    ///
    /// - Parameter before: The nodes of the last choice, which are kept as long as they are as good as others, so that
    ///   the series of a check stay where they are.
    func checkedNodes(before: Set<Endpoint>) -> Set<Endpoint> {
        let inStep = Set(links.filter { $0.isUp && !$0.isSyncing }.map(\.replica))
        var best: [[String]: (rank: Int, endpoint: Endpoint)] = [:]
        for node in nodes {
            guard let rank = rank(of: node, isInStep: inStep.contains(node.endpoint)) else { continue }
            // A node that belongs to nothing stands for itself.
            let data = node.deployment.isEmpty ? [node.endpoint.description] : [node.deployment, node.shard]
            let candidate = (rank: rank * 2 + (before.contains(node.endpoint) ? 1 : 0), endpoint: node.endpoint)
            // Of equals the first counts; the nodes are in a fixed order.
            if best[data].map({ candidate.rank > $0.rank }) ?? true { best[data] = candidate }
        }
        return Set(best.values.map(\.endpoint))
    }

    /// How well a node suits; `nil` for one that does not at all.
    private func rank(of node: Node, isInStep: Bool) -> Int? {
        guard node.isReachable else { return nil }
        return switch node.role {
        case .replica: isInStep ? 3 : 1
        case .master: 2
        case .sentinel, .unknown: nil
        }
    }
}
