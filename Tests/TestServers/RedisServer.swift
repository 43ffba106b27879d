/// A redis-server, or a relative of it, on a free port of 127.0.0.1.
public struct RedisServer: Sendable {
    /// The process, to stop, pause or read the log of.
    public let process: ServerProcess
    /// The port that it listens on, with or without TLS.
    public let port: Int

    /// The folder that it runs in.
    public var directory: TemporaryDirectory {
        process.directory
    }

    /// `127.0.0.1:6379`, with the server's port.
    public var address: String {
        "127.0.0.1:\(port)"
    }

    /// Says a command to it by redis-cli, without TLS; throws when the reply is an error.
    ///
    /// - Returns: The reply as redis-cli shows it.
    @discardableResult
    public func tell(_ words: [String]) throws(TestServerError) -> String {
        try run(["redis-cli", "-e", "--no-auth-warning", "-p", "\(port)"] + words, in: directory)
    }

    /// Says a command, its words one by one.
    @discardableResult
    public func tell(_ words: String...) throws(TestServerError) -> String {
        try tell(words)
    }

    /// Starts redis-server, without persistence unless asked for, and waits until it accepts connections.
    ///
    /// - Parameters:
    ///   - settings: As on its command line: `["--requirepass", "secret"]`.
    ///   - usesTLS: Whether the port is one for TLS; the settings must then name certificate and key.
    ///   - directory: Where to run; a new folder if not given.
    ///   - program: Another server that takes the same settings, such as `valkey-server`.
    public static func start(
        _ settings: [String] = [],
        usesTLS: Bool = false,
        in directory: TemporaryDirectory? = nil,
        program: String = "redis-server"
    ) async throws -> RedisServer {
        try await startOnFreePort(program, in: directory) { port in
            let ports = usesTLS ? ["--port", "0", "--tls-port", "\(port)"] : ["--port", "\(port)"]
            return ports + ["--bind", "127.0.0.1", "--save", "", "--daemonize", "no"] + settings
        }
    }

    /// Starts redis-sentinel with the given lines of configuration and waits until it accepts connections.
    public static func startSentinel(
        _ configuration: [String],
        program: String = "redis-sentinel"
    ) async throws -> RedisServer {
        let directory = try TemporaryDirectory()
        return try await startOnFreePort(program, in: directory) { port throws(TestServerError) in
            let lines = ["port \(port)", "bind 127.0.0.1", "dir \(directory.path)"] + configuration
            return [try directory.write(lines.joined(separator: "\n") + "\n", to: "sentinel.conf")]
        }
    }

    private static func startOnFreePort(
        _ program: String,
        in directory: TemporaryDirectory?,
        arguments: (Int) throws(TestServerError) -> [String]
    ) async throws -> RedisServer {
        // Somebody else may take the port between the choice and the start.
        var attemptsLeft = 3
        while true {
            let port = try freePort()
            let folder = if let directory { directory } else { try TemporaryDirectory() }
            let process = try ServerProcess(program, try arguments(port), in: folder)
            do {
                try await process.wait(for: "accepts connections on port \(port)") {
                    LoopbackSocket.accepts(port: port)
                }
                return RedisServer(process: process, port: port)
            } catch {
                attemptsLeft -= 1
                guard attemptsLeft > 0, process.log.contains("Address already in use") else { throw error }
            }
        }
    }
}
