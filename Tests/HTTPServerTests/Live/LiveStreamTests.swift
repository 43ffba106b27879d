import NIOCore
import Synchronization
import Testing

@testable import HTTPServer

@Suite(.timeLimit(.minutes(1))) struct LiveStreamTests {
    private func request(_ path: String, fields: String = "") -> String {
        "GET \(path) HTTP/1.1\r\nHost: a\r\n\(fields)\r\n"
    }

    /// Streams without an end, counting the bytes that were taken; says when the writer fails.
    private func flood(_ written: Counter, _ failed: AsyncStream<Void>.Continuation) -> Route {
        Route(.get, "/flood") { _ in
            HTTPResponse(
                .ok,
                body: .stream { writer in
                    let piece = [UInt8](repeating: 0x61, count: 64 * 1_024)
                    do {
                        while true {
                            try await writer.write(piece)
                            written.bytes.add(piece.count, ordering: .relaxed)
                        }
                    } catch {
                        failed.yield()
                        throw error
                    }
                })
        }
    }

    final class Counter: Sendable {
        let bytes = Atomic(0)
    }

    @Test("a stream waits for its reader, and one who reads nothing is cut", arguments: [Route.Placement.pool])
    func backpressure(placement: Route.Placement) async throws {
        let written = Counter()
        let failed = AsyncStream<Void>.makeStream()
        let timeouts = HTTPTimeouts(write: .milliseconds(200))
        try await RunningServer.with(timeouts: timeouts, routes: [flood(written, failed.continuation)]) { server in
            try await server.connect { client in
                // The client's channel stops reading when nobody takes what it has read.
                try await client.send(request("/flood"))
                _ = await failed.stream.first { _ in true }
            }
            // What the two sockets hold, and no more.
            #expect(written.bytes.load(ordering: .relaxed) < 32 * 1_024 * 1_024)
            #expect(server.server.statistics.refusals(.slowReader) == 1)
        }
    }

    @Test("a stream's writer fails when the client goes away")
    func clientGone() async throws {
        let failed = AsyncStream<Void>.makeStream()
        try await RunningServer.with(routes: [flood(Counter(), failed.continuation)]) { server in
            try await server.connect { client in
                try await client.send(request("/flood"))
                _ = try await client.receive(upTo: "aaaa")
            }
            #expect(await failed.stream.first { _ in true } != nil)
        }
    }

    @Test("a stream of text is compressed on the way", arguments: [Route.Placement.pool, .eventLoop])
    func compressed(placement: Route.Placement) async throws {
        let lines = (0..<20_000).map { "metric{id=\"\($0)\"} \($0 * 7)\n" }
        let route = Route(.get, "/lines", on: placement) { _ in
            HTTPResponse(
                .ok, headers: ["Content-Type": "text/plain"],
                body: .stream { writer in
                    for line in lines { try await writer.write(Array(line.utf8)) }
                })
        }
        try await RunningServer.with(routes: [route]) { server in
            let bytes = try await server.connect { client in
                try await client.send(request("/lines", fields: "Accept-Encoding: gzip\r\nConnection: close\r\n"))
                var bytes: [UInt8] = []
                while let buffer = try await client.inbound.next(isolation: nil) {
                    bytes += Array(buffer.readableBytesView)
                }
                return bytes
            }
            let headEnd = try #require(bytes.firstRange(of: Array("\r\n\r\n".utf8)))
            let head = String(decoding: bytes[..<headEnd.lowerBound], as: UTF8.self)
            #expect(head.contains("\r\nContent-Encoding: gzip\r\nVary: Accept-Encoding\r\n"))
            let body = try #require(unchunk(bytes[headEnd.upperBound...]))
            #expect(gunzip(body) == lines.flatMap { Array($0.utf8) })
        }
    }

    /// The content of a chunked body, or nil if it is not a whole one.
    private func unchunk(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
        var rest = bytes
        var content: [UInt8] = []
        while let line = rest.firstRange(of: Array("\r\n".utf8)) {
            let sizeText = String(decoding: rest[..<line.lowerBound], as: UTF8.self)
            guard let size = Int(sizeText, radix: 16) else { return nil }
            let chunk = rest[line.upperBound...].prefix(size)
            guard chunk.count == size, rest[chunk.endIndex...].starts(with: Array("\r\n".utf8)) else { return nil }
            rest = rest[chunk.endIndex...].dropFirst(2)
            if size == 0 { return rest.isEmpty ? content : nil }
            content += chunk
        }
        return nil
    }

    @Test("events come one by one, uncompressed, and end when the server shuts down")
    func events() async throws {
        let source = AsyncStream<String>.makeStream()
        let route = Route(.get, "/events") { _ in
            HTTPResponse(
                .ok, headers: ["Content-Type": "text/event-stream"],
                body: .events { writer in
                    for await event in source.stream { try await writer.write(Array("data: \(event)\n\n".utf8)) }
                })
        }
        // A drain time longer than the test may take: the stream must not need it.
        try await RunningServer.with(timeouts: HTTPTimeouts(drain: .seconds(600)), routes: [route]) { server in
            try await server.connect { client in
                try await client.send(request("/events", fields: "Accept-Encoding: gzip\r\n"))
                for number in 0..<5 {
                    source.continuation.yield("\(number)")
                    #expect(try await client.receive(upTo: "\n\n\r\n").hasSuffix("\r\ndata: \(number)\n\n\r\n"))
                }
                await server.shutDown()
                #expect(try await client.receiveAll() == "0\r\n\r\n")
            }
        }
    }

    @Test("a request under way at shutdown is answered, told to close, and the server ends")
    func shutdownDuringRequest() async throws {
        let started = AsyncStream<Void>.makeStream()
        let gate = AsyncStream<Void>.makeStream()
        let slow = Route(.get, "/slow") { _ in
            started.continuation.yield()
            for await _ in gate.stream { break }
            return .text(.ok, "done")
        }
        try await RunningServer.with(timeouts: HTTPTimeouts(drain: .seconds(600)), routes: [slow]) { server in
            try await server.connect { client in
                try await client.send(request("/slow"))
                _ = await started.stream.first { _ in true }
                await server.shutDown()
                gate.continuation.yield()
                let answer = try await client.receiveAll()
                #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
                #expect(answer.hasSuffix("done\n"))
            }
        }
    }

    @Test("a request that does not end is cut when the drain time is over")
    func drainTime() async throws {
        let started = AsyncStream<Void>.makeStream()
        let stuck = Route(.get, "/stuck") { _ in
            started.continuation.yield()
            try? await Task.sleep(for: .seconds(3_600))
            return .text(.ok, "never")
        }
        try await RunningServer.with(timeouts: HTTPTimeouts(drain: .milliseconds(50)), routes: [stuck]) { server in
            try await server.connect { client in
                try await client.send(request("/stuck"))
                _ = await started.stream.first { _ in true }
                await server.shutDown()
                #expect(try await client.receiveAll().isEmpty)
            }
        }
    }
}
