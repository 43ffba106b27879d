/// Arithmetic over durations, as `promql-duration-expr` allows it behind `offset` and in brackets.
public indirect enum DurationExpression: Sendable, Equatable {
    /// Seconds.
    case seconds(Double, isDuration: Bool)
    /// The step of the query.
    case step
    /// The smaller or larger of two.
    case extreme(isMaximum: Bool, DurationExpression, DurationExpression)
    /// An operator between two.
    case binary(BinaryOperator, DurationExpression, DurationExpression)
    /// A minus before one.
    case negated(DurationExpression)
    /// Parentheses around one.
    case parentheses(DurationExpression)

    /// The value in seconds; not finite where it has none, as for a division by zero.
    func seconds(step: Int64) -> Double {
        switch self {
        case .seconds(let value, _): return value
        case .step: return Double(step) / 1000
        case .extreme(let isMaximum, let left, let right):
            let first = left.seconds(step: step)
            let second = right.seconds(step: step)
            return isMaximum ? max(first, second) : min(first, second)
        case .binary(let operation, let left, let right):
            return operation.apply(left.seconds(step: step), right.seconds(step: step))
        case .negated(let inner): return -inner.seconds(step: step)
        case .parentheses(let inner): return inner.seconds(step: step)
        }
    }

    /// Whether the value depends on the step of the query.
    var dependsOnStep: Bool {
        switch self {
        case .seconds: false
        case .step: true
        case .extreme(_, let left, let right), .binary(_, let left, let right):
            left.dependsOnStep || right.dependsOnStep
        case .negated(let inner), .parentheses(let inner): inner.dependsOnStep
        }
    }
}

extension DurationExpression: CustomStringConvertible {
    /// The expression as it is written.
    public var description: String {
        switch self {
        case .seconds(let value, let isDuration):
            isDuration ? DurationText.text(seconds: value) : NumberText.decimal(value)
        case .step: "step()"
        case .extreme(let isMaximum, let left, let right): "\(isMaximum ? "max" : "min")(\(left), \(right))"
        case .binary(let operation, let left, let right): "\(left) \(operation.rawValue) \(right)"
        case .negated(let inner): "-\(inner)"
        case .parentheses(let inner): "(\(inner))"
        }
    }
}

/// Durations as Prometheus writes them: `1h30m`, `100ms`, the largest unit first, each at most once.
public enum DurationText {
    private static let units: [(name: String, milliseconds: Int64)] = [
        ("y", 31_536_000_000), ("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000),
        ("ms", 1),
    ]

    /// The milliseconds of a duration such as `1h30m`, `nil` where the text is none or is out of range.
    public static func milliseconds(_ text: some StringProtocol) -> Int64? {
        if text == "0" { return 0 }
        var total: Int64 = 0
        var lastUnit = -1
        var rest = Substring(text).utf8
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
            guard !digits.isEmpty, let number = Int64(Substring(digits)) else { return nil }
            rest = rest[digits.endIndex...]
            let letters = rest.prefix { $0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z") }
            let name = Substring(letters)
            guard let unit = units.firstIndex(where: { $0.name == name }), unit > lastUnit else { return nil }
            lastUnit = unit
            rest = rest[letters.endIndex...]
            let (part, partOverflow) = number.multipliedReportingOverflow(by: units[unit].milliseconds)
            let (sum, sumOverflow) = total.addingReportingOverflow(part)
            // The limit of Go's nanoseconds in 64 bits.
            guard !partOverflow, !sumOverflow, sum <= 9_223_372_036_854 else { return nil }
            total = sum
        }
        return total
    }

    /// The text of a duration: whole units only, weeks and years only where nothing is left over.
    public static func text(milliseconds: Int64) -> String {
        if milliseconds == 0 { return "0s" }
        var result = milliseconds < 0 ? "-" : ""
        var rest = milliseconds.magnitude
        for (index, unit) in units.enumerated() {
            let size = UInt64(unit.milliseconds)
            let isExactOnly = index < 3
            if isExactOnly && rest % size != 0 { continue }
            let count = rest / size
            if count > 0 {
                result += "\(count)\(unit.name)"
                rest -= count * size
            }
        }
        return result
    }

    /// The same for seconds, rounded to milliseconds.
    static func text(seconds: Double) -> String {
        guard let milliseconds = Int64(exactly: (seconds * 1000).rounded()) else { return NumberText.decimal(seconds) }
        return text(milliseconds: milliseconds)
    }
}
