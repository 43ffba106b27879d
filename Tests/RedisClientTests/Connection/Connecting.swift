import NIOCore
import NIOPosix
import RedisClient
import TestServers

/// Connects on the shared event loops and runs `body` with the connection, which is then closed.
func withConnection<Result>(
    _ address: String,
    milliseconds: Int64 = 10_000,
    configure: (inout ConnectionOptions) -> Void = { _ in },
    _ body: (RedisConnection) async throws -> Result
) async throws -> Result {
    let connection = try await connect(address, milliseconds: milliseconds, configure: configure)
    defer { connection.close() }
    return try await body(connection)
}

func connect(
    _ address: String,
    milliseconds: Int64 = 10_000,
    configure: (inout ConnectionOptions) -> Void = { _ in }
) async throws -> RedisConnection {
    var options = ConnectionOptions(address: try TargetAddress(address))
    configure(&options)
    return try await RedisConnector().connect(
        options,
        on: MultiThreadedEventLoopGroup.singleton.next(),
        deadline: .now() + .milliseconds(milliseconds)
    )
}

extension RedisConnection {
    /// The replies of commands given as lines of words.
    func run(_ lines: String..., seconds: Int64 = 10) async -> PipelineResult {
        let commands = lines.map { line in
            Command(arguments: line.split(separator: " ").map { Array($0.utf8) })
        }
        return await execute(Pipeline(commands), deadline: .now() + .seconds(seconds))
    }
}

extension PipelineResult {
    var texts: [String] {
        (0..<replies.count).map { replies[$0].text }
    }
}
