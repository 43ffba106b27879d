import Glibc
import RedisClient
import RedisCollectors
import RedisFleet
import TestServers
import Testing

@Suite("Discovery of real servers", .serialized)
struct DiscoveryTests {
    /// Looking at the deployment again and again makes no connection and no error on a server.
    private func expectNoTrace(of watched: DiscoveredFleet, on server: RedisServer) async throws {
        let counters = ["redis_connections_received_total", "redis_total_error_replies"]
        var before: [Double?] = []
        for counter in counters {
            before.append(await watched.value(counter, of: server.address))
        }
        let polls = await watched.value("redstart_node_polls_total", of: server.address) ?? 0
        try await eventually("three more polls") {
            (await watched.value("redstart_node_polls_total", of: server.address) ?? 0) >= polls + 3
        }
        for (counter, value) in zip(counters, before) {
            #expect(await watched.value(counter, of: server.address) == value, "\(counter)")
        }
    }

    @Test("From a replica up to its master and down to all others, chains included", .timeLimit(.minutes(1)))
    func replication() async throws {
        let master = try await RedisServer.startMaster()
        let first = try await RedisServer.startReplica(of: master)
        let second = try await RedisServer.startReplica(of: master)
        let chained = try await RedisServer.startReplica(of: first)
        let all = [master, first, second, chained].map(\.address).sorted()
        let watched = try DiscoveredFleet(second.address, discover: true)
        try await eventually("all four are watched with their roles") {
            let roles = await watched.infos("role")
            return roles.keys.sorted() == all && roles[master.address] == ["master"]
                && [first, second, chained].allSatisfy { roles[$0.address] == ["replica"] }
        }
        #expect(watched.added == all)
        try await eventually("the chain is told") {
            await watched.topology.disagreements.map(\.kind) == [.chain]
        }
        try await eventually("lag is zero where all is well") {
            await watched.value("redis_replication_lag_seconds", of: chained.address) == 0
        }
        try await expectNoTrace(of: watched, on: first)

        chained.process.signal(SIGSTOP)
        defer { chained.process.signal(SIGCONT) }
        try await eventually("lag grows while a replica is stopped") {
            (await watched.value("redis_replication_lag_seconds", of: chained.address) ?? 0) > 4
        }
        try await eventually("it is down") { await watched.value("redis_up", of: chained.address) == 0 }
        // Between the samples of a master that has just sent a ping and of its replica there is a moment of lag.
        try await eventually("the others lag no more than before") {
            await watched.value("redis_replication_lag_seconds", of: first.address) == 0
        }
    }

    @Test("What a server refuses is asked once a connection, not at every look")
    func refused() async throws {
        let server = try await RedisServer.start([
            "--cluster-enabled", "yes", "--cluster-port", "\(try freePort())",
        ])
        _ = try await server.ask("ACL", "SETUSER", "default", "-cluster")
        let watched = try DiscoveredFleet("cluster://\(server.address)")
        try await eventually("it is known, and what it refuses") {
            (await watched.value("redstart_node_polls_total", of: server.address) ?? 0) >= 4
        }
        #expect(await watched.topology.node(at: .tcp(host: "127.0.0.1", port: server.port))?.role == .master)
        try await expectNoTrace(of: watched, on: server)
    }

    @Test("An address that is none is not connected to, and counted as skipped")
    func garbage() async throws {
        let master = try await RedisServer.startMaster()
        let replica = try await RedisServer.start([
            "--replicaof", "127.0.0.1 \(master.port)", "--repl-diskless-sync-delay", "0", "--replica-announce-ip",
            "a/b",
        ])
        let watched = try DiscoveredFleet(master.address, discover: true)
        try await eventually("it is counted") {
            let series = #"redstart_parse_skipped_total{collector="topology", reason="malformed"}"#
            return (await watched.value(series, of: master.address) ?? 0) >= 1
        }
        #expect(watched.fleet.nodes.map(\.instance) == [master.address])
        #expect(replica.process.isRunning)
    }

    @Test("Of a replica whose link is down the lag grows, though it answers", .timeLimit(.minutes(1)))
    func brokenLink() async throws {
        let master = try await RedisServer.startMaster()
        let replica = try await RedisServer.startReplica(of: master)
        let watched = try DiscoveredFleet(replica.address, discover: true)
        try await eventually("it has everything") {
            await watched.value("redis_replication_lag_seconds", of: replica.address) == 0
        }
        master.process.kill()
        try await eventually("the lag grows") {
            (await watched.value("redis_replication_lag_seconds", of: replica.address) ?? 0) > 3
        }
        #expect(await watched.value("redis_up", of: replica.address) == 1)
        let endpoint = Endpoint.tcp(host: "127.0.0.1", port: replica.port)
        let link = await watched.topology.links.first { $0.replica == endpoint }
        #expect(link?.state == .down && link.flatMap(\.lag).map { $0 > .seconds(3) } == true)
    }

