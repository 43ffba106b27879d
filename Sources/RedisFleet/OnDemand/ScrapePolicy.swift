public import RedisClient

/// Which servers may be asked for by name from outside, and with which password.
///
/// Whoever may call `/scrape` names any address. So only servers that are configured are asked: those that are watched,
/// those in the password file, and those that a pattern allows; the last are never sent a user or a password.
public struct ScrapePolicy: Sendable {
    /// Passwords by address; whoever is named here may be asked.
    public var passwords: ServerPasswords
    /// Further servers, which get no password.
    public var allowed: [AddressPattern]
    /// How a server is asked that is not watched; its address is replaced.
    public var template: NodeConfiguration

    /// Describes who may be asked.
    public init(passwords: ServerPasswords = ServerPasswords(), allowed: [AddressPattern], template: NodeConfiguration)
    {
        self.passwords = passwords
        self.allowed = allowed
        self.template = template
    }

    /// How the server of that name is asked.
    ///
    /// A password in the text is left out, as redis_exporter does it: whoever has it would not need us.
    ///
    /// - Parameter watched: The server at an address as it is watched, `nil` where it is not.
    public func resolve(
        _ text: String,
        watched: (Endpoint) async -> NodeConfiguration?
    ) async throws(ScrapeRefusal) -> NodeConfiguration {
        var address: TargetAddress
        do {
            address = try TargetAddress(text)
        } catch {
            throw .invalid(error.message)
        }
        address.password = nil
        if let node = await watched(address.endpoint) { return try configuration(of: node, askedAs: address) }
        var configuration = template
        if passwords.names(address) {
            address.password = passwords[address]
        } else {
            guard allowed.contains(where: { $0.matches(address) }) else { throw .notAllowed("\(address)") }
            address.user = nil
        }
        configuration.connection.address = address
        return configuration
    }

    /// A watched server, by another database or user where these are configured.
    private func configuration(
        of node: NodeConfiguration,
        askedAs address: TargetAddress
    ) throws(ScrapeRefusal) -> NodeConfiguration {
        var configuration = node
        let own = node.connection.address
        guard own.scheme.usesTLS == address.scheme.usesTLS else {
            throw .invalid("'\(address)' is watched as '\(own)': TLS or not must be the same")
        }
        if let user = address.user, user != own.user {
            guard let password = passwords[address] else { throw .noPassword("\(address)") }
            configuration.connection.address.user = user
            configuration.connection.address.password = password
        }
        if let database = address.database { configuration.connection.address.database = database }
        return configuration
    }
}

/// Why a server is not asked.
public enum ScrapeRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// The text is no address, or one that cannot be meant.
    case invalid(String)
    /// The server is neither configured nor allowed.
    case notAllowed(String)
    /// The server is watched, but not as this user.
    case noPassword(String)

    /// One line: what is wrong and what to do, without credentials.
    public var description: String {
        switch self {
        case .invalid(let message):
            message
        case .notAllowed(let address):
            "'\(address)' is no target of Redstart: name it at the start, or allow it with --scrape-allow '\(address)'"
        case .noPassword(let address):
            "'\(address)' is watched as another user, and no password is configured for this one (--redis.password-file)"
        }
    }
}
