import PromQL

/// A native histogram in a unit test: `{{schema:1 sum:3 count:2 buckets:[1 0 1] offset:-3}}`.
///
/// Expressions over them are refused; a plain selector gives them back as they were written.
struct TestHistogram: Equatable {
    /// Whether the counts began anew since the sample before.
    enum ResetHint: String {
        case unknown, reset, gauge
        case notReset = "not_reset"
    }

    /// The schema that has its bounds in the histogram itself.
    private static let customSchema = -53
    private static let schemas = -4...8
    /// A histogram of more buckets is refused.
    private static let bucketLimit = 10_000

    var schema = 0
    var sum = 0.0
    var count = 0.0
    var zeroCount = 0.0
    var zeroWidth = 0.0
    /// By their index; an empty bucket is the same as none.
    var positive: [Int: Double] = [:]
    var negative: [Int: Double] = [:]
    var customBounds: [Double] = []
    var resetHint = ResetHint.unknown

    /// Why a text is no histogram.
    struct Malformed: Error {
        let message: String
    }

    /// The text with its two pairs of braces.
    init(_ text: some StringProtocol) throws(Malformed) {
        guard text.hasPrefix("{{"), text.hasSuffix("}}"), text.count >= 4 else {
            throw Malformed(message: "expected a histogram such as {{sum:3 count:2 buckets:[2]}}")
        }
        var offsets = (positive: 0, negative: 0)
        var buckets: (positive: [Double], negative: [Double]) = ([], [])
        for field in try Self.fields(String(text.dropFirst(2).dropLast(2))) {
            switch field.name {
            case "schema": schema = try Self.integer(field)
            case "sum": sum = try Self.number(field)
            case "count": count = try Self.number(field)
            case "z_bucket": zeroCount = try Self.number(field)
            case "z_bucket_w": zeroWidth = try Self.number(field)
            case "offset": offsets.positive = try Self.integer(field)
            case "n_offset": offsets.negative = try Self.integer(field)
            case "buckets": buckets.positive = try Self.list(field)
            case "n_buckets": buckets.negative = try Self.list(field)
            case "custom_values": customBounds = try Self.list(field)
            case "counter_reset_hint":
                guard let hint = ResetHint(rawValue: field.value) else {
                    throw Malformed(message: "`\(field.value)` is no counter_reset_hint")
                }
                resetHint = hint
            default: throw Malformed(message: "a histogram has no field `\(field.name)`")
            }
        }
        guard Self.schemas.contains(schema) || schema == Self.customSchema else {
            throw Malformed(message: "schema \(schema) is none of -4 to 8 and -53")
        }
        positive = Self.indexed(buckets.positive, from: offsets.positive)
        negative = Self.indexed(buckets.negative, from: offsets.negative)
    }

    /// This histogram with another one added `factor` times; 1 or -1.
    func adding(_ other: TestHistogram, factor: Double) throws(Malformed) -> TestHistogram {
        guard (schema == Self.customSchema) == (other.schema == Self.customSchema), customBounds == other.customBounds
        else { throw Malformed(message: "histograms with different bounds cannot be added") }
        let common = min(schema, other.schema)
        var result = reduced(to: common)
        let added = other.reduced(to: common)
        result.sum += factor * added.sum
        result.count += factor * added.count
        result.zeroCount += factor * added.zeroCount
        result.positive = Self.sum(result.positive, added.positive, factor)
        result.negative = Self.sum(result.negative, added.negative, factor)
        return result
    }

    /// Whether a counter with these counts must have begun anew to have those of `next`.
    func isReset(by next: TestHistogram) -> Bool {
        if next.count < count || next.zeroCount < zeroCount || next.schema != schema { return true }
        return positive.contains { $1 > next.positive[$0] ?? 0 } || negative.contains { $1 > next.negative[$0] ?? 0 }
    }

    /// With wider buckets: each schema less has half of them.
    private func reduced(to lower: Int) -> TestHistogram {
        var result = self
        while result.schema > lower {
            result.positive = Self.halved(result.positive)
            result.negative = Self.halved(result.negative)
            result.schema -= 1
        }
        return result
    }

