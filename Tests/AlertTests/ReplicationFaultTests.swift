import Glibc
import TestServers
import Testing

@Suite("Faults of replication and Sentinels", .timeLimit(.minutes(6)))
struct ReplicationFaultTests {
    @Test("Links, lag, chains and copies")
    func links() async throws {
        let master = try await RedisServer.debuggable(["--requirepass", "secret", "--repl-backlog-size", "16kb"])
        let login = ["--masterauth", "secret"]
        let cut = try await master.replica(login + ["--repl-backlog-size", "16kb"])
        let follower = try await cut.replica()
        let slow = try await RedisServer.debuggable()
        let stopped = try await slow.replica()
        let again = try await RedisServer.debuggable(["--repl-backlog-size", "16kb"])
        let copied = try await again.replica()
        let daemon = try await RuledDaemon.start([
            "{address: 'redis://:secret@\(master.address)', discover: true}", "redis://\(cut.address)",
            "redis://\(follower.address)", slow.address, stopped.address, again.address, copied.address,
        ])
        for replica in [cut, follower, stopped, copied] {
            try await eventually("\(replica.address) is in step") {
                try daemon.value("redis_master_link_up", replica) == 1
            }
        }
        for master in [master, slow, again] {
            try await daemon.waitForValue(of: "redis_connected_slaves{instance='\(master.address)'} == 1")
        }
        try await daemon.see([
            Fault("RedisReplicaDisconnected", cut.label) {
                try cut.tell("CONFIG", "SET", "masterauth", "wrong")
                try master.tell("-a", "secret", "CLIENT", "KILL", "TYPE", "replica")
                try master.tell("-a", "secret", "SET", "big", String(repeating: "x", count: 60000))
            } repair: {
                try cut.tell("CONFIG", "SET", "masterauth", "secret")
            },
            Fault("RedisReplicaBeyondBacklog", cut.label),
            Fault("RedisReplicationChainBroken", follower.label.merging(["upstream": cut.address]) { $1 }),
            Fault("RedisReplicationLagHigh", slow.label.merging(["slave_port": "\(stopped.port)"]) { $1 }) {
                stopped.process.signal(SIGSTOP)
            } repair: {
                stopped.process.signal(SIGCONT)
            },
            Fault("RedisResyncStorm", again.label) {
                for _ in 0..<5 {
                    let before = try daemon.value("redis_replica_resyncs_full", again) ?? 0
                    try again.tell("DEBUG", "CHANGE-REPL-ID")
                    try again.tell("CLIENT", "KILL", "TYPE", "replica")
                    try await eventually("another copy") {
                        try daemon.value("redis_replica_resyncs_full", again) ?? 0 > before
                    }
                }
            } repair: {
            },
            Fault("RedisFullResyncsRepeating", again.label),
        ])
    }

    @Test("Masters that are too many or none, circles, and replicas that take writes")
    func groups() async throws {
        let first = try await RedisServer.start(["--repl-diskless-sync-delay", "0"])
        let second = try await first.replica()
        let lonely = try await RedisServer.start(["--repl-diskless-sync-delay", "0"])
        let orphan = try await lonely.replica()
        let one = try await RedisServer.start(["--repl-diskless-sync-delay", "0"])
        let two = try await one.replica()
        let held = Held<ServerProcess>()
        let groups = [[first, second], [lonely, orphan], [one, two]]
        let daemon = try await RuledDaemon.start(
            groups.flatMap { $0 }.map { "{address: '\($0.address)', discover: true}" })
        for group in groups {
            try await eventually("master and replica are known") {
                try daemon.query("redstart_node_info{deployment!=\"\",role=\"replica\"}").contains {
                    $0.labels["instance"] == group[1].address
                }
            }
        }
        try await daemon.see([
            Fault("RedisWritableReplica", second.label) {
                try second.tell("CONFIG", "SET", "replica-read-only", "no")
            } repair: {
                try second.tell("CONFIG", "SET", "replica-read-only", "yes")
            },
            Fault("RedisNoMaster", [:]) {
                lonely.process.kill()
            } repair: {
                held.hold(try await lonely.again())
            },
            Fault("RedisReplicationCycle", [:]) {
                try one.tell("REPLICAOF", "127.0.0.1", "\(two.port)")
            } repair: {
                try one.tell("REPLICAOF", "NO", "ONE")
            },
        ])
        try await daemon.see([
            Fault("RedisTwoMasters", [:]) {
                try second.tell("REPLICAOF", "NO", "ONE")
            } repair: {
                try second.tell("REPLICAOF", "127.0.0.1", "\(first.port)")
            }
        ])
    }

