import HTTPServer
import YAML

/// `tls_server_config` of a `web.yml`; what is not said is `nil`.
struct WebTLSSettings {
    private var certificate: String?
    private var key: String?
    private var clientCertificates: ServerTLSFiles.ClientCertificates?
    private var clientAuthorities: String?
    private var clientNames: [String] = []
    private var minimumVersion: ServerTLSFiles.Version?
    private var maximumVersion: ServerTLSFiles.Version?
    private var cipherSuites: [ServerTLSFiles.CipherSuite] = []
    private var curves: [ServerTLSFiles.Curve] = []
    /// What has no effect here, one line each.
    private(set) var remarks: [String] = []

    static let keys = KeyTable<WebTLSSettings>([
        Key("cert_file", \.certificate, ValueReader.path),
        Key("key_file", \.key, ValueReader.path),
        Key("client_auth_type", \.clientCertificates, ValueReader.choice(of: clientAuthTypes)),
        Key("client_ca_file", \.clientAuthorities, ValueReader.path),
        Key("client_allowed_sans", \.clientNames, ValueReader.texts),
        Key("min_version", \.minimumVersion, ValueReader.choice(of: versions)),
        Key("max_version", \.maximumVersion, ValueReader.choice(of: versions)),
        Key("cipher_suites", \.cipherSuites, ValueReader.choices(of: suites)),
        Key("curve_preferences", \.curves, ValueReader.choices(of: groups)),
        Key("prefer_server_cipher_suites") { (_, node, settings) throws(YAMLError) in
            // True is the default there, and Go has ignored the setting since 1.17.
            if try !node.boolean() {
                settings.remarks.append("\(node.location): prefer_server_cipher_suites has no effect")
            }
        },
    ])

    private static let clientAuthTypes: [(String, ServerTLSFiles.ClientCertificates)] = [
        ("NoClientCert", .notAsked), ("RequestClientCert", .requested), ("RequireAnyClientCert", .anyRequired),
        ("VerifyClientCertIfGiven", .verifiedIfGiven), ("RequireAndVerifyClientCert", .verified),
    ]

    private static let versions: [(String, ServerTLSFiles.Version)] = [
        ("TLS13", .tls13), ("TLS12", .tls12), ("TLS11", .tls11), ("TLS10", .tls10),
    ]

    private static let suites = ServerTLSFiles.CipherSuite.all.map { ($0.name, $0) }
    private static let groups = ServerTLSFiles.Curve.all.map { ($0.name, $0) }

    /// The files, where there are any; refuses what would protect less than it seems to.
    func files(_ node: YAMLNode) throws(YAMLError) -> ServerTLSFiles? {
        guard let certificate, let key else {
            if try node.entries().isEmpty { return nil }
            let missing = certificate == nil ? "cert_file" : "key_file"
            throw node.error("tls_server_config has no \(missing)", expected: "both cert_file and key_file")
        }
        var files = ServerTLSFiles(certificate: certificate, key: key)
        files.clientCertificates = clientCertificates ?? .notAsked
        files.clientAuthorities = clientAuthorities
        files.clientNames = clientNames
        files.minimumVersion = minimumVersion ?? .tls12
        files.maximumVersion = maximumVersion ?? .tls13
        files.cipherSuites = cipherSuites
        files.curves = curves
        try Self.check(files, node)
        return files
    }

    private static func check(_ files: ServerTLSFiles, _ node: YAMLNode) throws(YAMLError) {
        let verifying = "VerifyClientCertIfGiven or RequireAndVerifyClientCert"
        guard files.clientAuthorities == nil || files.clientCertificates.areVerified else {
            throw node.error("client_ca_file has no effect with this client_auth_type", expected: verifying)
        }
        guard files.clientNames.isEmpty || files.clientCertificates.areVerified else {
            throw node.error("client_allowed_sans has no effect with this client_auth_type", expected: verifying)
        }
        guard files.minimumVersion <= files.maximumVersion else {
            throw node.error("min_version is newer than max_version")
        }
        let hasSuite = files.cipherSuites.isEmpty || files.cipherSuites.contains { !$0.isOfTLS13 }
        guard hasSuite || files.maximumVersion == .tls13 else {
            throw node.error("cipher_suites has none for the versions up to max_version")
        }
    }
}

extension ValueReader {
    func webTLS(_ node: YAMLNode) throws(YAMLError) -> WebTLSSettings {
        var settings = WebTLSSettings()
        try WebTLSSettings.keys.read(node, "tls_server_config", with: self, into: &settings)
        return settings
    }

    fileprivate func texts(_ node: YAMLNode) throws(YAMLError) -> [String] {
        var texts: [String] = []
        for item in try node.items("a list of texts") { texts.append(try text(item)) }
        return texts
    }

    /// What one of some words stands for.
    fileprivate static func choice<Value: Sendable>(
        of choices: [(String, Value)]
    ) -> @Sendable (ValueReader) -> (YAMLNode) throws(YAMLError) -> Value {
        { _ in
            { node throws(YAMLError) in
                let word = try node.string()
                guard let choice = choices.first(where: { $0.0 == word }) else {
                    throw unknown(word, at: node.location, "known", choices.map(\.0))
                }
                return choice.1
            }
        }
    }

    /// What a list of some words stands for.
    fileprivate static func choices<Value: Sendable>(
        of choices: [(String, Value)]
    ) -> @Sendable (ValueReader) -> (YAMLNode) throws(YAMLError) -> [Value] {
        { reader in
            { node throws(YAMLError) in
                var values: [Value] = []
                for item in try node.items("a list of names") { values.append(try choice(of: choices)(reader)(item)) }
                return values
            }
        }
    }
}
