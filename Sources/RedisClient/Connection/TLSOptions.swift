/// How to make a TLS connection.
///
/// Files are read again for each connection, so renewed ones are used at once.
public struct TLSOptions: Sendable, Hashable {
    /// A PEM file with the authorities to trust instead of the system's.
    public var authorityFile: String?
    /// A PEM file with the client's certificate, and those between it and the authority.
    public var certificateFile: String?
    /// A PEM file with the client's key.
    public var keyFile: String?
    /// The name that the server's certificate must have, where it is not the host of the address.
    public var serverName: String?
    /// Whether to accept any certificate.
    ///
    /// The connection is then encrypted, but to whom is unknown.
    public var skipsVerification = false

    /// The system's authorities, the host of the address, no client certificate.
    public init() {}
}
