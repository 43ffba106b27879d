import RedisClient
import RedisCollectors
import Testing

@testable import RedisFleet

/// Nodes that say what a test wants them to say.
private struct Scene {
    var statements: [NodeStatement] = []

    static func endpoint(_ port: Int) -> Endpoint {
        .tcp(host: "10.0.0.1", port: port)
    }

    mutating func add(_ port: Int, _ info: String, reachable: Bool = true, configured: Bool = true) throws {
        var statement = NodeStatement(endpoint: Self.endpoint(port), isConfigured: configured)
        statement.isReachable = reachable
        statement.facts = SelfDescription(try CapturedReply.text(info))
        statements.append(statement)
    }

    mutating func addMaster(_ port: Int, replicas: [Int] = [], history: String = "aa", before: String = "00") throws {
        let lines = replicas.enumerated().map { position, replica in
            "slave\(position):ip=10.0.0.1,port=\(replica),state=online,offset=10,lag=0\r\n"
        }
        try add(port, "role:master\r\n\(lines.joined())master_replid:\(history)\r\nmaster_replid2:\(before)\r\n")
    }

    mutating func addReplica(_ port: Int, of master: Int, up: Bool = true, readOnly: Bool = true) throws {
        try add(
            port,
            """
            role:slave\r\nmaster_host:10.0.0.1\r\nmaster_port:\(master)\r
            master_link_status:\(up ? "up" : "down")\r\nslave_read_only:\(readOnly ? 1 : 0)\r\n
            """
        )
    }

    /// A Sentinel on `port` that names a master, its replicas and its peers.
    mutating func addSentinel(
        _ port: Int,
        master: Int,
        replicas: [Int],
        peers: [Int],
        epoch: Int = 1,
        flags: String = "master"
    ) throws {
        func entry(_ name: String, _ port: Int, _ flags: String) -> String {
            let fields = [
                "name", name, "ip", "10.0.0.1", "port", "\(port)", "flags", flags, "config-epoch", "\(epoch)",
            ]
            return "*\(fields.count)\r\n" + fields.map { "$\($0.utf8.count)\r\n\($0)\r\n" }.joined()
        }
        func list(_ entries: [String]) throws -> Reply {
            try #require(CapturedReply.reply(Array("*\(entries.count)\r\n\(entries.joined())".utf8)))
        }
        var view = try #require(SentinelView(masters: try list([entry("m", master, flags)])))
        view.add(
            toMaster: "m",
            replicas: try list(replicas.map { entry("r", $0, "slave") }),
            peers: try list(peers.map { entry("s", $0, "sentinel") }),
            quorum: nil
        )
        try add(port, "redis_mode:sentinel\r\n")
        statements[statements.count - 1].sentinel = view
    }

    func topology(after previous: Topology = Topology()) -> Topology {
        Topology(statements: statements, previous: previous)
    }
}

extension Topology {
    fileprivate func kinds() -> [Disagreement.Kind] {
        disagreements.map(\.kind)
    }

    fileprivate func role(_ port: Int) -> ServerFacts.Role? {
        node(at: Scene.endpoint(port))?.role
    }
}

@Suite("Topology")
struct TopologyTests {
    @Test("One server on its own is standalone, and nothing is wrong with it")
    func standalone() throws {
        var scene = Scene()
        try scene.addMaster(1)
        let topology = scene.topology()
        #expect(topology.deployments.map(\.kind) == [.standalone])
        #expect(topology.deployments.map(\.name) == ["10.0.0.1:1"])
        #expect(topology.disagreements.isEmpty)
    }

    @Test("A master names nodes that are not watched yet, and a replica its master: they are found")
    func found() throws {
        var down = Scene()
        try down.addMaster(1, replicas: [2, 3])
        #expect(down.topology().nodes.map(\.endpoint) == [1, 2, 3].map(Scene.endpoint))
        #expect(down.topology().role(3) == .replica)
        var up = Scene()
        try up.addReplica(2, of: 1)
        #expect(up.topology().role(1) == .master)
        #expect(up.topology().deployments.map(\.kind) == [.replication])
    }

    @Test("A chain is one deployment and is named")
    func chain() throws {
        var scene = Scene()
        try scene.addMaster(1, replicas: [2])
        try scene.addReplica(2, of: 1)
        try scene.addReplica(3, of: 2)
        let topology = scene.topology()
        #expect(topology.deployments.count == 1)
        #expect(topology.links.map(\.master) == [Scene.endpoint(1), Scene.endpoint(2)])
        #expect(topology.disagreements.map(\.nodes) == [[Scene.endpoint(2), Scene.endpoint(3)]])
        #expect(topology.kinds() == [.chain])
    }

