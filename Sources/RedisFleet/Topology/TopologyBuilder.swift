import RedisClient
import RedisCollectors

/// Puts the statements of nodes together to a topology.
struct TopologyBuilder {
    private let statements: [NodeStatement]
    private let previous: Topology
    private let naming: DeploymentNaming
    private let addresses: AddressMap
    private var groups = DisjointGroups<Endpoint>()
    private var nodes: [Endpoint: Topology.Node] = [:]
    private var links: [Endpoint: Topology.Link] = [:]
    /// The names that Sentinels have for a master, by the master's address.
    private var sentinelNames: [Endpoint: String] = [:]
    /// The view of the cluster that most nodes share, by any of its nodes.
    private var clusters: [Endpoint: ClusterConsensus] = [:]

    /// Nodes beyond this number are not taken in: whoever names more than that lies.
    private static let nodeLimit = 20_000

    init(statements: [NodeStatement], addressMap: AddressMap, previous: Topology, naming: DeploymentNaming) {
        var addresses = addressMap
        addresses.learn(from: statements)
        self.addresses = addresses
        // Of two names of one node the first stays.
        self.statements = statements.filter { addresses.resolve($0.endpoint) == $0.endpoint }
        self.previous = previous
        self.naming = naming
    }

    mutating func build() -> Topology {
        for statement in statements {
            add(statement)
        }
        addSentinels()
        addClusters()
        addReplication()
        addLostNodes()
        addOffsets()

        var topology = Topology()
        topology.addresses = addresses
        topology.links = links.values.sorted { $0.replica < $1.replica }
        topology.deployments = nameDeployments()
        topology.nodes = nodes.values.sorted { $0.endpoint < $1.endpoint }
        let check = TopologyCheck(
            statements: statements,
            topology: topology,
            clusters: clusters,
            previous: previous
        )
        topology.disagreements = check.disagreements()
        topology.deployments = check.deploymentsWithExpectations()
        return topology
    }

    // MARK: What nodes say of themselves

    private mutating func add(_ statement: NodeStatement) {
        groups.insert(statement.endpoint)
        var node = Topology.Node(endpoint: statement.endpoint)
        node.isWatched = true
        node.isReachable = statement.isReachable
        if let facts = statement.facts {
            node.version = facts.version
            node.role = facts.role
            let replicates = facts.role == .master || facts.role == .replica
            node.offset = statement.isReachable && replicates ? facts.offset : nil
        }
        if let me = statement.cluster?.myself {
            node.migrating = me.migrating
            node.importing = me.importing
        }
        nodes[statement.endpoint] = node
    }

    /// Takes in a node that another one names, and joins the two.
    @discardableResult
    private mutating func mention(_ announced: Endpoint, role: ServerFacts.Role, with companion: Endpoint?) -> Endpoint?
    {
        let endpoint = addresses.resolve(announced)
        guard nodes[endpoint] != nil || nodes.count < Self.nodeLimit else { return nil }
        var node = nodes[endpoint] ?? Topology.Node(endpoint: endpoint)
        // A node that answers knows best what it is.
        if !node.isReachable || node.role == .unknown { node.role = role }
        if companion != endpoint { node.isNamed = true }
        nodes[endpoint] = node
        groups.insert(endpoint)
        if let companion { groups.join(companion, endpoint) }
        return endpoint
    }

    // MARK: Sentinel

    private mutating func addSentinels() {
        var claims: [(speaker: Endpoint, master: SentinelView.Master)] = []
        for statement in statements where statement.isReachable {
            claims += (statement.sentinel?.masters ?? []).map { (statement.endpoint, $0) }
        }
        // During a failover Sentinels differ for a moment: the word of the highest epoch is the last. Within an epoch
        // it is not that of the leader, which names the old master until all replicas have been told of the new one.
        claims.sort { left, right in
            let (left, right) = (left.master.entry, right.master.entry)
            if left.configurationEpoch != right.configurationEpoch {
                return left.configurationEpoch < right.configurationEpoch
            }
            return left.isFailingOver && !right.isFailingOver
        }
        for (speaker, master) in claims {
            for peer in master.peers {
                mention(peer.endpoint, role: .sentinel, with: speaker)
            }
            guard let head = mention(master.entry.endpoint, role: .master, with: nil) else { continue }
            sentinelNames[head] = naming.ofMaster ?? master.name
            for replica in master.replicas {
                mention(replica.endpoint, role: .replica, with: head)
            }
        }
    }

    // MARK: Cluster

    private mutating func addClusters() {
        var views: [Endpoint: [(statement: NodeStatement, view: ClusterView)]] = [:]
        for statement in statements where statement.isReachable {
            guard let view = statement.cluster else { continue }
            for member in view.members {
                guard let endpoint = member.endpoint, !member.flags.contains(.handshake) else { continue }
                mention(endpoint, role: member.isMaster ? .master : .replica, with: statement.endpoint)
            }
        }
        for statement in statements where statement.isReachable {
            guard let view = statement.cluster else { continue }
            views[groups.root(of: statement.endpoint), default: []].append((statement, view))
        }
        for (root, views) in views {
            let consensus = ClusterConsensus(views: views.map { ($0.statement.endpoint, $0.view) })
            clusters[root] = consensus
            for member in consensus.view.members {
                guard let announced = member.endpoint else { continue }
                let endpoint = addresses.resolve(announced)
                let shard = shard(of: member, in: consensus.view)
                nodes[endpoint]?.slots = member.slots
                nodes[endpoint]?.shard = shard
                nodes[endpoint]?.epoch = member.epoch
                nodes[endpoint]?.hostname = member.hostname
                nodes[endpoint]?.failure = consensus.failures[member.id]
            }
        }
    }

