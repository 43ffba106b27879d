import Glibc
import TestServers
import Testing

@Suite("Faults of clusters", .timeLimit(.minutes(6)))
struct ClusterFaultTests {
    private static let target = "cluster://"

    private func masters(of cluster: RedisCluster) throws -> [RedisServer] {
        try cluster.nodes.filter { try $0.tell("ROLE").hasPrefix("master") }
    }

    private func identifier(of node: RedisServer) throws -> String {
        try node.tell("CLUSTER", "MYID").filter { !$0.isWhitespace }
    }

    private func replica(of master: RedisServer, in cluster: RedisCluster) throws -> RedisServer {
        try #require(try cluster.nodes.first { try $0.tell("ROLE").contains("\n\(master.port)\n") })
    }

    @Test("Slots that move and do not arrive, that belong to nobody, uneven shards, a hot key, a lost replica")
    func slots() async throws {
        let cluster = try await RedisCluster.start(["--enable-debug-command", "yes"])
        let daemon = try await RuledDaemon.start(
            ["cluster://\(cluster.nodes[0].address)"],
            changes: [("> 100 * 1024 * 1024", "> 4 * 1024 * 1024")]
        )
        try await daemon.knows(cluster)
        let masters = try masters(of: cluster)
        let (rich, from, to) = (masters[0], masters[1], masters[2])
        let lost = try replica(of: from, in: cluster)
        let slot = try #require(try from.ownSlot())
        let load = Held<ServerProcess>()
        let again = Held<ServerProcess>()
        try await daemon.see([
            Fault("RedisClusterMigrationStuck", from.label) {
                try from.tell("CLUSTER", "SETSLOT", "\(slot)", "MIGRATING", try identifier(of: to))
            } repair: {
                try from.tell("CLUSTER", "SETSLOT", "\(slot)", "STABLE")
            },
            Fault("RedisClusterKeysUneven", rich.label) {
                try rich.tell("DEBUG", "POPULATE", "20000", "key", "900")
            } repair: {
                try rich.tell("FLUSHALL")
            },
            Fault("RedisClusterMemoryUneven", rich.label),
            Fault("RedisHotKeySuspected", rich.label) {
                load.hold(
                    try rich.run("for i = 1, 200 do redis.call('ping') end", every: 0.02))
            } repair: {
                load.release()
            },
            Fault("RedisClusterShardWithoutReplica", from.label) {
                lost.process.signal(SIGSTOP)
            } repair: {
                lost.process.signal(SIGCONT)
                again.release()
            },
        ])
    }

    @Test("Slots of nobody, and nodes that see it in different ways")
    func views() async throws {
        let cluster = try await RedisCluster.start()
        let daemon = try await RuledDaemon.start(["cluster://\(cluster.nodes[0].address)"])
        try await daemon.knows(cluster)
        let masters = try masters(of: cluster)
        let slot = try #require(try masters[0].ownSlot())
        try await daemon.see([
            Fault("RedisClusterSlotsUncovered", masters[1].label) {
                for node in cluster.nodes { try node.tell("CLUSTER", "DELSLOTS", "\(slot)") }
            } repair: {
                try masters[0].tell("CLUSTER", "ADDSLOTS", "\(slot)")
            },
            Fault("RedisClusterStateFailure", masters[0].label),
        ])
        try await daemon.see([
            Fault("RedisClusterViewsDiffer", [:]) {
                // The owner of a slot that a node has lost tells it so at once: it must not speak, nor its heir.
                for node in cluster.nodes { try node.tell("CONFIG", "SET", "cluster-replica-no-failover", "yes") }
                masters[0].process.signal(SIGSTOP)
                try masters[1].tell("CLUSTER", "DELSLOTS", "\(slot)")
            } repair: {
                masters[0].process.signal(SIGCONT)
            }
        ])
    }

    @Test("A shard that is gone, and nodes that do not reach most of the masters")
    func failures() async throws {
        let cluster = try await RedisCluster.start(["--cluster-allow-replica-migration", "no"])
        let daemon = try await RuledDaemon.start(["cluster://\(cluster.nodes[0].address)"])
        try await daemon.knows(cluster)
        let masters = try masters(of: cluster)
        let victim = masters[0]
        let replica = try replica(of: victim, in: cluster)
        try await daemon.see([
            Fault("RedisClusterSlotsFailed", masters[1].label) {
                replica.process.signal(SIGSTOP)
                victim.process.signal(SIGSTOP)
            } repair: {
                victim.process.signal(SIGCONT)
                replica.process.signal(SIGCONT)
            },
            Fault("RedisClusterStateFailure", masters[1].label),
        ])
        // The replica may have taken over when it was back.
        try await daemon.knows(cluster)
        let left = try self.masters(of: cluster)
        // Two of three masters are most of them, so nobody can agree on anything.
        try await daemon.see([
            Fault("RedisClusterSlotsSuspected", left[1].label) {
                left[0].process.signal(SIGSTOP)
                left[2].process.signal(SIGSTOP)
            } repair: {
                left[0].process.signal(SIGCONT)
                left[2].process.signal(SIGCONT)
            }
        ])
    }
}

extension RedisServer {
    /// The first slot of a master.
    fileprivate func ownSlot() throws -> Int? {
        let line = try tell("CLUSTER", "NODES").split(separator: "\n").first { $0.contains("myself") }
        return line?.split(separator: " ").dropFirst(8).first?.split(separator: "-").first.flatMap { Int($0) }
    }
}
