/// Masters with a replica each, joined to a cluster.
public struct RedisCluster: Sendable {
    /// All nodes, in no order of roles.
    public let nodes: [RedisServer]

    /// Starts six nodes and waits until redis-cli has made a cluster of them.
    ///
    /// - Parameter settings: More settings of each node, as on its command line.
    public static func start(_ settings: [String] = []) async throws -> RedisCluster {
        var nodes: [RedisServer] = []
        for _ in 0..<6 {
            nodes.append(
                try await RedisServer.start(
                    [
                        "--cluster-enabled", "yes", "--cluster-port", "\(try freePort())", "--cluster-node-timeout",
                        "1000", "--repl-diskless-sync-delay", "0",
                    ] + settings
                )
            )
        }
        try run(
            ["redis-cli", "--cluster", "create"] + nodes.map(\.address) + ["--cluster-replicas", "1", "--cluster-yes"],
            in: nodes[0].directory
        )
        return RedisCluster(nodes: nodes)
    }
}
