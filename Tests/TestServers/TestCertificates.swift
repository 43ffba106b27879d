/// Certificates made for a test: an authority, a server's, a client's, an expired one and another authority.
public struct TestCertificates: Sendable {
    /// The folder with `ca`, `other-ca`, `server`, `expired` and `client`, each a `.crt` and a `.key`.
    public let directory: TemporaryDirectory

    /// Makes them with `openssl`; the server's name is `localhost`.
    public init() throws(TestServerError) {
        directory = try TemporaryDirectory()
        try authority("ca")
        try authority("other-ca")
        try certificate("server", name: "localhost", days: 2)
        try certificate("expired", name: "localhost", days: -1)
        try certificate("client", name: "redstart", days: 2)
    }

    /// The path of one of the files: `file("ca.crt")`.
    public func file(_ name: String) -> String {
        directory.file(name)
    }

    /// Starts a server that speaks TLS only, and wants a client certificate if it is said to.
    public func startServer(
        _ certificate: String = "server",
        authClients: Bool = false,
        program: String = "redis-server"
    ) async throws -> RedisServer {
        let settings = [
            "--tls-cert-file", file("\(certificate).crt"), "--tls-key-file", file("\(certificate).key"),
            "--tls-ca-cert-file", file("ca.crt"), "--tls-auth-clients", authClients ? "yes" : "no",
        ]
        return try await RedisServer.start(settings, usesTLS: true, program: program)
    }

    private func authority(_ name: String) throws(TestServerError) {
        try run(
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=\(name)", "-keyout", "\(name).key", "-out", "\(name).crt", in: directory
        )
    }

    private func certificate(_ name: String, name subject: String, days: Int) throws(TestServerError) {
        try directory.write("subjectAltName=DNS:\(subject)\n", to: "\(name).ext")
        try run(
            "openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-subj", "/CN=\(subject)", "-keyout", "\(name).key", "-out", "\(name).csr", in: directory
        )
        try run(
            "openssl", "x509", "-req", "-in", "\(name).csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial",
            "-days", "\(days)", "-extfile", "\(name).ext", "-out", "\(name).crt", in: directory
        )
    }
}
