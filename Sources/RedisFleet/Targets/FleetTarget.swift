public import RedisClient

/// What a user asks to be watched: one server, what Sentinels know, or a cluster.
public struct FleetTarget: Sendable, Hashable, CustomStringConvertible {
    /// What is to be found from the addresses.
    public enum Kind: Sendable, Hashable {
        /// The named server alone.
        case node
        /// The named server and all that replicate from it or that it replicates from.
        case replication
        /// The Sentinels, and the named master with its replicas; all masters they know where there is no name.
        case sentinel(master: String?)
        /// All nodes of the cluster.
        case cluster
    }

    /// What is to be found.
    public let kind: Kind
    /// Where to begin: one server, or the Sentinels or cluster nodes that the user named; never empty.
    public let addresses: [TargetAddress]

    /// Seeds beyond this number make a target invalid.
    private static let addressLimit = 64

    /// Reads `sentinel://host:26379,host2/mymaster`, `cluster://host:port,…`, or any address that `TargetAddress` reads.
    ///
    /// Credentials before an `@` belong to the servers that the target names: `sentinel://:secret@a,b/mymaster` logs in
    /// at the Sentinels. Those of other classes of nodes are in `TargetConfiguration`.
    ///
    /// - Parameters:
    ///   - usesTLS: Whether Sentinels or cluster nodes are reached with TLS; a plain address says that by its scheme.
    ///   - discover: Whether a plain target leads to all servers that replicate with it.
    public init(_ text: String, usesTLS: Bool = false, discover: Bool = false) throws(InvalidTarget) {
        let scheme = text.prefix { $0 != ":" }.lowercased()
        guard text.dropFirst(scheme.count).hasPrefix("://"), scheme == "sentinel" || scheme == "cluster" else {
            do {
                addresses = [try TargetAddress(text)]
            } catch {
                throw InvalidTarget(message: error.message)
            }
            kind = discover ? .replication : .node
            return
        }
        var rest = text.dropFirst(scheme.count + "://".utf8.count)
        var credentials = ""
        if let at = rest.lastIndex(of: "@") {
            credentials = String(rest[...at])
            rest = rest[rest.index(after: at)...]
        }
        let hosts = rest.prefix { $0 != "/" }
        let name = rest[hosts.endIndex...].dropFirst()
        addresses = try Self.addresses(hosts, credentials, usesTLS: usesTLS, scheme: scheme)
        if scheme == "sentinel" {
            kind = .sentinel(master: try Self.masterName(name))
        } else {
            guard name.isEmpty else {
                throw InvalidTarget(
                    message: "invalid target 'cluster://\(hosts)/…': a cluster has no name, write cluster://host:port")
            }
            kind = .cluster
        }
    }

    private static func addresses(
        _ hosts: Substring,
        _ credentials: String,
        usesTLS: Bool,
        scheme: String
    ) throws(InvalidTarget) -> [TargetAddress] {
        let parts = hosts.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count <= addressLimit else {
            throw InvalidTarget(
                message: "a \(scheme):// target names \(parts.count) hosts; at most \(addressLimit) are of use")
        }
        var addresses: [TargetAddress] = []
        for part in parts {
            do {
                let endpoint = try Endpoint(
                    hostAndPort: String(part),
                    defaultPort: scheme == "sentinel" ? 26379 : 6379
                )
                // The credentials are decoded where all credentials are.
                let model = try TargetAddress("\(usesTLS ? "rediss" : "redis")://\(credentials)host")
                let address = TargetAddress(
                    scheme: model.scheme,
                    endpoint: endpoint,
                    user: model.user,
                    password: model.password
                )
                if !addresses.contains(where: { $0.endpoint == endpoint }) { addresses.append(address) }
            } catch {
                throw InvalidTarget(message: "\(scheme):// target: \(error.message)")
            }
        }
        return addresses
    }

    private static func masterName(_ text: Substring) throws(InvalidTarget) -> String? {
        guard !text.isEmpty else { return nil }
        // Sentinel allows these in a name: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/
        let isName = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard isName else {
            throw InvalidTarget(
                message: "invalid master name in sentinel://…/\(text): letters, digits, '.', '-' and '_' are allowed"
            )
        }
        return String(text)
    }

    /// Whether the addresses are those of Sentinels.
    public var namesSentinels: Bool {
        if case .sentinel = kind { true } else { false }
    }

    /// Without credentials: `sentinel://a:26379,b:26379/mymaster`.
    public var description: String {
        let hosts = addresses.map(\.endpoint.description).joined(separator: ",")
        return switch kind {
        case .node, .replication: addresses.first?.description ?? ""
        case .sentinel(let master): "sentinel://\(hosts)" + (master.map { "/\($0)" } ?? "")
        case .cluster: "cluster://\(hosts)"
        }
    }
}
