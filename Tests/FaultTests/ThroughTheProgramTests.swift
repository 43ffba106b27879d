import Glibc
import TestServers
import Testing

@Suite("Deployments through the program", .timeLimit(.minutes(6)))
struct ThroughTheProgramTests {
    /// The value of a series by its beginning, as `/metrics` has it.
    private func value(_ series: String, _ redstart: RedstartProcess) throws -> Double? {
        let line = try redstart.get("/metrics").text.split(separator: "\n").first { $0.hasPrefix(series + " ") }
        return line?.split(separator: " ").last.flatMap { Double($0) }
    }

    private func role(of server: RedisServer, _ redstart: RedstartProcess) throws -> [String] {
        try redstart.get("/metrics").text.split(separator: "\n").filter {
            $0.hasPrefix("redstart_node_info{") && $0.contains("instance=\"\(server.address)\"")
        }.compactMap { line in
            line.firstRange(of: "role=\"").map { String(line[$0.upperBound...].prefix { $0 != "\"" }) }
        }
    }

    @Test("A client certificate by options lets in; without it the reason is tls, in the log with what is missing")
    func clientCertificate() async throws {
        let certificates = try TestCertificates()
        let server = try await certificates.startServer(authClients: true)
        let target = "rediss://localhost:\(server.port)"
        let authority = ["--tls-ca-cert-file", certificates.file("ca.crt")]
        let client = [
            "--tls-client-cert-file", certificates.file("client.crt"), "--tls-client-key-file",
            certificates.file("client.key"),
        ]
        let trusted = try await RedstartProcess.serve(authority + client + [target])
        try await eventually("it is up") { try value("redis_up", trusted) == 1 }
        let refused = try await RedstartProcess.serve(authority + [target])
        try await eventually("the reason is there") {
            try value("redstart_node_failure_reason{reason=\"tls\"}", refused) == 1
        }
        #expect(try value("redis_up", refused) == 0)
        try await refused.process.wait(for: "says what is missing") {
            refused.process.log.contains("the server wants a client certificate. (--tls-client-cert-file,")
        }
    }

    @Test("One node leads to the six of a cluster; a killed master is down and its replica takes over")
    func cluster() async throws {
        let cluster = try await RedisCluster.start()
        let redstart = try await RedstartProcess.serve([
            "--poll-interval", "1s", "--connection-timeout", "1s", "cluster://\(cluster.nodes[3].address)",
        ])
        try await eventually("three masters and three replicas", seconds: 40) {
            let roles = try cluster.nodes.map { try role(of: $0, redstart) }
            return roles.count { $0 == ["master"] } == 3 && roles.count { $0 == ["replica"] } == 3
        }
        let masters = try cluster.nodes.filter { try role(of: $0, redstart) == ["master"] }
        let victim = try #require(masters.first)
        victim.process.kill()
        try await eventually("it is down and there are three masters again", seconds: 40) {
            let others = cluster.nodes.filter { $0.address != victim.address }
            return try value("redis_up{instance=\"\(victim.address)\"}", redstart) == 0
                && others.count { try role(of: $0, redstart) == ["master"] } == 3
        }
    }

    @Test("One Sentinel leads through a failover; no node ever has two roles")
    func failover() async throws {
        let master = try await RedisServer.start(["--repl-diskless-sync-delay", "0"])
        let replica = try await RedisServer.start(["--replicaof", "127.0.0.1", "\(master.port)"])
        let sentinel = try await RedisServer.startSentinel([
            "sentinel monitor m 127.0.0.1 \(master.port) 1", "sentinel down-after-milliseconds m 3000",
        ])
        let redstart = try await RedstartProcess.serve([
            "--poll-interval", "1s", "--connection-timeout", "1s", "sentinel://\(sentinel.address)/m",
        ])
        try await eventually("both roles are known") {
            try role(of: master, redstart) == ["master"] && role(of: replica, redstart) == ["replica"]
        }
        master.process.kill()
        try await eventually("the replica is the master", seconds: 40) {
            let roles = try role(of: replica, redstart)
            #expect(roles.count <= 1)
            return roles == ["master"]
        }
        #expect(try value("redis_up{instance=\"\(master.address)\"}", redstart) == 0)
        let labels = "event=\"+switch-master\",instance=\"\(sentinel.address)\""
        try await eventually("the event is counted") {
            try value("redstart_sentinel_events_total{\(labels)}", redstart) == 1
        }
    }
}
