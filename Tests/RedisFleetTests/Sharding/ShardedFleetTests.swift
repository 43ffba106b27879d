import Glibc
import TestServers
import Testing

@Suite("A fleet in shards, live", .serialized)
struct ShardedFleetTests {
    /// Servers of all kinds, and what a configuration may say of them.
    private struct Servers {
        let standalone: [RedisServer]
        /// A master and its replicas, named one by one.
        let named: [RedisServer]
        /// The same, found from a replica.
        let found: [RedisServer]
        let watched: SentinelSet
        let cluster: RedisCluster

        static func start() async throws -> Servers {
            var standalone: [RedisServer] = []
            for _ in 0..<6 { standalone.append(try await RedisServer.start()) }
            return Servers(
                standalone: standalone,
                named: try await group(),
                found: try await group(),
                watched: try await SentinelSet.start(),
                cluster: try await RedisCluster.start()
            )
        }

        private static func group() async throws -> [RedisServer] {
            let master = try await RedisServer.startMaster()
            return [
                master, try await RedisServer.startReplica(of: master), try await RedisServer.startReplica(of: master),
            ]
        }

        /// Some servers are named by themselves and found from another entry, too; the cluster is named twice.
        func shards(_ count: Int, replicas: Int = 1) throws -> ShardedFleets {
            try ShardedFleets(
                count,
                replicas: replicas,
                plain: (standalone + named + [watched.replicas[0]]).map(\.address),
                targets: [
                    found[2].address, "sentinel://\(watched.sentinels[0].address)/m",
                    "cluster://\(cluster.nodes[0].address)", "cluster://\(cluster.nodes[3].address)",
                ]
            )
        }

        /// The addresses of the nodes that must not be apart.
        var deployments: [[String]] {
            (standalone.map { [$0] } + [named, found, watched.sentinels + watched.data, cluster.nodes])
                .map { $0.map(\.address) }
        }
    }

    /// The shards of each deployment, once each node is watched by as many shards as are to watch it.
    private func settled(_ shards: ShardedFleets, _ servers: Servers, replicas: Int = 1) async throws -> [[Int]] {
        var owners: [[Int]] = []
        try await eventually("every node is watched, and each deployment is whole", seconds: 120) {
            let all = shards.owners
            owners = servers.deployments.compactMap { all[$0[0]] }
            return Set(all.keys) == Set(servers.deployments.joined()) && owners.allSatisfy { $0.count == replicas }
                && servers.deployments.allSatisfy { nodes in Set(nodes.map { all[$0] }).count == 1 }
        }
        return owners
    }

    @Test("Every node is watched once, every deployment by one shard, also in a failover and with a shard more")
    func shards() async throws {
        let servers = try await Servers.start()
        let three = try servers.shards(3)
        #expect(three.awaitsNodes)
        let owners = try await settled(three, servers)
        #expect(!three.awaitsNodes)
        let targets = (0..<3).map { three.figures(of: $0)["redstart_shard_targets{state=\"watched\"}"] ?? .nan }
        #expect(targets.reduce(0, +) == 14)
        #expect(three.figures(of: 1)["redstart_shard_info{of=\"3\", shard=\"1\"}"] == 1)

        let four = try servers.shards(4)
        for (before, after) in zip(owners, try await settled(four, servers)) {
            #expect(before == after || after == [3], "what moves goes to the new shard")
        }

        // A master that is named by itself, and one whose Sentinels see to it.
        servers.named[0].process.signal(SIGKILL)
        servers.watched.master.process.signal(SIGKILL)
        try servers.named[1].tell("replicaof", "no", "one")
        try await eventually("all shards have seen it") {
            (0..<3).allSatisfy { three.figures(of: $0)["redstart_shard_targets_silent"] == 1 }
        }
        _ = try await servers.watched.heir()
        try servers.named[2].tell("replicaof", "127.0.0.1", "\(servers.named[1].port)")
        // What a shard gives up it keeps for two looks.
        let looks = ContinuousClock.now + .seconds(5)
        try await eventually("the shards look again", seconds: 120) { .now > looks }
        #expect(try await settled(three, servers) == owners)
    }

    @Test("With two replicas two shards watch each deployment")
    func replicas() async throws {
        let servers = try await Servers.start()
        let once = try await settled(try servers.shards(3), servers)
        let twice = try await settled(try servers.shards(3, replicas: 2), servers, replicas: 2)
        for (one, two) in zip(once, twice) { #expect(Set(one).isSubset(of: two)) }
    }
}