    @Test("A node that is known under two names is watched once; one look finds all that there is")
    func twoNames() async throws {
        let master = try await RedisServer.startMaster()
        let replica = try await RedisServer.startReplica(of: master)
        let named = "localhost:\(master.port)"
        let watched = try DiscoveredFleet(named, discover: true, runs: false)
        try await eventually("the replica is found") {
            await watched.fleet.discover()
            return watched.added.contains(replica.address)
        }
        for _ in 0..<3 {
            await watched.fleet.discover()
            #expect(watched.fleet.nodes.map(\.instance) == [named, replica.address])
        }
        #expect(watched.added.filter { $0 == master.address }.count <= 1)
        let outcomes = await watched.fleet.scrape(maxAge: .zero, deadline: .now + .seconds(10))
        #expect(outcomes.map(\.failure) == [nil, nil])
    }

    @Test("Behind an address map nodes are reached and named by what the map says")
    func addressMap() async throws {
        let master = try await RedisServer.startMaster()
        let port = try freePort()
        let replica = try await RedisServer.start([
            "--replicaof", "127.0.0.1 \(master.port)", "--repl-diskless-sync-delay", "0",
            "--replica-announce-ip", "10.255.255.1", "--replica-announce-port", "\(port)",
        ])
        let watched = try DiscoveredFleet(
            master.address,
            discover: true,
            addressMap: [
                .tcp(host: "10.255.255.1", port: port): .tcp(host: "127.0.0.1", port: replica.port)
            ]
        )
        try await eventually("both are up under the addresses that can be reached") {
            await watched.infos("role") == [master.address: ["master"], replica.address: ["replica"]]
        }
        #expect(watched.added == [master.address, replica.address].sorted())
    }

