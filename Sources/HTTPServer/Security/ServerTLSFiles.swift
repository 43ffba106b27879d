/// The files for HTTPS, in PEM format, and what clients must bring.
public struct ServerTLSFiles: Sendable, Hashable {
    /// A version of the protocol.
    public enum Version: Int, Sendable, Hashable, Comparable {
        /// Not safe any more.
        case tls10
        /// Not safe any more.
        case tls11
        /// Safe with the right ciphers.
        case tls12
        /// The newest.
        case tls13

        /// Older versions come first.
        public static func < (left: Version, right: Version) -> Bool {
            left.rawValue < right.rawValue
        }
    }

    /// What is asked of clients, as Go names it.
    public enum ClientCertificates: Sendable, Hashable {
        /// `NoClientCert`: nothing.
        case notAsked
        /// `RequestClientCert`: any certificate or none.
        case requested
        /// `RequireAnyClientCert`: a certificate, of whomever.
        case anyRequired
        /// `VerifyClientCertIfGiven`: a certificate of the authorities, or none.
        case verifiedIfGiven
        /// `RequireAndVerifyClientCert`: a certificate of the authorities.
        case verified

        /// Whether certificates are compared with the authorities.
        public var areVerified: Bool {
            self == .verifiedIfGiven || self == .verified
        }
    }

    /// The server's certificate, and those between it and the authority.
    public var certificate: String
    /// The key of the certificate.
    public var key: String
    /// What is asked of clients.
    public var clientCertificates: ClientCertificates = .notAsked
    /// The authorities of clients; `nil` for those of the system.
    public var clientAuthorities: String?
    /// One of these alternative names the certificate of a client must have, where there are any: names of hosts,
    /// addresses, e-mail addresses or URIs.
    public var clientNames: [String] = []
    /// The oldest version that clients may speak.
    public var minimumVersion: Version = .tls12
    /// The newest version that clients may speak.
    public var maximumVersion: Version = .tls13
    /// The ciphers for TLS 1.2 and before; where there are none, a choice of safe ones.
    public var cipherSuites: [CipherSuite] = []
    /// The groups for the exchange of keys, the preferred ones first; where there are none, the usual ones.
    public var curves: [Curve] = []

    /// Names the files; they are read when the server starts, and again when they have changed.
    public init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }
}

extension ServerTLSFiles {
    /// A cipher suite, by its name in the register of the IANA.
    public struct CipherSuite: Sendable, Hashable {
        /// The name.
        public let name: String
        /// The number.
        let code: UInt16

        /// Whether it is one of TLS 1.3, all of which are always there.
        public var isOfTLS13: Bool {
            code >> 8 == 0x13
        }

        /// All that can be chosen.
        public static let all: [CipherSuite] = [
            CipherSuite(name: "TLS_AES_128_GCM_SHA256", code: 0x1301),
            CipherSuite(name: "TLS_AES_256_GCM_SHA384", code: 0x1302),
            CipherSuite(name: "TLS_CHACHA20_POLY1305_SHA256", code: 0x1303),
            CipherSuite(name: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", code: 0xC02B),
            CipherSuite(name: "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", code: 0xC02C),
            CipherSuite(name: "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", code: 0xCCA9),
            CipherSuite(name: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", code: 0xC02F),
            CipherSuite(name: "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", code: 0xC030),
            CipherSuite(name: "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", code: 0xCCA8),
            CipherSuite(name: "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", code: 0xC009),
            CipherSuite(name: "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", code: 0xC00A),
            CipherSuite(name: "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", code: 0xC013),
            CipherSuite(name: "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", code: 0xC014),
            CipherSuite(name: "TLS_RSA_WITH_AES_128_GCM_SHA256", code: 0x9C),
            CipherSuite(name: "TLS_RSA_WITH_AES_256_GCM_SHA384", code: 0x9D),
            CipherSuite(name: "TLS_RSA_WITH_AES_128_CBC_SHA", code: 0x2F),
            CipherSuite(name: "TLS_RSA_WITH_AES_256_CBC_SHA", code: 0x35),
        ]
    }

    /// A group for the exchange of keys, by Go's name of it.
    public struct Curve: Sendable, Hashable {
        /// The name.
        public let name: String
        /// The number in the register of the IANA.
        let code: UInt16

        /// All that can be chosen.
        public static let all: [Curve] = [
            Curve(name: "CurveP256", code: 0x17), Curve(name: "CurveP384", code: 0x18),
            Curve(name: "CurveP521", code: 0x19), Curve(name: "X25519", code: 0x1D),
            Curve(name: "X25519MLKEM768", code: 0x11EC),
        ]
    }
}
