import TestServers
import Testing

extension RedisServer {
    /// A master whose replicas synchronise at once.
    static func startMaster() async throws -> RedisServer {
        try await start(["--repl-diskless-sync-delay", "0"])
    }

    /// A replica, whose own replicas synchronise at once, too.
    static func startReplica(of master: RedisServer) async throws -> RedisServer {
        try await start([
            "--replicaof", "127.0.0.1 \(master.port)", "--repl-diskless-sync-delay", "0",
            "--repl-ping-replica-period", "1",
        ])
    }

    /// What redis-cli prints for a command.
    func ask(_ words: String...) async throws -> String {
        let client = try ServerProcess("redis-cli", ["-p", "\(port)"] + words, in: try TemporaryDirectory())
        try #require(try await client.exitCode() == 0, "\(words.joined(separator: " ")): \(client.log)")
        return client.log.trimmingLineEnd
    }
}

extension String {
    fileprivate var trimmingLineEnd: String {
        hasSuffix("\n") ? String(dropLast()) : self
    }
}