    @Test("Replicas in a circle are named once")
    func cycle() throws {
        var scene = Scene()
        try scene.addReplica(1, of: 2, up: false)
        try scene.addReplica(2, of: 1, up: false)
        #expect(scene.topology().kinds() == [.noMaster, .cycle])
    }

    @Test("A replica that takes writes is named")
    func writable() throws {
        var scene = Scene()
        try scene.addMaster(1, replicas: [2])
        try scene.addReplica(2, of: 1, readOnly: false)
        #expect(scene.topology().kinds() == [.writableReplica])
    }

    @Test("Two masters: one whose data began as the other's, and an old one that Sentinels call a replica")
    func twoMasters() throws {
        var split = Scene()
        try split.addMaster(1, history: "aa")
        try split.addMaster(2, history: "bb", before: "aa")
        #expect(split.topology().kinds() == [.twoMasters])
        var watched = Scene()
        try watched.addSentinel(9, master: 2, replicas: [1], peers: [])
        try watched.addMaster(1, history: "cc")
        try watched.addMaster(2, history: "dd")
        #expect(watched.topology().kinds() == [.twoMasters])
        #expect(watched.topology().deployments.map(\.name) == ["10.0.0.1:9", "m"])
    }

    @Test("Sentinels that name different masters, or do not see each other")
    func sentinels() throws {
        var scene = Scene()
        try scene.addSentinel(7, master: 1, replicas: [2], peers: [8, 9], epoch: 1)
        try scene.addSentinel(8, master: 2, replicas: [1], peers: [7, 9], epoch: 2)
        try scene.addSentinel(9, master: 2, replicas: [1], peers: [7], epoch: 2)
        let topology = scene.topology()
        #expect(topology.kinds() == [.sentinelsDisagree, .sentinelsNotSeen])
        #expect(topology.disagreements.last?.nodes == [Scene.endpoint(9)])
        // Nobody has asked 1 and 2 yet: the word of the higher epoch counts.
        #expect(topology.role(1) == .replica && topology.role(2) == .master)
    }

    @Test("A replica of a master that Sentinels do not name")
    func stray() throws {
        var scene = Scene()
        try scene.addSentinel(9, master: 1, replicas: [2, 3], peers: [])
        try scene.addMaster(1, replicas: [2])
        try scene.addReplica(2, of: 1)
        try scene.addReplica(3, of: 4)
        let topology = scene.topology()
        #expect(topology.kinds() == [.strayReplica])
        #expect(topology.disagreements.first?.nodes == [Scene.endpoint(3)])
    }

    @Test("A deployment has the user's name, and another one if that is taken")
    func naming() throws {
        var scene = Scene()
        try scene.addSentinel(9, master: 1, replicas: [2], peers: [])
        try scene.addMaster(1, replicas: [2])
        try scene.addReplica(2, of: 1)
        var naming = DeploymentNaming()
        naming.qualifier = "s:26379"
        naming.isTaken = { name, nodes in name == "m" && nodes.contains(Scene.endpoint(1)) }
        func name() -> String? {
            Topology(statements: scene.statements, naming: naming).node(at: Scene.endpoint(2))?.deployment
        }
        #expect(name() == "m (s:26379)")
        naming.ofMaster = "shop"
        #expect(name() == "shop")
    }

    @Test("A server that Sentinels name as the master follows another one")
    func strayMaster() throws {
        var scene = Scene()
        try scene.addSentinel(9, master: 1, replicas: [2], peers: [])
        try scene.addReplica(1, of: 4)
        try scene.addReplica(2, of: 1)
        let strays = scene.topology().disagreements.filter { $0.kind == .strayReplica }
        #expect(strays.map(\.nodes) == [[Scene.endpoint(1)]])
    }

    @Test("In one epoch the leader of a failover has the last word only when it is through")
    func leaderOfFailover() throws {
        var scene = Scene()
        // The other Sentinel has been told of the new master before the leader takes it over itself.
        try scene.addSentinel(8, master: 1, replicas: [2], peers: [9], flags: "master,o_down,failover_in_progress")
        try scene.addSentinel(9, master: 2, replicas: [1], peers: [8])
        let topology = scene.topology()
        #expect(topology.role(1) == .replica && topology.role(2) == .master)
    }

