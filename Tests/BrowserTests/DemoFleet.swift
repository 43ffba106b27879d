import TestServers

/// A bit of everything: a master with two replicas and a Sentinel, a cluster, and an address that nobody answers.
struct DemoFleet {
    let master: RedisServer
    let replicas: [RedisServer]
    let sentinel: RedisServer
    let cluster: RedisCluster

    static func start() async throws -> DemoFleet {
        let master = try await RedisServer.start([
            "--repl-diskless-sync-delay", "0", "--maxmemory", "64mb", "--slowlog-log-slower-than", "0",
        ])
        var replicas: [RedisServer] = []
        for memory in ["64mb", "32mb"] {
            replicas.append(
                try await RedisServer.start([
                    "--replicaof", "127.0.0.1 \(master.port)", "--repl-diskless-sync-delay", "0", "--maxmemory", memory,
                ])
            )
        }
        let sentinel = try await RedisServer.startSentinel(["sentinel monitor shop 127.0.0.1 \(master.port) 1"])
        let cluster = try await RedisCluster.start()
        try master.tell(
            "EVAL",
            "for i = 1, 2000 do redis.call('SET', 'page:' .. i, i, 'EX', 600) redis.call('GET', 'page:' .. i * 2) end",
            "0"
        )
        return DemoFleet(master: master, replicas: replicas, sentinel: sentinel, cluster: cluster)
    }

    /// The daemon that watches it all, once it knows all nodes.
    func watch() async throws -> RedstartProcess {
        let redstart = try await RedstartProcess.serve([
            "--poll-interval", "1s", "--client-groups", "--include-config-metrics",
            "sentinel://\(sentinel.address)/shop",
            "cluster://\(cluster.nodes[0].address)", "redis://127.0.0.1:1",
        ])
        try await redstart.process.wait(seconds: 60, for: "knows all nodes") {
            let text = (try? redstart.get("/api/redstart/v1/topology").text) ?? ""
            return text.split(separator: #""health":"ok""#).count > 10 && text.contains(#""state":"up""#)
        }
        return redstart
    }
}
