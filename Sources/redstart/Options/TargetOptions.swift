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

    /// The nodes that the targets name, each address once.
    ///
    /// - Throws: `InvalidAddress` of a target that cannot be read.
    func nodes(pollInterval: Duration) throws(InvalidAddress) -> [NodeConfiguration] {
        var seen = Set<Endpoint>()
        var nodes: [NodeConfiguration] = []
        for text in givenAddresses {
            var address = try TargetAddress(text)
            guard seen.insert(address.endpoint).inserted else { continue }
            address.user = address.user ?? user ?? Environment["REDIS_USER"]
            address.password = address.password ?? (password ?? Environment["REDIS_PASSWORD"]).map { Secret($0) }
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
