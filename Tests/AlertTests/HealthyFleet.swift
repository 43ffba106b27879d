import TestServers

/// A server alone, a master with a replica, the same with three Sentinels, and a cluster of six.
struct HealthyFleet {
    let alone: RedisServer
    let master: RedisServer
    let replica: RedisServer
    let shop: [RedisServer]
    let sentinels: [RedisServer]
    let cluster: RedisCluster
    let load: [ServerProcess]

    /// Starts all of them.
    ///
    /// - Parameters:
    ///   - isLoaded: Whether they have something to do.
    ///   - settings: More settings of the server that is alone.
    static func start(isLoaded: Bool, _ settings: [String] = []) async throws -> HealthyFleet {
        let saving = ["--maxmemory", "100mb", "--appendonly", "yes", "--save", "3600 1"]
        let alone = try await RedisServer.start(saving + settings)
        let master = try await RedisServer.start(["--repl-diskless-sync-delay", "0"])
        let shop = try await RedisServer.start(["--repl-diskless-sync-delay", "0"])
        var sentinels: [RedisServer] = []
        for _ in 0..<3 {
            sentinels.append(
                try await RedisServer.startSentinel(["sentinel monitor shop 127.0.0.1 \(shop.port) 2"]))
        }
        let cluster = try await RedisCluster.start()
        let work = """
            for i = 1, 20 do
                local key = KEYS[1] .. math.random(1, 500) .. '}'
                redis.call('set', key, string.rep('x', 100), 'ex', 300)
                redis.call('get', key)
            end
            """
        let load =
            try isLoaded
            ? [alone, master, shop].map { try $0.load("EVAL", work, "1", "{") }
                + [try cluster.nodes[0].load("-c", "SET", "{a}", "1")] : []
        return HealthyFleet(
            alone: alone, master: master, replica: try await master.replica(),
            shop: [shop, try await shop.replica()], sentinels: sentinels, cluster: cluster, load: load)
    }

    /// What leads to all nodes.
    var targets: [String] {
        [
            alone.address, master.address, replica.address, "sentinel://\(sentinels[0].address)/shop",
            "cluster://\(cluster.nodes[0].address)",
        ]
    }

    /// How many there are.
    var count: Int { 3 + shop.count + sentinels.count + cluster.nodes.count }
}
