import ArgumentParser
import Configuration
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
        help: "Longest time a poll may take, connecting included. (default: 5s)"
    )
    var timeout: DurationOption?

    @OptionGroup var tls: TLSOptionGroup

    func validate() throws {
        try timeout?.requireAtLeast(.milliseconds(10), "--connection-timeout")
    }

    /// The targets of the command line.
    var namedEntries: [TargetEntry] {
        (targets + addresses).map { TargetEntry(address: $0, origin: "the command line") }
    }

    /// What is watched where nothing is named: the target of the environment, else the usual one.
    var fallback: TargetEntry {
        Environment["REDIS_ADDR"].map { TargetEntry(address: $0, origin: "REDIS_ADDR") }
            ?? TargetEntry(address: "redis://localhost:6379", origin: "the default")
    }

    /// What holds for targets that do not say.
    ///
    /// User and password are for the data nodes; those of Sentinels stand in the target.
    var defaults: TargetSettings {
        var defaults = TargetSettings()
        defaults.credentials.user = user ?? Environment["REDIS_USER"]
        defaults.credentials.password = (password ?? Environment["REDIS_PASSWORD"]).map { Secret($0) }
        defaults.tls = tls.settings
        defaults.timeout = timeout?.duration
        if discover { defaults.discovers = true }
        return defaults
    }

    /// Reads the targets of a command that has no configuration file.
    ///
    /// - Throws: `ConfigurationError` of one that cannot be read, or an error where one server is given twice with
    ///   different credentials.
    func read(pollInterval: Duration) throws -> WatchedTargets {
        var defaults = defaults
        defaults.pollInterval = pollInterval
        return try WatchedTargets(namedEntries.isEmpty ? [fallback] : namedEntries, defaults: defaults)
    }

    /// The longest time a poll may take.
    var pollTimeout: Duration {
        timeout?.duration ?? Self.defaultTimeout
    }

    private static let defaultTimeout: Duration = .seconds(5)
}

/// The variables of the environment; nothing below the executable reads them.
enum Environment {
    /// The value of a variable that is set and not empty.
    static subscript(name: String) -> String? {
        value(of: name).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The value of a variable that is set, though it may be empty.
    static func value(of name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}
