import Synchronization
import TestServers

/// Something that faults start and repairs end.
final class Held<Value: Sendable>: Sendable {
    private let value = Mutex<Value?>(nil)

    func hold(_ new: Value) {
        value.withLock { $0 = new }
    }

    func release() {
        value.withLock { $0 = nil }
    }

    var current: Value? { value.withLock { $0 } }
}

extension RedisServer {
    /// A server that lets tests do what is forbidden else.
    static func debuggable(_ settings: [String] = []) async throws -> RedisServer {
        try await start(["--enable-debug-command", "yes", "--repl-diskless-sync-delay", "0"] + settings)
    }

    func replica(_ settings: [String] = []) async throws -> RedisServer {
        try await .debuggable(["--replicaof", "127.0.0.1 \(port)"] + settings)
    }

    /// The label that tells it from others.
    var label: [String: String] { ["instance": address] }

    /// Says a command again and again until the process is released; nobody looks at the replies.
    func load(_ words: String..., every seconds: Double = 0.05) throws -> ServerProcess {
        try ServerProcess(
            "sh",
            ["-c", #"exec redis-cli "$@" > /dev/null"#, "sh", "-p", "\(port)", "-r", "-1", "-i", "\(seconds)"] + words,
            in: TemporaryDirectory())
    }

    /// Runs a script again and again.
    func run(_ script: String, every seconds: Double = 0.05) throws -> ServerProcess {
        try load("EVAL", script, "0", every: seconds)
    }

    /// Starts another process at the same port and in the same folder.
    func again(_ settings: [String] = []) async throws -> ServerProcess {
        let words =
            ["--port", "\(port)", "--bind", "127.0.0.1", "--save", "", "--enable-debug-command", "yes"] + settings
        let process = try ServerProcess("redis-server", words, in: directory)
        try await process.wait(for: "accepts connections again") { IdleConnections(1, to: port).count == 1 }
        return process
    }
}

/// Writes a hundred keys of a kilobyte.
let fillingScript = """
    for i = 1, 100 do redis.call('set', 'k' .. math.random(1, 1e9), string.rep('x', 1000)) end
    """
