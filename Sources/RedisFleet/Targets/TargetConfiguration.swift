public import RedisClient

/// User and password for one class of nodes.
public struct NodeCredentials: Sendable, Hashable {
    /// The user for `AUTH`; `nil` for the default user.
    public var user: String?
    /// The password for `AUTH`; `nil` for none.
    public var password: Secret?
    /// A file with the password, read for each connection; of no effect beside a password.
    public var passwordFile: String?

    /// Credentials, or none.
    public init(user: String? = nil, password: Secret? = nil, passwordFile: String? = nil) {
        self.user = user
        self.password = password
        self.passwordFile = passwordFile
    }
}

/// A target and how the nodes found from it are reached and polled.
public struct TargetConfiguration: Sendable, Equatable {
    /// What to find.
    public var target: FleetTarget
    /// The name of the deployment; `nil` for Sentinel's name of the master, or the first address.
    public var name: String?
    /// How every node is polled: labels, interval, timeout, TLS; its address is replaced by that of each node.
    public var template: NodeConfiguration
    /// For masters and replicas; `nil` for those of the target, where it names such nodes, else none.
    public var dataCredentials: NodeCredentials?
    /// For Sentinels; `nil` for those of the target, where it names Sentinels, else none.
    public var sentinelCredentials: NodeCredentials?
    /// What stands for announced addresses that cannot be reached from here.
    public var addressMap: [Endpoint: Endpoint] = [:]

    /// The defaults for a target.
    public init(target: FleetTarget, template: NodeConfiguration? = nil) {
        self.target = target
        self.template =
            template ?? NodeConfiguration(connection: ConnectionOptions(address: target.addresses[0]))
    }

    /// How a node that was found is reached.
    ///
    /// A password goes only to the class of nodes that it was given for.
    public func configuration(of endpoint: Endpoint, isSentinel: Bool) -> NodeConfiguration {
        let seed = target.addresses[0]
        let own = NodeCredentials(user: seed.user, password: seed.password)
        let isSeedClass = target.namesSentinels == isSentinel
        let credentials =
            (isSentinel ? sentinelCredentials : dataCredentials) ?? (isSeedClass ? own : NodeCredentials())
        var configuration = template
        configuration.connection.address = TargetAddress(
            scheme: seed.scheme.usesTLS ? .rediss : .redis,
            endpoint: endpoint,
            user: credentials.user,
            password: credentials.password
        )
        configuration.connection.passwordFile = credentials.passwordFile
        return configuration
    }
}
