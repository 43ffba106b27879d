import NIOCore
import NIOEmbedded
import NIOExtras
import Testing

@testable import HTTPServer

@Suite struct RefusalTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let request: String
        let status: String
        let explanation: String
        let reason: HTTPRefusal
        var testDescription: String { name }
    }

    static let limits = HTTPLimits(targetBytes: 100, headerBytes: 200, headerCount: 5, bodyBytes: 10)

    static let cases = [
        Case(
            name: "a target over the limit",
            request: "GET /\(String(repeating: "a", count: 150)) HTTP/1.1\r\nHost: a\r\n\r\n",
            status: "414 URI Too Long", explanation: "the request target is longer than 100 bytes",
            reason: .targetTooLong),
        Case(
            name: "a target without an end", request: "GET /" + String(repeating: "a", count: 5_000),
            status: "414 URI Too Long", explanation: "the request target is too long", reason: .targetTooLong),
        Case(
            name: "header fields over the limit",
            request: "GET / HTTP/1.1\r\nHost: a\r\nA: \(String(repeating: "a", count: 195))\r\n\r\n",
            status: "431 Request Header Fields Too Large", explanation: "the header fields are larger than 200 bytes",
            reason: .headersTooLarge),
        Case(
            name: "a header field without an end",
            request: "GET / HTTP/1.1\r\nHost: a\r\nA: \(String(repeating: "a", count: 5_000))",
            status: "431 Request Header Fields Too Large",
            explanation: "the header fields are too many or too large", reason: .headersTooLarge),
        Case(
            name: "too many header fields",
            request: "GET / HTTP/1.1\r\nHost: a\r\n\(String(repeating: "A: b\r\n", count: 5))\r\n",
            status: "431 Request Header Fields Too Large",
            explanation: "the header fields are too many or too large", reason: .headersTooLarge),
        Case(
            name: "a declared body over the limit",
            request: "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\nExpect: 100-continue\r\n\r\n",
            status: "413 Content Too Large", explanation: "the body is larger than 10 bytes", reason: .bodyTooLarge),
        Case(
            name: "a chunked body over the limit",
            request: "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n01234567890\r\n",
            status: "413 Content Too Large", explanation: "the body is larger than 10 bytes", reason: .bodyTooLarge),
        Case(
            name: "a bad chunk size",
            request: "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
            status: "400 Bad Request", explanation: "the size of a chunk is not valid", reason: .malformed),
        Case(
            name: "no Host field", request: "GET /hello HTTP/1.1\r\n\r\n",
            status: "400 Bad Request", explanation: "the Host field is missing", reason: .malformed),
        Case(
            name: "two Host fields", request: "GET /hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            status: "400 Bad Request", explanation: "there is more than one Host field", reason: .malformed),
        Case(
            name: "a method nobody knows", request: "BREW /hello HTTP/1.1\r\nHost: a\r\n\r\n",
            status: "501 Not Implemented", explanation: "this method is not supported", reason: .unsupported),
        Case(
            name: "another transfer coding",
            request: "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            status: "501 Not Implemented", explanation: "only the transfer coding 'chunked' is supported",
            reason: .unsupported),
        Case(
            name: "another expectation", request: "GET /hello HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n",
            status: "417 Expectation Failed", explanation: "only the expectation '100-continue' is supported",
            reason: .unsupported),
        Case(
            name: "another version", request: "GET /hello HTTP/2.0\r\nHost: a\r\n\r\n",
            status: "505 HTTP Version Not Supported", explanation: "only HTTP/1.0 and HTTP/1.1 are supported",
            reason: .unsupported),
        Case(
            name: "a TLS handshake", request: "\u{16}\u{03}\u{01}\u{02}\u{00}\u{01}",
            status: "400 Bad Request", explanation: "this port speaks plain HTTP, the client speaks TLS",
            reason: .malformed),
        Case(
            name: "a Redis command", request: "*1\r\n$4\r\nPING\r\n",
            status: "400 Bad Request", explanation: "this is not an HTTP request", reason: .malformed),
        Case(
            name: "a length that is no number", request: "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
            status: "400 Bad Request", explanation: "the Content-Length is not valid", reason: .malformed),
    ]

    @Test("what cannot be served is refused with its reason, and the connection ends", arguments: cases)
    func refusal(_ refused: Case) throws {
        let connection = try TestConnection(limits: Self.limits)
        try connection.send(refused.request)
        #expect(try connection.received() == textResponse(refused.status, refused.explanation, closes: true))
        #expect(connection.statistics.snapshot.refusals(refused.reason) == 1)
        #expect(!connection.isOpen)
    }

    @Test(
        "what is ambiguous, as request smuggling needs it, is refused",
        arguments: [
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nX",
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length : 5\r\n\r\nabcde",
            "GET /hello HTTP/1.1\r\nHost: a\r\nA: b\r\n folded\r\n\r\n",
            "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        ])
    func smuggling(_ request: String) throws {
        let connection = try TestConnection()
        try connection.send(request)
        let status = try #require(try connection.received().split(separator: " ").dropFirst().first)
        #expect(["400", "501"].contains(status))
        #expect(!connection.isOpen)
    }

    @Test("a refusal waits for the answers before it, and nothing after it is looked at")
    func refusalInOrder() throws {
        let connection = try TestConnection()
        let good = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"
        try connection.send(good + "GET /hello HTTP/1.1\r\n\r\n" + good)
        #expect(
            try connection.received() == textResponse("200 OK", "hello")
                + textResponse("400 Bad Request", "the Host field is missing", closes: true))
    }

    @Test("a request that trickles in is cut at the head's deadline, however often a byte comes")
    func slowLoris() throws {
        let connection = try TestConnection(timeouts: HTTPTimeouts(head: .seconds(10)))
        for byte in "GET /hello HTTP/1.1\r".utf8.prefix(10) {
            try connection.send([byte])
            connection.advance(.milliseconds(999))
        }
        #expect(try connection.received().isEmpty)
        connection.advance(.milliseconds(20))
        #expect(
            try connection.received()
                == textResponse("408 Request Timeout", "the request did not arrive in time", closes: true))
        #expect(!connection.isOpen)
        #expect(connection.statistics.snapshot.refusals(.requestTimeout) == 1)
    }

    @Test("a body that trickles in is cut at the body's deadline")
    func slowBody() throws {
        let connection = try TestConnection(timeouts: HTTPTimeouts(body: .seconds(30)))
        try connection.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n")
        for _ in 0..<29 {
            connection.advance(.seconds(1))
            try connection.send("a")
        }
        #expect(connection.isOpen)
        connection.advance(.seconds(1))
        #expect(try connection.received().hasPrefix("HTTP/1.1 408 "))
        #expect(!connection.isOpen)
    }

    @Test("an idle connection is closed without a word, counted from its last answer")
    func idle() throws {
        let connection = try TestConnection(timeouts: HTTPTimeouts(idle: .seconds(60)))
        connection.advance(.seconds(9))
        try connection.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
        _ = try connection.received()
        connection.advance(.seconds(59))
        #expect(connection.isOpen)
        connection.advance(.seconds(1))
        #expect(!connection.isOpen)
        #expect(try connection.received().isEmpty)
    }

    @Test("who connects and says nothing, not even the first word of TLS, has the time of a head")
    func silence() throws {
        let connection = try TestConnection(timeouts: HTTPTimeouts(head: .seconds(10), idle: .seconds(60)))
        connection.advance(.seconds(9))
        #expect(connection.isOpen)
        connection.advance(.seconds(1))
        #expect(!connection.isOpen)
        #expect(try connection.received().isEmpty)
    }

    @Test("random bytes never bring anything but an HTTP answer")
    func randomBytes() throws {
        var generator = SystemRandomNumberGenerator()
        let pieces = [
            "GET ", "POST ", "/hello", " HTTP/1.1", "\r\n", "Host: a", "Content-Length: 3", "\r\n\r\n", "abc", "%",
            "Transfer-Encoding: chunked", "5\r\n", "0\r\n\r\n", "?a=%4", ":", " ", "\u{0}", "Expect: 100-continue",
        ].map { Array($0.utf8) }
        for _ in 0..<2_000 {
            let connection = try TestConnection(limits: Self.limits)
            for _ in 0..<Int.random(in: 1...12, using: &generator) {
                let noise = (0..<Int.random(in: 1...8)).map { _ in UInt8.random(in: 0...255, using: &generator) }
                try connection.send(Bool.random(using: &generator) ? pieces.randomElement(using: &generator)! : noise)
            }
            let answer = try connection.received()
            #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 "))
            connection.advance(.hours(1))
            #expect(!connection.isOpen)
        }
    }

    @Test("when the server shuts down an idle connection ends in a moment and one with a request when it is answered")
    func shutdown() throws {
        let idle = try TestConnection()
        idle.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        idle.advance(.milliseconds(99))
        #expect(idle.isOpen)
        idle.advance(.milliseconds(1))
        #expect(!idle.isOpen)

        let late = try TestConnection()
        late.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        try late.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try late.received() == textResponse("200 OK", "hello", closes: true))
        #expect(!late.isOpen)

        let busy = try TestConnection()
        try busy.send("GET /hello HTTP/1.1\r\nHo")
        busy.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        #expect(busy.isOpen)
        try busy.send("st: a\r\n\r\n")
        #expect(try busy.received() == textResponse("200 OK", "hello", closes: true))
        #expect(!busy.isOpen)

        let stuck = try TestConnection(timeouts: HTTPTimeouts(drain: .seconds(1)))
        try stuck.send("GET /hello HTTP/1.1\r\nHo")
        stuck.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        stuck.advance(.seconds(1))
        #expect(!stuck.isOpen)
    }
}
