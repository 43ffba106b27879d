import Glibc
import RedisClient
import RedisFleet
import TestServers
import Testing

@Suite("Discovery of real servers", .serialized)
struct DiscoveryTests {
    private func replica(of master: RedisServer) async throws -> RedisServer {
        try await RedisServer.start([
            "--replicaof", "127.0.0.1 \(master.port)", "--repl-diskless-sync-delay", "0",
            "--repl-ping-replica-period", "1",
        ])
    }

    private func master() async throws -> RedisServer {
        try await RedisServer.start(["--repl-diskless-sync-delay", "0"])
    }

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
        let master = try await master()
        let first = try await replica(of: master)
        let second = try await replica(of: master)
        let chained = try await replica(of: first)
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
        #expect(await watched.value("redis_up", of: chained.address) == 0)
        #expect(await watched.value("redis_replication_lag_seconds", of: first.address) == 0)
    }

    @Test("A node that is known under two names is watched once; one look finds all that there is")
    func twoNames() async throws {
        let master = try await master()
        let replica = try await replica(of: master)
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
        let master = try await master()
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

    @Test("A failover of Sentinels is seen, and every role right, within two seconds", .timeLimit(.minutes(1)))
    func failover() async throws {
        let master = try await master()
        let replicas = [try await replica(of: master), try await replica(of: master)]
        var sentinels: [RedisServer] = []
        for _ in 0..<3 {
            sentinels.append(
                try await RedisServer.startSentinel([
                    "sentinel monitor m 127.0.0.1 \(master.port) 2", "sentinel down-after-milliseconds m 1000",
                    "sentinel failover-timeout m 5000",
                ])
            )
        }
        let watched = try DiscoveredFleet("sentinel://\(sentinels[0].address)/m")
        let all = (sentinels + replicas + [master]).map(\.address).sorted()
        try await eventually("all six are watched", seconds: 30) {
            await watched.infos("role").keys.sorted() == all
        }
        try await eventually("nothing is wrong") { await watched.topology.disagreements.isEmpty }
        let deployments = await watched.infos("deployment")
        #expect((replicas + [master]).allSatisfy { deployments[$0.address] == ["m"] })
        #expect(Set(sentinels.map { deployments[$0.address] }).count == 1)

        master.process.kill()
        try await sentinels[0].process.wait(seconds: 30, for: "+switch-master") {
            sentinels.contains { $0.process.log.contains("+switch-master") }
        }
        let switched = ContinuousClock.now
        let heirPort = try #require(
            sentinels.map(\.process.log).first { $0.contains("+switch-master") }?
                .split(separator: "\n").first { $0.contains("+switch-master") }?
                .split(separator: " ").last.flatMap { Int($0) }
        )
        let heir = "127.0.0.1:\(heirPort)"
        try await eventually("the new roles are there") {
            let roles = await watched.infos("role")
            return roles[heir] == ["master"] && roles.values.allSatisfy { $0.count == 1 }
                && (replicas + [master]).allSatisfy { $0.address == heir || roles[$0.address] == ["replica"] }
        }
        let taken = switched.duration(to: .now)
        #expect(taken < .seconds(2), "\(taken)")
        #expect(await watched.infos("deployment")[heir] == ["m"])
        #expect(await watched.value("redis_up", of: master.address) == 0)
        try await eventually("the event is counted") {
            for sentinel in sentinels {
                let series = #"redstart_sentinel_events_total{event="+switch-master"}"#
                if (await watched.value(series, of: sentinel.address) ?? 0) >= 1 { return true }
            }
            return false
        }
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
    }
}