    private static func halved(_ buckets: [Int: Double]) -> [Int: Double] {
        Dictionary(buckets.map { (($0.key - 1) >> 1 + 1, $0.value) }, uniquingKeysWith: +)
    }

    private static func sum(_ left: [Int: Double], _ right: [Int: Double], _ factor: Double) -> [Int: Double] {
        left.merging(right.mapValues { factor * $0 }, uniquingKeysWith: +).filter { $0.value != 0 }
    }

    private static func indexed(_ counts: [Double], from offset: Int) -> [Int: Double] {
        Dictionary(counts.enumerated().map { (offset &+ $0, $1) }, uniquingKeysWith: +).filter { $0.value != 0 }
    }
}

// MARK: - Reading

extension TestHistogram {
    private typealias Field = (name: Substring, value: String)

    private static func fields(_ text: String) throws(Malformed) -> [Field] {
        var fields: [Field] = []
        var rest = text[...]
        while true {
            rest = rest.drop { $0.isWhitespace }
            guard !rest.isEmpty else { return fields }
            guard let colon = rest.firstIndex(of: ":") else {
                throw Malformed(message: "`\(rest)` has no colon behind the name of a field")
            }
            let name = rest[..<colon]
            rest = rest[rest.index(after: colon)...]
            let isList = rest.first == "["
            guard let end = isList ? rest.firstIndex(of: "]").map(rest.index(after:)) : value(of: rest) else {
                throw Malformed(message: "`\(name)` has a list without an end")
            }
            fields.append((name, String(rest[..<end])))
            rest = rest[end...]
        }
    }

    private static func value(of text: Substring) -> Substring.Index? {
        text.firstIndex { $0.isWhitespace } ?? text.endIndex
    }

    private static func number(_ field: Field) throws(Malformed) -> Double {
        guard let number = Double(field.value) else {
            throw Malformed(message: "`\(field.value)` is no number for `\(field.name)`")
        }
        return number
    }

    private static func integer(_ field: Field) throws(Malformed) -> Int {
        guard let number = Int(field.value), number.magnitude < 1 << 31 else {
            throw Malformed(message: "`\(field.value)` is no whole number for `\(field.name)`")
        }
        return number
    }

    private static func list(_ field: Field) throws(Malformed) -> [Double] {
        guard field.value.hasPrefix("["), field.value.hasSuffix("]") else {
            throw Malformed(message: "`\(field.name)` needs a list such as [1 2]")
        }
        var numbers: [Double] = []
        for item in field.value.dropFirst().dropLast().split(whereSeparator: { $0.isWhitespace }) {
            numbers.append(try number((field.name, String(item))))
        }
        guard numbers.count <= bucketLimit else { throw Malformed(message: "`\(field.name)` is too long") }
        return numbers
    }
}

extension TestHistogram: CustomStringConvertible {
    /// The notation that it is read from, what is empty left out.
    var description: String {
        var fields: [String] = []
        if schema != 0 { fields.append("schema:\(schema)") }
        fields += ["count:\(GoFloat.shortest(count))", "sum:\(GoFloat.shortest(sum))"]
        if resetHint != .unknown { fields.append("counter_reset_hint:\(resetHint.rawValue)") }
        if zeroCount != 0 { fields.append("z_bucket:\(GoFloat.shortest(zeroCount))") }
        if zeroWidth != 0 { fields.append("z_bucket_w:\(GoFloat.shortest(zeroWidth))") }
        if !customBounds.isEmpty { fields.append("custom_values:\(Self.list(customBounds))") }
        fields += Self.fields(positive, "") + Self.fields(negative, "n_")
        return "{{\(fields.joined(separator: " "))}}"
    }

    private static func fields(_ buckets: [Int: Double], _ prefix: String) -> [String] {
        guard let first = buckets.keys.min(), let last = buckets.keys.max() else { return [] }
        let counts = (first...last).prefix(bucketLimit).map { buckets[$0] ?? 0 }
        return (first == 0 ? [] : ["\(prefix)offset:\(first)"]) + ["\(prefix)buckets:\(list(counts))"]
    }

    private static func list(_ numbers: [Double]) -> String {
        "[\(numbers.map { GoFloat.shortest($0) }.joined(separator: " "))]"
    }
}
