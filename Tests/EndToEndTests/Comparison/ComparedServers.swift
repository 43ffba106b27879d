import TestServers

/// The servers that both programs look at.
enum ComparedRole: String, CaseIterable, Sendable {
    case standalone, master, replica, sentinel, cluster
}

/// The server of one role, with what it needs around it, in a state that does not change by itself.
struct ComparedServer {
    let server: RedisServer
    /// What must go on running.
    private let others: [RedisServer]

    static func start(_ role: ComparedRole) async throws -> ComparedServer {
        switch role {
        case .standalone:
            let server = try await RedisServer.start()
            try await fill(server)
            return ComparedServer(server: server, others: [])
        case .cluster:
            let server = try await RedisServer.start([
                // Else it is the port plus 10,000, which may be too high or taken.
                "--cluster-enabled", "yes", "--cluster-port", "\(try freePort())",
            ])
            try await command(["cluster", "addslotsrange", "0", "100"], to: server)
            return ComparedServer(server: server, others: [])
        case .master, .replica:
            let (master, replica) = try await pair()
            return role == .master
                ? ComparedServer(server: master, others: [replica]) : ComparedServer(server: replica, others: [master])
        case .sentinel:
            let (master, replica) = try await pair()
            let sentinel = try await RedisServer.startSentinel([
                "sentinel monitor mymaster 127.0.0.1 \(master.port) 1",
                "sentinel monitor quorumless 127.0.0.1 \(master.port) 2",
            ])
            for name in ["mymaster", "quorumless"] {
                let found = "name=\(name),status=ok,address=127.0.0.1:\(master.port),slaves=1,sentinels=1"
                try await wait(for: found, in: ["info", "sentinel"], of: sentinel)
            }
            return ComparedServer(server: sentinel, others: [master, replica])
        }
    }

    /// Keys of all kinds, a stream with a group and a consumer.
    func addKeysToCheck() async throws {
        for words in [
            ["set", "text", "hello"], ["set", "number", "2.5"], ["rpush", "list", "1", "2"],
            ["hset", "hash", "f", "v"],
            ["-n", "3", "sadd", "set", "1", "2"], ["-n", "3", "zadd", "sorted", "1", "m"], ["pfadd", "hll", "x"],
            ["xadd", "stream", "1526919030474-0", "f", "v"], ["xadd", "stream", "1526919030475-0", "f", "v"],
            ["xgroup", "create", "stream", "group", "0"],
            ["xreadgroup", "group", "group", "consumer", "count", "1", "streams", "stream", ">"],
        ] {
            try await Self.command(words, to: server)
        }
    }

    private static func pair() async throws -> (master: RedisServer, replica: RedisServer) {
        let master = try await RedisServer.start(["--repl-diskless-sync-delay", "0"])
        try await fill(master)
        let replica = try await RedisServer.start(["--replicaof", "127.0.0.1", "\(master.port)"])
        try await wait(for: "master_link_status:up", in: ["info", "replication"], of: replica)
        try await wait(for: "state=online", in: ["info", "replication"], of: master)
        return (master, replica)
    }

    /// Keys in several databases, some that expire, commands that fail, and a slow log.
    private static func fill(_ server: RedisServer) async throws {
        for database in ["0", "3", "15"] {
            try await command(["-n", database, "mset", "a", "1", "b", "2", "c", "3"], to: server)
            try await command(["-n", database, "expire", "a", "100000"], to: server)
        }
        try await command(["config", "set", "slowlog-log-slower-than", "0"], to: server)
        for words in [
            ["get", "none"], ["get", "b"], ["lpush", "a", "wrong type"], ["nosuchcommand"], ["get"],
            ["georadius_ro", "none", "1", "1", "1", "km"], ["eval", "return redis.error_reply('MINE x')", "0"],
            ["config", "set", "slowlog-log-slower-than", "-1"],
        ] {
            try await command(words, to: server)
        }
    }

    @discardableResult
    static func command(_ words: [String], to server: RedisServer) async throws -> String {
        let client = try ServerProcess("redis-cli", ["-p", "\(server.port)"] + words, in: try TemporaryDirectory())
        _ = try await client.exitCode()
        return client.log
    }

    private static func wait(for text: String, in words: [String], of server: RedisServer) async throws {
        for _ in 0..<400 {
            if try await command(words, to: server).contains(text) { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw TestServerError("in vain for \(text) in \(words)")
    }
}
