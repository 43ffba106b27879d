import Alerting
import Glibc
import Metrics
import PromQL
import Synchronization

/// The files below `Fixtures`.
enum Fixtures {
    static let folder: String = {
        // The bundle of a test target lies beside the test executable or in the folder that it was started from.
        let path = #filePath
        return String(path.prefix(upTo: path.lastIndex(of: "/")!)) + "/Fixtures"
    }()

    /// The unit-test files directly in a folder.
    static func testFiles(in name: String) -> [String] {
        paths(in: name).filter { path in
            text(of: path).split(separator: "\n").contains { $0.hasPrefix("tests:") }
        }
    }

    static func paths(in name: String) -> [String] {
        guard let directory = opendir(folder + "/" + name) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let file = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if file.hasSuffix(".yml") { names.append(file) }
        }
        return names.sorted().map { "\(folder)/\(name)/\($0)" }
    }

    static func text(of path: String) -> String {
        String(decoding: bytes(of: path), as: UTF8.self)
    }

    static func bytes(of path: String) -> [UInt8] {
        guard let file = fopen(path, "rb") else { return [] }
        defer { fclose(file) }
        var result: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            if count == 0 { return result }
            result += chunk[..<count]
        }
    }
}

/// Series that a test writes down in promtool's notation, one value a minute from 0.
final class WrittenSeries: SeriesSource {
    private let series: Mutex<[Labels: [(Int64, Double)]]>

    init(_ written: [String: String] = [:]) throws {
        var all: [Labels: [(Int64, Double)]] = [:]
        for (name, values) in written {
            let description = try SeriesDescription(series: name, values: values)
            all[description.labels] = description.samples.map { (Int64($0.index) * 60_000, $0.value) }
        }
        series = Mutex(all)
    }

    func append(_ labels: Labels, _ timestamp: Int64, _ value: Double) {
        series.withLock { $0[labels, default: []].append((timestamp, value)) }
    }

    func store(_ result: RuleResult) -> String? {
        for sample in result.samples { append(sample.labels, result.timestampMilliseconds, sample.value) }
        for labels in result.stale { append(labels, result.timestampMilliseconds, .staleMarker) }
        return nil
    }

    func forEachSeries(
        _ matchers: [LabelMatcher],
        from: Int64,
        through: Int64,
        _ body: (Labels, UnsafeBufferPointer<Int64>, UnsafeBufferPointer<Double>) throws(QueryError) -> Void
    ) throws(QueryError) {
        for (labels, samples) in series.withLock({ $0 })
        where matchers.allSatisfy({ $0.matches(labels[$0.name] ?? "") }) {
            let inside = samples.filter { $0.0 >= from && $0.0 <= through }
            if inside.isEmpty { continue }
            try inside.map(\.0).withUnsafeBufferPointer { (timestamps) throws(QueryError) in
                try inside.map(\.1).withUnsafeBufferPointer { (values) throws(QueryError) in
                    try body(labels, timestamps, values)
                }
            }
        }
    }
}

/// The groups of a rule file that a test writes down.
func ruleGroups(_ text: String) throws -> [RuleGroup] {
    try RuleFiles().parse(Array(text.utf8), file: "test.yml")
}
