import HTTPClient
import NIOPosix
import Synchronization
import TestServers
import Testing

@Suite("HTTP client")
struct HTTPClientTests {
    private let client = HTTPClient(eventLoops: MultiThreadedEventLoopGroup.singleton)

    private func request(_ port: Int, path: String = "/", timeout: Duration = .seconds(120)) throws -> ClientRequest {
        ClientRequest(
            method: "POST",
            url: try HTTPURL("http://127.0.0.1:\(port)\(path)"),
            headers: [("Content-Type", "application/json")],
            body: Array("{}".utf8),
            timeout: timeout
        )
    }

    private func reason(_ request: ClientRequest) async -> HTTPClientError.Reason? {
        do {
            _ = try await client.send(request)
            return nil
        } catch {
            return error.reason
        }
    }

    @Test("A request arrives whole, and the answer comes back")
    func plain() async throws {
        let answer = "HTTP/1.1 201 Created\r\nX-A: b\r\nContent-Length: 2\r\n\r\nok"
        let server = try HTTPReceiver { _, _ in .bytes(answer) }
        let hook = Mutex(0)
        let count: @Sendable () -> Void = { hook.withLock { $0 += 1 } }
        let response = try await client.send(try request(server.port, path: "/hook?a=b"), beforeCompletion: count)
        #expect(response.status == 201 && response.header("x-a") == "b" && response.body == Array("ok".utf8))
        let got = try #require(server.requests.first)
        #expect(got.line == "POST /hook?a=b" && got.body == "{}")
        #expect(got.headers["host"] == "127.0.0.1:\(server.port)" && got.headers["content-type"] == "application/json")
        #expect(hook.withLock { $0 } == 1)
    }

