public import Metrics
public import RedisClient
public import RedisFleet
import YAML

/// How targets are reached and polled: of one target, or what holds for all that do not say; unsaid things are `nil`.
public struct TargetSettings: Sendable, Hashable {
    /// For masters, replicas and cluster nodes, and for plain servers of any kind.
    public var credentials = NodeCredentials()
    /// For the Sentinels of `sentinel://`.
    public var sentinelCredentials: NodeCredentials?
    /// How to encrypt.
    public var tls = TLSSettings()
    /// Labels that every series gets.
    public var labels = Labels()
    /// Time between two polls.
    public var pollInterval: Duration?
    /// The longest that a poll may take, connecting included.
    public var timeout: Duration?
    /// Whether a plain target leads to all servers that replicate with it.
    public var discovers: Bool?
    /// What stands for announced addresses that cannot be reached from here.
    public var addressMap: [Endpoint: Endpoint] = [:]

    /// Says nothing.
    public init() {}

    static let keys = KeyTable<TargetSettings>(
        NodeCredentials.keys.keys.map { Key($0, of: \.credentials) } + [
            Key("data_credentials", \.credentials, ValueReader.credentials),
            Key("sentinel_credentials", \.sentinelCredentials, ValueReader.credentials),
            Key("tls", \.tls, ValueReader.tls),
            Key("labels", \.labels, ValueReader.labels),
            Key("poll_interval", \.pollInterval, ValueReader.duration(atLeast: .milliseconds(100))),
            Key("timeout", \.timeout, ValueReader.duration(atLeast: .milliseconds(10))),
            Key("discover", \.discovers, ValueReader.flag),
            Key("address_map", \.addressMap, ValueReader.addressMap),
        ]
    )

    /// What the other says where this one does not; labels and address maps are joined.
    public func filled(from other: TargetSettings) -> TargetSettings {
        var result = self
        result.credentials = credentials.filled(from: other.credentials)
        result.sentinelCredentials = sentinelCredentials ?? other.sentinelCredentials
        result.tls = tls.filled(from: other.tls)
        result.labels = other.labels.merging(labels)
        result.pollInterval = pollInterval ?? other.pollInterval
        result.timeout = timeout ?? other.timeout
        result.discovers = discovers ?? other.discovers
        result.addressMap = addressMap.merging(other.addressMap) { own, _ in own }
        return result
    }

    /// What no key alone can tell.
    func check(_ node: YAMLNode) throws(YAMLError) {
        try credentials.requireOnePassword(node)
        let names = try node.entries().map(\.key)
        let general = ["user", "password", "password_file"].first(where: names.contains)
        if let general, names.contains("data_credentials") {
            throw node.error(
                "\(general) and data_credentials are for the same nodes",
                expected: "all in data_credentials"
            )
        }
    }
}

extension ValueReader {
    func targetDefaults(_ node: YAMLNode) throws(YAMLError) -> TargetSettings {
        var settings = TargetSettings()
        try TargetSettings.keys.read(node, "the defaults of targets", with: self, into: &settings)
        try settings.check(node)
        return settings
    }

    func addressMap(_ node: YAMLNode) throws(YAMLError) -> [Endpoint: Endpoint] {
        var map: [Endpoint: Endpoint] = [:]
        for entry in try node.entries("a mapping of announced addresses to those to use") {
            let announced = try Self.endpoint(entry.key, at: entry.keyLocation)
            map[announced] = try Self.endpoint(try text(entry.value), at: entry.value.location)
        }
        return map
    }

    private static func endpoint(_ text: String, at location: YAMLLocation) throws(YAMLError) -> Endpoint {
        do {
            return try Endpoint(hostAndPort: text)
        } catch {
            throw YAMLError(at: location, error.message)
        }
    }
}
