public import RedisClient

/// Passwords of servers by address, as a password file of redis_exporter has them.
public struct ServerPasswords: Sendable, Equatable {
    private struct Key: Hashable {
        let usesTLS: Bool
        let endpoint: Endpoint
        let user: String?

        init(_ address: TargetAddress) {
            usesTLS = address.scheme.usesTLS
            endpoint = address.endpoint
            user = address.user
        }
    }

    private var passwords: [Key: Secret] = [:]

    /// No passwords.
    public init() {}

    /// The password for exactly this address and user; `nil` where there is none, or an empty one.
    public subscript(address: TargetAddress) -> Secret? {
        passwords[Key(address)].flatMap { $0.value.isEmpty ? nil : $0 }
    }

    /// Takes over an entry, be it with an empty password.
    public mutating func add(_ password: Secret, for address: TargetAddress) {
        passwords[Key(address)] = password
    }

    /// Whether there is an entry, be it with an empty password.
    func names(_ address: TargetAddress) -> Bool {
        passwords[Key(address)] != nil
    }
}
