import Glibc
import TestServers
import Testing

/// `--web.config.file`, asked by curl over real connections.
@Suite("web.yml", .serialized)
struct WebConfigurationTests {
    /// `hunter2`, hashed by crypt(3) of libxcrypt with the least cost.
    private static let hunter2 = "$2b$04$abcdefghijklmnopqrstuuV3duMsC0HpUex6N9qapiuOHHWkwRXVm"

    /// A daemon that watches nothing, with this file.
    private struct Server {
        let process: ServerProcess
        let port: Int
        let certificates: TestCertificates

        /// - Parameter flag: The option that names the file.
        init(_ text: String, _ certificates: TestCertificates, flag: String = "--web.config.file") async throws {
            self.certificates = certificates
            port = try freePort()
            try certificates.directory.write(text, to: "web.yml")
            process = try ServerProcess(
                RedstartProcess.executable,
                [
                    "serve", "--web.listen-address", "127.0.0.1:\(port)", "--redis.addr=", flag,
                    certificates.file("web.yml"),
                ],
                in: try TemporaryDirectory()
            )
            let process = process
            try await process.wait(for: "listens") { process.log.contains("metrics at http") }
        }

        /// The status of `/health`, and curl's own exit code where there is none: `(0, 200)`.
        func ask(_ options: String..., path: String = "health", scheme: String = "https") async throws -> String {
            let words =
                [
                    "-s", "-o", "/dev/null", "-w", "%{http_code}", "--cacert", certificates.file("ca.crt"),
                    "\(scheme)://localhost:\(port)/\(path)",
                ] + options
            let process = try ServerProcess("curl", words, in: try TemporaryDirectory())
            _ = try await process.exitCode(seconds: 60)
            return process.log
        }

        func client(_ name: String) -> [String] {
            ["--cert", certificates.file("\(name).crt"), "--key", certificates.file("\(name).key")]
        }
    }

    private static let https = "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n"

    @Test("HTTPS and users, under both names of the option", arguments: ["--web.config.file", "--web-config-file"])
    func users(flag: String) async throws {
        let text = "\(Self.https)basic_auth_users:\n  ann: \(Self.hunter2)\n"
        let server = try await Server(text, try TestCertificates(), flag: flag)
        #expect(try await server.ask("-u", "ann:hunter2") == "200")
        #expect(try await server.ask("-u", "ann:hunter3") == "401")
        #expect(try await server.ask("-u", "bob:hunter2") == "401")
        #expect(try await server.ask() == "401")
        #expect(try await server.ask(path: "no/such/path") == "401")
        #expect(try await server.ask(scheme: "http") == "000")
        #expect(!server.process.log.contains("hunter"))
        #expect(!server.process.log.contains("$2b$"))
    }

    @Test(
        "Client certificates as Go's five words have them",
        arguments: [
            // Status with a certificate of the authority, of a stranger, without any.
            ("NoClientCert", false, ["200", "200", "200"]),
            ("RequestClientCert", false, ["200", "200", "200"]),
            ("RequireAnyClientCert", false, ["200", "200", "000"]),
            ("VerifyClientCertIfGiven", true, ["200", "000", "200"]),
            ("RequireAndVerifyClientCert", true, ["200", "000", "000"]),
        ]
    )
    func clientCertificates(type: String, isVerified: Bool, expected: [String]) async throws {
        let authority = isVerified ? "  client_ca_file: ca.crt\n" : ""
        let certificates = try TestCertificates()
        let server = try await Server("\(Self.https)  client_auth_type: \(type)\n\(authority)", certificates)
        let own = server.client("client")
        let stranger = server.client("other-ca")
        #expect(try await server.ask(own[0], own[1], own[2], own[3]) == expected[0])
        #expect(try await server.ask(stranger[0], stranger[1], stranger[2], stranger[3]) == expected[1])
        #expect(try await server.ask() == expected[2])
    }