    @Test("A cluster of six nodes is found from one, and its failover is seen", .timeLimit(.minutes(1)))
    func cluster() async throws {
        var nodes: [RedisServer] = []
        for _ in 0..<6 {
            nodes.append(
                try await RedisServer.start([
                    "--cluster-enabled", "yes", "--cluster-port", "\(try freePort())", "--cluster-node-timeout",
                    "1000", "--repl-diskless-sync-delay", "0",
                ])
            )
        }
        let arguments = ["--cluster", "create"] + nodes.map(\.address) + ["--cluster-replicas", "1", "--cluster-yes"]
        let creation = try ServerProcess("redis-cli", arguments, in: try TemporaryDirectory())
        #expect(try await creation.exitCode(seconds: 40) == 0, "\(creation.log)")
        let watched = try DiscoveredFleet("cluster://\(nodes[4].address)")
        let all = nodes.map(\.address).sorted()
        try await eventually("all six are watched, two in each shard") {
            let shards = await watched.infos("shard")
            let sizes = Dictionary(grouping: shards.values, by: { $0 }).mapValues(\.count)
            return shards.keys.sorted() == all && sizes.count == 3 && sizes.values.allSatisfy { $0 == 2 }
        }
        try await eventually("nothing is wrong") { await watched.topology.disagreements.isEmpty }
        #expect(await watched.topology.deployments.map(\.kind) == [.cluster])
        try await eventually("moving slots are counted") {
            await watched.value("redis_cluster_slots_migrating", of: nodes[4].address) == 0
        }

        let nodeID = try await nodes[1].ask("CLUSTER", "MYID")
        let otherID = try await nodes[0].ask("CLUSTER", "MYID")
        // The first three are masters, with 0-5460, 5461-10922 and the rest.
        _ = try await nodes[1].ask("CLUSTER", "SETSLOT", "100", "IMPORTING", otherID)
        _ = try await nodes[0].ask("CLUSTER", "SETSLOT", "100", "MIGRATING", nodeID)
        try await eventually("a slot that moves is told on both sides") {
            let leaving = await watched.value("redis_cluster_slots_migrating", of: nodes[0].address)
            let coming = await watched.value("redis_cluster_slots_importing", of: nodes[1].address)
            return leaving == 1 && coming == 1
        }
        let epoch = await watched.topology.node(at: .tcp(host: "127.0.0.1", port: nodes[0].port))?.epoch
        #expect(await watched.value("redis_cluster_my_epoch", of: nodes[0].address) == epoch.map { Double($0) })
        #expect(watched.deploymentFigures("redstart_cluster_slots_uncovered") == [0])

        let before = await watched.infos("role")
        let shards = await watched.infos("shard")
        let victim = try #require(nodes.first { before[$0.address] == ["master"] })
        let heir = try #require(
            nodes.first { $0.address != victim.address && shards[$0.address] == shards[victim.address] })
        victim.process.kill()
        try await eventually("the replica is a master") { await watched.infos("role")[heir.address] == ["master"] }
        #expect(await watched.infos("shard")[heir.address] == shards[victim.address])
        try await eventually("the shard is known to have no replica") {
            await watched.topology.disagreements.contains { $0.kind == .shardWithoutReplica }
        }
        #expect(await watched.topology.node(at: .tcp(host: "127.0.0.1", port: victim.port))?.failure == .failed)
        #expect(watched.eventKinds.contains("role_changed") && watched.eventKinds.contains("node_down"))
        #expect(watched.eventKinds.contains("failover_completed"))
        #expect(watched.deploymentFigures("redstart_failovers_total") == [1])
        #expect(await watched.infos("shard", of: "redis_instance_info")[heir.address] == shards[heir.address])
    }

    @Test("Nodes of a cluster that prefer host names are watched by them", .timeLimit(.minutes(1)))
    func hostnames() async throws {
        var nodes: [RedisServer] = []
        for _ in 0..<2 {
            nodes.append(
                try await RedisServer.start([
                    "--cluster-enabled", "yes", "--cluster-port", "\(try freePort())",
                    "--cluster-announce-hostname", "localhost", "--cluster-preferred-endpoint-type", "hostname",
                ])
            )
        }
        let busPort = try await nodes[1].ask("CONFIG", "GET", "cluster-port").split(separator: "\n").last
        _ = try await nodes[0].ask("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
        _ = try await nodes[0].ask("CLUSTER", "MEET", "127.0.0.1", "\(nodes[1].port)", String(busPort ?? ""))
        // Until it has heard the other's name it gives the address, and a node keeps the name that it is found under.
        try await eventually("the name has come around") {
            let shards = try? await nodes[0].ask("CLUSTER", "SHARDS")
            return shards?.split(separator: "\n").count { $0 == "localhost" } == 4
        }
        let watched = try DiscoveredFleet("cluster://\(nodes[0].address)")
        let other = "localhost:\(nodes[1].port)"
        try await eventually("both are watched, once each") {
            let roles = await watched.infos("role")
            return roles == [nodes[0].address: ["master"], other: ["master"]]
        }
        #expect(await watched.topology.nodes.map(\.hostname) == ["localhost", "localhost"])
        #expect(await watched.value("redis_up", of: other) == 1)
    }

    @Test("A found node that nobody speaks of any more is forgotten after a while, a named one never")
    func forgetting() async throws {
        let master = try await RedisServer.startMaster()
        let replica = try await RedisServer.startReplica(of: master)
        let watched = try DiscoveredFleet(master.address, discover: true, forgetAfter: .seconds(5))
        try await eventually("both are watched") { await watched.infos("role").count == 2 }
        try await eventually("the replica is counted on") {
            await watched.topology.deployments.map(\.expectedReplicas) == [1]
        }
        replica.process.kill()
        try await eventually("it is missed first") {
            watched.eventKinds.contains("disagreement_began")
        }
        try await eventually("it is forgotten") { watched.fleet.nodes.map(\.instance) == [master.address] }
        try await eventually("that is told") {
            watched.eventKinds.contains("node_forgotten")
                && watched.deploymentFigures("redstart_nodes_forgotten_total") == [1]
        }
        master.process.kill()
        try await eventually("the named one is down") {
            await watched.value("redis_up", of: master.address) == 0
        }
        let looks = ContinuousClock.now
        try await eventually("the named one is still there after longer than that") {
            #expect(watched.fleet.nodes.map(\.instance) == [master.address])
            return looks.duration(to: .now) > .seconds(8)
        }
    }

    @Test("Servers that were named one by one are compared, too; alone they stay as they are")
    func plain() async throws {
        let master = try await RedisServer.startMaster()
        let replica = try await RedisServer.startReplica(of: master)
        let both = try DiscoveredFleet(plain: [master.address, replica.address])
        try await eventually("the lag is told, and the deployment") {
            let deployments = await both.infos("deployment")
            let lag = await both.value("redis_replication_lag_seconds", of: replica.address)
            return lag == 0
                && deployments == [master.address: [master.address], replica.address: [master.address]]
        }
        #expect(await both.topology.disagreements.isEmpty)
        _ = try await replica.ask("CONFIG", "SET", "replica-read-only", "no")
        try await eventually("a writable replica is told") {
            await both.topology.disagreements.map(\.kind) == [.writableReplica]
        }
        let alone = try DiscoveredFleet(plain: [replica.address])
        try await eventually("it has been looked at") { await !alone.topology.nodes.isEmpty }
        try await eventually("it has been polled since") {
            (await alone.value("redstart_node_polls_total", of: replica.address) ?? 0) >= 3
        }
        #expect(await alone.infos("deployment") == [replica.address: [""]])
        #expect(await alone.infos("deployment", of: "redis_instance_info") == [replica.address: [""]])
        #expect(await alone.value("redis_replication_lag_seconds", of: replica.address) == nil)
        #expect(await alone.topology.disagreements.map(\.kind) == [.writableReplica])
        #expect(alone.added == [replica.address])
    }
}
