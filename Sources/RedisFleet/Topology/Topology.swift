public import RedisClient
public import RedisCollectors

/// Which nodes exist, what belongs together, who follows whom, and where nodes contradict each other.
///
/// A pure function of what the nodes say and of the topology before, which is needed for what a node that is gone
/// belonged to, and for names that must not change at a failover.
public struct Topology: Sendable, Hashable {
    /// A node in its place.
    public struct Node: Sendable, Hashable {
        /// Where it is watched, or would be.
        public let endpoint: Endpoint
        /// What part it plays: by its own word while it answers, else by the word of those who watch it.
        public internal(set) var role = ServerFacts.Role.unknown
        /// The name of its deployment.
        public internal(set) var deployment = ""
        /// What stays the same for the nodes of one shard of a cluster; empty elsewhere.
        public internal(set) var shard = ""
        /// The version of the program; empty if it never answered.
        public internal(set) var version = ""
        /// Whether it is asked at all.
        public internal(set) var isWatched = false
        /// Whether it answered last time.
        public internal(set) var isReachable = false
        /// Whether another node that answers speaks of it.
        public internal(set) var isNamed = false
        /// The replication offset, of a replica the one it has processed; `nil` where it did not answer.
        public internal(set) var offset: Int64?
        /// What the other nodes of its cluster think of it; `nil` where they find it well, and outside of clusters.
        public internal(set) var failure: ClusterView.Failure?
        /// The epoch of its configuration; `nil` outside of clusters.
        public internal(set) var epoch: Int64?
        /// The host name it announces; `nil` for none.
        public internal(set) var hostname: String?
        /// The slots that it serves; `nil` outside of clusters.
        public internal(set) var slots: SlotSet?
        /// The slots that leave it, by its own word; `nil` outside of clusters.
        public internal(set) var migrating: Int?
        /// The slots that come to it, by its own word; `nil` outside of clusters.
        public internal(set) var importing: Int?
    }

    /// How well a node is, in one word.
    public enum Health: String, Sendable {
        /// It answers, and nobody says anything else.
        case ok
        /// It does not answer.
        case down
        /// It does not answer some node of its cluster.
        case suspected = "pfail"
        /// Its cluster has agreed that it failed.
        case failed = "fail"
        /// Others name it, but it is not asked.
        case unwatched
    }

    /// How data flows over a link.
    public enum LinkState: String, Sendable {
        /// As it should.
        case up
        /// The replica gets all data anew.
        case syncing
        /// Not at all.
        case down
    }

    /// A replica and whom it follows.
    public struct Link: Sendable, Hashable {
        /// The one that follows.
        public let replica: Endpoint
        /// The one that is followed.
        public let master: Endpoint
        /// Whether data flows.
        public let isUp: Bool
        /// Whether a full synchronisation is under way.
        public let isSyncing: Bool
        /// What the replica has processed, by its own word, else by its master's; `nil` where neither says it.
        public internal(set) var replicaOffset: Int64?
        /// How far the master was when it was last asked; `nil` where it did not answer.
        public internal(set) var masterOffset: Int64?
        /// Bytes that the replica has not processed; `nil` where that is not known.
        public internal(set) var lagBytes: Int64?
        /// How long ago the master was where the replica is; `nil` where that is not known.
        public internal(set) var lag: Duration?
    }

    /// Nodes that belong together.
    public struct Deployment: Sendable, Hashable {
        /// What kind of thing it is.
        public enum Kind: String, Sendable {
            /// One server on its own.
            case standalone
            /// A master and those who follow it.
            case replication
            /// The Sentinels that watch the same masters.
            case sentinel
            /// The nodes of a cluster.
            case cluster
        }

        /// A name that no other deployment has and that a failover does not change.
        public let name: String
        /// What kind of thing it is.
        public let kind: Kind
        /// Its nodes in ascending order.
        public let nodes: [Endpoint]
        /// How many replicas have followed at best.
        public internal(set) var expectedReplicas = 0
        /// Slots that no node serves; `nil` outside of clusters.
        public internal(set) var slotsUncovered: Int?
    }

    /// All nodes that are watched or mentioned, in ascending order.
    public internal(set) var nodes: [Node] = [] {
        didSet { positions = Dictionary(nodes.indices.map { (nodes[$0].endpoint, $0) }) { first, _ in first } }
    }
    private var positions: [Endpoint: Int] = [:]
    /// All links, in ascending order of the replicas.
    public internal(set) var links: [Link] = []
    /// All deployments in the order of their names.
    public internal(set) var deployments: [Deployment] = []
    /// What is wrong, in a fixed order.
    public internal(set) var disagreements: [Disagreement] = []
    /// Which address stands for which.
    public internal(set) var addresses = AddressMap()

    /// No node.
    public init() {}

    /// Puts together what nodes say.
    ///
    /// - Parameters:
    ///   - statements: One per watched node; those of configured nodes first.
    ///   - addressMap: What stands for announced addresses that cannot be reached.
    ///   - previous: The topology before.
    ///   - naming: What the names of the deployments depend on beside what the nodes say.
    public init(
        statements: [NodeStatement],
        addressMap: AddressMap = AddressMap(),
        previous: Topology = Topology(),
        naming: DeploymentNaming = DeploymentNaming()
    ) {
        var builder = TopologyBuilder(
            statements: statements, addressMap: addressMap, previous: previous, naming: naming
        )
        self = builder.build()
    }

    /// The node at an address, under whichever name.
    public func node(at endpoint: Endpoint) -> Node? {
        positions[addresses.resolve(endpoint)].map { nodes[$0] }
    }

    /// Drops what may only seem wrong, because not all nodes of the deployment are asked.
    mutating func dropSuspicions(isAsked: (Endpoint) -> Bool) {
        let all = deployments.map { ($0.name, $0.nodes.allSatisfy(isAsked)) }
        let asked = Dictionary(all) { $0 && $1 }
        disagreements.removeAll { $0.kind.needsAllNodes && asked[$0.deployment] == false }
    }

    /// The deployment of a name.
    public func deployment(named name: String) -> Deployment? {
        deployments.first { $0.name == name }
    }
}

extension Topology.Node {
    /// How well it is, in one word.
    public var health: Topology.Health {
        guard isWatched else { return .unwatched }
        guard isReachable else { return .down }
        return switch failure {
        case .suspected: .suspected
        case .failed: .failed
        case nil: .ok
        }
    }
}

extension Topology.Link {
    /// How data flows.
    public var state: Topology.LinkState {
        isUp ? .up : isSyncing ? .syncing : .down
    }
}
