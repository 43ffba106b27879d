import ArgumentParser
import Glibc
import RedisClient
import RedisFleet

/// Which servers a command talks to, and how it gets in.
struct TargetOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "Servers to watch: redis://[user:password@]host:port, rediss://…, unix:///path or host:port.",
            discussion: "Without any, the variable REDIS_ADDR, else redis://localhost:6379."
        )
    )
    var targets: [String] = []

    @Option(
        name: .customLong("redis.addr"),
        parsing: .singleValue,
        help: "A server to watch, the same as an argument; repeatable. Also REDIS_ADDR."
    )
    var addresses: [String] = []

    @Option(
        name: .customLong("redis.user"),
        help: "User to authenticate as, where the target names none; also REDIS_USER."
    )
    var user: String?

    @Option(
        name: .customLong("redis.password"),
        help: "Password to authenticate with, where the target has none; also REDIS_PASSWORD."
    )
    var password: String?

    @Option(
        name: .customLong("connection-timeout"),
        help: "Longest time a poll may take, connecting included."
    )
    var timeout = DurationOption(.seconds(5))

    func validate() throws {
        try timeout.requireAtLeast(.milliseconds(10), "--connection-timeout")
    }

    /// The nodes that the targets name, each address once.
    ///
    /// - Throws: `InvalidAddress` of a target that cannot be read, or an error where one server is given twice with
    ///   different credentials.
    func nodes(pollInterval: Duration) throws -> [NodeConfiguration] {
        var seen: [Endpoint: TargetAddress] = [:]
        var nodes: [NodeConfiguration] = []
        for text in givenAddresses {
            var address = try TargetAddress(text)
            address.user = address.user ?? user ?? Environment["REDIS_USER"]
            address.password = address.password ?? (password ?? Environment["REDIS_PASSWORD"]).map { Secret($0) }
            if let earlier = seen[address.endpoint] {
                guard earlier == address else {
                    throw ValidationError("\(address) is given twice, with different settings")
                }
                continue
            }
            seen[address.endpoint] = address
            nodes.append(
                NodeConfiguration(
                    connection: ConnectionOptions(address: address),
                    pollInterval: pollInterval,
                    pollTimeout: timeout.duration
                )
            )
        }
        return nodes
    }

    private var givenAddresses: [String] {
        let given = targets + addresses
        return given.isEmpty ? [Environment["REDIS_ADDR"] ?? "redis://localhost:6379"] : given
    }
}

/// The variables of the environment; nothing below the executable reads them.
enum Environment {
    /// The value of a variable that is set and not empty.
    static subscript(name: String) -> String? {
        guard let value = getenv(name) else { return nil }
        let text = String(cString: value)
        return text.isEmpty ? nil : text
    }
}
