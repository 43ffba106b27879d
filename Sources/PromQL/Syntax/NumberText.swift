import Metrics

/// Numbers as Go writes and reads them.
enum NumberText {
    /// The shortest text without an exponent: Go's `FormatFloat(value, 'f', -1, 64)`.
    static func decimal(_ value: Double) -> String {
        NumberFormat.decimalText(value)
    }

    /// The shortest text, with an exponent for large and small numbers: Go's `%g`.
    static func general(_ value: Double) -> String {
        guard value.isFinite, value != 0 else { return decimal(value) }
        let magnitude = value.magnitude
        if magnitude >= 1e-4 && magnitude < 1e21 { return decimal(value) }
        let text = value.description
        guard let mark = text.firstIndex(of: "e") else { return text }
        var mantissa = text[..<mark]
        if mantissa.hasSuffix(".0") { mantissa = mantissa.dropLast(2) }
        let exponent = Int(text[text.index(after: mark)...]) ?? 0
        let digits = exponent.magnitude < 10 ? "0\(exponent.magnitude)" : "\(exponent.magnitude)"
        return "\(mantissa)e\(exponent < 0 ? "-" : "+")\(digits)"
    }

    /// The number that a literal of PromQL stands for: decimal, hexadecimal, octal with a leading zero, `1e3`, and
    /// underscores between digits.
    static func number(_ spelling: some StringProtocol) -> Double? {
        var text = String(spelling)
        if text.utf8.contains(UInt8(ascii: "_")) {
            guard hasUnderscoresBetweenDigits(text) else { return nil }
            text.removeAll { $0 == "_" }
        }
        let lower = text.lowercased()
        if lower.hasPrefix("0x") {
            let digits = lower.dropFirst(2)
            guard !digits.isEmpty else { return nil }
            if let whole = Int64(digits, radix: 16) { return Double(whole) }
            return nil
        }
        if lower.utf8.count > 1, lower.hasPrefix("0"), let octal = Int64(lower, radix: 8) {
            return Double(octal)
        }
        guard lower.utf8.allSatisfy({ isNumeric($0) }) else { return nil }
        return decimalNumber(lower)
    }

    /// `strtod` of Swift refuses `2.` and `.5e`; the first is a number in PromQL.
    private static func decimalNumber(_ text: String) -> Double? {
        if let value = Double(text) { return value }
        guard let point = text.firstIndex(of: ".") else { return nil }
        let whole = text[..<point]
        let rest = text[text.index(after: point)...]
        guard !whole.isEmpty, rest.isEmpty || rest.hasPrefix("e") else { return nil }
        return Double("\(whole).0\(rest)")
    }

    private static func isNumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "+"),
            UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private static func hasUnderscoresBetweenDigits(_ text: String) -> Bool {
        let bytes = Array(text.lowercased().utf8)
        for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "_") {
            guard index > 0, index + 1 < bytes.count else { return false }
            let before = bytes[index - 1]
            let after = bytes[index + 1]
            let isAfterPrefix = index == 2 && before == UInt8(ascii: "x")
            guard isAfterPrefix || isHexadecimal(before), isHexadecimal(after) else { return false }
        }
        return true
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9"))
            || (byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "f"))
    }

    /// The number in a label value, as Go's `ParseFloat` reads it: `nil` where there is none.
    static func labelNumber(_ text: String) -> Double? {
        switch text.lowercased() {
        case "+inf", "inf", "infinity", "+infinity": return .infinity
        case "-inf", "-infinity": return -.infinity
        case "nan": return .nan
        default:
            guard let first = text.utf8.first, first != UInt8(ascii: " "), text.utf8.last != UInt8(ascii: " ") else {
                return nil
            }
            return Double(text) ?? number(text)
        }
    }
}

extension NumberText {
    /// Six decimals: Go's `%f`.
    static func fixed(_ value: Double) -> String {
        guard value.isFinite else { return decimal(value) }
        let scaled = (value.magnitude * 1e6).rounded(.toNearestOrEven)
        guard scaled < 1e18 else { return decimal(value) }
        let whole = UInt64(scaled)
        let fraction = String(whole % 1_000_000)
        let zeros = String(repeating: "0", count: 6 - fraction.utf8.count)
        return "\(value < 0 ? "-" : "")\(whole / 1_000_000).\(zeros)\(fraction)"
    }
}
