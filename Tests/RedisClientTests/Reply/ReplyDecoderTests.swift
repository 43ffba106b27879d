import Testing

@testable import RedisClient

@Suite("Decoding of replies")
struct ReplyDecoderTests {
    @Test("There are fixtures, and each is one reply or a stream of them")
    func fixtures() throws {
        #expect(Fixture.all.count > 100)
        for fixture in Fixture.all {
            let tape = try decode([fixture.bytes[...]])
            #expect(fixture.name.contains("PSUBSCRIBE") ? tape.count > 10 : tape.count == 1, "\(fixture)")
        }
    }

    @Test("A reply split in two at any byte is the reply", arguments: Fixture.all)
    func anySplit(fixture: Fixture) throws {
        let bytes = fixture.bytes[...]
        let whole = try decode([bytes])
        let step = bytes.count <= 16 << 10 ? 1 : 61
        for split in stride(from: 0, through: bytes.count, by: step) {
            let parts = try decode([bytes[..<split], bytes[split...]])
            try #require(parts.isEqual(to: whole), "split at \(split)")
        }
    }

    @Test("A reply that comes byte by byte is the reply", arguments: Fixture.all)
    func byteByByte(fixture: Fixture) throws {
        let bytes = fixture.bytes[...]
        let parts = try decode(bytes.indices.map { bytes[$0...$0] })
        #expect(parts.isEqual(to: try decode([bytes])))
    }

    @Test("All replies in one feed are the replies one by one")
    func pipelined() throws {
        let all = try decode(Fixture.all.map { $0.bytes[...] })
        let atOnce = try decode([Fixture.all.flatMap(\.bytes)[...]])
        #expect(atOnce.isEqual(to: all))
    }

    @Test("Every kind of reply is read as what it is")
    func kinds() throws {
        let text =
            "+OK\r\n-ERR no\r\n:-9223372036854775808\r\n$-1\r\n*-1\r\n$0\r\n\r\n*2\r\n$3\r\na\r\n\r\n*0\r\n:7\r\n"
        let tape = try decode([Array(text.utf8)[...]])
        #expect(
            (0..<tape.count).map { tape[$0].kind } == [
                .status, .error, .integer, .null, .null, .string, .array, .integer,
            ])
        #expect(tape[0].text == "OK")
        #expect(tape[1].errorText == "ERR no")
        #expect(tape[2].integer == .min)
        #expect(tape[5].text.isEmpty)
        #expect(tape[6].elements.map(\.kind) == [.string, .array])
        #expect(tape[6].elements.map(\.text) == ["a\r\n", ""])
        #expect(tape[7].integer == 7)
    }

    @Test("Nested arrays are walked over, not into")
    func nested() throws {
        let text = "*3\r\n*2\r\n:1\r\n*1\r\n:2\r\n$1\r\nx\r\n*0\r\n"
        let reply = try decode([Array(text.utf8)[...]])[0]
        #expect(reply.elements.map(\.count) == [2, 0, 0])
        #expect(reply.elements.map(\.text) == ["", "x", ""])
    }

    @Test("Taking replies keeps the beginning of the next one")
    func takeInTheMiddle() throws {
        let decoder = ReplyDecoder()
        try decoder.feed(Array("+A\r\n*3\r\n$1\r\nx\r\n:5\r\n$2\r\ny".utf8).span)
        #expect(try decoder.decodeReply())
        #expect(try !decoder.decodeReply())
        let first = decoder.takeReplies()
        #expect(first.count == 1 && first[0].text == "A")
        #expect(!decoder.isBetweenReplies)
        try decoder.feed(Array("z\r\n".utf8).span)
        #expect(try decoder.decodeReply())
        let second = decoder.takeReplies()
        #expect(second[0].elements.map(\.text) == ["x", "", "yz"])
        #expect(second[0].elements.map(\.integer) == [nil, 5, nil])
        #expect(decoder.isBetweenReplies)
    }

    @Test("Random bytes give replies or an error, and no byte more is read after an error")
    func randomBytes() {
        var random = SeededRandom(state: 7)
        let alphabet = Array("+-:$*0123456789\r\n\r\n\r\n-1abc".utf8)
        for round in 0..<4000 {
            let bytes = (0..<Int.random(in: 1...200, using: &random)).map { _ in
                round % 2 == 0 ? UInt8.random(in: 0...255, using: &random) : alphabet.randomElement(using: &random) ?? 0
            }
            let decoder = ReplyDecoder()
            do throws(MalformedReply) {
                try decoder.feed(bytes.span)
                while try decoder.decodeReply() {}
                let tape = decoder.takeReplies()
                for index in 0..<tape.count {
                    _ = describe(tape[index], depth: 0)
                }
            } catch {
                #expect(throws: error) { try decoder.decodeReply() }
                #expect(!error.description.isEmpty)
            }
        }
    }
}

