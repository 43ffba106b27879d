import RedisClient
import RedisCollectors

/// What has happened between two looks at a target.
enum TopologyChanges {
    static func events(from before: Topology, to after: Topology) -> [EventDraft] {
        let earlier = Dictionary(before.nodes.map { ($0.endpoint, $0) }) { first, _ in first }
        var events: [EventDraft] = []
        for node in after.nodes {
            guard let was = earlier[node.endpoint] else {
                let part = node.role == .unknown ? "node" : node.role.rawValue
                events.append(
                    EventDraft(.nodeFound, node.deployment, node.endpoint, "\(part) \(node.endpoint) is watched")
                )
                continue
            }
            events += changes(from: was, to: node)
        }
        let standing = Set(before.disagreements.map(Trouble.init))
        let now = Set(after.disagreements.map(Trouble.init))
        for trouble in after.disagreements where !standing.contains(Trouble(trouble)) {
            events.append(EventDraft(.disagreementBegan, trouble, "\(trouble.kind.rawValue): \(trouble.message)"))
        }
        for trouble in before.disagreements where !now.contains(Trouble(trouble)) {
            events.append(EventDraft(.disagreementEnded, trouble, "no longer: \(trouble.message)"))
        }
        return events
    }

    /// A shard of a cluster that another node is the master of than before.
    struct ShardFailover: Equatable {
        let deployment: String
        let master: Endpoint
        let formerMaster: Endpoint
    }

    /// The failovers of shards between two looks: a replica serves the slots of its master.
    static func shardFailovers(from before: Topology, to after: Topology) -> [ShardFailover] {
        var former: [String: Topology.Node] = [:]
        for node in before.nodes where node.servesSlots { former[node.shard] = node }
        return after.nodes.filter(\.servesSlots).compactMap { node in
            guard let was = before.node(at: node.endpoint), was.role == .replica,
                let master = former[node.shard], master.endpoint != node.endpoint
            else { return nil }
            return ShardFailover(
                deployment: node.deployment,
                master: node.endpoint,
                formerMaster: master.endpoint
            )
        }
    }

    /// What stays the same while the message tells other figures.
    private struct Trouble: Hashable {
        let kind: Disagreement.Kind
        let deployment: String
        let nodes: [Endpoint]

        init(_ disagreement: Disagreement) {
            kind = disagreement.kind
            deployment = disagreement.deployment
            nodes = disagreement.nodes
        }
    }

    private static func changes(from was: Topology.Node, to node: Topology.Node) -> [EventDraft] {
        var events: [EventDraft] = []
        if was.role != node.role, was.role != .unknown, node.role != .unknown {
            events.append(
                EventDraft(
                    .roleChanged, node.deployment, node.endpoint,
                    "\(node.endpoint) was \(was.role.rawValue), is \(node.role.rawValue)"
                )
            )
        }
        // Before its first answer a node is neither.
        if was.isReachable, !node.isReachable {
            events.append(EventDraft(.nodeDown, node.deployment, node.endpoint, "\(node.endpoint) does not answer"))
        } else if !was.isReachable, node.isReachable, !was.version.isEmpty {
            events.append(EventDraft(.nodeUp, node.deployment, node.endpoint, "\(node.endpoint) answers again"))
        }
        return events
    }
}

extension Topology.Node {
    fileprivate var servesSlots: Bool {
        role == .master && !shard.isEmpty && slots?.isEmpty == false
    }
}

extension EventDraft {
    fileprivate init(_ kind: FleetEvent.Kind, _ trouble: Disagreement, _ text: String) {
        self.init(kind, trouble.deployment, trouble.nodes.first, text)
    }
}
