/// Nodes that belong together: masters, each with as many replicas; more than one master is a cluster.
final class Deployment {
    let isCluster: Bool
    /// The masters' shards one after the other, each with its replicas.
    private(set) var nodes: [SimulatedNode] = []
    private(set) var sentinels: [SimulatedNode] = []
    private let shardSize: Int
    /// Which node of each shard is its master.
    private var masters: [Int]
    let number: Int

    init(number: Int, shards: Int, replicas: Int, isCluster: Bool) {
        self.number = number
        self.isCluster = isCluster
        shardSize = replicas + 1
        masters = (0..<shards).map { $0 * (replicas + 1) }
    }

    var shardCount: Int {
        masters.count
    }

    func add(_ node: SimulatedNode) {
        if node.isSentinel { sentinels.append(node) } else { nodes.append(node) }
    }

    /// What Sentinels call it.
    var name: String {
        "group-\(number)"
    }

    /// The master that Sentinels watch.
    var currentMaster: SimulatedNode {
        nodes[masters[0]]
    }

    /// The nodes of a shard, its master first.
    func shard(_ shard: Int) -> [SimulatedNode] {
        let master = masters[shard]
        return [nodes[master]] + nodes[shard * shardSize..<(shard + 1) * shardSize].filter { $0.position != master }
    }

    /// The master that a node follows; `nil` where it is one itself.
    func master(of position: Int) -> SimulatedNode? {
        let master = masters[position / shardSize]
        return master == position ? nil : nodes[master]
    }

    /// The nodes that follow this one.
    func replicas(of position: Int) -> ArraySlice<SimulatedNode> {
        masters[position / shardSize] == position ? shard(position / shardSize).dropFirst() : []
    }

    /// Makes a node the master of its shard.
    func promote(_ node: SimulatedNode) {
        guard !node.isSentinel else { return }
        masters[node.position / shardSize] = node.position
    }

    /// How far all nodes of the deployment have come.
    func offset(at moment: Moment) -> Int {
        1000 + Int(moment.seconds) * 500
    }

    func replicationID(of position: Int) -> String {
        SimulatedNode.hexadecimal(number, 2 + position / shardSize)
    }

    // MARK: What the nodes of a cluster say of it

    private static let slots = 16384

    /// The slots of a shard.
    func slots(of shard: Int) -> ClosedRange<Int> {
        shard * Self.slots / shardCount...(shard + 1) * Self.slots / shardCount - 1
    }

    /// The reply to CLUSTER INFO.
    var clusterInfo: String {
        """
        cluster_state:ok\r\ncluster_slots_assigned:16384\r\ncluster_slots_ok:16384\r\ncluster_slots_pfail:0\r
        cluster_slots_fail:0\r\ncluster_known_nodes:\(nodes.count)\r\ncluster_size:\(shardCount)\r
        cluster_current_epoch:\(shardCount)\r\ncluster_my_epoch:1\r\ncluster_stats_messages_sent:1000\r
        cluster_stats_messages_received:1000\r\ntotal_cluster_links_buffer_limit_exceeded:0\r\n
        """
    }

    /// The reply to CLUSTER NODES at one of them.
    func clusterNodes(at node: SimulatedNode) -> String {
        var lines = ""
        for shard in 0..<shardCount {
            let range = slots(of: shard)
            for member in self.shard(shard) {
                let master = master(of: member.position)
                let bus = Int(member.port).map { $0 + 10000 } ?? 0
                let role = master.map { "slave \($0.id)" } ?? "master -"
                let served = master == nil ? " \(range.lowerBound)-\(range.upperBound)" : ""
                lines += "\(member.id) \(member.address):\(member.port)@\(bus) "
                lines += "\(member === node ? "myself," : "")\(role) 0 1 \(shard + 1) connected\(served)\n"
            }
        }
        return lines
    }

    /// The reply to CLUSTER SHARDS.
    func clusterShards(at moment: Moment) -> String {
        var reply = "*\(shardCount)\r\n"
        for shard in 0..<shardCount {
            let range = slots(of: shard)
            let members = self.shard(shard)
            reply += "*4\r\n$5\r\nslots\r\n*2\r\n:\(range.lowerBound)\r\n:\(range.upperBound)\r\n"
            reply += "$5\r\nnodes\r\n*\(members.count)\r\n"
            for member in members {
                let role = master(of: member.position) == nil ? "master" : "replica"
                reply += "*14\r\n" + bulk("id", member.id) + "$4\r\nport\r\n:\(member.port)\r\n"
                reply += bulk("ip", member.address) + bulk("endpoint", member.address) + bulk("role", role)
                reply += "$18\r\nreplication-offset\r\n:\(offset(at: moment))\r\n" + bulk("health", "online")
            }
        }
        return reply
    }

    private func bulk(_ texts: String...) -> String {
        texts.map { "$\($0.utf8.count)\r\n\($0)\r\n" }.joined()
    }
}