    @Test("Only clients with an allowed name", arguments: [("redstart", "200"), ("prometheus", "000")])
    func names(name: String, expected: String) async throws {
        let text = """
            \(Self.https)  client_auth_type: RequireAndVerifyClientCert
              client_ca_file: ca.crt
              client_allowed_sans: [example.com, \(name)]
            """
        let server = try await Server(text, try TestCertificates())
        let own = server.client("client")
        #expect(try await server.ask(own[0], own[1], own[2], own[3]) == expected)
        // A change, sent with the end of the handshake, is not made either.
        #expect(try await server.ask("-X", "POST", own[0], own[1], own[2], own[3], path: "-/reload") == expected)
        #expect(server.process.log.contains("was reloaded") == (expected == "200"))
    }

    @Test("Versions, ciphers and curves")
    func parameters() async throws {
        let text = """
            \(Self.https)  max_version: TLS12
              cipher_suites: [TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256]
              curve_preferences: [CurveP384]
            """
        let server = try await Server(text, try TestCertificates())
        #expect(try await server.ask() == "200")
        #expect(try await server.ask("--tlsv1.3") == "000")
        #expect(try await server.ask("--ciphers", "ECDHE-ECDSA-AES128-GCM-SHA256") == "000")
        #expect(try await server.ask("--ciphers", "ECDHE-ECDSA-CHACHA20-POLY1305") == "200")
        // The certificate's own curve must be among those of the client.
        #expect(try await server.ask("--curves", "X25519:P-256") == "000")
        #expect(try await server.ask("--curves", "X25519:P-256:P-384") == "200")
    }

    @Test("A reload puts users and certificates into force, and a file with a mistake changes nothing")
    func reload() async throws {
        let certificates = try TestCertificates()
        let users = "basic_auth_users:\n  ann: \(Self.hunter2)\n"
        let server = try await Server(Self.https + users, certificates)
        #expect(try await server.ask("-u", "ann:hunter2") == "200")
        try certificates.directory.write(Self.https + "basic_auth_users:\n  ann: x\n", to: "web.yml")
        #expect(try await server.ask("-u", "ann:hunter2", "-X", "POST", path: "-/reload") == "500")
        #expect(server.process.log.contains("web.yml:5:8: the password of this user is no hash"))
        #expect(try await server.ask("-u", "ann:hunter2") == "200")
        // HTTPS does not end: what others know of the address would be wrong, and passwords readable.
        try certificates.directory.write(users, to: "web.yml")
        #expect(try await server.ask("-u", "ann:hunter2", "-X", "POST", path: "-/reload") == "500")
        let renamed = "basic_auth_users:\n  bob: \(Self.hunter2)\n"
        try certificates.directory.write(Self.https + renamed, to: "web.yml")
        #expect(kill(server.process.pid, SIGHUP) == 0)
        try await server.process.wait(for: "reloads") { server.process.log.contains("was reloaded") }
        #expect(try await server.ask("-u", "bob:hunter2") == "200")
        #expect(try await server.ask("-u", "ann:hunter2") == "401")
        // Certificates need no reload.
        try run("cp", "expired.crt", "server.crt", in: certificates.directory)
        try run("cp", "expired.key", "server.key", in: certificates.directory)
        #expect(try await server.ask("-u", "bob:hunter2") == "000")
    }

    @Test("promtool takes the same file")
    func promtool() async throws {
        let certificates = try TestCertificates()
        let text = """
            \(Self.https)  client_auth_type: RequireAndVerifyClientCert
              client_ca_file: ca.crt
              min_version: TLS12
              cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]
              curve_preferences: [X25519]
            http_server_config:
              headers: {X-Frame-Options: deny}
            basic_auth_users:
              ann: \(Self.hunter2)
            """
        let server = try await Server(text, certificates)
        let own = server.client("client")
        #expect(try await server.ask("-u", "ann:hunter2", own[0], own[1], own[2], own[3]) == "200")
        try run("promtool", "check", "web-config", "web.yml", in: certificates.directory)
    }

    @Test("The file and the options that it stands for exclude each other")
    func both() async throws {
        let directory = try TemporaryDirectory()
        try directory.write("", to: "web.yml")
        let (code, output) = try await RedstartProcess.run([
            "serve", "--web.listen-address", "127.0.0.1:0", "--redis.addr=", "--web.config.file",
            directory.file("web.yml"), "--basic-auth-username", "a", "--basic-auth-password", "hunter2",
        ])
        #expect(code != 0)
        #expect(output.contains("--web.config.file stands for"))
        #expect(!output.contains("hunter2"))
    }
}
