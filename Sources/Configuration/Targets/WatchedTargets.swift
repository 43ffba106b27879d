import RedisClient
public import RedisFleet

/// What all targets together name: servers, each once, and places where more are to be found.
public struct WatchedTargets: Sendable {
    /// Servers that are watched as they are.
    public var nodes: [NodeConfiguration] = []
    /// Sentinel sets, clusters and replication groups.
    public var discovered: [TargetConfiguration] = []

    /// Where an address was given first, and how the server there is reached.
    private struct Origin {
        let text: String
        let configuration: NodeConfiguration
    }

    private var origins: [Endpoint: Origin] = [:]

    /// Joins targets with what holds for those that do not say.
    ///
    /// - Throws: `ConfigurationError.target` for a target that makes no sense, or an address that is given twice with
    ///   different settings.
    public init(_ entries: [TargetEntry], defaults: TargetSettings) throws(ConfigurationError) {
        for entry in entries { try add(entry, defaults) }
    }

    private mutating func add(_ entry: TargetEntry, _ defaults: TargetSettings) throws(ConfigurationError) {
        let settings = entry.settings.filled(from: defaults)
        let target: FleetTarget
        do {
            target = try FleetTarget(
                entry.address,
                usesTLS: settings.tls.isEnabled ?? false,
                discover: settings.discovers ?? false
            )
        } catch {
            throw .target(origin: entry.origin, problem: error.message)
        }
        try check(entry, target)
        if target.kind == .node {
            var configuration = Self.node(target.addresses[0], settings)
            Self.log(in: settings.credentials, to: &configuration)
            if try isNew(configuration, entry) { nodes.append(configuration) }
            return
        }
        let configuration = Self.discovered(target, settings, name: entry.name)
        for address in target.addresses {
            let node = configuration.configuration(of: address.endpoint, isSentinel: target.namesSentinels)
            _ = try isNew(node, entry)
        }
        if !discovered.contains(where: { $0.target == target }) { discovered.append(configuration) }
    }

    /// Refuses what would be ignored.
    private func check(_ entry: TargetEntry, _ target: FleetTarget) throws(ConfigurationError) {
        func refuse(_ problem: String) -> ConfigurationError { .target(origin: entry.origin, problem: problem) }
        if entry.name != nil, target.kind == .node {
            throw refuse("name is the name of a deployment, and this target is one server; use labels")
        }
        if entry.name != nil, target.kind == .sentinel(master: nil) {
            throw refuse(
                "name is for one deployment, and Sentinels may know several; name the master, \(target)/mymaster"
            )
        }
        if entry.settings.sentinelCredentials != nil, !target.namesSentinels {
            throw refuse("sentinel_credentials are for sentinel:// targets; use user and password")
        }
        if entry.settings.tls.isEnabled == true, target.kind == .node || target.kind == .replication,
            !target.addresses[0].scheme.usesTLS
        {
            throw refuse("\(target) is not reached with TLS, but has TLS settings; write rediss://")
        }
    }

    private static func node(_ address: TargetAddress, _ settings: TargetSettings) -> NodeConfiguration {
        var configuration = NodeConfiguration(connection: ConnectionOptions(address: address), labels: settings.labels)
        configuration.connection.tls = settings.tls.options
        if let interval = settings.pollInterval { configuration.pollInterval = interval }
        if let timeout = settings.timeout { configuration.pollTimeout = timeout }
        return configuration
    }

    /// What the address says of user and password comes first.
    private static func log(in credentials: NodeCredentials, to configuration: inout NodeConfiguration) {
        let address = configuration.connection.address
        let own = NodeCredentials(user: address.user, password: address.password).filled(from: credentials)
        configuration.connection.address.user = own.user
        configuration.connection.address.password = own.password
        configuration.connection.passwordFile = own.passwordFile
    }

    private static func discovered(
        _ target: FleetTarget,
        _ settings: TargetSettings,
        name: String?
    ) -> TargetConfiguration {
        var configuration = TargetConfiguration(target: target, template: node(target.addresses[0], settings))
        configuration.name = name
        configuration.addressMap = settings.addressMap
        let address = target.addresses[0]
        let own = NodeCredentials(user: address.user, password: address.password)
        if target.namesSentinels {
            configuration.dataCredentials = settings.credentials
            configuration.sentinelCredentials = own.filled(from: settings.sentinelCredentials ?? NodeCredentials())
        } else {
            configuration.dataCredentials = own.filled(from: settings.credentials)
        }
        return configuration
    }

    /// Notes where a server was given; false where it was given before.
    private mutating func isNew(
        _ configuration: NodeConfiguration,
        _ entry: TargetEntry
    ) throws(ConfigurationError) -> Bool {
        let address = configuration.connection.address
        guard let first = origins[address.endpoint] else {
            origins[address.endpoint] = Origin(text: entry.origin, configuration: configuration)
            return true
        }
        guard first.configuration == configuration else {
            throw .target(
                origin: entry.origin,
                problem: "\(address) is given twice, with different settings: the other place is \(first.text)"
            )
        }
        return false
    }
}
