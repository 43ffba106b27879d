import FleetUnderTest
import RedisClient
import RedisFleet
import TestServers
import Testing

@Suite("TLS, Unix sockets and logins of watched nodes", .timeLimit(.minutes(6)))
struct SecureConnectionTests {
    /// One server that wants client certificates, and one whose certificate has expired.
    private struct Servers {
        let certificates: TestCertificates
        let good: RedisServer
        let expired: RedisServer

        init() async throws {
            certificates = try TestCertificates()
            good = try await certificates.startServer(authClients: true)
            expired = try await certificates.startServer("expired", authClients: true)
        }

        func trust() -> TLSOptions {
            var options = TLSOptions()
            options.authorityFile = certificates.file("ca.crt")
            options.certificateFile = certificates.file("client.crt")
            options.keyFile = certificates.file("client.key")
            return options
        }
    }

    private func poll(_ target: String, _ tls: TLSOptions) async throws -> (PollOutcome, WatchedFleet) {
        let watched = try WatchedFleet([target], timeout: .seconds(10)) { $0.connection.tls = tls }
        return (try #require(await watched.scrape().first), watched)
    }

    @Test("With the right authority and a client certificate a node is up, over one connection")
    func trusted() async throws {
        let servers = try await Servers()
        let (first, watched) = try await poll("rediss://localhost:\(servers.good.port)", servers.trust())
        #expect(first.failure == nil)
        let again = try #require(await watched.scrape().first)
        #expect(watched.value("redis_up", in: again) == 1)
        #expect(watched.value("redstart_node_connects_total", in: again) == 1)
    }

    @Test("Without trust the reason is tls, and the message says what is wrong")
    func untrusted() async throws {
        let servers = try await Servers()
        let good = "rediss://localhost:\(servers.good.port)"
        var otherAuthority = servers.trust()
        otherAuthority.authorityFile = servers.certificates.file("other-ca.crt")
        var noClient = servers.trust()
        noClient.certificateFile = nil
        noClient.keyFile = nil
        var wrongName = servers.trust()
        wrongName.serverName = "cache-1"
        let cases: [(target: String, tls: TLSOptions, says: String)] = [
            (good, otherAuthority, "is not signed by the configured authority"),
            (good, noClient, "the server wants a client certificate"),
            (good, wrongName, "its certificate is not for 'cache-1'"),
            ("rediss://127.0.0.1:\(servers.good.port)", servers.trust(), "its certificate is not for '127.0.0.1'"),
            ("rediss://localhost:\(servers.expired.port)", servers.trust(), "its certificate expired on 20"),
        ]
        for (target, tls, says) in cases {
            let (outcome, watched) = try await poll(target, tls)
            #expect(outcome.failure?.reason == .tls, "\(says): \(outcome.failure as Any)")
            #expect(outcome.failure?.message.contains(says) == true, "\(outcome.failure as Any)")
            #expect(watched.value("redis_up", in: outcome) == 0)
            #expect(watched.value(#"redstart_node_failure_reason{reason="tls"}"#, in: outcome) == 1)
        }
    }

    @Test("A Unix socket serves as well as a port, with a login")
    func unixSocket() async throws {
        let server = try await RedisServer.start(["--unixsocket", "redis.sock", "--requirepass", "p@ss"])
        let path = server.directory.file("redis.sock")
        let watched = try WatchedFleet(["unix://:p%40ss@\(path)"])
        let outcome = try #require(await watched.scrape().first)
        #expect(outcome.failure == nil)
        #expect(outcome.node.instance == path)
        let wrong = try WatchedFleet(["unix://:wrong@\(path)"])
        let refused = try #require(await wrong.scrape().first)
        #expect(refused.failure?.reason == .auth)
        #expect(wrong.value(#"redstart_node_failure_reason{reason="auth"}"#, in: refused) == 1)
    }
}