    private func sentinels(_ count: Int, watching master: RedisServer) async throws -> [RedisServer] {
        var sentinels: [RedisServer] = []
        for _ in 0..<count {
            sentinels.append(
                try await RedisServer.startSentinel([
                    "sentinel monitor m 127.0.0.1 \(master.port) 2", "sentinel down-after-milliseconds m 30000",
                    "sentinel failover-timeout m 1000",
                ]))
        }
        return sentinels
    }

    @Test("Sentinels that are gone, in tilt, of another opinion, or never at rest")
    func sentinels() async throws {
        let master = try await RedisServer.start(["--repl-diskless-sync-delay", "0"])
        let replica = try await master.replica()
        let other = try await RedisServer.start(["--repl-diskless-sync-delay", "0"])
        let stray = try await other.replica()
        let sentinels = try await sentinels(3, watching: master)
        let daemon = try await RuledDaemon.start([
            "{address: 'sentinel://\(sentinels[0].address)/m', name: m}",
            "redis://\(other.address)",
        ])
        try await eventually("all Sentinels know each other") {
            try daemon.query("redis_sentinel_master_sentinels == 3").count == 3
                && daemon.query("redstart_node_info{role=\"replica\"}").count == 1
        }
        // Before any failover: with the same epoch neither Sentinel gives way to the other.
        try await daemon.see([
            Fault("RedisSentinelsDisagree", [:]) {
                try sentinels[2].tell("SENTINEL", "REMOVE", "m")
                try sentinels[2].tell("SENTINEL", "MONITOR", "m", "127.0.0.1", "\(other.port)", "2")
            } repair: {
                try sentinels[2].tell("SENTINEL", "REMOVE", "m")
                try sentinels[2].tell("SENTINEL", "MONITOR", "m", "127.0.0.1", "\(master.port)", "2")
            }
        ])
        try await daemon.see([
            Fault("RedisSentinelTilt", sentinels[0].label) {
                sentinels[0].process.signal(SIGSTOP)
                // A Sentinel distrusts its clock when that leaps by more than two seconds.
                try await Task.sleep(for: .seconds(4))
                sentinels[0].process.signal(SIGCONT)
            } repair: {
                // It ends by itself, after 30 seconds.
            },
            Fault("RedisFailoverFlapping", ["master_name": "m"]) {
                for _ in 0..<3 {
                    let before = try epoch(of: sentinels[1])
                    try await eventually("a failover", every: .milliseconds(100)) {
                        _ = try? sentinels[1].tell("SENTINEL", "FAILOVER", "m")
                        return try epoch(of: sentinels[1]) > before
                    }
                }
            } repair: {
            },
        ])
        try await daemon.see([
            Fault("RedisSentinelQuorumLost", sentinels[0].label) {
                try sentinels.forEach { try $0.tell("SENTINEL", "SET", "m", "down-after-milliseconds", "1000") }
                sentinels[1].process.signal(SIGSTOP)
                sentinels[2].process.signal(SIGSTOP)
            } repair: {
                sentinels[1].process.signal(SIGCONT)
                sentinels[2].process.signal(SIGCONT)
            },
            Fault("RedisSentinelPeersMissing", sentinels[0].label),
        ])
        withExtendedLifetime((replica, stray)) {}
    }

    private func epoch(of sentinel: RedisServer) throws -> Int {
        let words = try sentinel.tell("SENTINEL", "MASTER", "m").split(separator: "\n")
        guard let place = words.firstIndex(of: "config-epoch"), place + 1 < words.count else { return 0 }
        return Int(words[place + 1]) ?? 0
    }

    @Test("A replica that follows another master than its Sentinels name")
    func stray() async throws {
        let master = try await RedisServer.start(["--repl-diskless-sync-delay", "0"])
        let replica = try await master.replica()
        let other = try await RedisServer.start(["--repl-diskless-sync-delay", "0"])
        let sentinels = try await sentinels(1, watching: master)
        let daemon = try await RuledDaemon.start(["{address: 'sentinel://\(sentinels[0].address)/m', name: m}"])
        try await eventually("master and replica are known") {
            try daemon.query("redstart_node_info{deployment=\"m\"}").count == 2
        }
        try await daemon.see([
            Fault("RedisStrayReplica", replica.label) {
                // Else the Sentinel brings it back.
                sentinels[0].process.signal(SIGSTOP)
                try replica.tell("REPLICAOF", "127.0.0.1", "\(other.port)")
                sentinels[0].process.signal(SIGCONT)
            } repair: {
                try replica.tell("REPLICAOF", "127.0.0.1", "\(master.port)")
            }
        ])
    }
}
