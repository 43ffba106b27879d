import RedisClient
import RedisCollectors

extension Topology {
    /// Where each node stands, as far as the topology tells.
    ///
    /// - Parameters:
    ///   - isWatched: Whether a node is watched: of a link one of whose ends is not there is no lag to be told.
    ///   - checked: The nodes that heavy checks are made of.
    ///   - label: What the deployment of a name is called in labels.
    func places(
        isWatched: (Endpoint) -> Bool,
        checked: Set<Endpoint>,
        label: (String) -> String
    ) -> [Endpoint: NodePlace] {
        let troubles = troubles
        let linked = Set(
            links.filter { isWatched($0.replica) && isWatched($0.master) }.flatMap { [$0.replica, $0.master] })
        let places = nodes.map { node in
            var place = NodePlace()
            place.role = node.role
            place.deployment = label(node.deployment)
            place.shard = node.shard
            place.migrating = node.migrating
            place.importing = node.importing
            if node.role == .master, let slots = node.slots { place.slotsByBlock = slots.countsByBlock }
            place.hasLinks = linked.contains(node.endpoint)
            place.isReachable = node.isReachable
            place.isChecked = checked.contains(node.endpoint)
            place.disagreements = troubles[node.endpoint, default: []].sorted { $0.rawValue < $1.rawValue }
            return (node.endpoint, place)
        }
        return Dictionary(places) { first, _ in first }
    }

    /// What is wrong, by the nodes that have to do with it.
    private var troubles: [Endpoint: Set<Disagreement.Kind>] {
        var troubles: [Endpoint: Set<Disagreement.Kind>] = [:]
        for disagreement in disagreements {
            // What is about no node in particular is told by every node of the deployment.
            let nodes =
                disagreement.nodes.isEmpty
                ? deployment(named: disagreement.deployment)?.nodes ?? [] : disagreement.nodes
            for node in nodes { troubles[node, default: []].insert(disagreement.kind) }
        }
        return troubles
    }
}
