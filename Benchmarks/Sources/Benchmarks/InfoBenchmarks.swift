import CAnchors
import FoundationEssentials
import Metrics
import RedisClient
import RedisCollectors

/// An INFO reply as a server sent it, with what is needed to turn it into samples and text.
struct InfoBenchmarks {
    private let tape: ReplyTape
    private let text: [UInt8]
    private let table: SeriesKeyTable
    private let collector: InfoCollector
    private let context = CollectorContext(options: CollectorOptions(), nowMilliseconds: 1_795_229_105_000)

    init(fixture path: String) throws {
        guard let bytes = FileManager.default.contents(atPath: path).map({ [UInt8]($0) }) else {
            throw BenchmarkError.unreadable(path)
        }
        let decoder = ReplyDecoder(limits: ReplyLimits())
        try decoder.feed(bytes.span)
        guard try decoder.decodeReply() else { throw BenchmarkError.unreadable(path) }
        tape = decoder.takeReplies()
        text = tape[0].withBytes { span in span.indices.map { span[$0] } }
        var catalog = MetricCatalog()
        collector = InfoCollector(catalog: &catalog)
        table = SeriesKeyTable(catalog: catalog)
    }

    func run(_ harness: inout Harness) {
        var state = CollectorState()
        var buffer = SampleBuffer()
        let replies: [Reply?] = [tape[0]]
        var resolver = SeriesResolver(table: table)
        _ = collector.collect(replies, context, &state, into: &buffer)
        var samples = resolver.resolve(buffer, at: 1)

        let names = fieldNames()
        let fields = withCStrings(names) { anchor_fields_create($0, names.count) }
        defer { anchor_fields_free(fields) }
        var values = [Double](repeating: 0, count: names.count)
        let parse = harness.pair(rounds: 401, calls: 20) {
            buffer.removeAll()
            _ = collector.collect(replies, context, &state, into: &buffer)
            samples = resolver.resolve(buffer, at: 1)
        } anchor: {
            text.withUnsafeBytes { bytes in
                let start = bytes.bindMemory(to: CChar.self).baseAddress
                _ = anchor_info_parse(fields, start, bytes.count, &values)
            }
        }
        harness.report(
            "INFO of \(text.count) bytes: parse and map to \(samples.keys.count) samples",
            parse.own,
            budget: "≤ 2 ×",
            anchor: ("fields by hash, in C", parse.anchor)
        )
        render(samples, &harness)
    }

    private func render(_ samples: PollSamples, _ harness: inout Harness) {
        let exposition = TextExposition(table: table)
        let nodes = [ExposedNode(labelText: [], samples: samples)]
        let size = exposition.render(nodes, as: .prometheusText).count
        let lines = exposition.render(nodes, as: .prometheusText)
            .split(separator: UInt8(ascii: "\n")).map { String(decoding: $0.split(separator: 0x20)[0], as: UTF8.self) }
        let lengths = lines.map(\.utf8.count)
        var output = [CChar](repeating: 0, count: size * 2)
        withCStrings(lines) { prefixes in
            let render = harness.pair(rounds: 401, calls: 10) {
                _ = exposition.render(nodes, as: .prometheusText)
            } anchor: {
                _ = samples.values.withUnsafeBufferPointer { values in
                    anchor_render(prefixes, lengths, values.baseAddress, min(values.count, lines.count), &output)
                }
            }
            harness.report(
                "render them, \(size) bytes with help and type",
                render.own,
                budget: "≤ 2 ×",
                anchor: ("series lines alone, in C", render.anchor)
            )
        }
    }

    private func fieldNames() -> [String] {
        text.split(separator: UInt8(ascii: "\n")).compactMap { line in
            guard line.first != UInt8(ascii: "#"), let colon = line.firstIndex(of: UInt8(ascii: ":")) else {
                return nil
            }
            return String(decoding: line[..<colon], as: UTF8.self)
        }
    }
}

/// Calls `body` with the texts as C has them.
func withCStrings<Result>(_ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result) -> Result {
    let copies = texts.map { text in
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: text.utf8.count + 1)
        for (index, byte) in (Array(text.utf8) + [0]).enumerated() {
            copy[index] = CChar(bitPattern: byte)
        }
        return UnsafePointer(copy)
    }
    defer { copies.forEach { $0.deallocate() } }
    return copies.map(Optional.some).withUnsafeBufferPointer { buffer in
        guard let base = buffer.baseAddress else { preconditionFailure("there is at least one text") }
        return body(base)
    }
}

enum BenchmarkError: Error {
    case unreadable(String)
    case unreachable(port: Int)
    case refused(String)
    case usage(String)
}
