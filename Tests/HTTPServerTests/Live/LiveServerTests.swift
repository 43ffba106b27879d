import Logging
import NIOCore
import NIOPosix
import Testing

@testable import HTTPServer

@Suite(.timeLimit(.minutes(1))) struct LiveServerTests {
    private let get = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"
    private let hello = Route(.get, "/hello") { request in .text(.ok, "hello \(request.remoteAddress)") }

    @Test("a client is answered over and over, from the pool and from the event loop")
    func answers() async throws {
        let loop = Route(.get, "/loop", on: .eventLoop) { _ in .text(.ok, "loop") }
        try await RunningServer.with(routes: [hello, loop]) { server in
            #expect(server.address.port > 0)
            try await server.connect { client in
                for _ in 0..<20 {
                    try await client.send(get)
                    #expect(try await client.receive(upTo: "127.0.0.1\n").hasPrefix("HTTP/1.1 200 OK\r\n"))
                    try await client.send("GET /loop HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(try await client.receive(upTo: "loop\n").hasPrefix("HTTP/1.1 200 OK\r\n"))
                }
            }
            #expect(server.server.statistics.responses(statusClass: 2) == 40)
            #expect(server.server.statistics.acceptedConnections == 1)
        }
    }

    @Test("answers keep the order of the requests, however long each takes")
    func order() async throws {
        let gate = AsyncStream<Void>.makeStream()
        let slow = Route(.get, "/slow") { _ in
            for await _ in gate.stream { break }
            return .text(.ok, "slow")
        }
        let fast = Route(.get, "/fast", on: .eventLoop) { _ in
            gate.continuation.yield()
            return .text(.ok, "fast")
        }
        let opener = Route(.get, "/open", on: .eventLoop) { _ in
            gate.continuation.yield()
            return .text(.ok, "open")
        }
        try await RunningServer.with(routes: [slow, fast, opener]) { server in
            try await server.connect { client in
                try await client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\nGET /fast HTTP/1.1\r\nHost: a\r\n\r\n")
                _ = try await server.connect { other in
                    try await other.send("GET /open HTTP/1.1\r\nHost: a\r\n\r\n")
                    return try await other.receive(upTo: "open\n")
                }
                let both = try await client.receive(upTo: "fast\n")
                #expect(both.contains("slow\nHTTP/1.1 200 OK"))
            }
        }
    }

    @Test("a refusal reaches a client that is still sending")
    func refusalWhileSending() async throws {
        try await RunningServer.with(limits: HTTPLimits(bodyBytes: 1_000), routes: [hello]) { server in
            try await server.connect { client in
                let head = "POST /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 500000\r\n\r\n"
                try await client.send(Array(head.utf8) + Array(repeating: 0x61, count: 400_000))
                #expect(try await client.receiveAll().hasPrefix("HTTP/1.1 413 Content Too Large\r\n"))
            }
            #expect(server.server.statistics.refusals(.bodyTooLarge) == 1)
        }
    }

    @Test("half a request and then the end is a bad request; a whole one before it is answered")
    func halfRequest() async throws {
        try await RunningServer.with(routes: [hello]) { server in
            try await server.connect { client in
                try await client.send(get + "GET /hello HTTP/1.1\r\nHo")
                client.finish()
                let answers = try await client.receiveAll()
                #expect(answers.contains("hello 127.0.0.1\nHTTP/1.1 400 Bad Request\r\n"))
            }
            try await server.connect { client in
                client.finish()
                let answer = try await client.receiveAll()
                #expect(answer.isEmpty)
            }
        }
    }

    @Test("a client that has said all it wants still gets its answer")
    func halfClosed() async throws {
        try await RunningServer.with(routes: [hello]) { server in
            try await server.connect { client in
                try await client.send(get)
                client.finish()
                #expect(try await client.receiveAll().hasSuffix("hello 127.0.0.1\n"))
            }
        }
    }

    @Test("a slow client is told and cut")
    func slowLoris() async throws {
        // Long enough to say something: who says nothing at all is cut without a word.
        let timeouts = HTTPTimeouts(head: .seconds(2))
        try await RunningServer.with(timeouts: timeouts, routes: [hello]) { server in
            try await server.connect { client in
                try await client.send("GET /hel")
                #expect(try await client.receiveAll().hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
            }
        }
    }

    @Test("a handler is cancelled when its client goes away", arguments: [Route.Placement.pool, .eventLoop])
    func cancellation(placement: Route.Placement) async throws {
        let started = AsyncStream<Void>.makeStream()
        let cancelled = AsyncStream<Bool>.makeStream()
        let endless = Route(.get, "/endless", on: placement) { _ in
            started.continuation.yield()
            for await _ in AsyncStream<Void>(unfolding: { try? await Task.sleep(for: .seconds(3_600)) }) {
                if Task.isCancelled { break }
            }
            cancelled.continuation.yield(Task.isCancelled)
            return .text(.ok, "late")
        }
        try await RunningServer.with(routes: [endless]) { server in
            try await server.connect { client in
                try await client.send("GET /endless HTTP/1.1\r\nHost: a\r\n\r\n")
                _ = await started.stream.first { _ in true }
            }
            #expect(await cancelled.stream.first { _ in true } == true)
        }
    }

    @Test("one connection too many is told so, and there is room again when another ends")
    func connectionLimit() async throws {
        try await RunningServer.with(limits: HTTPLimits(connections: 1), routes: [hello]) { server in
            try await server.connect { first in
                try await first.send(get)
                _ = try await first.receive(upTo: "127.0.0.1\n")
                try await server.connect { second in
                    let answer = try await second.receiveAll()
                    #expect(answer.hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"))
                    #expect(answer.hasSuffix("too many connections\n"))
                }
                try await first.send(get)
                #expect(try await first.receive(upTo: "127.0.0.1\n").hasPrefix("HTTP/1.1 200 OK\r\n"))
            }
            while server.server.statistics.openConnections > 0 { await Task.yield() }
            try await server.connect { third in
                try await third.send(get)
                #expect(try await third.receive(upTo: "127.0.0.1\n").hasPrefix("HTTP/1.1 200 OK\r\n"))
            }
            #expect(server.server.statistics.refusals(.connectionLimit) == 1)
        }
    }

    @Test("random bytes leave the server serving")
    func randomBytes() async throws {
        let timeouts = HTTPTimeouts(head: .milliseconds(20), body: .milliseconds(20), linger: .milliseconds(20))
        try await RunningServer.with(timeouts: timeouts, routes: [hello]) { server in
            for round in 0..<100 {
                // A client that is reset while it still sends sees an error of its own; the server is what counts.
                try? await server.connect { client in
                    let noise = (0..<Int.random(in: 1...3_000)).map { _ in UInt8.random(in: 0...255) }
                    try await client.send(round % 2 == 0 ? noise : Array("GET /hello HTTP/1.1\r\n".utf8) + noise)
                    client.finish()
                    _ = try await client.receiveAll()
                }
            }
            try await server.connect { client in
                try await client.send(get)
                #expect(try await client.receive(upTo: "127.0.0.1\n").hasPrefix("HTTP/1.1 200 OK\r\n"))
            }
        }
    }

    @Test("a second server on the same port says what is the matter")
    func addressInUse() async throws {
        try await RunningServer.with(routes: [hello]) { server in
            let second = HTTPServer(
                configuration: HTTPServerConfiguration(listenAddress: server.address), router: try Router([]),
                logger: Logger(label: "test"))
            await #expect {
                try await second.run()
            } throws: {
                "\($0)".hasPrefix("cannot listen on 127.0.0.1:\(server.address.port): address already in use. Is an")
            }
        }
    }

    @Test(
        "an address that is not there says what is the matter",
        arguments: [("192.0.2.1", ListenFailure.addressNotAvailable), ("no.such.host.invalid", .unknownHost)])
    func addressNotThere(host: String, failure: ListenFailure) async throws {
        let address = ListenAddress(host: host, port: 0)
        let server = HTTPServer(
            configuration: HTTPServerConfiguration(listenAddress: address), router: try Router([]),
            logger: Logger(label: "test"))
        await #expect(throws: HTTPServerError.cannotListen(address, failure)) { try await server.run() }
    }
}
