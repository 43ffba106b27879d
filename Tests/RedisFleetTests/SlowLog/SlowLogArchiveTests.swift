import Bytes
import Logging
import RedisClient
import Synchronization
import TestServers
import Testing

@testable import RedisCollectors
@testable import RedisFleet

@Suite("Archive of slow logs")
struct SlowLogArchiveTests {
    private let node = Node(instance: "a:1")

    private static func entry(
        _ id: Int64,
        time: Int64 = 1_700_000_000,
        log: SlowLogKind = .slow,
        words: [String] = ["get", "key"],
        client: String = "",
        keepingArguments: Bool = false
    ) throws -> SlowLogEntry {
        func bulk(_ text: String) -> String { "$\(text.utf8.count)\r\n\(text)\r\n" }
        let text =
            "*6\r\n:\(id)\r\n:\(time)\r\n:1500\r\n*\(words.count)\r\n" + words.map(bulk).joined() + bulk("c:1")
            + bulk(client)
        let decoder = ReplyDecoder()
        try decoder.feed(Array(text.utf8).span)
        _ = try decoder.decodeReply()
        return try #require(
            SlowLogEntry(parsing: decoder.takeReplies()[0], in: log, keepingArguments: keepingArguments))
    }

    private static func findings(_ new: [SlowLogEntry], earlier: [SlowLogEntry] = []) -> SlowLogFindings {
        var findings = SlowLogFindings()
        findings.new = new
        findings.earlier = earlier
        return findings
    }

    @Test("The newest come first, across nodes and logs")
    func order() throws {
        let archive = SlowLogArchive()
        archive.note(Self.findings([try Self.entry(2, time: 20)], earlier: [try Self.entry(1, time: 10)]), of: node)
        archive.note(Self.findings([try Self.entry(9, time: 15, log: .largeReply)]), of: Node(instance: "b:1"))
        #expect(archive.records(SlowLogArchive.Filter()).map(\.entry.id) == [2, 9, 1])
        var filter = SlowLogArchive.Filter()
        filter.sinceSeconds = 15
        filter.limit = 1
        #expect(archive.records(filter).map(\.entry.id) == [2])
        filter.logs = [.largeReply]
        #expect(archive.records(filter).map(\.node.instance) == ["b:1"])
        archive.forget(node)
        #expect(archive.records(SlowLogArchive.Filter()).map(\.entry.id) == [9])
    }

    @Test("Of each node the newest entries are kept, a bounded number of them")
    func bound() throws {
        let archive = SlowLogArchive()
        for id in 0..<Int64(1000) {
            archive.note(Self.findings([try Self.entry(id)]), of: node)
        }
        var filter = SlowLogArchive.Filter()
        filter.limit = .max
        let ids = archive.records(filter).map(\.entry.id)
        #expect(ids == Array((1000 - Int64(SlowLogRing.capacity)..<1000).reversed()))
    }

    @Test("Large entries are kept while there is room for their bytes")
    func byteBound() throws {
        let archive = SlowLogArchive()
        let value = String(repeating: "v", count: 10_000)
        for id in 0..<Int64(50) {
            let entry = try Self.entry(id, words: ["set", "key", value], keepingArguments: true)
            archive.note(Self.findings([entry]), of: node)
        }
        #expect(archive.records(SlowLogArchive.Filter()).map(\.entry.id) == [49, 48, 47, 46, 45, 44])
        // It would take all room and more.
        let words = ["set", "key", String(repeating: value, count: 10)]
        archive.note(Self.findings([try Self.entry(50, words: words, keepingArguments: true)]), of: node)
        archive.note(Self.findings([try Self.entry(51)]), of: node)
        #expect(archive.records(SlowLogArchive.Filter()).prefix(2).map(\.entry.id) == [51, 49])
    }

    @Test("What is kept is read again as it was")
    func roundTrip() throws {
        var random = SeededGenerator(seed: 1)
        let entries = try (0..<200).map { id in
            try Self.entry(
                Int64(id) << Int64.random(in: 0..<40, using: &random),
                time: Int64.random(in: .min ... .max, using: &random),
                log: SlowLogKind.allCases.randomElement(using: &random) ?? .slow,
                words: (0..<Int.random(in: 1..<40, using: &random)).map { _ in
                    String(repeating: "ä", count: Int.random(in: 0..<70, using: &random))
                },
                client: ["", "name", "a\nb\u{0}"].randomElement(using: &random) ?? "",
                keepingArguments: Bool.random(using: &random)
            )
        }
        for entry in entries {
            var ring = SlowLogRing()
            ring.append(entry)
            #expect(ring.entries() == [entry])
        }
    }

    @Test("Damaged bytes are no entry, and end nothing")
    func damage() throws {
        var random = SeededGenerator(seed: 2)
        var whole: [UInt8] = []
        try Self.entry(7, words: ["set", "a", "b"], client: "me", keepingArguments: true).append(to: &whole)
        for end in whole.indices {
            #expect(
                Array(whole[..<end]).withUnsafeBytes { bytes in
                    var reader = ByteReader(bytes)
                    return SlowLogEntry(from: &reader)
                } == nil)
        }
        for _ in 0..<10_000 {
            var bytes = whole
            bytes[Int.random(in: bytes.indices, using: &random)] = .random(in: 0...255, using: &random)
            bytes.withUnsafeBytes { bytes in
                var reader = ByteReader(bytes)
                _ = SlowLogEntry(from: &reader)
            }
        }
    }

    @Test("Arguments are counted also where the server left some out, and none is kept of what may be a password")
    func arguments() throws {
        let long = ["del"] + (0..<30).map { "k\($0)" } + ["... (70 more arguments)"]
        #expect(try Self.entry(1, words: long).argumentCount == 100)
        #expect(try Self.entry(1, words: ["config", "set", "a", "b"]).argumentCount == 2)
        let set = try Self.entry(1, words: ["set", "k", "v"], keepingArguments: true)
        #expect(set.arguments == ["k", "v"])
        for words in [
            ["auth", "hunter2"], ["CONFIG", "SET", "requirepass", "hunter2"], ["ACL", "setuser", "u", ">p"],
        ] {
            #expect(try Self.entry(1, words: words, keepingArguments: true).arguments == [])
        }
    }

    @Test("An event has its parts, and no line that a client wrote")
    func events() throws {
        let lines = Lines()
        let events = SlowLogEvents(logger: Logger(label: "test") { _ in LineHandler(lines: lines) })
        let entry = try Self.entry(
            7, words: ["set", "k", "v\nERROR forged"], client: "x\ny", keepingArguments: true)
        events.note(Self.findings([entry], earlier: [try Self.entry(6)]), of: node)
        let written = lines.all.withLock { $0 }
        #expect(written.count == 1)
        #expect(written[0].hasPrefix("slow command "))
        for part in ["instance=a:1", "cmd=set", "seconds=0.0015", "argument_count=2", #"client_name="x\ny""#] {
            #expect(written[0].contains(part), "\(written[0])")
        }
        #expect(!written[0].contains("\n"))
    }
}

/// What a logger wrote.
private final class Lines: Sendable {
    let all = Mutex<[String]>([])
}

private struct LineHandler: LogHandler {
    let lines: Lines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let parts = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        lines.all.withLock { $0.append("\(event.message) " + parts.joined(separator: " ")) }
    }
}