    @Test("Fewer replicas than before, until the node is forgotten")
    func fewerReplicas() throws {
        var before = Scene()
        try before.addMaster(1, replicas: [2, 3])
        try before.addReplica(2, of: 1)
        try before.addReplica(3, of: 1)
        let first = before.topology()
        #expect(first.disagreements.isEmpty)
        #expect(first.deployments.first?.expectedReplicas == 2)
        var after = Scene()
        try after.addMaster(1, replicas: [2])
        try after.addReplica(2, of: 1)
        var lost = after
        lost.statements.append(before.statements[2])
        lost.statements[2].isReachable = false
        let second = lost.topology(after: first)
        #expect(second.kinds() == [.fewerReplicas])
        #expect(second.node(at: Scene.endpoint(3))?.deployment == "10.0.0.1:1")
        #expect(after.topology(after: second).disagreements.isEmpty)
    }

    @Test("A failover changes roles, but no name of a deployment")
    func failover() throws {
        var before = Scene()
        try before.addMaster(1, replicas: [2])
        try before.addReplica(2, of: 1)
        let first = before.topology()
        var after = Scene()
        try after.addReplica(1, of: 2)
        try after.addMaster(2, replicas: [1])
        let second = after.topology(after: first)
        #expect(second.deployments.map(\.name) == first.deployments.map(\.name))
        #expect(second.role(1) == .replica && second.role(2) == .master)
    }

    @Test("One node under two names is one node, by its run ID; what is announced behind NAT is mapped")
    func aliases() throws {
        var scene = Scene()
        try scene.add(1, "role:master\r\nrun_id:x\r\n")
        var second = scene.statements[0]
        second = NodeStatement(endpoint: .tcp(host: "localhost", port: 1))
        second.isReachable = true
        second.facts = scene.statements[0].facts
        scene.statements.append(second)
        #expect(scene.topology().nodes.map(\.endpoint) == [Scene.endpoint(1)])
        #expect(scene.topology().node(at: .tcp(host: "localhost", port: 1)) != nil)

        var mapped = Scene()
        try mapped.addMaster(1, replicas: [2])
        let map = AddressMap([Scene.endpoint(2): .tcp(host: "docker.example", port: 32768)])
        let topology = Topology(statements: mapped.statements, addressMap: map)
        #expect(topology.nodes.map(\.endpoint.description) == ["10.0.0.1:1", "docker.example:32768"])
    }
}

@Suite("Topology of a cluster")
struct ClusterTopologyTests {
    private func topology(_ folders: [String: Int], after previous: Topology = Topology()) throws -> Topology {
        let statements = try folders.sorted { $0.value < $1.value }.map { folder, port in
            var statement = NodeStatement(endpoint: .tcp(host: "127.0.0.1", port: port))
            statement.isReachable = true
            statement.cluster = try ClusterViewTests.view("redis-7.0/\(folder)")
            return statement
        }
        return Topology(statements: statements, previous: previous)
    }

    @Test("One node tells of all: masters, replicas, shards, moving slots")
    func seed() throws {
        let topology = try topology(["cluster-migrating-master": 20020])
        #expect(topology.deployments.map(\.kind) == [.cluster])
        #expect(topology.nodes.count == 6)
        #expect(Set(topology.nodes.map(\.shard)).count == 3)
        #expect(Dictionary(grouping: topology.nodes, by: \.shard).values.allSatisfy { $0.count == 2 })
        let seed = try #require(topology.node(at: .tcp(host: "127.0.0.1", port: 20020)))
        #expect(seed.migrating == 2 && seed.importing == 1 && seed.slots?.count == 5461)
    }

    @Test("A failed master: its slots are failing, and the shard keeps its name when the replica takes over")
    func failover() throws {
        let before = try topology(["cluster-importing-master": 20021])
        let failed = try topology(["cluster-fail-master": 20021], after: before)
        #expect(failed.disagreements.contains { $0.kind == .slotsFailed && $0.message.hasPrefix("5461 slots") })
        let after = try topology(["cluster-after-failover-master": 20025], after: failed)
        let heir = Endpoint.tcp(host: "127.0.0.1", port: 20025)
        #expect(before.node(at: heir)?.role == .replica && after.node(at: heir)?.role == .master)
        #expect(after.node(at: heir)?.shard == before.node(at: heir)?.shard)
        let failovers = TopologyChanges.shardFailovers(from: failed, to: after)
        #expect(failovers.map(\.master) == [heir])
        #expect(TopologyChanges.shardFailovers(from: after, to: after).isEmpty)
    }

    @Test("Maps of the slots that differ are told, with who has the other one")
    func views() throws {
        let topology = try topology(["cluster-after-failover-master": 20025, "cluster-importing-master": 20021])
        let differing = topology.disagreements.first { $0.kind == .slotViewsDiffer }
        #expect(differing?.nodes == [.tcp(host: "127.0.0.1", port: 20021)])
    }
}
