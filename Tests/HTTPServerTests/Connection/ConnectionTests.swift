import NIOCore
import NIOEmbedded
import Testing

@testable import HTTPServer

@Suite struct ConnectionTests {
    private let hello = textResponse("200 OK", "hello")

    @Test("a request is answered and the connection stays open")
    func keepAlive() throws {
        let connection = try TestConnection()
        for _ in 0..<3 {
            try connection.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try connection.received() == hello)
        }
        #expect(connection.isOpen)
        #expect(connection.statistics.snapshot.responses(statusClass: 2) == 3)
    }

    @Test("a request may be split at any byte")
    func everySplit() throws {
        let request = Array("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcde".utf8)
        let expected = response("200 OK", "Content-Type: application/octet-stream", "Content-Length: 5", body: "abcde")
        for split in 1..<request.count {
            let connection = try TestConnection()
            try connection.send(Array(request[..<split]))
            #expect(try connection.received().isEmpty)
            try connection.send(Array(request[split...]))
            #expect(try connection.received() == expected)
            #expect(connection.isOpen)
        }
    }

    @Test("pipelined requests are answered in order")
    func pipelining() throws {
        let connection = try TestConnection()
        let requests = (0..<20).map { "GET /items/\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined()
        try connection.send(requests)
        #expect(try connection.received() == (0..<20).map { textResponse("200 OK", "\($0)") }.joined())
    }

    @Test("more pipelined requests than the limit: those within it are answered, then 503 and the end")
    func pipelineLimit() throws {
        let gate = AsyncStream<Void>.makeStream()
        let slow = Route(.get, "/slow", on: .eventLoop) { _ in
            for await _ in gate.stream { break }
            return .text(.ok, "slow")
        }
        let connection = try TestConnection(
            limits: HTTPLimits(pipelinedRequests: 2), routes: TestConnection.routes + [slow])
        let next = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"
        try connection.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n" + next + next + next + next)
        #expect(try connection.received().isEmpty)
        gate.continuation.yield()
        let refusal = textResponse(
            "503 Service Unavailable", "too many requests wait on this connection", closes: true)
        #expect(try connection.received() == textResponse("200 OK", "slow") + hello + hello + refusal)
        #expect(connection.statistics.snapshot.refusals(.pipelineLimit) == 1)
        #expect(!connection.isOpen)
    }

    @Test(
        "the connection closes when the client wants or expects it",
        arguments: [
            ("GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", true),
            ("GET /hello HTTP/1.0\r\n\r\n", true),
            ("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", false),
            // NIO's decoder stops at a change of protocol, so nothing may follow.
            ("GET /hello HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", true),
        ])
    func closing(request: String, closes: Bool) throws {
        let connection = try TestConnection()
        try connection.send(request)
        let answer = try connection.received()
        #expect(answer.contains("Connection: close\r\n") == closes)
        #expect(answer.contains("Connection: keep-alive\r\n") == !closes)
        #expect(connection.isOpen == !closes)
    }

    @Test("HEAD gets the header fields of GET and no body")
    func head() throws {
        let connection = try TestConnection()
        try connection.send("HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try connection.received() == String(hello.dropLast("hello\n".count)) + hello)
    }

    @Test(
        "a route that is not there is told so and the connection goes on",
        arguments: [
            ("GET /nothing", textResponse("404 Not Found", "there is nothing at this path")),
            ("GET /items/", textResponse("404 Not Found", "there is nothing at this path")),
            (
                "GET /a%zz",
                textResponse("400 Bad Request", "the request target is not a path with valid percent-encoding")
            ),
        ])
    func noRoute(request: String, answer: String) throws {
        let connection = try TestConnection()
        try connection.send("\(request) HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try connection.received() == answer)
        #expect(connection.isOpen)
    }

    @Test("a method without a handler is told which there are")
    func methodNotAllowed() throws {
        let connection = try TestConnection()
        try connection.send("DELETE /hello HTTP/1.1\r\nHost: a\r\n\r\n")
        let answer = try connection.received()
        #expect(answer.hasPrefix("HTTP/1.1 405 Method Not Allowed\r\n"))
        #expect(answer.contains("\r\nAllow: GET, HEAD\r\n"))
    }

    @Test("a chunked body arrives whole")
    func chunked() throws {
        let connection = try TestConnection()
        try connection.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        try connection.send("3\r\nabc\r\n")
        try connection.send("2;extension=1\r\nde\r\n0\r\nTrailer: x\r\n\r\n")
        #expect(try connection.received().hasSuffix("\r\nContent-Length: 5\r\n\r\nabcde"))
    }

    @Test("a form's items come before those of the query")
    func form() throws {
        let connection = try TestConnection()
        let body = "query=up%7Ba%3D%22b+c%22%7D&x="
        try connection.send(
            "POST /query?query=2&y=%C3%A4 HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded"
                + "\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
        #expect(try connection.received().hasSuffix("\r\n\r\nquery=up{a=\"b c\"}|x=|query=2|y=ä\n"))
    }

    @Test("a client that expects it is told to go on before it sends the body")
    func expectContinue() throws {
        let connection = try TestConnection()
        try connection.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        #expect(try connection.received() == "HTTP/1.1 100 Continue\r\n\r\n")
        try connection.send("ab")
        #expect(try connection.received().hasSuffix("\r\n\r\nab"))
    }

    @Test("a stream goes out in chunks, and to HTTP/1.0 up to the end of the connection")
    func stream() throws {
        let connection = try TestConnection()
        try connection.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(
            try connection.received()
                == response("200 OK", "Transfer-Encoding: chunked", body: "c\r\nfirst,second\r\n0\r\n\r\n"))
        #expect(connection.isOpen)
        try connection.send("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        #expect(try connection.received() == response("200 OK", "Connection: close", body: "first,second"))
        #expect(!connection.isOpen)
    }

    @Test("a stream that fails ends without its last chunk")
    func streamFails() throws {
        struct Failure: Error {}
        let route = Route(.get, "/torn", on: .eventLoop) { _ in
            HTTPResponse(
                .ok,
                body: .stream { writer in
                    try await writer.write(Array(repeating: UInt8(ascii: "a"), count: 40_000))
                    throw Failure()
                })
        }
        let connection = try TestConnection(routes: [route])
        try connection.send("GET /torn HTTP/1.1\r\nHost: a\r\n\r\n")
        let answer = try connection.received()
        #expect(answer.hasSuffix("aaa\r\n"))
        #expect(!connection.isOpen)
    }

    @Test("header fields of a handler cannot break out of their line")
    func injection() throws {
        let route = Route(.get, "/", on: .eventLoop) { _ in
            HTTPResponse(.found, headers: ["Location": "/\r\nSet-Cookie: a=b", "Content-Length": "999", "Date": "now"])
        }
        let connection = try TestConnection(routes: [route])
        try connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(
            try connection.received()
                == response("302 Found", "Location: /  Set-Cookie: a=b", "Content-Length: 0"))
    }

    @Test("304 and 204 have neither body nor length")
    func noBody() throws {
        let route = Route(.get, "/", on: .eventLoop) { _ in
            HTTPResponse(.notModified, headers: ["ETag": "\"1\""], body: .bytes([1, 2, 3]))
        }
        let connection = try TestConnection(routes: [route])
        try connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try connection.received() == response("304 Not Modified", "ETag: \"1\""))
    }

    @Test("every response has a date")
    func date() throws {
        let connection = try TestConnection()
        try connection.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
        let buffer = try #require(try connection.channel.readOutbound(as: ByteBuffer.self))
        let text = String(buffer: buffer)
        #expect(text.contains(/\r\nDate: [A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT\r\n/))
        #expect(!text.contains("Server:"))
    }

    @Test("bytes are counted on both sides")
    func byteCounts() throws {
        let connection = try TestConnection()
        let request = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"
        try connection.send(request)
        let sent = try #require(try connection.channel.readOutbound(as: ByteBuffer.self)).readableBytes
        #expect(connection.statistics.snapshot.receivedBytes == UInt64(request.utf8.count))
        #expect(connection.statistics.snapshot.sentBytes == UInt64(sent))
        #expect(connection.statistics.snapshot.openConnections == 1)
        _ = try connection.channel.finish()
        #expect(connection.statistics.snapshot.openConnections == 0)
    }
}
