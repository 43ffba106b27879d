import FoundationEssentials
import Metrics
import PromQL
import Testing

/// Runs scripts in the language of Prometheus' own engine tests: `load`, `clear`, `eval instant at`, `eval range from`,
/// `eval_ordered`, `eval_fail`, `eval_warn` and `eval_info`.
struct ScriptRunner {
    private struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private var source = MemorySource()
    private let engine = QueryEngine()
    private let lines: [Substring]
    private var index = 0

    init(text: String) {
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// The number of evaluations made.
    mutating func run(file: String) -> Int {
        var evaluations = 0
        while index < lines.count {
            let line = lines[index].trimmed
            let number = index + 1
            index += 1
            if line.isEmpty || line.hasPrefix("#") { continue }
            do {
                if line == "clear" {
                    source = MemorySource()
                } else if line.hasPrefix("load ") {
                    try load(line)
                } else if line.hasPrefix("eval") {
                    evaluations += 1
                    try evaluate(line)
                } else {
                    throw Failure(description: "unknown command")
                }
            } catch {
                Issue.record("\(file):\(number): \(line): \(error)")
            }
        }
        return evaluations
    }

    private mutating func block() -> [Substring] {
        var result: [Substring] = []
        while index < lines.count, lines[index].first == " " || lines[index].first == "\t" {
            let line = lines[index].trimmed
            if !line.isEmpty, !line.hasPrefix("#") { result.append(line) }
            index += 1
        }
        return result
    }

    private mutating func load(_ line: Substring) throws {
        let interval = try time(line.dropFirst("load ".count).trimmed)
        for entry in block() {
            let (series, values) = try split(entry)
            try source.load(series, values, interval: interval)
        }
    }

    /// The series and what follows it, at the first space outside of braces.
    private func split(_ line: Substring) throws -> (String, String) {
        var isInBraces = false
        for position in line.indices {
            switch line[position] {
            case "{": isInBraces = true
            case "}": isInBraces = false
            case " " where !isInBraces: return (String(line[..<position]), String(line[position...].trimmed))
            default: break
            }
        }
        throw Failure(description: "no values in \(line)")
    }

    private func time(_ text: Substring) throws -> Int64 {
        if let seconds = Double(text) { return Int64(seconds * 1000) }
        guard let result = DurationText.milliseconds(text) else { throw Failure(description: "no duration: \(text)") }
        return result
    }

    // MARK: Evaluation

    private struct Command {
        var kind = ""
        var start: Int64 = 0
        var end: Int64 = 0
        var step: Int64?
        var expression = ""
    }

    private func command(_ line: Substring) throws -> Command {
        let words = line.split(separator: " ", maxSplits: 4)
        var result = Command()
        result.kind = String(words[0])
        if words.count == 5, words[1] == "instant" {
            result.start = try time(words[3])
            result.expression = String(words[4])
            return result
        }
        let parts = line.split(separator: " ", maxSplits: 8)
        guard parts.count == 9 else { throw Failure(description: "bad eval") }
        result.start = try time(parts[3])
        result.end = try time(parts[5])
        result.step = try time(parts[7])
        result.expression = String(parts[8])
        return result
    }

    private mutating func evaluate(_ line: Substring) throws {
        let expected = block()
        let command = try command(line)
        if command.kind == "eval_fail" {
            try expectFailure(command, expected)
            return
        }
        let result = try run(command)
        if command.kind == "eval_warn" { #expect(!result.warnings.isEmpty, "no warning: \(line)") }
        if command.kind == "eval_info" { #expect(!result.infos.isEmpty, "no info: \(line)") }
        if command.kind == "eval" || command.kind == "eval_ordered" {
            #expect(result.warnings.isEmpty && result.infos.isEmpty, "\(line): \(result.warnings) \(result.infos)")
        }
        try compare(rows(of: result.value), expected, command)
    }

    private func run(_ command: Command) throws -> QueryResult {
        let query = try Query(
            parsing: command.expression,
            options: Query.Options(experimentalFunctions: true, durationExpressions: true)
        )
        guard let step = command.step else { return try engine.instant(query, at: command.start, source: source) }
        return try engine.range(query, from: command.start, through: command.end, step: step, source: source)
    }

    private func expectFailure(_ command: Command, _ expected: [Substring]) throws {
        do {
            _ = try run(command)
            Issue.record("no error: \(command.expression)")
        } catch let error as QueryError {
            for line in expected {
                let prefix = "expected_fail_message "
                guard line.hasPrefix(prefix) else { throw Failure(description: "bad expectation \(line)") }
                #expect(error.description == line.dropFirst(prefix.count))
            }
        }
    }

    private struct ResultRow {
        var labels: Labels
        var samples: [Int64: Double]
    }

    private func rows(of value: QueryResult.Value) -> [ResultRow] {
        switch value {
        case .scalar(let time, let number): [ResultRow(labels: Labels(), samples: [time: number])]
        case .string: []
        case .vector(let samples): samples.map { ResultRow(labels: $0.labels, samples: [$0.timestamp: $0.value]) }
        case .matrix(let series):
            series.map { ResultRow(labels: $0.labels, samples: Dictionary(zip($0.timestamps, $0.values)) { $1 }) }
        }
    }

    private func compare(_ rows: [ResultRow], _ expected: [Substring], _ command: Command) throws {
        var wanted: [ResultRow] = []
        for line in expected {
            if let number = Double(line) {
                wanted.append(ResultRow(labels: Labels(), samples: [command.start: number]))
                continue
            }
            let (series, values) = try split(line)
            let description = try SeriesDescription(series: series, values: values)
            let step = command.step ?? 1
            let samples = description.samples.map { (command.start + Int64($0.index) * step, $0.value) }
            wanted.append(ResultRow(labels: description.labels, samples: Dictionary(samples) { $1 }))
        }
        guard rows.count == wanted.count else {
            throw Failure(description: "\(rows.count) series, expected \(wanted.count): \(rows)")
        }
        for (position, row) in wanted.enumerated() {
            let isOrdered = command.kind == "eval_ordered"
            guard let other = isOrdered ? rows[position] : rows.first(where: { $0.labels == row.labels }),
                other.labels == row.labels
            else { throw Failure(description: "no \(row.labels) in \(rows)") }
            guard isSame(other.samples, row.samples) else {
                throw Failure(description: "\(row.labels): \(other.samples), expected \(row.samples)")
            }
        }
    }

    private func isSame(_ left: [Int64: Double], _ right: [Int64: Double]) -> Bool {
        left.count == right.count
            && left.allSatisfy { time, value in
                guard let other = right[time] else { return false }
                if value == other || (value.isNaN && other.isNaN) { return true }
                return (value - other).magnitude <= 1e-9 * max(value.magnitude, other.magnitude)
            }
    }
}

extension Substring {
    var trimmed: Substring {
        let start = drop { $0 == " " || $0 == "\t" }
        guard let last = start.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return start.prefix(0) }
        return start[...last]
    }
}
