/// A web server with TLS whose certificate is its own and for another name than it is reached by.
public struct StrangerServer: Sendable {
    /// Where it listens.
    public let port: Int
    /// Its certificate, for who wants to trust it.
    public let certificateFile: String
    private let process: ServerProcess

    /// Starts it and waits until it accepts connections.
    public static func start(named name: String, in directory: TemporaryDirectory) async throws -> StrangerServer {
        try run(
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem",
            "-days", "2", "-subj", "/CN=\(name)", "-addext", "subjectAltName=DNS:\(name)", in: directory
        )
        let port = try freePort()
        let process = try ServerProcess(
            "openssl",
            ["s_server", "-accept", "127.0.0.1:\(port)", "-cert", "cert.pem", "-key", "key.pem", "-www"],
            in: directory
        )
        try await process.wait(for: "accepts connections") { process.log.contains("ACCEPT") }
        return StrangerServer(port: port, certificateFile: directory.file("cert.pem"), process: process)
    }
}
