import NIOCore
import NIOPosix
import RedisClient
import TestServers
import Testing

@Suite("TLS")
struct TLSTests {
    private let certificates = try? TestCertificates()

    @Test("A server that the authority signed is trusted, by the name in its certificate")
    func trusted() async throws {
        let certificates = try #require(certificates)
        let server = try await certificates.startServer()
        try await withConnection("rediss://localhost:\(server.port)") {
            $0.tls.authorityFile = certificates.directory.file("ca.crt")
        } _: { connection in
            #expect(await connection.run("PING").texts == ["PONG"])
            let all = await connection.run("INFO all", "INFO all", "INFO all", "INFO all")
            #expect(all.replies.count == 4 && all.failure == nil)
        }
        try await withConnection("rediss://127.0.0.1:\(server.port)") {
            $0.tls.skipsVerification = true
        } _: { connection in
            #expect(await connection.run("PING").texts == ["PONG"])
        }
    }

    @Test("A client certificate is shown where the server wants one")
    func clientCertificate() async throws {
        let certificates = try #require(certificates)
        let server = try await certificates.startServer(authClients: true)
        let address = "rediss://localhost:\(server.port)"
        try await withConnection(address) {
            $0.tls.authorityFile = certificates.directory.file("ca.crt")
            $0.tls.certificateFile = certificates.directory.file("client.crt")
            $0.tls.keyFile = certificates.directory.file("client.key")
        } _: { connection in
            #expect(await connection.run("PING").texts == ["PONG"])
        }
        await expectFailure(
            address, "the server wants a client certificate. (--tls-client-cert-file, --tls-client-key-file)"
        ) {
            $0.authorityFile = certificates.directory.file("ca.crt")
        }
    }

    @Test("Who is not trusted is told why")
    func untrusted() async throws {
        let certificates = try #require(certificates)
        let folder = certificates.directory
        let server = try await certificates.startServer()
        let address = "rediss://localhost:\(server.port)"
        await expectFailure(address, "its certificate is not signed by the configured authority. (--tls-ca-cert-file)")
        {
            $0.authorityFile = folder.file("other-ca.crt")
        }
        await expectFailure(
            address,
            "its certificate is not signed by an authority of this system. Name its authority. (--tls-ca-cert-file)"
        ) { _ in }
        await expectFailure(
            address,
            "its certificate is not for 'cache-1'. Set the name that it has. (--tls-server-name)"
        ) {
            $0.authorityFile = folder.file("ca.crt")
            $0.serverName = "cache-1"
        }
        await expectFailure(
            "rediss://127.0.0.1:\(server.port)",
            "its certificate is not for '127.0.0.1'. Set the name that it has. (--tls-server-name)"
        ) {
            $0.authorityFile = folder.file("ca.crt")
        }
        let expired = try await certificates.startServer("expired")
        let error = await failure("rediss://localhost:\(expired.port)") { $0.authorityFile = folder.file("ca.crt") }
        #expect(error?.message.contains("its certificate expired on 20") == true, "\(error?.message ?? "none")")
    }

    @Test("TLS where there is none, and none where there is TLS, are told")
    func mixedUp() async throws {
        let certificates = try #require(certificates)
        let plain = try await RedisServer.start()
        // Redis takes the first bytes of TLS for the beginning of a line and waits for its end.
        let silent = await #expect(throws: RedisError.self) {
            try await connect("rediss://localhost:\(plain.port)", milliseconds: 1000)
        }
        #expect(silent?.reason == .timeout)
        #expect(silent?.message.hasSuffix("Does it speak TLS at this port? (--redis.addr)") == true)
        let talkative = try ScriptedServer(answers: ["-ERR what?\r\n"], then: .close)
        await expectFailure(
            "rediss://localhost:\(talkative.port)",
            "the server does not speak TLS there. Use redis:// or the server's tls-port. (--redis.addr)"
        ) { _ in }
        let server = try await certificates.startServer()
        let error = await failure("redis://localhost:\(server.port)") { _ in }
        #expect(error?.message.contains("rediss://") == true, "\(error?.message ?? "none")")
    }

    @Test("Files that cannot be used are named")
    func badFiles() async throws {
        let certificates = try #require(certificates)
        let folder = certificates.directory
        let garbage = try folder.write("no certificate\n", to: "garbage.crt")
        let address = "rediss://localhost:1"
        await expectFailure(address, "the file '/nowhere/ca' cannot be used: No such file or directory.") {
            $0.authorityFile = "/nowhere/ca"
        }
        await expectFailure(address, "the file '\(garbage)' cannot be used: holds no certificate in PEM format.") {
            $0.authorityFile = garbage
        }
        let key = folder.file("server.key")
        await expectFailure(address, "the file '\(key)' cannot be used: does not belong to the client certificate.") {
            $0.certificateFile = folder.file("client.crt")
            $0.keyFile = key
        }
    }

    @Test("A renewed authority is used by the next connection")
    func renewed() async throws {
        let certificates = try #require(certificates)
        let folder = certificates.directory
        let server = try await certificates.startServer()
        var options = ConnectionOptions(address: try TargetAddress("rediss://localhost:\(server.port)"))
        options.tls.authorityFile = folder.file("current.crt")
        let connector = RedisConnector()
        func attempt() async throws {
            let loop = MultiThreadedEventLoopGroup.singleton.next()
            try await connector.connect(options, on: loop, deadline: .now() + .seconds(10)).close()
        }
        try run("cp", "other-ca.crt", "current.crt", in: folder)
        await #expect(throws: RedisError.self) { try await attempt() }
        try run("cp", "ca.crt", "current.crt", in: folder)
        try await attempt()
    }

    private func failure(_ address: String, _ configure: (inout TLSOptions) -> Void) async -> RedisError? {
        do {
            try await connect(address, configure: { configure(&$0.tls) }).close()
            return nil
        } catch {
            return error as? RedisError
        }
    }

    private func expectFailure(
        _ address: String,
        _ message: String,
        _ configure: (inout TLSOptions) -> Void
    ) async {
        let error = await failure(address, configure)
        #expect(error?.reason == .tls)
        #expect(error?.message == "no TLS connection to \(address): \(message)")
    }
}