    @Test("Where the last word before the end is no, the server never gets the whole request")
    func refusedByCaller() async throws {
        let server = try HTTPReceiver()
        await #expect(throws: HTTPClientError.self) {
            _ = try await client.send(try request(server.port)) { throw CancellationError() }
        }
        #expect(server.requests.isEmpty)
    }

    @Test("Redirects are followed within the origin, with the body, but not for ever")
    func redirects() async throws {
        let server = try HTTPReceiver { _, request in
            switch request.line {
            case "POST /moved": .status(308, headers: ["Location: /there"])
            case "POST /there": .status(200)
            default: .status(307, headers: ["Location: /loop"])
            }
        }
        var moved = try request(server.port, path: "/moved")
        moved.headers.append(("Authorization", "Bearer secret"))
        #expect(try await client.send(moved).status == 200)
        let got = try #require(server.requests.last)
        #expect(got.line == "POST /there" && got.body == "{}" && got.headers["authorization"] == "Bearer secret")
        #expect(await reason(try request(server.port, path: "/loop")) == .redirects)
        #expect(server.requests.count == 2 + HTTPClient.redirectLimit + 1)
    }

    @Test("Another origin gets neither a body nor fields that may be secret", arguments: [301, 302, 307, 308])
    func redirectsElsewhere(status: Int) async throws {
        let other = try HTTPReceiver()
        let server = try HTTPReceiver { [port = other.port] _, _ in
            .status(status, headers: ["Location: http://127.0.0.1:\(port)/there"])
        }
        var moved = try request(server.port, path: "/moved")
        moved.headers = [("Authorization", "Bearer secret"), ("X-API-Key", "secret"), ("User-Agent", "me")]
        let error = await #expect(throws: HTTPClientError.self) { try await client.send(moved) }
        #expect(error?.reason == .redirects && error?.description.contains("http://127.0.0.1:\(other.port)") == true)
        #expect(other.requests.isEmpty)
        moved.method = "GET"
        moved.body = []
        #expect(try await client.send(moved).status == 200)
        let got = try #require(other.requests.first)
        #expect(got.line == "GET /there" && got.headers["user-agent"] == "me")
        #expect(got.headers["authorization"] == nil && got.headers["x-api-key"] == nil)
    }

    @Test("Each way to fail has its reason")
    func reasons() async throws {
        #expect(await reason(try request(try freePort())) == .refused)
        let silent = try HTTPReceiver { _, _ in .silence }
        #expect(await reason(try request(silent.port, timeout: .milliseconds(300))) == .timeout)
        let half = try HTTPReceiver { _, _ in .bytes("HTTP/1.1 200 O") }
        #expect(await reason(try request(half.port)) == .incomplete)
        let garbage = try HTTPReceiver { _, _ in .bytes("-ERR unknown command\r\n\r\n") }
        #expect(await reason(try request(garbage.port)) == .protocol)
        var unknown = try request(1)
        unknown.url = try HTTPURL("http://no-such-host.invalid/")
        #expect(await reason(unknown) == .dns)
        var plain = try request(silent.port, timeout: .seconds(5))
        let noTLS = try ScriptedServer(answers: ["HTTP/1.1 400 Bad Request\r\n\r\n"], then: .close)
        plain.url = try HTTPURL("https://127.0.0.1:\(noTLS.port)/")
        #expect(await reason(plain) == .tls)
    }

    @Test("A complete head is the answer, whatever becomes of the body")
    func halfBody() async throws {
        let server = try HTTPReceiver { _, _ in .bytes("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf") }
        let response = try await client.send(try request(server.port))
        #expect(response.status == 200 && response.body == Array("half".utf8))
    }

    @Test("Whoever is not interested any more waits for no host that does not answer", .timeLimit(.minutes(1)))
    func cancelledWhileConnecting() async throws {
        let hole = try BlackHole(connects: false)
        let waiting = Task { [request = try request(hole.port)] in await reason(request) }
        // So that it is connecting, most of the time; where it is not yet, the end is the same.
        for _ in 0..<100 { await Task.yield() }
        waiting.cancel()
        #expect(await waiting.value == .cancelled)
        #expect(await reason(try request(hole.port, timeout: .milliseconds(50))) == .timeout)
    }

    @Test("An answer without an end is cut off")
    func endless() async throws {
        let megabytes = String(repeating: "x", count: 3 << 20)
        let server = try HTTPReceiver { _, _ in .bytes("HTTP/1.1 500 No\r\n\r\n" + megabytes) }
        let response = try await client.send(try request(server.port))
        #expect(response.status == 500 && response.body.count == HTTPClient.bodyLimit)
    }

    @Test("A certificate for another name, or of nobody known, is an error of TLS; one that fits is taken")
    func certificates() async throws {
        let directory = try TemporaryDirectory()
        let server = try await StrangerServer.start(named: "other.example", in: directory)
        var secure = try request(server.port)
        secure.method = "GET"
        secure.url = try HTTPURL("https://localhost:\(server.port)/")
        #expect(await reason(secure) == .tls)
        secure.tls.authorityFile = server.certificateFile
        let wrongName = await #expect(throws: HTTPClientError.self) { _ = try await client.send(secure) }
        #expect(wrongName?.description.contains("for another name than localhost") == true)
        secure.tls.serverName = "other.example"
        #expect(try await client.send(secure).status == 200)
        secure.tls.authorityFile = directory.file("missing.pem")
        #expect(await reason(secure) == .tls)
    }

    @Test("Addresses are read, and what is wrong with one is told without it")
    func addresses() throws {
        let url = try HTTPURL("https://user:s%40fe@[::1]:8443/a/b?c=d#e")
        #expect(url.isSecure && url.host == "::1" && url.port == 8443 && url.target == "/a/b?c=d")
        #expect("\(url)" == "https://[::1]:8443")
        #expect(try HTTPURL("http://host").target == "/")
        #expect(try HTTPURL("http://host?x").target == "/?x")
        #expect(try HTTPURL("http://h/base/").appending(path: "/api").target == "/base/api")
        let mistakes = [
            "secret", "ftp://secret", "http://", "http://secret:0/", "http://h:99999", "http://[::1", "http://a b",
        ]
        for bad in mistakes {
            let mistake = #expect(throws: HTTPURL.Mistake.self, "\(bad)") { _ = try HTTPURL(bad) }
            #expect(mistake?.description.contains("secret") != true)
        }
        let field = BasicAuthorization.field(user: "Aladdin", password: "open sesame")
        #expect(field == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
        #expect(BasicAuthorization.field(user: "a", password: "") == "Basic YTo=")
    }
}
