/// What a connection needs to know beside the deadline.
public struct ConnectionOptions: Sendable, Hashable {
    /// Where to connect, and as whom.
    public var address: TargetAddress
    /// A file with the password, where the address has none.
    ///
    /// Read for each connection, so a changed password is used at once; line ends at its end do not count.
    public var passwordFile: String?
    /// How to encrypt; of effect only where the address asks for TLS.
    public var tls = TLSOptions()
    /// What `CLIENT SETNAME` says; `nil` sends none, for servers that have refused it.
    public var clientName: String? = "redstart"
    /// How much the server may answer.
    public var limits = ReplyLimits()

    /// Whether files are read for a connection.
    var readsFiles: Bool {
        let tlsFiles = [tls.authorityFile, tls.certificateFile, tls.keyFile]
        return address.password == nil && passwordFile != nil
            || address.scheme.usesTLS && tlsFiles.contains { $0 != nil }
    }

    /// Whether the connection is one over TCP that shows neither a password nor a client certificate.
    public var provesNothing: Bool {
        let showsCertificate = address.scheme.usesTLS && tls.certificateFile != nil
        return address.scheme != .unix && address.password == nil && passwordFile == nil && !showsCertificate
    }

    /// The defaults for an address.
    public init(address: TargetAddress) {
        self.address = address
    }
}
