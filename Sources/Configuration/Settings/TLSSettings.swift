import RedisClient
import YAML

/// How targets are reached with TLS; what is not said is `nil`.
public struct TLSSettings: Sendable, Hashable {
    /// A PEM file with the authorities to trust instead of the system's.
    public var authorityFile: String?
    /// A PEM file with the client's certificate.
    public var certificateFile: String?
    /// A PEM file with the client's key.
    public var keyFile: String?
    /// The name that the server's certificate must have.
    public var serverName: String?
    /// Whether to accept any certificate.
    public var skipsVerification: Bool?
    /// Whether `sentinel://` and `cluster://` mean TLS; other addresses say that by their scheme.
    public var isEnabled: Bool?

    /// Says nothing.
    public init() {}

    static let keys = KeyTable<TLSSettings>([
        Key("ca_file", \.authorityFile, ValueReader.path),
        Key("cert_file", \.certificateFile, ValueReader.path),
        Key("key_file", \.keyFile, ValueReader.path),
        Key("server_name", \.serverName, ValueReader.text),
        Key("insecure_skip_verify", \.skipsVerification, ValueReader.flag),
    ])

    /// What the other says where this one does not; certificate and key go together.
    func filled(from other: TLSSettings) -> TLSSettings {
        var result = self
        result.authorityFile = authorityFile ?? other.authorityFile
        if certificateFile == nil, keyFile == nil {
            result.certificateFile = other.certificateFile
            result.keyFile = other.keyFile
        }
        result.serverName = serverName ?? other.serverName
        result.skipsVerification = skipsVerification ?? other.skipsVerification
        result.isEnabled = isEnabled ?? other.isEnabled
        return result
    }

    var options: TLSOptions {
        var options = TLSOptions()
        options.authorityFile = authorityFile
        options.certificateFile = certificateFile
        options.keyFile = keyFile
        options.serverName = serverName
        options.skipsVerification = skipsVerification ?? false
        return options
    }
}

extension ValueReader {
    /// A mapping, or `true` and `false` where there is nothing to say but that.
    func tls(_ node: YAMLNode) throws(YAMLError) -> TLSSettings {
        var settings = TLSSettings()
        settings.isEnabled = true
        if case .scalar = node.content {
            settings.isEnabled = try node.boolean("a mapping of TLS settings, true or false")
            return settings
        }
        try TLSSettings.keys.read(node, "the TLS settings", with: self, into: &settings)
        guard (settings.certificateFile == nil) == (settings.keyFile == nil) else {
            throw node.error("a client certificate and its key go together", expected: "both cert_file and key_file")
        }
        return settings
    }
}