    /// The shard's own identifier; for servers that have none, the one it had before, at first its master's.
    private func shard(of member: ClusterView.Member, in view: ClusterView) -> String {
        if let shard = member.shardID { return shard }
        let master = member.isMaster ? member.id : member.masterID ?? member.id
        let kin = view.members.filter { $0.id == master || $0.masterID == master }
        let before = kin.compactMap(\.endpoint).compactMap { endpoint in
            previous.node(at: addresses.resolve(endpoint))?.shard
        }
        return before.filter { !$0.isEmpty }.min() ?? master
    }

    // MARK: Replication

    private mutating func addReplication() {
        for statement in statements where statement.isReachable {
            guard let facts = statement.facts else { continue }
            if let link = facts.masterLink,
                let master = mention(link.master, role: .master, with: statement.endpoint)
            {
                links[statement.endpoint] = Topology.Link(
                    replica: statement.endpoint,
                    master: master,
                    isUp: link.isUp,
                    isSyncing: link.isSyncing
                )
            }
            for listed in facts.replicas {
                guard let replica = mention(listed.endpoint, role: .replica, with: statement.endpoint) else { continue }
                // What the replica says itself goes before.
                if links[replica] == nil, nodes[replica]?.isReachable != true {
                    links[replica] = Topology.Link(
                        replica: replica,
                        master: statement.endpoint,
                        isUp: listed.state == "online",
                        isSyncing: listed.state != "online",
                        replicaOffset: listed.offset
                    )
                }
            }
        }
        joinByHistory()
    }

    /// A master whose data began as another master's belongs to it: one of the two should not be a master.
    private mutating func joinByHistory() {
        var masters: [String: Endpoint] = [:]
        for statement in statements {
            guard statement.isReachable, let facts = statement.facts, facts.role == .master,
                !facts.replicationID.isEmpty
            else { continue }
            masters[facts.replicationID] = statement.endpoint
        }
        for statement in statements {
            guard statement.isReachable, let facts = statement.facts, facts.role == .master,
                let origin = masters[facts.secondReplicationID], origin != statement.endpoint
            else { continue }
            groups.join(origin, statement.endpoint)
        }
    }

    /// A node that does not answer and that nobody names belongs to where it was.
    private mutating func addLostNodes() {
        let lost = nodes.values.filter { node in !node.isReachable }.map(\.endpoint)
        for endpoint in lost {
            guard let before = previous.node(at: endpoint), groups.root(of: endpoint) == endpoint else { continue }
            if let companion = previous.deployment(named: before.deployment)?.nodes.first(where: { other in
                other != endpoint && nodes[other]?.isReachable == true
            }) {
                groups.join(companion, endpoint)
            }
            if nodes[endpoint]?.role == .unknown { nodes[endpoint]?.role = before.role }
            if nodes[endpoint]?.shard.isEmpty == true { nodes[endpoint]?.shard = before.shard }
            if links[endpoint] == nil, let link = previous.links.first(where: { $0.replica == endpoint }) {
                links[endpoint] = Topology.Link(
                    replica: endpoint, master: link.master, isUp: false, isSyncing: false
                )
            }
        }
    }

    private mutating func addOffsets() {
        for link in links.values {
            let own = nodes[link.replica]?.offset
            links[link.replica]?.replicaOffset = own ?? link.replicaOffset
            links[link.replica]?.masterOffset = nodes[link.master]?.offset
        }
    }

    // MARK: Deployments

    private mutating func nameDeployments() -> [Topology.Deployment] {
        var members: [Endpoint: [Endpoint]] = [:]
        for endpoint in nodes.keys {
            members[groups.root(of: endpoint), default: []].append(endpoint)
        }
        var taken = Set<String>()
        var deployments: [Topology.Deployment] = []
        let ordered = members.values.map { $0.sorted(by: <) }.sorted { left, right in
            guard let leftFirst = left.first, let rightFirst = right.first else { return false }
            return leftFirst < rightFirst
        }
        for group in ordered {
            var name = naming.unique(name(of: group), of: group)
            if !taken.insert(name).inserted, let first = group.first {
                name += " (\(first))"
                taken.insert(name)
            }
            for endpoint in group {
                nodes[endpoint]?.deployment = name
            }
            deployments.append(Topology.Deployment(name: name, kind: kind(of: group), nodes: group))
        }
        return deployments.sorted { $0.name < $1.name }
    }

    private func kind(of group: [Endpoint]) -> Topology.Deployment.Kind {
        let members = group.compactMap { nodes[$0] }
        if members.contains(where: { $0.slots != nil || $0.migrating != nil }) { return .cluster }
        if members.contains(where: { $0.role == .sentinel }) { return .sentinel }
        let isWatched = group.contains { sentinelNames[$0] != nil }
        return members.count > 1 || isWatched ? .replication : .standalone
    }

    private func name(of group: [Endpoint]) -> String {
        let own = statements.filter { group.contains($0.endpoint) }
        if let configured = own.lazy.compactMap(\.configuredName).first { return configured }
        // Sentinels' name for a master, of several the one that stands first in the alphabet.
        if let sentinels = group.compactMap({ sentinelNames[$0] }).min() { return sentinels }
        let before = group.compactMap { previous.node(at: $0)?.deployment }.filter { !$0.isEmpty }
        if let name = before.first { return name }
        let first = own.first(where: \.isConfigured)?.endpoint ?? group.first
        return first?.description ?? ""
    }
}
