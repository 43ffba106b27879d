import Glibc
import TestServers
import Testing

/// HTTPS and basic authentication, asked by Python's client: the code under test has no part in it.
@Suite("HTTPS and basic authentication", .serialized)
struct ServerSecurityTests {
    /// Prints status and body of `https://localhost:PORT/health`.
    private static let client = """
        import base64, ssl, sys, urllib.error, urllib.request
        scheme, port, authority, certificate, credentials = sys.argv[1:6]
        context = None
        if scheme == "https":
            context = ssl.create_default_context(cafile=authority)
            if certificate: context.load_cert_chain(certificate + ".crt", certificate + ".key")
        request = urllib.request.Request(f"{scheme}://localhost:{port}/health")
        if credentials:
            request.add_header("Authorization", "Basic " + base64.b64encode(credentials.encode()).decode())
        try:
            with urllib.request.urlopen(request, context=context, timeout=20) as answer:
                print(answer.status, answer.read().decode())
        except urllib.error.HTTPError as error: print(error.code)
        except Exception as error: print("failed:", error)
        """

    private func ask(
        port: Int,
        scheme: String = "https",
        authority: String = "",
        certificate: String = "",
        credentials: String = ""
    ) async throws -> String {
        let words = ["-c", Self.client, scheme, "\(port)", authority, certificate, credentials]
        let process = try ServerProcess("python3", words, in: try TemporaryDirectory())
        _ = try await process.exitCode(seconds: 60)
        return process.log
    }

    /// A certificate that is its own authority.
    private func certificate(_ name: String, in directory: TemporaryDirectory) throws {
        try run(
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", "\(name).key",
            "-out", "\(name).crt", in: directory)
    }

    /// Waits by plain connections only: the probe for readiness speaks no TLS.
    private func serve(_ arguments: [String]) async throws -> (process: ServerProcess, port: Int) {
        let port = try freePort()
        let process = try ServerProcess(
            RedstartProcess.executable,
            ["serve", "--web.listen-address", "127.0.0.1:\(port)", "--redis.addr="] + arguments,
            in: try TemporaryDirectory())
        try await process.wait(for: "listens") { process.log.contains("metrics at http") }
        return (process, port)
    }

    @Test("HTTPS, with a certificate that is read again when it is replaced")
    func reload() async throws {
        let directory = try TemporaryDirectory()
        try certificate("one", in: directory)
        try certificate("two", in: directory)
        try run("cp", "one.crt", "server.crt", in: directory)
        try run("cp", "one.key", "server.key", in: directory)
        let (process, port) = try await serve([
            "--tls-server-cert-file", directory.file("server.crt"), "--tls-server-key-file",
            directory.file("server.key"),
        ])
        #expect(process.log.contains("https://"))
        #expect(try await ask(port: port, authority: directory.file("one.crt")) == "200 ok\n")
        // A certificate without its key is not taken, and said so.
        try run("cp", "two.crt", "server.crt", in: directory)
        #expect(try await ask(port: port, authority: directory.file("one.crt")) == "200 ok\n")
        #expect(process.log.contains("does not belong to the certificate"))
        try run("cp", "two.key", "server.key", in: directory)
        #expect(try await ask(port: port, authority: directory.file("two.crt")) == "200 ok\n")
        #expect(try await ask(port: port, authority: directory.file("one.crt")).hasPrefix("failed:"))
    }

    @Test("With an authority for clients, only those with a certificate of it are answered")
    func clientCertificates() async throws {
        let directory = try TemporaryDirectory()
        for name in ["server", "client", "stranger"] { try certificate(name, in: directory) }
        let (process, port) = try await serve([
            "--tls-server-cert-file", directory.file("server.crt"), "--tls-server-key-file",
            directory.file("server.key"), "--tls-server-ca-cert-file", directory.file("client.crt"),
            "--tls-server-min-version", "TLS1.3",
        ])
        let authority = directory.file("server.crt")
        let answer = try await ask(port: port, authority: authority, certificate: directory.file("client"))
        #expect(process.isRunning)
        #expect(answer == "200 ok\n")
        #expect(try await ask(port: port, authority: authority).hasPrefix("failed:"))
        #expect(
            try await ask(port: port, authority: authority, certificate: directory.file("stranger"))
                .hasPrefix("failed:"))
        // The program's own clients.
        let trust = ["--url", "https://localhost:\(port)", "--tls-ca-cert-file", authority]
        let certificate = [
            "--tls-client-cert-file", directory.file("client.crt"), "--tls-client-key-file",
            directory.file("client.key"),
        ]
        for command in [["query", "vector(42)"], ["top"], ["silence", "list"], ["check"]] {
            let (code, output) = try await RedstartProcess.run(command + trust + certificate)
            #expect(code == 0, "\(command): \(output)")
            #expect(try await RedstartProcess.run(command + trust).0 != 0)
        }
    }

    @Test("User and password, plain or as a hash of bcrypt")
    func basicAuthentication() async throws {
        let hash = "$2b$04$abcdefghijklmnopqrstuuV3duMsC0HpUex6N9qapiuOHHWkwRXVm"
        for option in ["--basic-auth-password=hunter2", "--basic-auth-hash-password=\(hash)"] {
            let (process, port) = try await serve(["--basic-auth-username", "prometheus", option])
            #expect(try await ask(port: port, scheme: "http", credentials: "prometheus:hunter2") == "200 ok\n")
            #expect(try await ask(port: port, scheme: "http", credentials: "prometheus:hunter3") == "401\n")
            #expect(try await ask(port: port, scheme: "http") == "401\n")
            #expect(!process.log.contains("hunter2"))
        }
    }

    @Test(
        "Half of what belongs together keeps it from starting, in one line that shows no secret",
        arguments: [
            ["--basic-auth-username", "a"], ["--basic-auth-password", "hunter2"], ["--tls-server-cert-file", "x"],
            ["--tls-server-ca-cert-file", "x"], ["--tls-server-cert-file", "x", "--tls-server-key-file", "y"],
            ["--basic-auth-username", "a", "--basic-auth-hash-password", "hunter2"],
            ["--redis.password-file", "/no/such/file"], ["--scrape-allow", "redis://:hunter2@x"],
        ]
    )
    func incomplete(options: [String]) async throws {
        let (code, output) = try await RedstartProcess.run(
            ["serve", "--web.listen-address", "127.0.0.1:0", "--redis.addr="] + options)
        #expect(code != 0)
        let hints = [options[0], "--basic-auth", "--tls-server", "pattern"]
        #expect(hints.contains(where: output.contains), "\(output)")
        #expect(!output.contains("hunter2"))
    }
}
