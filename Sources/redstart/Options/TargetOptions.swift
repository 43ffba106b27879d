import ArgumentParser
import Glibc
import RedisClient
import RedisFleet

/// Which servers a command talks to, and how it gets in.
struct TargetOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "Servers to watch: redis://[user:password@]host:port, rediss://…, unix:///path or host:port.",
            discussion: """
                sentinel://host:26379,host2:26379/mymaster finds the Sentinels, the master and its replicas (all masters \
                without a name), cluster://host:port all nodes of a cluster. Without any target, the variable REDIS_ADDR, \
                else redis://localhost:6379.
                """
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

    @Flag(help: "Watch also what replicates from the named servers, and what they replicate from.")
    var discover = false

    @Option(
        name: .customLong("connection-timeout"),
        help: "Longest time a poll may take, connecting included."
    )
    var timeout = DurationOption(.seconds(5))

    func validate() throws {
        try timeout.requireAtLeast(.milliseconds(10), "--connection-timeout")
    }

    /// What the targets name: servers, each once, and places where more are to be found.
    struct Targets {
        var nodes: [NodeConfiguration] = []
        var discovered: [TargetConfiguration] = []
    }

    /// Reads the targets.
    ///
    /// - Throws: `InvalidTarget` of one that cannot be read, or an error where one server is given twice with different
    ///   credentials.
    func read(pollInterval: Duration) throws -> Targets {
        var targets = Targets()
        var seen: [Endpoint: TargetAddress] = [:]
        for text in givenAddresses {
            let target = try FleetTarget(text, discover: discover)
            if target.kind != .node {
                targets.discovered.append(discovered(target, pollInterval: pollInterval))
                continue
            }
            let address = withDefaultCredentials(target.addresses[0])
            if let earlier = seen[address.endpoint] {
                guard earlier == address else {
                    throw ValidationError("\(address) is given twice, with different settings")
                }
                continue
            }
            seen[address.endpoint] = address
            targets.nodes.append(configuration(of: address, pollInterval: pollInterval))
        }
        return targets
    }

    /// User and password of the options are for the data nodes; those of Sentinels stand in the target.
    private func discovered(_ target: FleetTarget, pollInterval: Duration) -> TargetConfiguration {
        let template = configuration(of: target.addresses[0], pollInterval: pollInterval)
        var configuration = TargetConfiguration(target: target, template: template)
        let defaults = withDefaultCredentials(TargetAddress(endpoint: target.addresses[0].endpoint))
        if defaults.password != nil || defaults.user != nil {
            configuration.dataCredentials = NodeCredentials(user: defaults.user, password: defaults.password)
        }
        return configuration
    }

    private func configuration(of address: TargetAddress, pollInterval: Duration) -> NodeConfiguration {
        NodeConfiguration(
            connection: ConnectionOptions(address: address),
            pollInterval: pollInterval,
            pollTimeout: timeout.duration
        )
    }

    private func withDefaultCredentials(_ address: TargetAddress) -> TargetAddress {
        var address = address
        address.user = address.user ?? user ?? Environment["REDIS_USER"]
        address.password = address.password ?? (password ?? Environment["REDIS_PASSWORD"]).map { Secret($0) }
        return address
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