@Suite("Limits on replies")
struct ReplyLimitTests {
    @Test("What goes beyond a limit is refused at its header")
    func headers() {
        let cases = [
            ("*1000000000\r\n", "announced an array of 1000000000 elements; the limit is 1048576"),
            ("*1048577\r\n", "announced an array of 1048577 elements; the limit is 1048576"),
            ("$536870912\r\n", "announced a string of 536870912 bytes; the limit is 33554432"),
            ("*2\r\n$3\r\nabc\r\n$536870912\r\nabc", "announced a string of 536870912 bytes; the limit is 33554432"),
            (String(repeating: "*1\r\n", count: 100), "nested arrays more than 8 deep"),
            ("$" + String(repeating: "1", count: 30), "sent a line of more than 21 bytes"),
            ("+" + String(repeating: "x", count: 70_000), "sent a line of more than 65536 bytes"),
            (":" + String(repeating: "1", count: 70_000), "sent a line of more than 65536 bytes"),
        ]
        for (text, message) in cases {
            let error = #expect(throws: MalformedReply.self) { try decode([Array(text.utf8)[...]]) }
            #expect(error?.description == message)
            #expect(error?.isLimit == true)
        }
    }

    @Test("The limits can be set")
    func limits() throws {
        var limits = ReplyLimits()
        limits.bytes = 20
        limits.elements = 3
        limits.arrayElements = 2
        limits.nesting = 1
        let cases = [
            ("$21\r\n0123", "announced a string of 21 bytes; the limit is 20"),
            ("+0123456789\r\n+0123456789\r\n", "answered with more than 20 bytes, the limit for one poll"),
            (":1\r\n:2\r\n:3\r\n:4\r\n", "answered with more than 3 elements, the limit for one poll"),
            ("*3\r\n", "announced an array of 3 elements; the limit is 2"),
            ("*1\r\n*1\r\n:1\r\n", "nested arrays more than 1 deep"),
        ]
        for (text, message) in cases {
            let error = #expect(throws: MalformedReply.self) { try decode([Array(text.utf8)[...]], limits: limits) }
            #expect(error?.description == message)
        }
    }

    @Test("A string that grows the tape beyond the limit is refused")
    func bytesOfAPoll() throws {
        var limits = ReplyLimits()
        limits.bytes = 100
        let decoder = ReplyDecoder(limits: limits)
        let reply = Array("$40\r\n\(String(repeating: "x", count: 40))\r\n".utf8)
        for _ in 0..<2 {
            try decoder.feed(reply.span)
            #expect(try decoder.decodeReply())
        }
        #expect(throws: MalformedReply.self) { try decoder.feed(reply.span) }
    }

    @Test("Another protocol is named")
    func otherProtocols() {
        let cases = [
            ("HTTP/1.1 400 Bad Request\r\n\r\n", "answered with HTTP, not the Redis protocol"),
            ("SSH-2.0-OpenSSH_9.2\r\n", "answered with SSH, not the Redis protocol"),
            ("\u{15}\u{3}\u{1}\u{0}\u{2}", "answered with TLS; use rediss:// or valkeys://"),
            ("hello", "sent an unexpected byte 'h', not the Redis protocol"),
            ("\u{0}", "sent an unexpected byte '\\x00', not the Redis protocol"),
            ("+OK\r\nHTTP/1.1", "sent an unexpected byte 'H', not the Redis protocol"),
        ]
        for (text, message) in cases {
            let error = #expect(throws: MalformedReply.self) { try decode([Array(text.utf8)[...]]) }
            #expect(error?.description == message)
            #expect(error?.isLimit == false)
        }
    }

    @Test(
        "Lengths that are no numbers are refused", arguments: ["$abc\r\n", "$-2\r\n", "*x\r\n", "*-2\r\n", ":1x\r\n"])
    func badLengths(text: String) {
        let error = #expect(throws: MalformedReply.self) { try decode([Array(text.utf8)[...]]) }
        #expect(error?.description.hasPrefix("sent what is not the Redis protocol (") == true)
    }
}

/// Feeds the parts one by one and decodes after each.
func decode(_ parts: [ArraySlice<UInt8>], limits: ReplyLimits = ReplyLimits()) throws -> ReplyTape {
    let decoder = ReplyDecoder(limits: limits)
    for part in parts {
        try decoder.feed(part.span)
        while try decoder.decodeReply() {}
    }
    return decoder.takeReplies()
}

extension ReplyTape {
    func isEqual(to other: ReplyTape) -> Bool {
        elements == other.elements && bytes == other.bytes && roots == other.roots
    }
}

/// Visits all of a reply.
private func describe(_ reply: Reply, depth: Int) -> String {
    guard depth < 20 else { return "…" }
    return "\(reply.kind) \(reply.text) \(reply.integer ?? 0)"
        + reply.elements.map { describe($0, depth: depth + 1) }.joined()
}

struct SeededRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        // splitmix64
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
